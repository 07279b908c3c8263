"""Working time: examples that an office can check with a calendar, and what holds for any office and any moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cadangan.procedure.office_hours import BY_LAW, OfficeHours
from cadangan.procedure.working_time import WorkingTime
from cadangan.register.holidays import Holidays
from cadangan.register.holidays_file import HolidaysFile
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

JAKARTA = ZoneInfo("Asia/Jakarta")
NATIONAL = Holidays(HolidaysFile())
KUDUS = WorkingTime(BY_LAW, JAKARTA, NATIONAL)
# The same, but Friday ends at 16.00.
SHORT_FRIDAY = WorkingTime(
    BY_LAW.model_copy(update={"friday": OfficeHours.model_validate({"friday": ["07:30-11:30", "13:00-16:00"]}).friday}),
    JAKARTA,
    NATIONAL,
)


def at(text: str, zone: ZoneInfo = JAKARTA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def span(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        pytest.param("2026-11-27 15:50", "0:15", "2026-11-30 07:35", id="friday afternoon, over the weekend"),
        pytest.param("2026-11-27 15:45", "0:15", "2026-11-27 16:00", id="friday, used up at closing time"),
        pytest.param("2026-05-29 15:50", "0:15", "2026-06-02 07:35", id="over a weekend and Hari Lahir Pancasila"),
        pytest.param("2026-12-23 15:50", "0:15", "2026-12-28 07:35", id="Christmas, its leave, and the weekend"),
        pytest.param("2026-12-31 15:50", "0:15", "2027-01-04 07:35", id="over the end of the year"),
        pytest.param("2026-03-17 15:50", "0:15", "2026-03-25 07:35", id="Nyepi and Lebaran with their leave"),
        pytest.param("2027-03-05 15:50", "0:15", "2027-03-16 07:35", id="Nyepi and Lebaran of the next year"),
        pytest.param("2026-11-25 11:50", "0:15", "2026-11-25 13:05", id="over the break"),
        pytest.param("2026-11-25 12:30", "0:15", "2026-11-25 13:15", id="in the break"),
        pytest.param("2026-11-27 11:20", "0:15", "2026-11-27 13:05", id="over the longer break of a friday"),
        pytest.param("2026-11-25 22:00", "0:15", "2026-11-26 07:45", id="at night"),
        pytest.param("2026-11-26 00:00", "0:15", "2026-11-26 07:45", id="at midnight"),
        pytest.param("2026-11-28 10:00", "1:00", "2026-11-30 08:30", id="on a saturday"),
        pytest.param("2026-08-17 09:00", "1:00", "2026-08-18 08:30", id="on a holiday"),
        pytest.param("2026-11-25 09:00", "7:30", "2026-11-26 09:00", id="one working day"),
        pytest.param("2026-11-25 07:30", "7:30", "2026-11-25 16:00", id="one working day, from its beginning"),
    ],
)
def test_examples(start: str, amount: str, end: str) -> None:
    assert SHORT_FRIDAY.after(at(start), span(amount)) == at(end)
    assert SHORT_FRIDAY.between(at(start), at(end)) == span(amount)


def test_hours_by_law_are_37_and_a_half_in_a_week() -> None:
    monday = at("2026-11-23 00:00")
    assert KUDUS.between(monday, monday + timedelta(days=7)) == timedelta(hours=37, minutes=30)
    assert BY_LAW.working_day == timedelta(hours=7, minutes=30)
    assert KUDUS.after(at("2026-11-27 15:50"), span("0:15")) == at("2026-11-27 16:05")


def test_the_journal_is_in_utc_and_the_office_is_not() -> None:
    start = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)  # Friday 06.00 in Jakarta
    assert KUDUS.between(start, start + timedelta(hours=2)) == timedelta(minutes=30)
    assert WorkingTime(BY_LAW, ZoneInfo("Asia/Makassar")).between(start, start + timedelta(hours=2)) == span("1:30")


def test_time_never_runs_backwards() -> None:
    assert KUDUS.between(at("2026-11-25 10:00"), at("2026-11-25 09:00")) == timedelta()


def test_clocks_that_go_forward_and_back() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = OfficeHours.model_validate({"sunday": ["00:00-08:00"]})
    office = WorkingTime(night, berlin)

    def worked(day: str) -> timedelta:
        return office.between(at(f"{day} 00:00", berlin), at(f"{day} 12:00", berlin))

    assert worked("2026-03-22") == timedelta(hours=8)
    assert worked("2026-03-29") == timedelta(hours=7)
    assert worked("2026-10-25") == timedelta(hours=9)


def test_an_office_that_works_around_the_clock() -> None:
    week = {day: ["00:00-24:00"] for day in OfficeHours.model_fields}
    always = WorkingTime(OfficeHours.model_validate(week), JAKARTA)
    start = at("2026-12-31 23:00")
    assert always.after(start, timedelta(hours=30)) == start + timedelta(hours=30)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"monday": ["7:30-12:00"]}, "must be hours like '07:30-12:00'"),
        ({"monday": ["07:30"]}, "must be hours like"),
        ({"monday": [730]}, "must be hours like"),
        ({"monday": ["16:00-07:30"]}, "must end after it begins"),
        ({"monday": ["07:30-24:30"]}, "24:00 at the latest"),
        ({"monday": ["07:30-12:00", "11:00-16:00"]}, "without overlap"),
        ({"monday": ["13:00-16:00", "07:30-12:00"]}, "must follow one another"),
        ({}, "name the hours of one weekday at least"),
        ({"monday": []}, "name the hours of one weekday at least"),
        ({"senin": ["07:30-12:00"]}, "Extra inputs are not permitted"),
    ],
)
def test_hours_that_are_none(hours: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OfficeHours.model_validate(hours)


ZONES = [
    "Asia/Jakarta",
    "Asia/Jayapura",
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Beirut",
    "Australia/Lord_Howe",
]
YEAR = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
AMOUNT = st.timedeltas(timedelta(), timedelta(hours=100))


@st.composite
def weeks(draw: st.DrawFn) -> OfficeHours:
    def day() -> list[str]:
        minutes = sorted(draw(st.sets(st.integers(0, 1440), max_size=4)))
        clock = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes]
        return [f"{start}-{end}" for start, end in zip(clock[::2], clock[1::2], strict=False)]

    names = draw(st.sets(st.sampled_from(list(OfficeHours.model_fields)), max_size=6))
    return OfficeHours.model_validate({"sunday": ["08:00-12:00"]} | {name: day() or ["09:00-10:00"] for name in names})


@st.composite
def offices(draw: st.DrawFn) -> WorkingTime:
    holidays = draw(st.sets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=20))
    return WorkingTime(draw(weeks()), ZoneInfo(draw(st.sampled_from(ZONES))), holidays)


@given(offices(), st.lists(YEAR, min_size=3, max_size=3).map(sorted))
def test_parts_add_up_to_the_whole(office: WorkingTime, moments: list[datetime]) -> None:
    start, middle, end = moments
    assert office.between(start, middle) + office.between(middle, end) == office.between(start, end)


@given(offices(), YEAR, AMOUNT)
def test_after_is_the_inverse_of_between(office: WorkingTime, start: datetime, amount: timedelta) -> None:
    end = office.after(start, amount)
    assert office.between(start, end) == amount
    # And no earlier moment would do.
    assert not amount or office.between(start, end - timedelta(seconds=1)) < amount


@given(offices(), YEAR, YEAR, AMOUNT, AMOUNT)
def test_more_is_never_earlier(
    office: WorkingTime, first: datetime, second: datetime, few: timedelta, more: timedelta
) -> None:
    early, late = sorted((first, second))
    assert office.after(early, few) <= office.after(late, few)
    few, more = sorted((few, more))
    assert office.after(early, few) <= office.after(early, more)
    assert office.between(early, late) <= late - early


@given(offices(), YEAR, st.timedeltas(timedelta(), timedelta(days=3)))
def test_nothing_counts_outside_hours(office: WorkingTime, start: datetime, length: timedelta) -> None:
    minute = timedelta(minutes=1)
    start = start.replace(second=0, microsecond=0)
    end = start + length // minute * minute
    inside = 0
    while start < end:
        shown = start.astimezone(office.zone)
        clock = timedelta(hours=shown.hour, minutes=shown.minute)
        spans = office.hours.week[shown.weekday()]
        open_now = shown.date() not in office.holidays and any(each.start <= clock < each.end for each in spans)
        counted = office.between(start, start + minute)
        assert counted == timedelta() if not open_now else counted in (timedelta(), minute)
        inside += open_now
        start += minute
    # In this zone the clocks never change, so nothing may be missing either.
    if office.zone == JAKARTA:
        assert office.between(end - length // minute * minute, end) == inside * minute
