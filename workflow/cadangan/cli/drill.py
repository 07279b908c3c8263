"""`cadangan drill`: proving as routine that what was backed up can be restored."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.session import Session
from cadangan.errors import Missing

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.register.set_overview import DatabaseSets

app = typer.Typer(no_args_is_help=True, help="Drills: which databases are due for one, and the letters for them.")


@app.command()
def due(context: typer.Context) -> None:
    """Show when each registered database was last proven to restore, and whether its newest set was."""
    from cadangan.register.drills import drillables

    session: Session = context.obj
    rows = [_as_data(row) for row in drillables(session.office, session.journal)]
    session.show({"databases": rows}, lambda console: _print_due(console, rows))


@app.command()
def request(
    context: typer.Context,
    agency: Annotated[str | None, typer.Option("--agency", help="Only databases of this agency.")] = None,
    asset: Annotated[str | None, typer.Option("--asset", help="Only databases on this server.")] = None,
    only_due: Annotated[bool, typer.Option("--due", help="Only where the newest set was never restored.")] = False,
    host: Annotated[
        str | None,
        typer.Option("--on", metavar="HOST", help="A drill host.", show_default="each database's own server"),
    ] = None,
    number: Annotated[
        str | None, typer.Option("--number", help="Number of the letters.", show_default="made of date and agency")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--letters", metavar="DIR", help="Where to write them.", show_default="letters")
    ] = None,
    file: Annotated[bool, typer.Option("--file", help="File the letters too, and open their cases.")] = False,
) -> None:
    """Write the letters that ask for a drill of each database's newest set, one for each agency."""
    from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment

    from cadangan.documents.words import words
    from cadangan.register.drills import by_agency, drill_item, drill_letter, drillables
    from cadangan.register.letter_writing import Wording, write_letter
    from cadangan.register.letters import file_letter

    session: Session = context.obj
    office, word, today = session.office, words(session.office.language), date.today()
    drill_host = office.register.asset(host) if host else None
    chosen = [
        row
        for row in drillables(office, session.journal)
        if agency in (None, row.place.agency)
        and asset in (None, row.place.asset)
        and (row.is_due_for_drill or not only_due)
    ]
    letters: list[dict[str, Any]] = []
    left_out = [_as_data(row) for row in chosen if drill_item(row, drill_host) is None]
    for owner, rows in by_agency(chosen).items():
        items = [item for row in rows if (item := drill_item(row, drill_host))]
        if not items:
            continue
        wording = Wording(
            number or word("drill.number", date=today.isoformat(), agency=owner),
            word("drill.subject"),
            word("drill.reason"),
        )
        path = (folder or office.root / "letters") / f"drill-{moment.compact(moment.now())}-{owner}.yml"
        write_letter(path, drill_letter(office, owner, items, wording, today))
        case = file_letter(office, session.journal, path, today).id if file else None
        letters.append({"letter": str(path), "agency": owner, "databases": len(items), "case": case})
    if not letters:
        raise Missing("there is no set to drill", advice="See what there is with: cadangan drill due")
    session.show({"letters": letters, "left_out": left_out}, lambda console: _print_letters(console, letters, left_out))


def _as_data(row: DatabaseSets) -> dict[str, Any]:
    return {
        **row.place._asdict(),
        "last_proven": row.last_proven,
        "newest_set": row.newest.id if row.newest else None,
        "newest_backup": row.newest.snapshot_at if row.newest else None,
        "due": row.is_due_for_drill,
    }


def _print_due(console: Console, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        proven = f"proven {row['last_proven']}" if row["last_proven"] else "NEVER PROVEN"
        if row["newest_set"] is None:
            newest = "no backup"
        else:
            newest = f"newest {row['newest_backup']} {'NOT RESTORED YET' if row['due'] else 'restored'}"
        console.print(f"{proven:28}  {newest:45}  {row['asset']}  {row['engine']} {row['database']}")


def _print_letters(console: Console, letters: list[dict[str, Any]], left_out: list[dict[str, Any]]) -> None:
    for letter in letters:
        count = f"{letter['databases']} database{'s' if letter['databases'] > 1 else ''} of {letter['agency']}"
        if letter["case"]:
            console.print(f"Case {letter['case']}: {count}, by {letter['letter']}")
        else:
            console.print(f"{count}: cadangan request {letter['letter']}")
    for row in left_out:
        why = "that host drills none of its engine" if row["newest_set"] else "no backup"
        console.print(f"left out: {row['asset']} {row['engine']} {row['database']}: {why}")
