"""Dates, times, durations and sizes as an Indonesian office writes them."""

from __future__ import annotations

import pytest
from cadangan.documents.regional import Regional
from cadangan.documents.words import words

KUDUS = Regional(words("id"), "Asia/Jakarta")
ENGLISH = Regional(words("en"), "Asia/Jakarta")


def test_long_date() -> None:
    assert KUDUS.weekday_date("2026-11-23") == "Senin, 23 November 2026"
    assert KUDUS.long_date("2026-08-17") == "17 Agustus 2026"
    assert ENGLISH.weekday_date("2026-11-23") == "Monday, 23 November 2026"


def test_times_are_in_the_zone_of_the_office() -> None:
    assert KUDUS.moment("2026-11-25T02:06:37Z") == "25 November 2026 pukul 09.06 WIB"
    assert KUDUS.moment("2026-11-25T18:00:00Z") == "26 November 2026 pukul 01.00 WIB"
    assert ENGLISH.moment("2026-11-25T02:06:37Z") == "25 November 2026 at 09:06 WIB"


@pytest.mark.parametrize(("zone", "clock"), [("Asia/Makassar", "10.06 WITA"), ("Asia/Jayapura", "11.06 WIT")])
def test_each_indonesian_zone_has_its_label(zone: str, clock: str) -> None:
    assert Regional(words("id"), zone).short_moment("2026-11-25T02:06:37Z") == f"25 Nov 2026 {clock}"


def test_span_names_the_day_once_when_it_is_one_day_in_the_office() -> None:
    within = KUDUS.span("2026-11-25T02:00:00Z", "2026-11-25T05:00:00Z")
    across = KUDUS.span("2026-11-25T16:00:00Z", "2026-11-25T18:00:00Z")
    assert within == "25 November 2026 pukul 09.00 s.d. 12.00 WIB"
    assert across == "25 November 2026 pukul 23.00 WIB s.d. 26 November 2026 pukul 01.00 WIB"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "kurang dari 1 detik"),
        (59, "59 detik"),
        (75, "1 menit 15 detik"),
        (3600, "1 jam"),
        (3675, "1 jam 1 menit"),
        (93600, "26 jam"),
    ],
)
def test_duration(seconds: int, text: str) -> None:
    assert KUDUS.duration(seconds) == text


@pytest.mark.parametrize(("minutes", "text"), [(15, "15 menit"), (60, "1 jam"), (480, "1 hari"), (960, "2 hari")])
def test_standard_time_as_in_the_procedure(minutes: int, text: str) -> None:
    assert KUDUS.standard(minutes) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 byte"),
        (999, "999 byte"),
        (1000, "1 kB"),
        (1_523_111, "1,52 MB"),
        (1_523_111_004, "1,52 GB"),
        (5 * 10**15, "5.000 TB"),
    ],
)
def test_size_in_indonesian_numbers(count: int, text: str) -> None:
    assert KUDUS.size(count) == text
