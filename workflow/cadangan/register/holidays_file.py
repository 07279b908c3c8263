"""`holidays.yml`: days off that an office adds to the national ones, and those on which it works nevertheless."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from cadangan.procedure.fields import Line
from cadangan.register.strict import STRICT
from cadangan.register.yaml_file import Location, YamlFile

HOLIDAYS_FILE = "holidays.yml"


class Day(BaseModel):
    """One day, and why: the decree or letter that says so."""

    model_config = STRICT

    date: datetime.date
    reason: Line


class Year(BaseModel):
    """The days of one year; with `decree` the program knows that the national ones are all there."""

    model_config = STRICT

    year: Annotated[int, Field(ge=2020, le=2100)]
    decree: Line | None = None
    added: list[Day] = []
    removed: list[Day] = []


class HolidaysFile(BaseModel):
    model_config = STRICT

    years: list[Year] = []

    def days(self, list_name: str) -> set[datetime.date]:
        """All days of the lists `added` or `removed`."""
        return {day.date for year in self.years for day in getattr(year, list_name)}

    @property
    def decreed(self) -> set[int]:
        """The years for which the office names the decree."""
        return {year.year for year in self.years if year.decree}


def read_holidays(directory: Path) -> HolidaysFile:
    """The office's own holidays, none if it has no such file; `BadInput` with file and line if it is wrong."""
    path = directory / HOLIDAYS_FILE
    if not path.exists():
        return HolidaysFile()
    file = YamlFile.read(path)
    holidays = file.validate(HolidaysFile)
    faults = list(_faults(holidays))
    if faults:
        raise file.faults(faults)
    return holidays


def _faults(holidays: HolidaysFile) -> Iterator[tuple[Location, str]]:
    years: set[int] = set()
    seen: dict[datetime.date, str] = {}
    for number, year in enumerate(holidays.years):
        place: Location = ("years", number)
        if year.year in years:
            yield (*place, "year"), f"{year.year} is there twice; put its days together"
        years.add(year.year)
        for name in ("added", "removed"):
            for index, day in enumerate(getattr(year, name)):
                where: Location = (*place, name, index, "date")
                if day.date.year != year.year:
                    yield where, f"{day.date} is not a day of {year.year}, under which it stands"
                elif day.date in seen:
                    yield where, f"{day.date} is there twice: {seen[day.date]} already"
                seen.setdefault(day.date, name)
