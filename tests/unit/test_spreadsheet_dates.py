"""Dates as people write them in cells."""

from __future__ import annotations

import re
from datetime import date

import pytest
from cadangan.register.spreadsheet.dates import day_of

DAY = date(2024, 1, 5)


@pytest.mark.parametrize(
    "said",
    [
        DAY,
        "2024-01-05",
        "2024/1/5",
        "05/01/2024",
        "5/1/2024",
        "05-01-24",
        "5.1.2024",
        "05 / 01 / 2024",
        "5 Januari 2024",
        "5  JANUARI\n2024",
        "5 Jan 2024",
        "5-Jan-24",
        "5 Jan. 2024",
        "Jumat, 5 Januari 2024",
        "Jum'at 5 Januari 2024",
        "Friday, 5 January 2024",
        "January 5, 2024",
        "2024-01-05 00:00:00",
        "2024-01-05T00:00:00",
        "45296",
        45296,
        45296.0,
        "45296.0",
    ],
)
def test_a_date_is_understood(said: str | float | date) -> None:
    assert day_of(said) == DAY


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("17 Agt 2023", date(2023, 8, 17)),
        ("17 Agustus 2023", date(2023, 8, 17)),
        ("1 Pebruari 2020", date(2020, 2, 1)),
        ("1 Nopember 2020", date(2020, 11, 1)),
        ("12 Mei 2021", date(2021, 5, 12)),
        ("31 Des 99", date(1999, 12, 31)),
        ("29/02/2024", date(2024, 2, 29)),
        ("1/12/69", date(2069, 12, 1)),
    ],
)
def test_months_and_centuries(said: str, day: date) -> None:
    assert day_of(said) == day


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("31 Februari 2024", "'31 Februari 2024' is no date when it is read as year 2024, month 2, day 31"),
        ("01/25/2024", "is no date when it is read as year 2024, month 25, day 1"),
        ("5 Janari 2024", "there is no month 'Janari'"),
        ("2019", "'2019' is no date; write day, month and year"),
        (2019, "'2019' is no date"),
        ("Januari 2024", "is no date; write day, month and year"),
        ("segera", "'segera' is no date"),
        ("1/1/1900", "is no day of the years 1970 to 2099"),
        ("99999", "is no day of the years 1970 to 2099"),
        (1.5, "is no date"),
        (True, "is no date"),
        ("2024-01-05 13:00", "is no date"),
    ],
)
def test_what_is_no_date_says_why(said: str | float, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        day_of(said)
