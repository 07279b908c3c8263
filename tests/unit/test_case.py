"""Cases folded from journal entries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from cadangan.procedure.case import Case, fold, summarise

ITEMS = [
    {
        "id": str(number),
        "action": "backup",
        "agency": "dukcapil",
        "asset": "db-01",
        "engine": "sqlite",
        "instance": "",
        "database": f"/srv/{number}.db",
        "drill": True,
    }
    for number in (1, 2)
]
WINDOW = {"from": "2026-11-25T12:00:00Z", "until": "2026-11-25T20:00:00Z"}


def request() -> dict[str, Any]:
    text = canonical.dumps(
        {
            "type": "request",
            "office": "kudus",
            "case": "B-2026-0001",
            "agency": "dukcapil",
            "at": at(0),
            "applicant": "opd-1",
            "subject": "Backup",
            "letter": {"number": "1", "date": "2026-11-24"},
            "attachments": [],
            "sealed": "0" * 64,
            "items": ITEMS,
        }
    )
    return {
        "type": "request",
        "case": "B-2026-0001",
        "at": at(0),
        "request": text.decode(),
        "digest": canonical.digest(text),
    }


def at(minute: int) -> str:
    return f"2026-11-25T10:{minute:02d}:00Z"


def decision(minute: int, step: str, role: str, verdict: str, person: str, **more: Any) -> dict[str, Any]:
    text = canonical.dumps({"step": step, "role": role, "verdict": verdict, "person": person, "at": at(minute), **more})
    return {
        "type": "decision",
        "at": at(minute),
        "text": text.decode(),
        "signature": "",
        "digest": canonical.digest(text),
    }


def order() -> dict[str, Any]:
    text = canonical.dumps({"person": "staf-1", "items": ["1", "2"]})
    return {"type": "order", "at": at(20), "text": text.decode(), "signature": "", "digest": "order", "permit": "{}"}


def started(run: str) -> dict[str, Any]:
    return {
        "type": "started",
        "at": at(30),
        "run": run,
        "order": "order",
        "items": ["1", "2"],
        "host": "h b 1 2",
        "via": "cadangan",
    }


def outcome(run: str, item: str, result: str = "done") -> dict[str, Any]:
    return {
        "type": "outcome",
        "at": at(31),
        "run": run,
        "item": item,
        "asset": "db-01",
        "result": result,
        "message": "",
        "facts": {},
        "ledger": "l",
        "last": 3,
    }


def ended(run: str, result: str) -> dict[str, Any]:
    return {"type": "ended", "at": at(32), "run": run, "result": result, "items": []}


AGREED = [
    request(),
    decision(1, "disposition", "bidang", "accept", "bidang-1"),
    decision(2, "disposition", "seksi", "accept", "seksi-1", executors=["staf-1"]),
    {"type": "proposal", "at": at(3), "window": WINDOW, "person": "seksi-1"},
    decision(4, "schedule", "opd", "agree", "opd-1", window=WINDOW),
]


def next_of(case: Case) -> list[str]:
    return [act.id for act in case.next_acts]


@pytest.mark.parametrize(
    ("known", "awaited"),
    [
        (1, ["disposition_bidang"]),
        (2, ["disposition_seksi"]),
        (3, ["propose"]),
        (4, ["agree", "propose"]),
        (5, ["execute", "propose"]),
    ],
)
def test_each_step_leads_to_the_next(known: int, awaited: list[str]) -> None:
    case = fold(AGREED[:known])
    assert next_of(case) == awaited
    assert case.status == "open"


def test_a_rejected_case_is_over() -> None:
    case = fold([*AGREED[:1], decision(1, "disposition", "bidang", "reject", "bidang-1")])
    assert (case.status, next_of(case)) == ("rejected", [])


def test_a_declined_schedule_is_proposed_again() -> None:
    case = fold([*AGREED[:4], decision(4, "schedule", "opd", "decline", "opd-1", window=WINDOW)])
    assert next_of(case) == ["propose"]


def test_a_run_without_end_is_running_and_awaits_nothing() -> None:
    case = fold([*AGREED, order(), started("r1"), outcome("r1", "1")])
    assert (case.status, next_of(case), case.done_items) == ("running", [], {"1"})


def test_only_what_was_not_done_stays_open_after_a_failed_run() -> None:
    case = fold(
        [*AGREED, order(), started("r1"), outcome("r1", "1"), outcome("r1", "2", "failed"), ended("r1", "failed")]
    )
    assert [item["id"] for item in case.open_items] == ["2"]
    assert next_of(case) == ["execute", "propose", "report"]


def test_a_second_run_completes_the_case() -> None:
    first = [order(), started("r1"), outcome("r1", "1"), ended("r1", "failed")]
    second = [order(), started("r2"), outcome("r2", "2"), ended("r2", "done")]
    case = fold([*AGREED, *first, *second])
    assert next_of(case) == ["report"]
    assert not case.open_items


def test_a_run_that_says_done_while_items_are_open_does_not_count_as_done() -> None:
    case = fold([*AGREED, order(), started("r1"), outcome("r1", "1"), ended("r1", "done")])
    assert next_of(case) == ["execute", "propose", "report"]


def test_reported_confirmed_acknowledged() -> None:
    run = [order(), started("r1"), outcome("r1", "1"), outcome("r1", "2"), ended("r1", "done")]
    report = decision(40, "report", "personil", "done", "staf-1")
    returned = decision(41, "confirm", "seksi", "return", "seksi-1")
    confirmed = decision(42, "confirm", "seksi", "confirm", "seksi-1")
    acknowledged = decision(43, "acknowledge", "opd", "acknowledge", "opd-1")
    assert next_of(fold([*AGREED, *run, report, returned])) == ["report"]
    assert next_of(fold([*AGREED, *run, report, confirmed])) == ["acknowledge"]
    case = fold([*AGREED, *run, report, confirmed, acknowledged])
    assert (case.status, next_of(case)) == ("confirmed", [])


def test_a_case_reported_as_failed_ends_as_failed() -> None:
    run = [order(), started("r1"), ended("r1", "failed")]
    closing = [
        decision(40, "report", "personil", "failed", "staf-1"),
        decision(42, "confirm", "seksi", "confirm", "seksi-1"),
        decision(43, "acknowledge", "opd", "acknowledge", "opd-1"),
    ]
    assert fold([*AGREED, *run, *closing]).status == "failed"


def test_a_withdrawn_case_takes_nothing_more() -> None:
    case = fold([*AGREED, {"type": "withdrawal", "at": at(5), "number": 1}])
    assert (case.status, next_of(case)) == ("withdrawn", [])


def test_the_digest_of_the_work_depends_on_every_item() -> None:
    changed = json.loads(AGREED[0]["request"])
    changed["items"][1]["database"] = "/srv/other.db"
    other = fold([AGREED[0] | {"request": json.dumps(changed)}])
    assert canonical.digest(fold(AGREED).work) != canonical.digest(other.work)


def test_summary_says_what_is_next_and_by_whom() -> None:
    row = summarise(AGREED)
    assert (row["next"], row["by"], row["step"], row["status"]) == ("execute", ["personil"], 4, "open")


def test_entries_that_do_not_begin_with_a_request_are_no_case() -> None:
    with pytest.raises(ValueError, match="not a request"):
        fold(AGREED[1:])
