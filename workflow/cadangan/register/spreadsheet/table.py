"""Finding the table in a sheet: which rows are its headings, what they mean, and where its servers begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from cadangan.register.spreadsheet.columns import Heading, heading_key, nearest_heading, understand
from cadangan.register.spreadsheet.findings import Finding
from cadangan.register.spreadsheet.mapping_file import IGNORE, MappingFile, heading_for
from cadangan.register.spreadsheet.sheet import Sheet, Value

_SEARCHED_ROWS = 40
_MOST_LEVELS = 3
_FEWEST_COLUMNS = 2
IDENTIFYING = ("host", "number", "name")
_ROW_NUMBER = {heading_key(text) for text in ("No", "No. urut", "Number", "#")}


@dataclass(frozen=True)
class Table:
    """A sheet whose headings are understood: by column, and the first row below them, counted from 0."""

    sheet: Sheet
    first_row: int
    headings: dict[int, Heading]
    findings: list[Finding] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether there is a column of this field."""
        return any(heading.column.field == name for heading in self.headings.values())

    def rows(self) -> Iterator[tuple[int, dict[int, Value]]]:
        """Each row below the headings that holds something, with its filled cells by column.

        Of cells merged downwards each has the value of the first; of cells merged across columns the first alone.
        """
        origins = {
            (row, area.column): area.row
            for area in self.sheet.merged
            for row in range(area.row, min(area.row + area.rows, len(self.sheet.rows)))
        }
        for row in range(self.first_row, len(self.sheet.rows)):
            width = max(len(self.sheet.rows[row]), 1 + max(self.headings))
            cells: dict[int, Value] = {
                column: value
                for column in range(width)
                if (value := self.sheet.at(origins.get((row, column), row), column)) not in (None, "")
            }
            if cells:
                yield row, cells


def find_table(sheet: Sheet, mapping: MappingFile) -> Table | None:
    """The table of servers in a sheet; None if no rows look like its headings."""
    if mapping.heading_rows:
        first, last = min(mapping.heading_rows) - 1, max(mapping.heading_rows) - 1
        return _table(sheet, mapping, first, last - first + 1)
    most: set[tuple[str, str]] = set()
    place = (0, 1)
    for first in range(min(_SEARCHED_ROWS, len(sheet.rows))):
        for count in range(1, _MOST_LEVELS + 1):
            columns = [_heading(levels, mapping) for levels in _levels(sheet, first, count)]
            fields = {(each.column.field, each.column.about) for each in columns if isinstance(each, Heading)}
            if len(fields) > len(most):
                most, place = fields, (first, count)
    if len(most) < _FEWEST_COLUMNS or not any((name, "") in most for name in IDENTIFYING):
        return None
    return _table(sheet, mapping, *place)


def _table(sheet: Sheet, mapping: MappingFile, first: int, count: int) -> Table:
    headings: dict[int, Heading] = {}
    findings: list[Finding] = []
    seen: dict[str, str] = {}
    for column, levels in enumerate(_levels(sheet, first, count)):
        place, said = sheet.place(first + count - 1, column), " ".join(levels)
        heading = _heading(levels, mapping)
        if heading is None:
            advice = f"{nearest_heading(said)} A mapping file (--map) can say what it means.".strip()
            findings.append(Finding(place, f"heading {said!r} is not known: the column was left out. {advice}", False))
        elif heading == IGNORE:
            continue
        elif heading.column.field in seen and not heading.column.may_repeat:
            other = seen[heading.column.field]
            findings.append(
                Finding(place, f"means {heading.column.field}, as {other} does: left out. Say in a mapping file which")
            )
        else:
            seen[heading.column.field] = place
            headings[column] = heading
    return Table(sheet, first + count, headings, findings)


def _heading(levels: list[str], mapping: MappingFile) -> Heading | Literal["ignore"] | None:
    """What the headings of a column mean, by the mapping file or by themselves; None if nobody knows."""
    said = " ".join(levels)
    target = mapping.target(said) or next((found for each in levels if (found := mapping.target(each))), None)
    if not levels or target == IGNORE or heading_key(said) in _ROW_NUMBER:
        return IGNORE
    return heading_for(target) if target else understand(levels)


def _levels(sheet: Sheet, first: int, count: int) -> list[list[str]]:
    """By column, its headings from the highest row to the lowest, each once; only the lowest may be wider merged."""
    texts = [_heading_row(sheet, row) for row in range(first, first + count)]
    for upper, lower in pairwise(texts):
        said = ""
        for column, text in enumerate(upper):
            said = text or said
            if not text and column < len(lower) and lower[column]:
                upper[column] = said
    columns = max((len(row) for row in texts), default=0)
    found = []
    for column in range(columns):
        levels: list[str] = []
        for row in texts:
            text = row[column] if column < len(row) else ""
            if text and text not in levels:
                levels.append(text)
        found.append(levels)
    return found


def _heading_row(sheet: Sheet, row: int) -> list[str]:
    cells = sheet.rows[row] if row < len(sheet.rows) else []
    texts = [" ".join(cell.split()) if isinstance(cell, str) else "" for cell in cells]
    for area in sheet.merged:
        if area.row <= row < area.row + area.rows:
            value = sheet.at(area.row, area.column)
            last = area.column + area.columns
            texts += [""] * (last - len(texts))
            if isinstance(value, str):
                texts[area.column : last] = [" ".join(value.split())] * area.columns
    return texts
