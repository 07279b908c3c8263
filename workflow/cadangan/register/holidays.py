"""The holidays of an office: national ones and collective leave by the government's decrees, and its own."""

from __future__ import annotations

from datetime import date
from functools import cache

from holidays import country_holidays

from cadangan.register.holidays_file import HolidaysFile

_ESTIMATED = "(perkiraan)"


class Holidays:
    """The days on which an office is closed (`day in holidays`).

    Of a year whose collective leave the library does not know yet, its estimates do not count either; it is
    `unknown` unless the office names the decree and its days in its own file.
    """

    def __init__(self, own: HolidaysFile) -> None:
        self._added = own.days("added")
        self._removed = own.days("removed")
        self._decreed = own.decreed

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self._removed:
            return False
        return day in self._added or day in _national(day.year)

    def unknown(self, first: int, last: int) -> list[int]:
        """Those of the years from `first` to `last` whose holidays are not known."""
        return [year for year in range(first, last + 1) if year not in self._decreed and not _collective_leave(year)]


@cache
def _national(year: int) -> frozenset[date]:
    public = country_holidays("ID", years=year, language="id")
    leave = _collective_leave(year)
    sure = (day for day, name in public.items() if leave or not name.endswith(_ESTIMATED))
    return frozenset(sure) | leave


@cache
def _collective_leave(year: int) -> frozenset[date]:
    """Cuti bersama and days off that the government declared; empty as long as there is no decree for the year."""
    return frozenset(country_holidays("ID", years=year, categories=("government",), language="id"))
