"""The holidays of an office: the government's by the library, and its own file on top."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from cadangan.errors import BadInput
from cadangan.register.holidays import Holidays
from cadangan.register.holidays_file import HolidaysFile, read_holidays


def holidays(folder: Path, text: str) -> Holidays:
    (folder / "holidays.yml").write_text(text)
    return Holidays(read_holidays(folder))


NATIONAL = Holidays(HolidaysFile())


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        ("2026-01-01", True),
        ("2026-03-18", True),  # collective leave before Nyepi
        ("2026-03-19", True),  # Nyepi
        ("2026-03-21", True),  # Idul Fitri
        ("2026-03-24", True),  # the last day of its leave
        ("2026-03-25", False),
        ("2026-11-25", False),
        ("2026-12-24", True),  # collective leave
        ("2027-03-10", True),  # Idul Fitri by the decree of 2027
        ("2027-03-12", True),
    ],
)
def test_national_holidays_and_collective_leave(day: str, closed: bool) -> None:
    assert (date.fromisoformat(day) in NATIONAL) is closed


def test_a_year_without_a_decree_is_not_guessed() -> None:
    assert NATIONAL.unknown(2025, 2027) == []
    assert NATIONAL.unknown(2040, 2041) == [2040, 2041]
    # By the Gregorian calendar, and certain.
    assert date(2040, 8, 17) in NATIONAL
    # Idul Fitri, as the library estimates it.
    assert date(2040, 10, 8) not in NATIONAL


def test_an_office_names_the_decree_of_a_year(tmp_path: Path) -> None:
    own = holidays(
        tmp_path,
        "years:\n"
        "  - year: 2040\n"
        "    decree: SKB 3 Menteri Nomor 1 Tahun 2039\n"
        "    added:\n"
        "      - {date: 2040-10-08, reason: Hari Raya Idul Fitri}\n",
    )
    assert own.unknown(2040, 2040) == []
    assert date(2040, 10, 8) in own


def test_the_offices_own_days(tmp_path: Path) -> None:
    own = holidays(
        tmp_path,
        "years:\n"
        "  - year: 2026\n"
        "    added:\n"
        "      - {date: 2026-09-23, reason: Hari Jadi Kota Kudus}\n"
        "    removed:\n"
        "      - {date: 2026-12-24, reason: Layanan tetap buka}\n",
    )
    assert date(2026, 9, 23) in own
    assert date(2026, 12, 24) not in own
    assert date(2026, 12, 25) in own


def test_no_file_is_no_days_of_its_own(tmp_path: Path) -> None:
    assert read_holidays(tmp_path) == HolidaysFile()


YEAR = "years:\n  - year: 2026\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (YEAR + "    added:\n      - {date: 2025-09-23, reason: a}\n", 4, "2025-09-23 is not a day of 2026"),
        (YEAR + "    added:\n      - {date: 2026-02-30, reason: a}\n", 4, "2026-02-30 is not a date"),
        (YEAR + "    added:\n      - {date: 23-09-2026, reason: a}\n", 4, "must be a date like 2026-11-25"),
        (YEAR + "    added:\n      - {date: 2026-09-23}\n", 4, "reason: is missing"),
        (YEAR + "    added:\n      - {date: 2026-09-23, reason: ''}\n", 4, "must not be empty"),
        (
            YEAR + "    added:\n      - {date: 2026-09-23, reason: a}\n      - {date: 2026-09-23, reason: b}\n",
            5,
            "2026-09-23 is there twice: added already",
        ),
        (
            YEAR + "    added: [{date: 2026-09-23, reason: a}]\n    removed: [{date: 2026-09-23, reason: b}]\n",
            4,
            "2026-09-23 is there twice: added already",
        ),
        (YEAR + "  - year: 2026\n", 3, "2026 is there twice"),
        ("years:\n  - year: 20260\n", 2, "less than or equal to 2100"),
        ("years:\n  - year: '2026'\n", 2, "must be a whole number"),
        (YEAR + "    libur: []\n", 3, "is not a field here"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        holidays(tmp_path, text)
    assert f"holidays.yml:{line}:" in str(refused.value)
    assert said in str(refused.value)
