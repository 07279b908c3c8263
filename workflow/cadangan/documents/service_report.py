"""Laporan standar pelayanan: how the cases of a period kept the standard times of the procedure, in working time."""

from __future__ import annotations

from collections.abc import Iterator

from cadangan.documents.blocks import (
    Bar,
    Block,
    Cell,
    Chart,
    Code,
    Column,
    Heading,
    KeyValues,
    Note,
    Table,
    Title,
    Verification,
)
from cadangan.documents.laporan import verification_code
from cadangan.documents.regional import Regional
from cadangan.documents.service_facts import ServiceFacts
from cadangan.documents.words import Words
from cadangan.procedure.service import StepService

_QUARTERS = {"Q1": "I", "Q2": "II", "Q3": "III", "Q4": "IV"}


def service_report(facts: ServiceFacts, words: Words) -> list[Block]:
    """The report on one period, in the language of `words`."""
    say = Regional(words, facts.timezone)
    return [
        facts.letterhead,
        Title(words("service.title"), words("service.period", period=period_name(facts, say))),
        KeyValues(tuple(_about(facts, say))),
        Heading(f"A. {words('service.chart')}"),
        Chart(tuple(_bar(step, say) for step in facts.steps)),
        Heading(f"B. {words('service.steps')}"),
        _step_table(facts, say),
        Heading(f"C. {words('service.agencies')}"),
        _agency_table(facts, say),
        *(Note(text, warning) for text, warning in _notes(facts, words)),
        Verification(
            (
                (words("verification.code"), Code(verification_code(facts.period.name, facts.journal_head))),
                (words("verification.journal", seq=facts.journal_seq), Code(facts.journal_head)),
            ),
            words("verification.page_of", page="{page}", pages="{pages}"),
        ),
    ]


def period_name(facts: ServiceFacts, say: Regional) -> str:
    """`November 2026`, `Triwulan IV 2026`, `Tahun 2026`."""
    year, _, part = facts.period.name.partition("-")
    if part in _QUARTERS:
        return say.words("service.quarter", quarter=_QUARTERS[part], year=year)
    return say.month(facts.period.first) if part else say.words("service.year", year=year)


def _about(facts: ServiceFacts, say: Regional) -> Iterator[tuple[str, Cell]]:
    words = say.words
    yield words("service.agency"), facts.agency or words("service.all_agencies")
    yield words("service.cases"), say.number(facts.cases)
    yield words("service.as_of"), say.moment(facts.at)


def _bar(step: StepService, say: Regional) -> Bar:
    label = f"{step.step.no}. {step.step.output[say.words.language]}"
    return Bar(label, step.share or 0, _share(step, say))


def _share(step: StepService, say: Regional) -> str:
    """`92% (46/50)`."""
    if step.share is None:
        return say.words("service.none")
    return f"{say.percent(step.share)} ({say.number(step.within)}/{say.number(step.counted)})"


def _step_table(facts: ServiceFacts, say: Regional) -> Table:
    names = ("no", "activity", "standard", "counted", "within", "median", "worst")
    widths = (8, 48, 22, 20, 24, 26, 38)
    columns = tuple(
        Column(say.words(f"column.{name}"), width, "center" if name == "no" else "left")
        for name, width in zip(names, widths, strict=True)
    )
    return Table(columns, tuple(_step_row(step, say) for step in facts.steps))


def _step_row(step: StepService, say: Regional) -> tuple[Cell, ...]:
    assert step.step.limit_minutes is not None
    worst: Cell = ""
    if step.worst_seconds is not None and step.worst_case is not None:
        worst = (say.worked(step.worst_seconds), step.worst_case)
    return (
        str(step.step.no),
        step.step.activity[say.words.language],
        say.standard(step.step.limit_minutes),
        say.number(step.counted),
        "" if step.share is None else (say.number(step.within), say.percent(step.share)),
        "" if step.median_seconds is None else say.worked(step.median_seconds),
        worst,
    )


def _agency_table(facts: ServiceFacts, say: Regional) -> Table:
    columns = (
        Column(say.words("column.agency"), 46),
        Column(say.words("column.cases"), 30, "right"),
        *(Column(say.words("column.step", no=step.step.no), 23, "center") for step in facts.steps),
    )
    rows = tuple(
        (agency.name, say.number(agency.cases), *(_share_in_lines(step, say) for step in agency.steps))
        for agency in facts.agencies
    )
    return Table(columns, rows)


def _share_in_lines(step: StepService, say: Regional) -> Cell:
    if step.share is None:
        return say.words("service.none")
    return say.percent(step.share), f"({say.number(step.within)}/{say.number(step.counted)})"


def _notes(facts: ServiceFacts, words: Words) -> Iterator[tuple[str, bool]]:
    yield words("service.method"), False
    for year in facts.unknown_years:
        yield words("obstacle.unknown_holidays", year=year), True
    if facts.set_back:
        yield words("service.set_back", cases=", ".join(facts.set_back)), True
