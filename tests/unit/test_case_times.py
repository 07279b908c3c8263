"""`cadangan case show`: the clocks of a case as people and machines see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.desk import Desk
from support.signed_office import Keyring
from support.timed_case import TimedCase, utc, whole_case


@pytest.fixture
def desk(tmp_path: Path, keyring: Keyring) -> Desk:
    desk = Desk(tmp_path / "kudus", keyring)
    desk.types("init", str(desk.root))
    return desk


def journal(desk: Desk, case: TimedCase) -> None:
    for entry in case.entries:
        desk.journal.append(entry)


def test_each_step_with_planned_actual_and_over(desk: Desk) -> None:
    desk.changes("office.yml", 'friday: ["07:30-11:30", "13:00-16:30"]', 'friday: ["07:30-11:30", "12:30-16:00"]')
    case = TimedCase().requested("2026-11-27 15:50").accepted("2026-11-30 07:35").assigned("2026-11-30 07:45")
    journal(desk, case)
    said = desk.types("case", "show", case.id)
    assert "Working time (Asia/Jakarta)" in said
    assert "  2  done       25 min of 15 min, 10 min OVER" in said
    assert "from 2026-11-27 15:50, ended 2026-11-30 07:45" in said
    assert "  4  waiting    of 1 working day\n" in said
    step = desk.asks("case", "show", case.id)["clocks"][1]
    assert step == {
        "step": 2,
        "state": "done",
        "began": utc("2026-11-27 15:50"),
        "due": utc("2026-11-30 07:35"),
        "ended": utc("2026-11-30 07:45"),
        "planned_seconds": 900,
        "actual_seconds": 1500,
        "over_seconds": 600,
        "clock_set_back": False,
    }


def test_hours_of_the_office_and_holidays_of_its_own(desk: Desk) -> None:
    desk.changes("holidays.yml", "added: []", "added: [{date: 2026-11-30, reason: Pilkada}]")
    case = TimedCase().requested("2026-11-27 16:20").accepted("2026-11-30 10:00").assigned("2026-12-01 07:35")
    journal(desk, case)
    (step,) = (each for each in desk.asks("case", "show", case.id)["clocks"] if each["step"] == 2)
    assert (step["actual_seconds"], step["due"]) == (900, utc("2026-12-01 07:35"))


def test_a_clock_set_back_is_told(desk: Desk) -> None:
    journal(desk, TimedCase().requested("2026-11-25 08:00").accepted("2026-11-25 07:00").assigned("2026-11-25 07:45"))
    assert "Step 2: a clock was set back" in desk.types("case", "show", "B-2026-0001")


def test_a_year_whose_holidays_are_not_known_is_told(desk: Desk) -> None:
    journal(desk, whole_case("2040-11-26"))
    assert "The collective leave of 2040 is not known" in desk.types("case", "show", "B-2026-0001")
    assert desk.asks("case", "show", "B-2026-0001")["unknown_holidays"] == [2040]


def test_a_wrong_holiday_file_is_refused_with_its_line(desk: Desk) -> None:
    journal(desk, whole_case())
    desk.changes("holidays.yml", "added: []", "added: [{date: 2025-11-30, reason: Pilkada}]")
    said = desk.types("case", "show", "B-2026-0001", status=2)
    assert "2025-11-30 is not a day of 2026, under which it stands" in said
    assert "holidays.yml:" in said
    # Refused before anything is signed: the report that follows counts working time.
    signed = desk.root / "signed.json"
    signed.write_text('{"step":"acknowledge","type":"decision"}\n')
    signed.with_name("signed.json.sig").write_text("")
    for arguments in (("report", "B-2026-0001", "--as", "staf-satu"), ("bring", str(signed))):
        assert "2025-11-30 is not a day of 2026" in desk.types(*arguments, status=2)
    # Where no time is counted, it stands in nobody's way.
    desk.types("case", "list")
    assert "2025-11-30 is not a day of 2026" in desk.types("doctor", status=1)
