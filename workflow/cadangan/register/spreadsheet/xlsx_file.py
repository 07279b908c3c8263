"""Spreadsheets of Excel (XLSX): the values that it computed, never its formulas."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cadangan.errors import BadInput
from cadangan.register.spreadsheet.sheet import Area, Book, Sheet, Uncomputed, Value, number_value

CELL_LIMIT = 32_767
"""Characters that Excel keeps in a cell."""


def read_xlsx(data: bytes) -> Book:
    """Its sheets, hidden ones too; `BadInput` if it can not be read. Look into it with `parts_of` before."""
    try:
        values = load_workbook(io.BytesIO(data), data_only=True)
        formulas = load_workbook(io.BytesIO(data), data_only=False)
    except Exception as error:
        # The library raises whatever a part of the file that it does not understand leads to.
        raise BadInput(
            f"can not be read as an Excel file: {type(error).__name__}",
            advice="Open it in a spreadsheet program and save it anew.",
        ) from error
    computed = _computed(formulas, values)
    return Book([_sheet(sheet, values[sheet.title], computed=computed) for sheet in formulas.worksheets])


def write_xlsx(name: str, rows: Iterable[Sequence[Value]], widths: Sequence[int]) -> bytes:
    """One sheet with a row of headings that stays in sight; text is text, whatever it begins with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for number, row in enumerate(rows):
        sheet.append([_written(sheet, value, bold=number == 0) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _written(sheet: Worksheet, value: Value, *, bold: bool) -> Cell:
    assert not isinstance(value, Uncomputed)
    cell = WriteOnlyCell(sheet)
    cell.value = value
    if isinstance(value, str):
        if len(value) > CELL_LIMIT:
            raise BadInput(f"an Excel cell keeps {CELL_LIMIT} characters only", advice="Write an .ods file.")
        cell.data_type = "s"
        cell.number_format = "@"
        cell.font = Font(bold=bold)
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _computed(formulas: Workbook, values: Workbook) -> bool:
    """Whether the program that saved the file computed its formulas: then one without a value came to nothing."""
    return any(
        cell.data_type == "f" and values[sheet.title].cell(*place).value is not None
        for sheet in formulas.worksheets
        for place, cell in _cells(sheet).items()
    )


def _cells(sheet: Worksheet) -> dict[tuple[int, int], Cell | MergedCell]:
    """The cells that are in the file, by row and column; to ask for rows makes every cell up to the last one."""
    return sheet._cells


def _sheet(formulas: Worksheet, values: Worksheet, *, computed: bool) -> Sheet:
    filled: dict[tuple[int, int], Value] = {}
    for (row, column), cell in _cells(formulas).items():
        value = values.cell(row, column).value
        if value is not None:
            filled[row - 1, column - 1] = _value(value)
        elif cell.data_type == "f" and not computed:
            filled[row - 1, column - 1] = Uncomputed()
    rows: list[list[Value]] = [[] for _ in range(max((row for row, _ in filled), default=-1) + 1)]
    for (row, column), found in filled.items():
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = found
    merged = [
        Area(area.min_row - 1, area.min_col - 1, area.size["rows"], area.size["columns"])
        for area in formulas.merged_cells.ranges
    ]
    return Sheet(formulas.title, rows, sorted(merged), hidden=formulas.sheet_state != "visible")


def _value(value: object) -> Value:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float):
        return number_value(value)
    return value if isinstance(value, bool | int | str | date) else str(value)
