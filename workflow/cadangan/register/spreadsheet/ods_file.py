"""Spreadsheets in the open format (ODS), as LibreOffice writes them: the values that it computed, never formulas."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from odfdo import Document, Element

from cadangan.errors import BadInput
from cadangan.register.spreadsheet.ods_writing import HEAD, OdsWriter
from cadangan.register.spreadsheet.sheet import Area, Book, Sheet, Uncomputed, Value, number_value

_CELLS = "table:table-cell | table:covered-table-cell"
_CELLS_LIMIT = 1_000_000
_TOO_LARGE = BadInput(
    "repeats its cells more often than a list of servers can have", advice="Delete the rows and columns without use."
)


def read_ods(data: bytes) -> Book:
    """Its sheets, hidden ones too; `BadInput` if it can not be read. Look into it with `parts_of` before."""
    try:
        document = Document(io.BytesIO(data))
        hidden = _hidden_styles(document)
        return Book([_sheet(table, hidden) for table in document.body.get_elements("table:table")])
    except BadInput:
        raise
    except Exception as error:
        # The library raises whatever a part of the file that it does not understand leads to.
        raise BadInput(
            f"can not be read as an OpenDocument spreadsheet: {type(error).__name__}",
            advice="Open it in a spreadsheet program and save it anew.",
        ) from error


def write_ods(name: str, rows: Iterable[Sequence[Value]], widths: Sequence[int]) -> bytes:
    """One sheet with a row of headings; text is text, whatever it begins with. `widths` are in characters."""
    book = OdsWriter(language="id", title=name)
    book.add_sheet(name, [width * 0.2 for width in widths], rows, styles={0: HEAD})
    return book.to_bytes()


def _hidden_styles(document: Document) -> set[str]:
    return {
        str(style.get_attribute_string("style:name"))
        for style in document.get_styles("table", automatic=True)
        for properties in style.get_elements("style:table-properties")
        if properties.get_attribute_string("table:display") == "false"
    }


def _sheet(table: Element, hidden: set[str]) -> Sheet:
    rows: list[list[Value]] = []
    merged: list[Area] = []
    # Formatting reaches far beyond what is filled: it becomes rows only when something follows.
    height = 0
    cells = 0
    for element in table.get_elements("descendant::table:table-row"):
        row = _row(element, height, merged)
        repeated = _times(element, "table:number-rows-repeated")
        if row:
            cells += height - len(rows) + repeated * len(row)
            if cells > _CELLS_LIMIT:
                raise _TOO_LARGE
            rows += [[] for _ in range(height - len(rows))]
            rows += [list(row) for _ in range(repeated)]
        height += repeated
    merged = [replace(area, rows=min(area.rows, len(rows) - area.row)) for area in merged if area.row < len(rows)]
    if sum(area.rows * area.columns for area in merged) > _CELLS_LIMIT:
        raise _TOO_LARGE
    name = table.get_attribute_string("table:name") or ""
    return Sheet(name, rows, sorted(merged), hidden=table.get_attribute_string("table:style-name") in hidden)


def _row(element: Element, number: int, merged: list[Area]) -> list[Value]:
    """The cells of a row up to the last one that is filled; areas that begin in it are added to `merged`."""
    row: list[Value] = []
    width = 0
    for cell in element.xpath(_CELLS):
        assert isinstance(cell, Element)
        repeated = _times(cell, "table:number-columns-repeated")
        rows, columns = _times(cell, "table:number-rows-spanned"), _times(cell, "table:number-columns-spanned")
        if rows * columns > 1:
            merged.append(Area(number, width, rows, columns))
        value = _value(cell)
        if value is not None:
            if width + repeated > _CELLS_LIMIT:
                raise _TOO_LARGE
            row += [None] * (width - len(row)) + [value] * repeated
        width += repeated
    return row


def _times(element: Element, attribute: str) -> int:
    return max(1, int(element.get_attribute_string(attribute) or "1"))


def _value(cell: Element) -> Value:
    kind = cell.get_attribute_string("office:value-type")
    match kind:
        case "float" | "percentage" | "currency":
            return number_value(float(cell.get_attribute_string("office:value") or "nan"))
        case "date":
            return date.fromisoformat((cell.get_attribute_string("office:date-value") or "")[:10])
        case "boolean":
            return cell.get_attribute_string("office:boolean-value") == "true"
    text = "\n".join(_paragraphs(cell)) or cell.get_attribute_string("office:string-value")
    if not text and kind is None and cell.get_attribute_string("table:formula"):
        return Uncomputed()
    return text or None


def _paragraphs(cell: Element) -> Iterator[str]:
    """The lines of a cell; those of a comment on it are deeper."""
    for paragraph in cell.xpath("text:p"):
        assert isinstance(paragraph, Element)
        yield paragraph.inner_text
