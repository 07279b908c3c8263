"""Spreadsheets as text with separators (CSV), in whatever encoding and with whichever separator they were saved."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from cadangan.errors import BadInput
from cadangan.register.spreadsheet.sheet import Book, Sheet, Value

_SEPARATORS = ",;\t|"
_DECLARED = "sep="
_WINDOWS = "cp1252"
_LOOKED_AT = 30


def read_csv(data: bytes) -> Book:
    """The one sheet of the file; `BadInput` with the line if it is not text with separators."""
    text, remarks = _decoded(data)
    first, _, rest = text.partition("\n")
    if first.lower().startswith(_DECLARED) and len(first.strip()) == len(_DECLARED) + 1:
        # What Excel writes for itself is no row of the sheet, but counts as one when people look at the file.
        rows: list[list[Value]] = [[], *_parsed(rest, first.strip()[-1], 2)]
    else:
        rows = _parsed(text, _separator(text), 1)
    return Book([Sheet("", rows)], remarks)


def write_csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """The rows with commas, as UTF-8 with the mark by which spreadsheet programs know it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(["" if value is None else value for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _decoded(data: bytes) -> tuple[str, list[str]]:
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(
            "is text in an encoding that is neither UTF-8, UTF-16 nor Windows-1252",
            advice='Save it as "CSV UTF-8", or as .ods or .xlsx.',
        ) from error
    if "\0" in text:
        raise BadInput("is no text", advice="Name a .csv, .ods or .xlsx file.")
    remark = "is not UTF-8; it was read as Windows-1252. Look at names with accents"
    return text, [remark] if encoding == _WINDOWS else []


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in data[:2]:
        # Without its mark: of a Latin letter the upper byte is 0.
        return "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _WINDOWS
    return "utf-8-sig"


def _separator(text: str) -> str:
    """The separator that gives the most cells in the first rows, counting only rows that have as many as others."""
    beginning = "\n".join(text.splitlines()[:_LOOKED_AT])

    def evenness(separator: str) -> int:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(beginning, newline=""), delimiter=separator)]
        except csv.Error:
            return 0
        return max((widths.count(width) * (width - 1) for width in set(widths)), default=0)

    return max(_SEPARATORS, key=evenness)


def _parsed(text: str, separator: str, first_line: int) -> list[list[Value]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[Value]] = []
    try:
        for row in reader:
            rows.append([cell or None for cell in row])
    except csv.Error as error:
        raise BadInput(
            f"can not be read as rows and columns from line {first_line + reader.line_num - 1} on: {error}",
            advice="Often a quotation mark is missing there. Or save it as .ods or .xlsx.",
        ) from error
    return rows
