"""Print blocks on a terminal: what a reader needs of them there, without letterhead and foot."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table as Grid

from cadangan.documents.blocks import (
    Block,
    Cell,
    Chart,
    Code,
    Heading,
    KeyValues,
    Line,
    Note,
    Paragraph,
    Table,
    Title,
)
from cadangan.documents.printable import printable

_BAR = 40


def print_blocks(blocks: Sequence[Block], console: Console) -> None:
    """`blocks` in order; letterheads, signatures and what stands at the foot of a page are left out."""
    for block in blocks:
        match block:
            case Title():
                console.print(f"{printable(block.text)}\n{printable(block.number)}\n")
            case Heading():
                console.print(f"\n{printable(block.text)}")
            case Paragraph() | Note():
                console.print(f"\n{printable(block.text)}")
            case KeyValues():
                width = max((len(name) for name, _ in block.rows), default=0)
                for name, value in block.rows:
                    console.print(f"{name:{width}} : {_text(value)}")
            case Chart():
                _print_chart(block, console)
            case Table():
                _print_table(block, console)
            case _:
                pass


def _print_chart(chart: Chart, console: Console) -> None:
    width = max((len(bar.label) for bar in chart.bars), default=0)
    for bar in chart.bars:
        filled = int(bar.share * _BAR)
        console.print(f"{printable(bar.label):{width}}  {'█' * filled}{'░' * (_BAR - filled)}  {bar.value}")


def _print_table(table: Table, console: Console) -> None:
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    for column in table.columns:
        grid.add_column(column.title, justify=column.align, overflow="fold", ratio=int(column.width))
    for row in table.rows:
        grid.add_row(*(_text(cell) for cell in row))
    console.print(grid, soft_wrap=False)


def _text(cell: Cell) -> str:
    lines: tuple[Line, ...] = cell if isinstance(cell, tuple) else (cell,)
    return "\n".join(printable(line.text if isinstance(line, Code) else line) for line in lines)
