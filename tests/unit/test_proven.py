"""When each set, and with it its database, was last proven to restore: one answer for every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cadangan.evidence.journal import Journal
from cadangan.evidence.set_history import SetRecord, set_records
from cadangan.register.register import Register
from cadangan.register.set_overview import overview

SET = "disdik/db-01/postgresql/si%20ak/20261101T000000Z-B-2026-0001-1"
PLACE = {"agency": "disdik", "asset": "db-01", "engine": "postgresql", "instance": "5432", "database": "si ak"}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.open(f"sqlite:///{tmp_path / 'journal.db'}", "kudus")


def came_to(journal: Journal, case: str, at: str, result: str = "done", **facts: Any) -> None:
    """One item of a case, and what it came to at that time."""
    item = {"id": "1", "action": "backup" if case.startswith("B") else "drill", **PLACE}
    told = {"set": SET, "manifest": "0" * 64, "snapshot_at": at, "bytes": 1, "started_at": at, "ended_at": at}
    journal.append({"type": "request", "case": case, "request": json.dumps({"items": [item]})})
    outcome = {"type": "outcome", "case": case, "item": "1", "result": result, "at": at}
    journal.append(outcome | {"facts": {"drilled": False} | told | facts})


def record(journal: Journal) -> SetRecord:
    return set_records(journal)[SET]


def test_a_set_that_was_only_made_proves_nothing(journal: Journal) -> None:
    came_to(journal, "B-2026-0001", "2026-11-01T00:00:00Z")
    assert not record(journal).proven
    (row,) = overview(Register([]), [record(journal)])
    assert (row.last_proven, row.newest_proven, row.is_due_for_drill) == (None, None, True)


def test_a_set_that_was_drilled_while_it_was_made_is_proof(journal: Journal) -> None:
    came_to(journal, "B-2026-0001", "2026-11-01T00:00:00Z", drilled=True)
    assert record(journal).proven_at == "2026-11-01T00:00:00Z"


def test_the_newest_drill_or_restore_that_was_done_counts(journal: Journal) -> None:
    came_to(journal, "B-2026-0001", "2026-11-01T00:00:00Z")
    came_to(journal, "R-2026-0001", "2026-11-03T00:00:00Z")
    came_to(journal, "R-2026-0002", "2026-11-02T00:00:00Z")
    came_to(journal, "R-2026-0003", "2026-11-04T00:00:00Z", result="failed")
    (row,) = overview(Register([]), [record(journal)])
    assert (row.last_proven, row.is_due_for_drill) == ("2026-11-03T00:00:00Z", False)
    assert row.place.label == "postgresql:5432 si ak"


def test_a_set_that_was_found_damaged_proves_nothing_until_it_is_found_whole(journal: Journal) -> None:
    home = {"type": "verified", "repository": "ssh://arsip", "downloaded": False}
    came_to(journal, "B-2026-0001", "2026-11-01T00:00:00Z", drilled=True, receipt={"repository": "arsip"})
    damaged = {"sets": [], "faults": [{"set": SET, "fault": "data.zst.age is damaged"}]}
    journal.append(home | damaged | {"at": "2026-11-02T00:00:00Z"})
    assert not record(journal).proven
    # A copy elsewhere says nothing of the set itself.
    journal.append(home | {"repository": "/media/a", "sets": [SET], "faults": [], "at": "2026-11-03T00:00:00Z"})
    assert not record(journal).proven
    journal.append(home | {"sets": [SET], "faults": [], "at": "2026-11-04T00:00:00Z"})
    assert record(journal).proven


def test_a_set_that_was_disposed_of_is_nothing_to_restore(journal: Journal) -> None:
    came_to(journal, "B-2026-0001", "2026-11-01T00:00:00Z", drilled=True)
    came_to(journal, "D-2026-0001", "2026-11-02T00:00:00Z")
    assert record(journal).disposed_in
    assert overview(Register([]), [record(journal)]) == []
