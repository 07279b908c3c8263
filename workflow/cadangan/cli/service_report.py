"""`cadangan service-report`: how the cases of a period kept the standard times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.session import Session
from cadangan.cli.writing import Language, spoken, write_out

if TYPE_CHECKING:
    from cadangan.documents.service_facts import ServiceFacts
    from cadangan.procedure.service import StepService


def service_report(
    context: typer.Context,
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="When the cases were filed: 2026-11, 2026-Q4 or 2026.")
    ],
    agency: Annotated[str | None, typer.Option("--agency", metavar="AGENCY", help="Only this agency's cases.")] = None,
    language: Language = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it as PDF.")] = None,
) -> None:
    """Report how many steps were within their standard time, the median and the worst, by step and agency."""
    from cadangan.documents.pdf import render_pdf
    from cadangan.documents.service_facts import service_facts
    from cadangan.documents.service_report import service_report as blocks_of
    from cadangan.documents.terminal import print_blocks
    from cadangan.documents.words import words
    from cadangan.procedure import moment
    from cadangan.procedure.period import read_period

    session: Session = context.obj
    said = words(spoken(session, language))
    facts = service_facts(session.office, session.journal, read_period(period), agency, moment.now())
    blocks = blocks_of(facts, said)
    if out is None:
        session.show(_data(facts, agency), lambda console: print_blocks(blocks, console))
        return
    write_out(out, render_pdf(blocks, language=said.language, title=f"{said('service.title')} {period}"))
    session.show(_data(facts, agency) | {"document": str(out)}, lambda console: console.print(f"Written to {out}."))


def _data(facts: ServiceFacts, agency: str | None) -> dict[str, Any]:
    return {
        "period": facts.period.name,
        "first": facts.period.first.isoformat(),
        "last": facts.period.last.isoformat(),
        "at": facts.at,
        "agency": agency,
        "cases": facts.cases,
        "steps": [_step(step) for step in facts.steps],
        "agencies": [
            {
                "agency": served.id,
                "name": served.name,
                "cases": served.cases,
                "steps": [_step(step) for step in served.steps],
            }
            for served in facts.agencies
        ],
        "clock_set_back": list(facts.set_back),
        "unknown_holidays": list(facts.unknown_years),
    }


def _step(step: StepService) -> dict[str, Any]:
    return {
        "step": step.step.no,
        "limit_minutes": step.step.limit_minutes,
        "counted": step.counted,
        "within": step.within,
        "median_seconds": step.median_seconds,
        "worst_seconds": step.worst_seconds,
        "worst_case": step.worst_case,
    }
