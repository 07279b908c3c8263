"""Draw blocks as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from html import escape
from importlib import resources
from typing import Any

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
    Signature,
    Signatures,
    Table,
    Title,
    Verification,
)
from cadangan.documents.blocks import Line as CellLine
from cadangan.documents.printable import printable

_IMAGE_KINDS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"))


def render_html(blocks: Sequence[Block], *, language: str, title: str) -> str:
    """`blocks` as a page; on paper it is an A4 document whose table headings are on every page."""
    style = resources.files(__package__).joinpath("document.css").read_text("utf-8")
    body = "\n".join(_DRAW[type(block)](block) for block in blocks)
    return f"""<!DOCTYPE html>
<html lang="{_text(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width">
<title>{_text(title)}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _text(value: str) -> str:
    return escape(printable(value))


def _line(value: CellLine) -> str:
    return f"<code>{_text(value.text)}</code>" if isinstance(value, Code) else _text(value)


def _cell(value: Cell) -> str:
    return "<br>".join(_line(line) for line in value) if isinstance(value, tuple) else _line(value)


def _letterhead(block: Letterhead) -> str:
    logo = "" if block.logo is None else f'<img alt="" src="{_image(block.logo)}">'
    address = "".join(f"<div>{_text(line)}</div>" for line in block.address)
    return (
        f'<header>{logo}<div class="lines"><div class="government">{_text(block.government)}</div>'
        f'<div class="office">{_text(block.office)}</div>{address}</div></header>'
    )


def _image(data: bytes) -> str:
    kind = next((kind for start, kind in _IMAGE_KINDS if data.startswith(start)), "image/svg+xml")
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _key_values(block: KeyValues) -> str:
    rows = "".join(f"<dt>{_text(name)}</dt><dd>{_cell(value)}</dd>" for name, value in block.rows)
    return f"<dl>{rows}</dl>"


def _table(block: Table) -> str:
    whole = sum(column.width for column in block.columns)
    widths = "".join(f'<col style="width: {column.width / whole:.2%}">' for column in block.columns)
    heads = "".join(f"<th>{_text(column.title)}</th>" for column in block.columns)
    rows = "\n".join(
        "<tr>"
        + "".join(
            f'<td class="{column.align}">{_cell(value)}</td>' for column, value in zip(block.columns, row, strict=True)
        )
        + "</tr>"
        for row in block.rows
    )
    return f"<table><colgroup>{widths}</colgroup><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table>"


def _chart(block: Chart) -> str:
    bars = "".join(
        f"<div>{_text(bar.label)}</div>"
        f'<div class="bar"><div style="width: {bar.share:.2%}"></div></div>'
        f"<div>{_text(bar.value)}</div>"
        for bar in block.bars
    )
    return f'<div class="chart">{bars}</div>'


def _signatures(block: Signatures) -> str:
    signatories = "".join(_signature(each) for each in block.signatories)
    place = f'<div class="place">{_text(block.place_and_date)}</div>'
    return f'<div class="signatures">{place}<div class="signatories">{signatories}</div></div>'


def _signature(each: Signature) -> str:
    return (
        f"<div><div>{_text(each.capacity)},<br>{_text(each.position)}</div>"
        f'<div class="mark">{_text(each.mark)}</div>'
        f'<div class="name">{_text(each.name)}</div><div>{_text(each.nip)}</div></div>'
    )


def _verification(block: Verification) -> str:
    rows = "<br>".join(f"{_text(name)}: {_cell(value)}" for name, value in block.rows)
    return f"<footer>{rows}</footer>"


_DRAW: dict[type, Callable[[Any], str]] = {
    Letterhead: _letterhead,
    Title: lambda block: f'<h1>{_text(block.text)}</h1><div class="number">{_text(block.number)}</div>',
    Heading: lambda block: f"<h2>{_text(block.text)}</h2>",
    Paragraph: lambda block: f"<p>{_text(block.text)}</p>",
    Enumeration: lambda block: "<ol>" + "".join(f"<li>{_text(item)}</li>" for item in block.items) + "</ol>",
    KeyValues: _key_values,
    Table: _table,
    Chart: _chart,
    Signatures: _signatures,
    Note: lambda block: f'<p class="note{" warning" if block.warning else ""}">{_text(block.text)}</p>',
    Verification: _verification,
}
