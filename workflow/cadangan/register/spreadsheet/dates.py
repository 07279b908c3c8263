"""Dates as people write them in spreadsheets of an Indonesian office."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february pebruari feb peb",
            "maret march mar mrt",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "agustus august agt agu ags aug",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAY = re.compile(r"(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad|[a-z]+day)\s*,?\s+", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{4}|[0-9]{2})")
_DAY_MONTH = re.compile(r"([0-9]{1,2})(?:\s+|-|/|\.)([a-z]+)\.?(?:\s+|-|/|,\s*)([0-9]{4}|[0-9]{2})", re.IGNORECASE)
_MONTH_DAY = re.compile(r"([a-z]+)\.?\s+([0-9]{1,2}),?\s+([0-9]{4})", re.IGNORECASE)
_SERIAL = re.compile(r"[0-9]{5}(?:\.0*)?")
_MIDNIGHT = re.compile(r"[T ]00[:.]00([:.]00(\.0+)?)?$")

_EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's count, right for all days since March 1900."""
_FIRST, _LAST = date(1970, 1, 1), date(2099, 12, 31)
_CENTURY = 70
"""Of two digits, 70 to 99 are years of the last century."""


def day_of(value: str | float | date) -> date:
    """The day that a cell tells: `5 Januari 2024`, `05/01/2024` (the day first), `05-01-24`, or Excel's count of days.

    `ValueError` that says what it lacks or why it is no date.
    """
    if isinstance(value, date):
        return value
    text = " ".join(str(value).split())
    found = _from_words(_MIDNIGHT.sub("", _WEEKDAY.sub("", text, count=1)), text)
    if not _FIRST <= found <= _LAST:
        raise ValueError(f"{text!r} is no day of the years {_FIRST.year} to {_LAST.year}")
    return found


def _from_words(text: str, said: str) -> date:
    if parts := _YEAR_FIRST.fullmatch(text):
        return _day(parts[1], int(parts[2]), parts[3], said)
    if parts := _DAY_FIRST.fullmatch(text):
        return _day(parts[3], int(parts[2]), parts[1], said)
    if parts := _DAY_MONTH.fullmatch(text):
        return _day(parts[3], _month(parts[2], said), parts[1], said)
    if parts := _MONTH_DAY.fullmatch(text):
        return _day(parts[3], _month(parts[1], said), parts[2], said)
    if _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(days=int(float(text)))
    raise ValueError(f"{said!r} is no date; write day, month and year, like 5 Januari 2024 or 05/01/2024")


def _month(name: str, said: str) -> int:
    try:
        return _MONTHS[name.lower()]
    except KeyError:
        raise ValueError(f"{said!r} is no date: there is no month {name!r}") from None


def _day(year: str, month: int, day: str, said: str) -> date:
    full_year = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= _CENTURY else 2000)
    try:
        return date(full_year, month, int(day))
    except ValueError:
        raise ValueError(
            f"{said!r} is no date when it is read as year {full_year}, month {month}, day {int(day)}"
        ) from None
