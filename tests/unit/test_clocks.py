"""The clocks of a case: examples for each thing that may happen on the way, and what holds for any times."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from cadangan.procedure import moment
from cadangan.procedure.clocks import StepClock, step_clocks
from cadangan.procedure.office_hours import BY_LAW, OfficeHours
from cadangan.procedure.working_time import WorkingTime
from cadangan.register.holidays import Holidays
from cadangan.register.holidays_file import HolidaysFile
from hypothesis import given
from hypothesis import strategies as st
from support.timed_case import JAKARTA, TimedCase, utc, whole_case

FRIDAY = OfficeHours.model_validate({"friday": ["07:30-11:30", "12:30-16:00"]}).friday
# An office that closes at 16.00 on Friday as well.
OFFICE = WorkingTime(BY_LAW.model_copy(update={"friday": FRIDAY}), JAKARTA, Holidays(HolidaysFile()))


def clocks(case: TimedCase, now: str) -> dict[int, StepClock]:
    return {clock.step.no: clock for clock in step_clocks(case.folded, OFFICE, utc(now))}


def minutes(clock: StepClock) -> tuple[str, int | None, int]:
    """State, minutes of working time, and minutes over the limit."""
    assert clock.actual_seconds is None or clock.actual_seconds % 60 == 0
    taken = None if clock.actual_seconds is None else clock.actual_seconds // 60
    return clock.state, taken, clock.over_seconds // 60


def local(time: str | None) -> str | None:
    return time and f"{moment.read(time).astimezone(JAKARTA):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("requested", "accepted", "assigned", "due", "taken", "over"),
    [
        pytest.param(
            "2026-11-27 15:50", "2026-11-27 15:55", "2026-11-30 07:35", "2026-11-30 07:35", 15, 0, id="weekend, in time"
        ),
        pytest.param(
            "2026-11-27 15:50", "2026-11-30 07:31", "2026-11-30 08:00", "2026-11-30 07:35", 40, 25, id="weekend, late"
        ),
        pytest.param(
            "2026-05-29 15:50", "2026-06-02 07:31", "2026-06-02 07:34", "2026-06-02 07:35", 14, 0, id="and a holiday"
        ),
        pytest.param(
            "2026-12-23 15:50", "2026-12-28 07:35", "2026-12-28 07:36", "2026-12-28 07:35", 16, 1, id="Christmas leave"
        ),
        pytest.param(
            "2026-12-31 15:50", "2027-01-04 07:31", "2027-01-04 07:35", "2027-01-04 07:35", 15, 0, id="new year"
        ),
        pytest.param(
            "2026-03-17 15:50", "2026-03-25 07:31", "2026-03-25 07:50", "2026-03-25 07:35", 30, 15, id="Nyepi, Lebaran"
        ),
        pytest.param(
            "2026-11-28 10:00", "2026-11-28 10:10", "2026-11-28 10:20", "2026-11-30 07:45", 0, 0, id="all on a saturday"
        ),
        pytest.param(
            "2026-11-25 23:59", "2026-11-26 00:00", "2026-11-26 07:40", "2026-11-26 07:45", 10, 0, id="over midnight"
        ),
        pytest.param(
            "2026-11-25 11:50", "2026-11-25 12:30", "2026-11-25 13:00", "2026-11-25 13:05", 10, 0, id="over the break"
        ),
    ],
)
def test_a_step_of_15_minutes(requested: str, accepted: str, assigned: str, due: str, taken: int, over: int) -> None:
    case = TimedCase().requested(requested).accepted(accepted).assigned(assigned)
    step = clocks(case, assigned)[2]
    assert (minutes(step), step.planned_seconds) == (("done", taken, over), 900)
    assert (local(step.began_at), local(step.due_at), local(step.ended_at)) == (requested, due, assigned)


def test_a_case_that_kept_every_limit() -> None:
    found = clocks(whole_case(), "2026-11-25 09:50")
    assert {no: minutes(clock) for no, clock in found.items()} == {
        1: ("done", None, 0),
        2: ("done", 10, 0),
        3: ("done", 40, 0),
        4: ("done", 30, 0),
        5: ("done", 10, 0),
        6: ("done", 10, 0),
    }
    assert local(found[1].ended_at) == "2026-11-25 08:00"


def test_a_working_day_is_as_long_as_the_offices() -> None:
    assert clocks(whole_case(), "2026-11-25 10:00")[4].planned_seconds == 7.5 * 3600
    week = OfficeHours.model_validate({"monday": ["08:00-12:00"], "wednesday": ["08:00-16:00"]})
    (step,) = (
        each
        for each in step_clocks(whole_case().folded, WorkingTime(week, JAKARTA), utc("2026-11-25 10:00"))
        if each.step.no == 4
    )
    assert step.planned_seconds == 6 * 3600


def test_a_step_that_is_under_way_says_until_when_and_how_much_over_it_is() -> None:
    case = TimedCase().requested("2026-11-27 15:50")
    assert minutes(clocks(case, "2026-11-29 12:00")[2]) == ("under_way", 10, 0)
    late = clocks(case, "2026-11-30 08:00")[2]
    assert minutes(late) == ("under_way", 40, 25)
    assert (local(late.due_at), late.ended_at) == ("2026-11-30 07:35", None)
    waiting = clocks(case, "2026-11-30 08:00")[3]
    assert (minutes(waiting), waiting.began_at, waiting.due_at) == (("waiting", None, 0), None, None)


def scheduled(agreed: str = "2026-11-25 08:50") -> TimedCase:
    return (
        TimedCase()
        .requested("2026-11-25 08:00")
        .accepted("2026-11-25 08:05")
        .assigned("2026-11-25 08:10")
        .proposed("2026-11-25 08:30", "2026-11-26 09:00", "2026-11-26 12:00")
        .agreed(agreed)
    )


def test_the_execution_begins_with_its_window() -> None:
    ahead = clocks(scheduled(), "2026-11-25 15:00")[4]
    assert (minutes(ahead), local(ahead.began_at)) == (("waiting", 0, 0), "2026-11-26 09:00")
    assert local(ahead.due_at) == "2026-11-27 09:00"
    assert minutes(clocks(scheduled(), "2026-11-26 09:20")[4]) == ("under_way", 20, 0)
    running = scheduled().started("2026-11-26 09:30")
    assert minutes(clocks(running, "2026-11-26 09:40")[4]) == ("under_way", 40, 0)
    done = clocks(running.ended("2026-11-26 10:00"), "2026-12-01 10:00")[4]
    assert (minutes(done), local(done.ended_at)) == (("done", 60, 0), "2026-11-26 10:00")


def test_a_window_that_began_before_it_was_agreed() -> None:
    assert local(clocks(scheduled("2026-11-26 10:00"), "2026-11-26 10:30")[4].began_at) == "2026-11-26 10:00"


def test_a_window_at_night_takes_no_working_time() -> None:
    case = scheduled().proposed("2026-11-25 09:00", "2026-11-25 19:00", "2026-11-25 22:00").agreed("2026-11-25 09:10")
    done = clocks(case.started("2026-11-25 19:05").ended("2026-11-25 20:00"), "2026-11-26 08:00")
    assert (minutes(done[4]), done[4].outside_hours) == (("done", 0, 0), True)
    assert minutes(done[5]) == ("under_way", 30, 15)


def test_a_window_that_was_given_up_before_it_began_counts_for_nobody() -> None:
    case = scheduled().proposed("2026-11-25 15:00", "2026-11-27 09:00", "2026-11-27 11:00").agreed("2026-11-25 15:10")
    found = clocks(case, "2026-11-27 09:30")
    assert minutes(found[3]) == ("done", 50, 0)
    assert (minutes(found[4]), local(found[4].began_at)) == (("under_way", 30, 0), "2026-11-27 09:00")


def test_a_window_that_passed_without_work_counts_for_the_execution() -> None:
    case = scheduled().proposed("2026-11-26 13:00", "2026-11-27 09:00", "2026-11-27 11:00").agreed("2026-11-26 13:10")
    found = clocks(case, "2026-11-27 09:30")
    assert minutes(found[3]) == ("done", 50, 0)
    assert minutes(found[4]) == ("under_way", 180 + 30, 0)


def test_a_failed_run_is_tried_again_on_the_same_clock() -> None:
    case = scheduled().started("2026-11-26 09:10").ended("2026-11-26 09:20", "failed")
    assert minutes(clocks(case, "2026-11-26 09:30")[4]) == ("under_way", 30, 0)
    case.started("2026-11-26 10:00").ended("2026-11-26 10:30")
    found = clocks(case, "2026-11-26 10:40")
    assert (minutes(found[4]), minutes(found[5])) == (("done", 90, 0), ("under_way", 10, 0))


def test_a_declined_schedule_goes_on() -> None:
    case = (
        TimedCase()
        .requested("2026-11-25 08:00")
        .accepted("2026-11-25 08:05")
        .assigned("2026-11-25 08:10")
        .proposed("2026-11-25 08:30", "2026-11-26 09:00", "2026-11-26 12:00")
        .agreed("2026-11-25 08:50", "decline")
    )
    step = clocks(case, "2026-11-25 09:20")[3]
    assert (minutes(step), local(step.due_at)) == (("under_way", 70, 10), "2026-11-25 09:10")


def test_a_returned_report_is_the_time_of_who_reports() -> None:
    case = whole_case()
    case.entries = case.entries[:-1]  # confirmed, and not acknowledged
    case.entries.pop()
    case.confirmed("2026-11-25 09:44", "return")
    found = clocks(case, "2026-11-25 10:00")
    assert minutes(found[5]) == ("under_way", 10 + 16, 11)
    assert (minutes(found[6]), found[6].ended_at) == (("waiting", 4, 0), None)
    case.reported("2026-11-25 10:00").confirmed("2026-11-25 10:05").acknowledged("2026-11-25 10:10")
    found = clocks(case, "2026-11-25 11:00")
    assert minutes(found[5]) == ("done", 26, 11)
    # Five minutes were left of the 15 when it came back.
    assert local(found[5].due_at) == "2026-11-25 09:49"
    assert minutes(found[6]) == ("done", 14, 0)


def test_a_rejected_case_stops() -> None:
    found = clocks(TimedCase().requested("2026-11-25 08:00").accepted("2026-11-25 08:20", "reject"), "2026-12-01 08:00")
    assert minutes(found[2]) == ("done", 20, 5)
    assert {found[no].state for no in (3, 4, 5, 6)} == {"waiting"}
    assert found[3].actual_seconds is None


def test_a_withdrawn_case_stops() -> None:
    found = clocks(scheduled().withdrawn("2026-11-25 15:00"), "2026-12-01 08:00")
    assert found[3].state == "done"
    assert (found[4].state, found[4].actual_seconds) == ("waiting", None)


def test_a_decision_that_was_brought_later_ends_the_step_when_it_came() -> None:
    case = TimedCase().requested("2026-11-25 08:00").accepted("2026-11-25 08:05")
    step = clocks(case.assigned("2026-11-25 09:00", signed_at="2026-11-25 08:10"), "2026-11-25 09:00")[2]
    assert (minutes(step), local(step.ended_at)) == (("done", 60, 45), "2026-11-25 09:00")


def test_a_clock_set_back_is_told_and_never_negative() -> None:
    case = TimedCase().requested("2026-11-25 08:00").accepted("2026-11-25 07:40").assigned("2026-11-25 07:45")
    step = clocks(case, "2026-11-25 08:30")[2]
    assert (minutes(step), step.set_back) == (("done", 5, 0), True)
    assert not clocks(whole_case(), "2026-11-25 10:00")[2].set_back


def test_a_clock_behind_the_journal_is_told() -> None:
    step = clocks(TimedCase().requested("2026-11-25 08:00"), "2026-11-24 08:00")[2]
    assert (minutes(step), step.set_back) == (("under_way", 0, 0), True)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda when: f"{when:%Y-%m-%d %H:%M}")
ACTS = ["requested", "accepted", "assigned", "proposed", "agreed", "started", "ended", "reported", "confirmed"]


@given(st.lists(moments, min_size=9, max_size=9), moments, st.integers(1, 9), st.booleans())
def test_whatever_the_clocks_say(times: list[str], now: str, known: int, in_order: bool) -> None:
    if in_order:
        *times, now = sorted([*times, now])
    case = TimedCase()
    for act, time in list(zip(ACTS, times, strict=True))[:known]:
        end = f"{datetime.fromisoformat(time) + timedelta(hours=3):%Y-%m-%d %H:%M}"
        getattr(case, act)(time, *((time, end) if act == "proposed" else ()))
    found = step_clocks(case.folded, OFFICE, utc(now))
    assert sum(clock.state == "under_way" for clock in found) <= 1
    for clock in found:
        assert clock.actual_seconds is None or clock.actual_seconds >= 0
        assert 0 <= clock.over_seconds <= (clock.actual_seconds or 0)
        if in_order:
            assert not clock.set_back
    if in_order:
        total = timedelta(seconds=sum(clock.actual_seconds or 0 for clock in found))
        assert total <= OFFICE.between(moment.read(utc(times[0])), moment.read(utc(now)))
        ends = [clock.ended_at for clock in found if clock.ended_at]
        assert all(earlier <= later for earlier, later in pairwise(ends))
