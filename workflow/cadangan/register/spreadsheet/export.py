"""The whole register as rows of a spreadsheet: a row for each database, and one for a server without any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from cadangan.errors import BadInput
from cadangan.procedure.fields import size_text, span_text
from cadangan.register.asset import Asset
from cadangan.register.spreadsheet.cells import Cells
from cadangan.register.spreadsheet.columns import DATABASES, Column, Heading, all_columns
from cadangan.register.spreadsheet.sheet import Value

_WIDTHS = {"text": 24, "path": 30, "addresses": 18, "support": 30, "product": 18}
_WIDTH = 14


def widths(language: str) -> list[int]:
    """The widths of the columns, in characters: a heading has room in each."""
    return [max(len(column.heading(language)) + 2, _WIDTHS.get(column.kind, _WIDTH)) for column in _columns()]


def rows_of(
    assets: Iterable[Asset], reached_at: Mapping[str, str | None], cells: Cells, language: str
) -> list[list[Value]]:
    """Headings and rows; read again, they give the same assets. `BadInput` for what no cell can say."""
    rows: list[list[Value]] = [[column.heading(language) for column in _columns()]]
    for asset in assets:
        of_server = asset.model_dump() | {"ansible_host": reached_at.get(asset.host)}
        for database in of_server[DATABASES] or [{}]:
            own_agency = database.get("agency") not in (None, asset.agency)
            of_database = database | {"agency": database["agency"] if own_agency else None}
            tree = of_server | {DATABASES: of_database}
            rows.append([_cell(asset, column, tree, cells, language) for column in _columns()])
    return rows


def _columns() -> list[Column]:
    return [column for column in all_columns() if not column.about]


def _cell(asset: Asset, column: Column, tree: Any, cells: Cells, language: str) -> Value:
    value = tree
    for name in column.path:
        value = None if value is None else value.get(name)
    if value is None or value in ("", []):
        return None
    try:
        return cells.write(Heading(column), _as_written(column, value), language)
    except ValueError as error:
        raise BadInput(
            f"{asset.host}: {column.field} can not stand in a spreadsheet: {error}",
            advice="Write it in other words in the register.",
        ) from None


def _as_written(column: Column, value: Any) -> Any:
    """A value of the model as the register's files have it."""
    if column.kind == "size":
        return size_text(value)
    if isinstance(value, timedelta):
        return span_text(value)
    if column.kind == "records":
        return [{name: part for name, part in each.items() if part} for each in value]
    return value
