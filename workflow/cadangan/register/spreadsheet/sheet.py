"""A spreadsheet as it was read: sheets of cells, whichever program wrote them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from math import isfinite


@dataclass(frozen=True)
class Uncomputed:
    """A formula whose result is not in the file."""


Value = str | int | float | bool | date | Uncomputed | None
"""What a cell holds; `None` when it is empty. A formula is what it came to."""

ERROR = re.compile(r"#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)|Err:[0-9]{3}")
"""What programs show where a formula failed."""


@dataclass(frozen=True, order=True)
class Area:
    """Merged cells: the first row and column, counted from 0, and how many of each."""

    row: int
    column: int
    rows: int
    columns: int

    @property
    def name(self) -> str:
        last = cell_name(self.row + self.rows - 1, self.column + self.columns - 1)
        return f"{cell_name(self.row, self.column)}:{last}"


@dataclass(frozen=True)
class Sheet:
    """One sheet; its `name` is empty where the file has no sheets. Rows need not be of one length."""

    name: str
    rows: list[list[Value]]
    merged: list[Area] = field(default_factory=list)
    hidden: bool = False

    def at(self, row: int, column: int) -> Value:
        """The cell there, counted from 0; `None` beyond what is filled."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else None

    def place(self, row: int, column: int) -> str:
        """How people call a cell: `Server!B7`, or `B7` where there are no sheets."""
        return f"{self.name}!{cell_name(row, column)}" if self.name else cell_name(row, column)

    def row_place(self, row: int) -> str:
        return f"{self.name}!row {row + 1}" if self.name else f"row {row + 1}"


@dataclass(frozen=True)
class Book:
    """A file of sheets, and what is to be said of how it was read."""

    sheets: list[Sheet]
    remarks: list[str] = field(default_factory=list)


def number_value(value: float) -> Value:
    """A number as a cell holds it; what is none, such as infinity, as text."""
    if not isfinite(value):
        return str(value)
    return int(value) if value == int(value) else value


def column_name(column: int) -> str:
    """`A` for 0, `Z` for 25, `AA` for 26."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def cell_name(row: int, column: int) -> str:
    """`B7` for row 6 and column 1, counted from 0."""
    return f"{column_name(column)}{row + 1}"
