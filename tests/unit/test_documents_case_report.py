"""From the journal's outcome of a work item to what the report says about it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cadangan.documents.case_report import _result

ITEM = {
    "id": "1",
    "action": "backup",
    "asset": "db-01",
    "engine": "sqlite",
    "instance": "",
    "database": "/srv/app.db",
    "drill": True,
}
OUTCOME = {
    "result": "done",
    "message": "",
    "facts": {
        "set": "dukcapil/db-01/sqlite/app/20261125T020637Z-B-2026-0001-1",
        "manifest": "0" * 64,
        "bytes": 114_372,
        "plain_bytes": 716_800,
        "started_at": "2026-11-25T02:06:37Z",
        "ended_at": "2026-11-25T02:06:39Z",
        "snapshot_at": "2026-11-25T02:06:38Z",
        "proof_facts": 12,
        "differences": [],
        "drilled": True,
        "versions": [{"name": "server", "value": "3.40.1"}],
        "aside": "",
    },
}


def case_with(*outcomes: dict[str, Any]) -> Any:
    return SimpleNamespace(grounds={}, runs=[SimpleNamespace(outcomes={"1": outcome}) for outcome in outcomes])


def test_a_backup_that_was_made() -> None:
    result = _result(case_with(OUTCOME), ITEM, "/srv/cadangan")
    assert (result.bytes_stored, result.bytes_plain) == (114_372, 716_800)
    assert (result.set, result.manifest) == (OUTCOME["facts"]["set"], "0" * 64)
    assert (result.proof_facts, result.drilled, result.differences) == (12, True, ())
    assert result.versions == (("server", "3.40.1"),)
    assert (result.result, result.message) == ("done", "")


def test_what_succeeded_counts_and_not_the_attempts_around_it() -> None:
    failed = {"result": "failed", "message": "disk full", "facts": {}}
    assert _result(case_with(failed, OUTCOME), ITEM, "/srv").result == "done"
    last = {"result": "unreachable", "message": "no route", "facts": {}}
    assert _result(case_with(failed, last), ITEM, "/srv").message == "no route"


def test_an_item_that_was_never_tried() -> None:
    result = _result(case_with(), ITEM, "/srv")
    assert (result.result, result.set, result.bytes_stored) == ("pending", "", None)
