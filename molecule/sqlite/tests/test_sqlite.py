"""The server after a backup, damage, and a restore."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.office import Office
from support.scenario import FOLDER

OFFICE = Office(FOLDER)
CASES: dict[str, str] = json.loads((FOLDER / "cases.json").read_text())
LIVE, COPY = "/srv/app/antrean.db", "/srv/app/salinan.db"
OLD = "/srv/app/{{ lookup('pipe', 'touch jebol') }} $(touch jebol)'; --.db"


def answer(host: Any, database: str, sql: str) -> str:
    done = host.run("sqlite3 -readonly %s %s", database, sql)
    assert done.rc == 0, done.stderr
    text: str = done.stdout.strip()
    return text


def outcomes(host: Any) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in host.file("/var/lib/cadangan/ledger").content_string.splitlines()]
    return [event["outcome"] for event in events if event["kind"] == "outcome"]


@pytest.mark.parametrize("database", [LIVE, OLD, COPY])
def test_every_row_and_object_is_back(host: Any, database: str) -> None:
    facts = "SELECT count(*), sum(nilai), sum(length(foto)) FROM antrean WHERE nama <> 'tamu'"
    assert answer(host, database, facts) == "5000|4167500.0|500000"
    assert answer(host, database, "SELECT count(*) FROM singkat WHERE id <= 5000") == "5000"
    objects = answer(host, database, "SELECT name FROM sqlite_schema ORDER BY name").split()
    assert objects == ["antrean", "menurut_nama", "rapikan", "singkat"]
    assert answer(host, database, "PRAGMA integrity_check") == "ok"


@pytest.mark.parametrize("database", [LIVE, OLD])
def test_owner_and_mode_are_the_applications(host: Any, database: str) -> None:
    file = host.file(database)
    assert (file.user, file.group, file.mode & 0o777) == ("www-data", "www-data", 0o644)


def test_the_damaged_databases_are_kept_aside(host: Any) -> None:
    facts = {outcome["item"]: outcome["facts"] for outcome in outcomes(host) if outcome["facts"].get("aside")}
    assert sorted(facts) == ["1", "2"]
    assert host.file(facts["1"]["aside"]).size > 0
    assert host.file(facts["2"]["aside"]).size == 5000


def test_nothing_else_is_left_beside_the_databases(host: Any) -> None:
    names = host.run("ls -A /srv/app").stdout.splitlines()
    known = {database.rpartition("/")[2] for database in (LIVE, OLD, COPY)}
    assert {name.partition(".before-")[0].partition("-wal")[0].partition("-shm")[0] for name in names} == known


def test_the_sets_are_whole_and_only_roots(host: Any) -> None:
    found = host.run("find /srv/cadangan -type f").stdout.splitlines()
    assert sorted({path.rpartition("/")[2] for path in found}) == [
        "data.zst.age",
        "key.age",
        "manifest.json",
        "manifest.json.sig",
    ]
    assert len(found) == 8
    assert host.run("find /srv/cadangan -type d -perm /077 -o ! -user root").stdout == ""


def test_the_ledger_says_what_was_done(host: Any) -> None:
    assert [outcome["item"] for outcome in outcomes(host)] == ["1", "2", "1", "2", "3", "4"]
    assert {outcome["result"] for outcome in outcomes(host)} == {"done"}


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY", "Pemohon 1"])
def test_no_secret_and_no_row_is_left_on_the_server(host: Any, secret: str) -> None:
    assert host.run("grep -rslF -- %s /etc/cadangan /srv/cadangan /tmp /var/lib/cadangan /var/log", secret).stdout == ""


def test_names_from_letter_and_register_are_only_text(host: Any) -> None:
    assert host.run("find / -xdev -name jebol").stdout == ""
    assert not [place for place in (Path("/"), Path(), FOLDER, OFFICE.root) if (place / "jebol").exists()]


def test_both_cases_are_complete_and_the_journal_is_whole() -> None:
    OFFICE.cadangan("journal", "verify")
    runs = {entry["case"]: entry["result"] for entry in OFFICE.entries("ended")}
    assert runs == {CASES["backup"]: "done", CASES["restore"]: "done"}
