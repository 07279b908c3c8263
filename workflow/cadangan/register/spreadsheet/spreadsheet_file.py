"""A spreadsheet file of any kind: read by what it holds, written by how its name ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cadangan.errors import BadInput, Missing
from cadangan.register.spreadsheet.archive import FILE_LIMIT, parts_of
from cadangan.register.spreadsheet.csv_file import read_csv, write_csv
from cadangan.register.spreadsheet.ods_file import read_ods, write_ods
from cadangan.register.spreadsheet.sheet import Book, Value
from cadangan.register.spreadsheet.xlsx_file import read_xlsx, write_xlsx

_ZIPPED = b"PK\x03\x04"
# The old format of Excel; a workbook with a password is wrapped in the same.
_COMPOUND = b"\xd0\xcf\x11\xe0"

Rows = Sequence[Sequence[Value]]
_WRITERS: dict[str, Callable[[str, Rows, Sequence[int]], bytes]] = {
    ".csv": lambda name, rows, widths: write_csv(rows),
    ".ods": write_ods,
    ".xlsx": write_xlsx,
}


def read_book(path: Path) -> Book:
    """The sheets of a .csv, .ods or .xlsx file; `Missing` without it, `BadInput` that says why it can not be read."""
    data = _bytes(path)
    try:
        if data.startswith(_COMPOUND):
            raise BadInput(
                "is an old Excel file (.xls), or protected with a password",
                advice="Save it as .xlsx or .ods, without a password.",
            )
        if not data.startswith(_ZIPPED):
            return read_csv(data)
        parts = parts_of(data)
        if "xl/workbook.xml" in parts:
            return read_xlsx(data)
        if "content.xml" in parts:
            return read_ods(data)
        raise BadInput("is an archive, but no spreadsheet", advice="Name a .csv, .ods or .xlsx file.")
    except BadInput as error:
        raise BadInput(error.message, where=str(path), advice=error.advice) from error


def check_kind(path: Path) -> None:
    """`BadInput` unless the name ends in one of the kinds that can be written."""
    if path.suffix.lower() not in _WRITERS:
        raise BadInput(f"{path.name}: a spreadsheet's name ends in {', '.join(_WRITERS)}")


def written(path: Path, name: str, rows: Rows, widths: Sequence[int]) -> bytes:
    """What `path` is to hold: one sheet `name`, its first row headings; `widths` of columns in characters."""
    check_kind(path)
    return _WRITERS[path.suffix.lower()](name, rows, widths)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except FileNotFoundError as error:
        raise Missing("there is no such file", where=str(path)) from error
    except OSError as error:
        raise BadInput(f"can not be read: {error.strerror}", where=str(path)) from error
    if len(data) > FILE_LIMIT:
        raise BadInput(
            f"is larger than {FILE_LIMIT >> 20} MiB",
            where=str(path),
            advice="Save the list of servers alone, without pictures.",
        )
    return data
