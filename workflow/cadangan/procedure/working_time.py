"""Working time: how much an office worked between two moments, and when it will have worked so much.

A moment is working time if the office's clocks then show one of its hours and the day is no holiday. Where a change of
the clocks skips or repeats the beginning or end of a span, the shorter reading counts.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cadangan.procedure.office_hours import OfficeHours

_NOTHING = timedelta()


@dataclass(frozen=True)
class WorkingTime:
    """An office's hours in its time zone, without its `holidays`; moments have a time zone, any one."""

    hours: OfficeHours
    zone: tzinfo
    holidays: Container[date] = ()

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from `start` to `end` is working time; nothing if `end` is not later."""
        worked = _NOTHING
        for opens, closes in self._spans_from(start):
            if opens >= end:
                break
            worked += min(closes, end) - opens
        return worked

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which `amount` was worked since `start`, in UTC; `start` itself for no time at all."""
        moment = start.astimezone(UTC)
        left = amount
        for opens, closes in self._spans_from(start):
            if left <= _NOTHING:
                break
            moment = min(closes, opens + left)
            left -= moment - opens
        return moment

    def _spans_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working time from `start` on, one unbroken span after the other, in UTC and without end."""
        start = start.astimezone(UTC)
        day = start.astimezone(self.zone).date()
        while True:
            for opens, closes in self._spans_of(day):
                if closes > start:
                    yield max(opens, start), closes
            day += timedelta(days=1)

    def _spans_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self.holidays:
            return
        for span in self.hours.week[day.weekday()]:
            opens = max(self._readings(day, span.start))
            closes = min(self._readings(day, span.end))
            if opens < closes:
                yield opens, closes

    def _readings(self, day: date, clock: timedelta) -> tuple[datetime, datetime]:
        """When the office's clocks show this time of the day: one moment twice, or two when the clocks change."""
        shown = datetime.combine(day, time()) + clock
        first, second = (shown.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return first, second
