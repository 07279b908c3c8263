"""`cadangan register import`: the spreadsheet that an office has, into the asset register."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cadangan.cli.session import Session
from cadangan.errors import EXIT_FAILED, BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.register.file_change import FileChange
    from cadangan.register.spreadsheet.import_plan import ImportPlan


def import_spreadsheet(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .ods or .xlsx file.")],
    sheet: Annotated[
        str | None, typer.Option("--sheet", metavar="NAME", help="The sheet.", show_default="the one with servers")
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="What your own headings and words mean.", show_default="none"),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write what fits into the inventory.")] = False,
) -> None:
    """Propose the servers of a spreadsheet for the register, and say cell by cell what does not fit.

    Nothing is written without --write. Exit status 1 if anything did not fit.
    """
    from cadangan.register.register_file import add_hosts
    from cadangan.register.spreadsheet.import_plan import Known, plan_import
    from cadangan.register.spreadsheet.mapping_file import MappingFile, read_mapping
    from cadangan.register.spreadsheet.register_hosts import reached_at
    from cadangan.register.spreadsheet.spreadsheet_file import read_book

    session: Session = context.obj
    office = session.office
    mapping = read_mapping(map_file) if map_file else MappingFile()
    if sheet is not None:
        mapping = mapping.model_copy(update={"sheet": sheet})
    known = Known(office.register.assets(), reached_at(office.inventory))
    agencies = {name: agency.name for name, agency in office.settings.agencies.items()}
    book = read_book(file)
    try:
        plan = plan_import(book, known, mapping, agencies)
    except BadInput as error:
        raise BadInput(error.message, where=str(file), advice=error.advice) from error
    change = add_hosts(office.inventory, plan.new) if plan.new else None
    if change and write:
        change.write()
    data = {
        "new": sorted(plan.new),
        "same": plan.same,
        "wrong": plan.wrong,
        "findings": [{"place": each.place, "what": each.what, "wrong": each.wrong} for each in plan.findings],
        "file": str(change.path) if change else None,
        "diff": change.diff() if change else "",
        "written": bool(change and write),
    }
    session.show(data, lambda console: _print(console, file, plan, change, write))
    if plan.wrong:
        raise typer.Exit(EXIT_FAILED)


def _print(console: Console, file: Path, plan: ImportPlan, change: FileChange | None, written: bool) -> None:
    from cadangan.procedure.names import printable

    for finding in sorted(plan.findings, key=lambda finding: finding.wrong):
        console.print(f"{'WRONG: ' if finding.wrong else ''}{file}: {printable(str(finding))}")
    if change:
        console.print("".join(printable(line) + "\n" for line in change.diff().splitlines()))
    console.print(
        f"New servers: {len(plan.new)}. In the register just so: {plan.same}. Things that do not fit: {plan.wrong}."
    )
    if change and written:
        console.print(f"Written to {change.path}. Look at it with: git diff, cadangan register check")
    elif change:
        console.print("Nothing was written. To write them: the same command with --write")
