"""Blocks drawn as HTML: whatever they say is read as text, and nothing comes from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from cadangan.documents.blocks import Column, Letterhead, Table
from cadangan.documents.html import render_html
from support.document_blocks import HOSTILE, every_block_with

MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt; &amp; ]]> <!-- -->",
    "</style></html>",
]


class Reader(HTMLParser):
    """What a browser would take as text, as tags, and as attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def tags(text: str) -> list[str]:
    return Reader(render_html(every_block_with(text), language="id", title=text)).tags


@pytest.mark.parametrize("text", [*HOSTILE, *MARKUP])
def test_text_comes_back_as_it_went_in_and_makes_no_tags(text: str) -> None:
    read = Reader(render_html(every_block_with(text), language="id", title=text))
    assert sum(text in each for each in read.texts) >= 20
    assert read.tags == tags("biasa")
    assert not [name for name, _ in read.attributes if name.startswith("on")]


def test_nothing_is_loaded_from_elsewhere() -> None:
    head = Letterhead("A", "B", (), b"\x89PNG" + bytes(9))
    page = render_html([head, *every_block_with("x")], language="id", title="Uji")
    assert re.findall(r"src=\"([^,]*),", page) == ["data:image/png;base64"]
    assert not re.search(r"https?:|url\(|@import|<script|<link", page)
    assert "default-src 'none'" in page


def test_what_can_not_be_seen_is_written_out() -> None:
    assert "a&lt;U+202E&gt;b" in render_html([Letterhead("a\u202eb", "B", ())], language="id", title="Uji")


def test_headings_are_repeated_on_paper_and_widths_are_shares() -> None:
    page = render_html([Table((Column("A", 1), Column("B", 3)), (("1", "2"),))], language="en", title="x")
    assert re.findall(r'width: ([0-9.]+%)"', page) == ["25.00%", "75.00%"]
    assert "display: table-header-group" in page and '<html lang="en">' in page
