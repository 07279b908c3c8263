"""`cadangan retention`: which backup sets may go by the rules, and the letter that asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.session import Session

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.register.disposal import DatabasePlan

app = typer.Typer(no_args_is_help=True, help="Retention: which backup sets are kept, and which may be disposed of.")

Agency = Annotated[str | None, typer.Option("--agency", metavar="AGENCY", help="Only this agency's sets.")]


@app.command()
def show(
    context: typer.Context,
    agency: Agency = None,
    every: Annotated[bool, typer.Option("--all", help="Also the sets that are kept, with every reason.")] = False,
) -> None:
    """Show what may be disposed of now, and why; changes nothing."""
    session: Session = context.obj
    plans = _plans(session, agency)
    rows = [row for plan in plans for row in _rows(plan)]
    session.show({"sets": rows}, lambda console: _print(console, plans, every))


@app.command()
def letter(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the letter; must not exist.")],
    agency: Annotated[str, typer.Option("--agency", metavar="AGENCY", help="Whose sets.")],
    number: Annotated[str, typer.Option("--number", help="The letter's number.")],
    applicant: Annotated[str, typer.Option("--applicant", metavar="PERSON", help="Who asks, of that agency.")],
) -> None:
    """Write the letter that asks to dispose of everything that may go, for `cadangan request`."""
    from datetime import datetime

    from cadangan.documents.words import words
    from cadangan.errors import Missing
    from cadangan.register.disposal import disposal_lines
    from cadangan.register.letter_writing import Wording, compose, write_letter

    session: Session = context.obj
    going = [record for plan in _plans(session, agency) for record, verdict in plan.sets if not verdict.kept]
    if not going:
        raise Missing(
            f"no set of {agency} may be disposed of now", advice="see why with: cadangan retention show --all"
        )
    today = datetime.now(session.office.zone).date()
    word = words(session.office.language)
    wording = Wording(number, word("retention.subject"), word("retention.reason"))
    write_letter(file, compose("disposal", agency, applicant, disposal_lines(going), wording, today))
    session.show(
        {"letter": str(file), "sets": [record.id for record in going]},
        lambda console: console.print(f"{len(going)} sets in {file}. File it with: cadangan request {file}"),
    )


def _plans(session: Session, agency: str | None) -> list[DatabasePlan]:
    from cadangan.procedure import moment
    from cadangan.register.disposal import plan

    if agency is not None:
        session.office.agency(agency)
    plans = plan(session.office, session.journal, moment.now())
    return [each for each in plans if agency in (None, each.place.agency)]


def _rows(plan: DatabasePlan) -> list[dict[str, Any]]:
    return [
        {
            "set": record.id,
            "made_at": record.made_at,
            "bytes": record.bytes,
            "proven": record.proven,
            "kept": verdict.kept,
            "reasons": list(verdict.reasons),
        }
        for record, verdict in plan.sets
    ]


def _print(console: Console, plans: list[DatabasePlan], every: bool) -> None:
    from cadangan.procedure.amounts import size
    from cadangan.procedure.names import printable

    freed = 0
    for plan in plans:
        going = [record for record, verdict in plan.sets if not verdict.kept]
        freed += sum(record.bytes for record in going)
        console.print(
            f"{plan.place.agency}: {printable(plan.place.label)} on {plan.place.asset}: "
            f"{len(plan.sets)} sets, {len(going)} may go"
        )
        for record, verdict in plan.sets:
            if every or not verdict.kept:
                word = "keep" if verdict.kept else "may go"
                console.print(f"  {word:6}  {record.made_at}  {size(record.bytes):>9}  {record.id}")
                console.print(f"          {'; '.join(verdict.reasons)}")
    console.print(f"{size(freed)} would be freed." if plans else "There is no backup set yet.")
