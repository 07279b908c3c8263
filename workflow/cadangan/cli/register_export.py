"""`cadangan register export`: the whole asset register as a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cadangan.cli.session import Session
from cadangan.cli.writing import Language, spoken
from cadangan.errors import BadInput


def export_spreadsheet(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new .csv, .ods or .xlsx file.")],
    language: Language = None,
) -> None:
    """Write the whole register as a spreadsheet, which `cadangan register import` reads again."""
    from cadangan.evidence.durable import write_durably
    from cadangan.register.spreadsheet.cells import Cells
    from cadangan.register.spreadsheet.columns import sheet_name
    from cadangan.register.spreadsheet.export import rows_of, widths
    from cadangan.register.spreadsheet.register_hosts import reached_at
    from cadangan.register.spreadsheet.spreadsheet_file import check_kind, written
    from cadangan.register.spreadsheet.vocabulary import Vocabulary

    session: Session = context.obj
    office = session.office
    chosen = spoken(session, language)
    check_kind(file)
    if file.exists():
        raise BadInput("is there already", where=str(file), advice="Name a new file, or move that one away.")
    assets = office.register.assets()
    agencies = {name: agency.name for name, agency in office.settings.agencies.items()}
    rows = rows_of(assets, reached_at(office.inventory), Cells(Vocabulary(agencies)), chosen)
    try:
        write_durably(file, written(file, sheet_name(chosen), rows, widths(chosen)))
    except OSError as error:
        raise BadInput(f"can not be written: {error.strerror}", where=str(file)) from error
    session.show(
        {"file": str(file), "servers": len(assets), "rows": len(rows) - 1},
        lambda console: console.print(f"{len(assets)} servers in {len(rows) - 1} rows: {file}"),
    )
