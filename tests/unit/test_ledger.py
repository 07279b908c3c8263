"""The ledger of a target: nothing acknowledged is lost, nothing is let in twice."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.ledger import Ledger
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

CASE, SCHEDULE = "B-2026-0001", "ab" * 32
WORK: dict[str, Any] = {"case": CASE, "permit": "cd" * 32, "schedule": SCHEDULE, "order": "ef" * 32, "item": "1"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "ledger"
    Ledger.create(str(path))
    return path


@pytest.fixture
def ledger(path: Path) -> Ledger:
    return Ledger(str(path), "the-id")


def test_a_new_ledger_is_empty_and_private(ledger: Ledger, path: Path) -> None:
    assert (ledger.id, ledger.last, ledger.highest_withdrawal()) == ("the-id", 0, 0)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        Ledger.create(str(path))


def test_events_are_numbered_lines_of_canonical_json(ledger: Ledger, path: Path) -> None:
    assert [ledger.append("attempt", **WORK), ledger.append("spent", **WORK)] == [1, 2]
    lines = [canonical.loads(line) for line in path.read_bytes().splitlines(keepends=True)]
    assert [(line["n"], line["kind"]) for line in lines] == [(1, "attempt"), (2, "spent")]
    assert lines == Ledger(str(path)).events()


def test_attempts_and_spending_belong_to_a_schedule_and_an_item(ledger: Ledger) -> None:
    for _attempt in range(2):
        ledger.append("attempt", **WORK)
    ledger.append("spent", **WORK)
    assert ledger.attempts(SCHEDULE, "1") == 2
    assert ledger.is_spent(SCHEDULE, "1")
    for schedule, item in ((SCHEDULE, "2"), ("00" * 32, "1")):
        assert ledger.attempts(schedule, item) == 0
        assert not ledger.is_spent(schedule, item)


def test_an_outcome_is_kept_until_it_is_asked_for(ledger: Ledger, path: Path) -> None:
    assert ledger.outcome_of(SCHEDULE, "1") is None
    ledger.append("outcome", **WORK, outcome={"result": "failed", "message": "no space"})
    assert not ledger.is_done(CASE, "1")
    ledger.append("outcome", **WORK, outcome={"result": "done", "manifest": "x" * (2 << 20)})
    read = Ledger(str(path))
    assert read.outcome_of(SCHEDULE, "1") == {"result": "done", "manifest": "x" * (2 << 20)}
    assert read.is_done(CASE, "1")
    assert not read.is_done(CASE, "2")
    assert not read.is_done("B-2026-0002", "1")


def test_the_highest_withdrawal_is_remembered(ledger: Ledger) -> None:
    ledger.append("withdrawals", number=4)
    ledger.append("withdrawals", number=3)
    assert ledger.highest_withdrawal() == 4


def test_two_readers_see_each_others_events(ledger: Ledger, path: Path) -> None:
    other = Ledger(str(path))
    for number in range(1, 5):
        assert (ledger, other)[number % 2].append("withdrawals", number=number) == number
        assert (ledger.last, other.last) == (number, number)


@pytest.mark.parametrize("fields", [{}, {"number": 1, "more": 1}, WORK])
def test_an_event_with_other_fields_is_a_mistake(ledger: Ledger, fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="number"):
        ledger.append("withdrawals", **fields)
    assert ledger.last == 0


def test_a_torn_last_line_never_happened(ledger: Ledger, path: Path) -> None:
    ledger.append("withdrawals", number=1)
    whole = path.read_bytes()
    ledger.append("withdrawals", number=2)
    both = path.read_bytes()
    for cut in range(len(whole), len(both)):
        path.write_bytes(both[:cut])
        reopened = Ledger(str(path))
        assert reopened.last == 1
        assert path.read_bytes() == both[:cut]  # reading changes nothing
        assert reopened.append("withdrawals", number=3) == 2
        assert path.read_bytes().startswith(whole)
        assert [event["number"] for event in Ledger(str(path)).events()] == [1, 3]


def test_a_torn_line_of_zero_bytes_never_happened(ledger: Ledger, path: Path) -> None:
    """What some file systems leave after a power cut."""
    ledger.append("withdrawals", number=1)
    with path.open("ab") as file:
        file.write(b"\0" * 4096)
    reopened = Ledger(str(path))
    assert reopened.append("withdrawals", number=2) == 2
    assert b"\0" not in path.read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[0], lines[0], *lines[1:]],
        lambda lines: [lines[0], b"\n", *lines[1:]],
        lambda lines: [lines[0], lines[1].replace(b'"number":2', b'"number":1.0'), lines[2]],
        lambda lines: [lines[0], lines[1].replace(b"withdrawals", b"other"), lines[2]],
        lambda lines: [lines[0], lines[1].replace(b'"n":2', b'"n":"2"'), lines[2]],
        lambda lines: [*lines, b"{}\n"],
    ],
)
def test_a_damaged_ledger_is_refused(ledger: Ledger, path: Path, damage: Any) -> None:
    for number in range(1, 4):
        ledger.append("withdrawals", number=number)
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(keepends=True))))
    before = path.read_bytes()
    with pytest.raises(Refused, match="damaged in line"):
        Ledger(str(path)).append("withdrawals", number=4)
    assert path.read_bytes() == before


def test_a_ledger_that_becomes_shorter_is_refused(ledger: Ledger, path: Path) -> None:
    ledger.append("withdrawals", number=1)
    path.write_bytes(b"")
    with pytest.raises(Refused, match="shorter"):
        ledger.append("withdrawals", number=2)


def test_a_missing_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no ledger"):
        Ledger(str(tmp_path / "ledger")).events()


def test_an_item_is_held_by_one(ledger: Ledger, path: Path) -> None:
    other = Ledger(str(path))
    with ledger.lock(CASE, "1"):
        with pytest.raises(Refused, match="right now"):
            other.lock(CASE, "1")
        other.lock(CASE, "2").close()
    other.lock(CASE, "1").close()


def _append_many(path: str, count: int) -> None:
    ledger = Ledger(path)
    for number in range(count):
        ledger.append("withdrawals", number=number + 1)


def test_no_event_is_lost_among_many_writers(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append_many, args=(str(path), 20)) for _writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert [event["n"] for event in Ledger(str(path)).events()] == list(range(1, 81))


def test_an_event_is_on_the_disk_before_append_returns(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.fstat(fd).st_size) or real(fd))
    ledger.append("spent", **WORK)
    assert synced == [path.stat().st_size]
