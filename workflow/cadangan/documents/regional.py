"""Dates, times, durations and sizes as people read them, in one language and one time zone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from cadangan.documents.words import Words
from cadangan.procedure import moment
from cadangan.procedure.steps import MINUTES_OF_A_DAY

_DURATIONS = (("duration-hour", 3600), ("duration-minute", 60), ("duration-second", 1))
_DAY = ("duration-day", 86400)
_SIZES = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


@dataclass(frozen=True)
class Regional:
    """How an office writes: its words and its time zone (`Asia/Jakarta`); times come in as UTC text."""

    words: Words
    timezone: str

    def weekday_date(self, day: str) -> str:
        """`Senin, 23 November 2026` for the date `2026-11-23`."""
        return self._day(date.fromisoformat(day), "EEEE, d MMMM y")

    def long_date(self, day: str) -> str:
        """`23 November 2026` for the date `2026-11-23`."""
        return self._day(date.fromisoformat(day), "d MMMM y")

    def date_of(self, time: str) -> str:
        """The date of a time, as the office's clocks show it."""
        return self._day(self._local(time).date(), "d MMMM y")

    def moment(self, time: str) -> str:
        """`25 November 2026 pukul 09.06 WIB`."""
        return self.words("time.moment", date=self.date_of(time), clock=self._clock(time))

    def short_moment(self, time: str) -> str:
        """`25 Nov 2026 09.06 WIB`, for tables."""
        day = self._day(self._local(time).date(), "d MMM y")
        return self.words("time.short", date=day, clock=self._clock(time))

    def span(self, start: str, end: str) -> str:
        """From `start` to `end`; the date stands once when both are on one day."""
        if self._local(start).date() != self._local(end).date():
            return self.words("time.days", start=self.moment(start), end=self.moment(end))
        opening = self._local(start).strftime(self.words("time.hours"))
        return self.words("time.span", date=self.date_of(start), start=opening, end=self._clock(end))

    def duration(self, seconds: int) -> str:
        """The two largest of hours, minutes and seconds: `1 jam 5 menit`."""
        return self._largest(seconds, _DURATIONS)

    def length(self, span: timedelta) -> str:
        """A length of time that may be long, in the two largest of days, hours, minutes and seconds: `3 hari 4 jam`."""
        return self._largest(int(span.total_seconds()), (_DAY, *_DURATIONS))

    def worked(self, seconds: int) -> str:
        """A duration of working time; none at all was outside the office's hours, or an instant."""
        return self.duration(seconds) if seconds else self.words("time.nothing")

    def elapsed(self, start: str, end: str) -> str:
        """The duration from `start` to `end`."""
        return self.duration(int((moment.read(end) - moment.read(start)).total_seconds()))

    def standard(self, minutes: int) -> str:
        """A time limit of the procedure: `15 menit`, `1 jam`, `1 hari` (a working day)."""
        if minutes % MINUTES_OF_A_DAY == 0:
            return self._unit(minutes // MINUTES_OF_A_DAY, "duration-day", "long")
        return self.duration(minutes * 60)

    def size(self, count: int) -> str:
        """`1,52 MB` for 1523111 bytes, in powers of a thousand."""
        for unit, length in _SIZES:
            if count >= length:
                return f"{format_decimal(count / length, '#,##0.##', locale=self.words.language)} {unit}"
        return self._unit(count, "digital-byte", "short")

    def month(self, day: date) -> str:
        """`November 2026`."""
        return self._day(day, "MMMM y")

    def percent(self, share: float) -> str:
        """`92%` or `66,6%` for a share from 0 to 1; cut, so that only all is 100%."""
        return format_percent(math.floor(share * 1000) / 1000, "#,##0.#%", locale=self.words.language)

    def number(self, count: int) -> str:
        return format_decimal(count, locale=self.words.language)

    def _largest(self, seconds: int, units: tuple[tuple[str, int], ...]) -> str:
        parts = []
        for unit, length in units:
            count, seconds = divmod(seconds, length)
            if count:
                parts.append(self._unit(count, unit, "long"))
        return " ".join(parts[:2]) or self.words("time.an_instant")

    def _local(self, time: str) -> datetime:
        return moment.read(time).astimezone(ZoneInfo(self.timezone))

    def _clock(self, time: str) -> str:
        return self._local(time).strftime(f"{self.words('time.hours')} %Z")

    def _day(self, day: date, pattern: str) -> str:
        return format_date(day, pattern, locale=self.words.language)

    def _unit(self, count: int, unit: str, length: Literal["short", "long"]) -> str:
        return format_unit(count, unit, length, locale=self.words.language)
