"""When each database was last proven to restore."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cadangan.evidence.journal import Journal
from cadangan.evidence.proven import last_proven

SET = "disdik/db-01/postgresql/si%20ak/20261101T000000Z-B-2026-0001-1"
PLACE = ("disdik", "db-01", "postgresql", "5432", "si ak")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.open(f"sqlite:///{tmp_path / 'journal.db'}", "kudus")


def came_to(journal: Journal, case: str, at: str, result: str = "done", **facts: Any) -> None:
    """One item of a case, and what it came to at that time."""
    action = "backup" if case.startswith("B") else "drill"
    instance = "5432" if action == "backup" else "5499"
    request = {"items": [{"id": "1", "action": action, "instance": instance}]}
    journal.append({"type": "request", "case": case, "request": json.dumps(request)})
    outcome = {"type": "outcome", "case": case, "item": "1", "result": result, "at": at}
    journal.append(outcome | {"facts": {"set": SET, "drilled": False} | facts})


def test_a_set_that_was_only_made_proves_nothing(journal: Journal) -> None:
    came_to(journal, "B-2026-0001", "2026-11-01T00:00:00Z")
    assert last_proven(journal) == {}


def test_a_set_that_was_drilled_while_it_was_made_is_proof(journal: Journal) -> None:
    came_to(journal, "B-2026-0001", "2026-11-01T00:00:00Z", drilled=True)
    assert last_proven(journal) == {PLACE: "2026-11-01T00:00:00Z"}


def test_the_newest_drill_or_restore_counts_for_the_database_that_the_set_is_of(journal: Journal) -> None:
    came_to(journal, "B-2026-0001", "2026-11-01T00:00:00Z")
    came_to(journal, "R-2026-0001", "2026-11-03T00:00:00Z")
    came_to(journal, "R-2026-0002", "2026-11-02T00:00:00Z")
    came_to(journal, "R-2026-0003", "2026-11-04T00:00:00Z", result="failed")
    assert last_proven(journal) == {PLACE: "2026-11-03T00:00:00Z"}


def test_a_set_that_this_journal_did_not_see_made_counts_too(journal: Journal) -> None:
    came_to(journal, "R-2026-0001", "2026-11-03T00:00:00Z")
    assert last_proven(journal) == {(*PLACE[:3], "5499", "si ak"): "2026-11-03T00:00:00Z"}
