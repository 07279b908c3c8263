"""The time that a report is about: a month, a quarter or a year."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from cadangan.errors import BadInput

_PERIOD = re.compile(r"(20[0-9]{2})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included; `name` is `2026-11`, `2026-Q4` or `2026`."""

    name: str
    first: date
    last: date


def read_period(text: str) -> Period:
    """The period of this name; `BadInput` if it is none."""
    found = _PERIOD.fullmatch(text)
    if not found:
        raise BadInput(
            f"{text!r} is not a period",
            where="--period",
            advice="It is a month (2026-11), a quarter (2026-Q4) or a year (2026).",
        )
    year = int(found[1])
    if found[2]:
        first_month = last_month = int(found[2])
    elif found[3]:
        last_month = 3 * int(found[3])
        first_month = last_month - 2
    else:
        first_month, last_month = 1, 12
    last_day = calendar.monthrange(year, last_month)[1]
    return Period(text, date(year, first_month, 1), date(year, last_month, last_day))
