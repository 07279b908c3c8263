"""Put blocks into an OpenDocument spreadsheet: each table on a sheet of its own, everything else on the first one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cadangan.documents.blocks import (
    Block,
    Cell,
    Chart,
    Code,
    Enumeration,
    Heading,
    KeyValues,
    Letterhead,
    Note,
    Paragraph,
    Signatures,
    Table,
    Title,
    Verification,
)
from cadangan.documents.printable import printable
from cadangan.register.spreadsheet.ods_writing import HEAD, LINE, TITLE, OdsWriter

_TABLE_WIDTH, _TEXT_WIDTHS = 32.0, (7.0, 20.0)


def render_ods(blocks: Sequence[Block], *, language: str, title: str) -> bytes:
    """`blocks` as a spreadsheet; a table's sheet is named like the heading above it. The logo is left out."""
    book = OdsWriter(language=language, title=printable(title))
    first = list(_first_sheet(blocks))
    styles = {number: TITLE if is_title else LINE for number, (row, is_title) in enumerate(first) if len(row) == 1}
    book.add_sheet(printable(title), _TEXT_WIDTHS, [_shown(row) for row, _ in first], styles=styles)
    heading = printable(title)
    for block in blocks:
        if isinstance(block, Heading):
            heading = printable(block.text)
        if isinstance(block, Table):
            whole = sum(column.width for column in block.columns)
            heads = [column.title for column in block.columns]
            rows = [_shown(row) for row in (heads, *([_text(cell) for cell in row] for row in block.rows))]
            widths = [column.width / whole * _TABLE_WIDTH for column in block.columns]
            book.add_sheet(heading, widths, rows, styles={0: HEAD})
    return book.to_bytes()


def _first_sheet(blocks: Sequence[Block]) -> Iterator[tuple[list[str], bool]]:
    """Its rows, and whether each is a title."""
    for block in blocks:
        match block:
            case Letterhead():
                yield [block.government], True
                yield [block.office], True
                yield from (([line], False) for line in block.address)
            case Title():
                yield [block.text], True
                yield [block.number], False
            case Heading():
                yield [block.text], True
            case Paragraph() | Note():
                yield [block.text], False
            case Enumeration():
                yield from (([f"{number}. {item}"], False) for number, item in enumerate(block.items, 1))
            case KeyValues() | Verification():
                yield from (([name, _text(value)], False) for name, value in block.rows)
            case Chart():
                yield from (([bar.label, bar.value], False) for bar in block.bars)
            case Signatures():
                yield [block.place_and_date], False
                for each in block.signatories:
                    said = (f"{each.capacity},", each.position, each.mark, each.name, each.nip)
                    yield from (([line], False) for line in said if line.strip())
            case Table():
                pass


def _text(cell: Cell) -> str:
    lines = cell if isinstance(cell, tuple) else (cell,)
    return "\n".join(line.text if isinstance(line, Code) else line for line in lines)


def _shown(texts: Sequence[str]) -> list[str]:
    """Cells with nothing in them that a reader could not see."""
    return ["\n".join(printable(line) for line in text.split("\n")) for text in texts]
