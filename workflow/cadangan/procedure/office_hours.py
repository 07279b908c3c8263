"""The hours in which an office works, by weekday: the `hours` part of `office.yml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_MIDNIGHT = timedelta(hours=24)


@dataclass(frozen=True)
class Span:
    """Hours without a break on one day, as times since midnight: from `start` until before `end`."""

    start: timedelta
    end: timedelta


def read_span(text: object) -> Span:
    """The span that `07:30-12:00` stands for; `24:00` is the end of the day. `ValueError` if it is not one."""
    if not isinstance(text, str) or not (found := _SPAN.fullmatch(text)):
        raise ValueError(f"{text!r} must be hours like '07:30-12:00'")
    hours = [int(part) for part in found.groups()]
    span = Span(timedelta(hours=hours[0], minutes=hours[1]), timedelta(hours=hours[2], minutes=hours[3]))
    if span.start >= span.end or span.end > _MIDNIGHT:
        raise ValueError(f"{text!r} must end after it begins, and on the same day (24:00 at the latest)")
    return span


def _in_order(spans: list[Span]) -> list[Span]:
    for earlier, later in pairwise(spans):
        if later.start < earlier.end:
            raise ValueError("the hours of a day must follow one another, without overlap")
    return spans


Spans = Annotated[list[Annotated[Span, BeforeValidator(read_span)]], AfterValidator(_in_order)]


class OfficeHours(BaseModel):
    """The office's hours on each weekday; on a day that is not named it is closed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    monday: Spans = []
    tuesday: Spans = []
    wednesday: Spans = []
    thursday: Spans = []
    friday: Spans = []
    saturday: Spans = []
    sunday: Spans = []

    @model_validator(mode="after")
    def _works_at_all(self) -> OfficeHours:
        if not any(self.week):
            raise ValueError("name the hours of one weekday at least")
        return self

    @property
    def week(self) -> tuple[list[Span], ...]:
        """The spans of each weekday, Monday first."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )

    @property
    def working_day(self) -> timedelta:
        """How long a working day is, on the average of those that the week has."""
        days = [sum((span.end - span.start for span in spans), timedelta()) for spans in self.week if spans]
        return sum(days, timedelta()) / len(days)


_DAY = ["07:30-12:00", "13:00-16:00"]

BY_LAW = OfficeHours.model_validate(
    {
        "monday": _DAY,
        "tuesday": _DAY,
        "wednesday": _DAY,
        "thursday": _DAY,
        "friday": ["07:30-11:30", "13:00-16:30"],
    }
)
"""Peraturan Presiden 21/2023: 37.5 hours in five days from 07:30, with a break of 60 minutes, on Friday of 90."""
