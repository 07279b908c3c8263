"""The review of what was reconciled, from its opening to the report that the head signed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from support.office import BIDANG, Office
from support.scenario import FOLDER

OFFICE = Office(FOLDER)
CLOSED = json.loads((FOLDER / "results.json").read_text())["closed"]


def test_every_server_is_decided_beside_what_was_found_of_it() -> None:
    review = OFFICE.cadangan("register", "review", "show", CLOSED["review"])
    rows = {row["asset"]: (row["state"], row["verdict"]) for row in review["servers"]}
    assert rows == {
        "cocok": ("fits", "right"),
        "beda": ("differs", "corrected"),
        "sembunyi": ("fits", "right"),
        "mati": ("unreachable", "follow-up"),
    }
    changes = [row["changes"] for row in review["servers"] if row["asset"] == "beda"]
    assert changes == [[{"field": "operating_system.version", "before": "11", "after": "12"}]]
    assert (review["closed_by"], review["undecided"], review["faults"]) == (BIDANG, [], [])


def test_the_signed_report_is_there_in_every_format_and_in_the_journal() -> None:
    told = {entry["name"]: entry["sha256"] for entry in OFFICE.entries("document") if "review" in entry}
    paths = [Path(path) for path in CLOSED["documents"]]
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths} == told
    assert sorted(path.suffix for path in paths) == [".html", ".ods", ".pdf"]
    (page,) = [path.read_text() for path in paths if path.suffix == ".html"]
    for said in ("mariadb:3306 gelap", "postgresql:5433 gelap", "nyalakan kembali", "Ditandatangani secara elektronik"):
        assert said in page


def test_no_review_is_due_for_a_year() -> None:
    rows = OFFICE.cadangan("register", "status")["databases"]
    assert {row["days_to_review"] for row in rows} <= {364, 365, 366}
    assert all("overdue" not in row["problems"] for row in rows)
