"""The service-standard report: what counts, by whose cases, on the terminal, as PDF and for machines."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pypdf
import pytest
from cadangan.documents.blocks import Chart
from cadangan.documents.pdf import render_pdf
from cadangan.documents.regional import Regional
from cadangan.documents.service_facts import ServiceFacts, service_facts
from cadangan.documents.service_report import period_name, service_report
from cadangan.documents.words import words
from cadangan.errors import BadInput
from cadangan.procedure.period import read_period
from cadangan.register.office import Office
from support.desk import Desk
from support.signed_office import Keyring
from support.timed_case import TimedCase, utc, whole_case


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Desk:
    """An office with five cases, made once."""
    desk = Desk(tmp_path_factory.mktemp("service") / "kudus", keyring)
    desk.types("init", str(desk.root))
    slow = TimedCase("B-2026-0002", "dpmptsp").requested("2026-10-15 08:00").accepted("2026-10-15 08:05")
    slow.assigned("2026-10-15 08:30")
    cases = [
        whole_case("2026-09-30", id="B-2026-0001"),
        slow,  # 30 minutes for step 2; step 3 is under way, and over
        whole_case("2026-11-25", id="B-2026-0003"),
        TimedCase("B-2026-0004").requested("2026-11-30 12:00"),  # nobody did anything yet, and step 2 is over
        # Midnight in UTC, but the first of December in Jakarta.
        TimedCase("B-2026-0005").requested("2026-12-01 01:00").accepted("2026-12-01 00:30", "reject"),
    ]
    for case in cases:
        for entry in case.entries:
            desk.journal.append(entry)
    return desk


def facts(desk: Desk, period: str, agency: str | None = None) -> ServiceFacts:
    return service_facts(Office.load(desk.root), desk.journal, read_period(period), agency, utc("2026-12-01 13:10"))


def counted(found: ServiceFacts) -> dict[int, tuple[int, int]]:
    """Within the standard, of those that count, by step."""
    return {step.step.no: (step.within, step.counted) for step in found.steps}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period(text: str, first: date, last: date) -> None:
    period = read_period(text)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-Q5", "2026-Q0", "26-11", "2026-1", "", "2026-11-25", "20٢٦"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(BadInput, match="is not a period"):
        read_period(text)


def test_cases_count_by_the_day_of_their_filing_in_the_office(desk: Desk) -> None:
    assert [facts(desk, period).cases for period in ("2026-09", "2026-10", "2026-11", "2026-12")] == [1, 1, 2, 1]
    assert [facts(desk, period).cases for period in ("2026-Q3", "2026-Q4", "2026", "2025")] == [1, 4, 5, 0]


def test_what_is_done_counts_and_what_is_over_though_not_done(desk: Desk) -> None:
    assert counted(facts(desk, "2026-10")) == {2: (0, 1), 3: (0, 1), 4: (0, 0), 5: (0, 0), 6: (0, 0)}
    assert counted(facts(desk, "2026-11")) == {2: (1, 2), 3: (1, 1), 4: (1, 1), 5: (1, 1), 6: (1, 1)}


def test_median_and_worst(desk: Desk) -> None:
    disposition = facts(desk, "2026-Q4", "dpmptsp").steps[0]
    assert (disposition.median_seconds, disposition.worst_seconds, disposition.worst_case) == (
        1800,
        1800,
        "B-2026-0002",
    )
    every = facts(desk, "2026").steps[0]
    assert (every.counted, every.within, every.share) == (5, 3, 0.6)
    assert every.median_seconds == 600
    assert every.worst_case == "B-2026-0004"


def test_agencies_come_apart_by_name(desk: Desk) -> None:
    agencies = facts(desk, "2026").agencies
    assert [(agency.id, agency.cases) for agency in agencies] == [("disdukcapil", 4), ("dpmptsp", 1)]
    assert [(agency.steps[0].within, agency.steps[0].counted) for agency in agencies] == [(3, 4), (0, 1)]
    only = facts(desk, "2026", "dpmptsp")
    assert (only.cases, len(only.agencies), only.agency[:5]) == (1, 1, "Dinas")


def test_a_clock_set_back_is_told(desk: Desk) -> None:
    assert facts(desk, "2026").set_back == ("B-2026-0005",)


def drawn(found: ServiceFacts, language: str) -> str:
    pdf = render_pdf(service_report(found, words(language)), language=language, title="Uji")
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_report_as_pdf(desk: Desk) -> None:
    text = drawn(facts(desk, "2026-Q4"), "id")
    for expected in (
        "LAPORAN STANDAR PELAYANAN BACKUP DAN RESTORE",
        "Periode: Triwulan IV 2026",
        "Jumlah permohonan : 4",
        "2. Disposisi",
        "50% (2/4)",
        "30 menit",
        "B-2026-0002",
        "Dinas Kependudukan dan Pencatatan Sipil",
        "Jam komputer mundur pada B-2026-0005",
        "Kode verifikasi: 2026-Q4-",
    ):
        assert expected in text
    english = drawn(facts(desk, "2026-11"), "en")
    assert "Period: November 2026" in english
    assert "SERVICE STANDARD REPORT" in english


def test_the_chart_shows_the_share_of_each_step(desk: Desk) -> None:
    (chart,) = (block for block in service_report(facts(desk, "2026-Q4"), words("id")) if isinstance(block, Chart))
    assert [bar.share for bar in chart.bars] == [0.5, 0.5, 1, 1, 1]


def test_a_period_without_cases_can_be_drawn(desk: Desk) -> None:
    assert "Jumlah permohonan : 0" in drawn(facts(desk, "2025"), "id")


def test_periods_in_words(desk: Desk) -> None:
    say = Regional(words("id"), "Asia/Jakarta")
    names = [period_name(facts(desk, period), say) for period in ("2026-03", "2026-Q2", "2026")]
    assert names == ["Maret 2026", "Triwulan II 2026", "Tahun 2026"]


def test_a_share_is_never_rounded_up_to_all() -> None:
    say = Regional(words("id"), "Asia/Jakarta")
    assert [say.percent(share) for share in (0, 2 / 3, 0.9999, 1)] == ["0%", "66,6%", "99,9%", "100%"]


def test_on_the_terminal_in_the_offices_language_or_another(desk: Desk) -> None:
    said = desk.types("service-report", "--period", "2026-09")
    assert "Laporan Standar Pelayanan" in said
    assert f"2. Disposisi                       {'█' * 40}  100% (1/1)" in said
    assert "Service Standard Report" in desk.types("service-report", "--period", "2026-09", "--lang", "en")


def test_for_machines(desk: Desk) -> None:
    answer = desk.asks("service-report", "--period", "2026-Q3", "--agency", "disdukcapil")
    assert (answer["first"], answer["last"], answer["agency"], answer["cases"]) == (
        "2026-07-01",
        "2026-09-30",
        "disdukcapil",
        1,
    )
    assert answer["steps"][0] == {
        "step": 2,
        "limit_minutes": 15,
        "counted": 1,
        "within": 1,
        "median_seconds": 600,
        "worst_seconds": 600,
        "worst_case": "B-2026-0001",
    }


def test_into_a_file(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "standar.pdf"
    assert str(out) in desk.types("service-report", "--period", "2026", "--out", str(out))
    assert out.read_bytes().startswith(b"%PDF")
    nowhere = str(tmp_path / "no" / "standar.pdf")
    assert "can not be written" in desk.types("service-report", "--period", "2026", "--out", nowhere, status=2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--period", "2026-Q7"), "It is a month (2026-11), a quarter (2026-Q4) or a year (2026)."),
        (("--period", "2026", "--agency", "dpmptps"), "Did you mean 'dpmptsp'?"),
        (("--period", "2026", "--lang", "jv"), "there is no language 'jv'"),
    ],
)
def test_bad_input(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    assert said in desk.types("service-report", *arguments, status=2)
