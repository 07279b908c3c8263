"""Blocks put into a spreadsheet: whatever they say comes back as text, never as a formula."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cadangan.documents.blocks import Code, Column, Heading, Paragraph, Table
from cadangan.documents.ods import render_ods
from cadangan.register.spreadsheet.ods_writing import HEAD, Choice, OdsWriter
from odfdo import Document
from support.document_blocks import HOSTILE, every_block_with

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "007", "2026-11-25", "<b>&amp;</b>", "a\x00b\uffff"]


def sheets(file: bytes) -> dict[str, list[list[Any]]]:
    return {table.name: table.get_values() for table in Document(io.BytesIO(file)).body.tables}


@pytest.mark.parametrize("text", [*HOSTILE, *FORMULAS])
def test_text_comes_back_as_it_went_in(text: str) -> None:
    expected = text.replace("\x00", "<U+0000>").replace("\uffff", "<U+FFFF>").strip()
    read = sheets(render_ods(every_block_with(text), language="id", title="Uji"))
    cells = [cell for rows in read.values() for row in rows for cell in row if cell is not None]
    assert all(isinstance(cell, str) for cell in cells)
    assert sum(expected in cell for cell in cells) >= 17


def test_each_table_has_a_sheet_named_like_its_heading() -> None:
    table = Table((Column("No.", 1), Column("Nama", 3)), (("1", ("a", Code("b"))),))
    blocks = [Heading("A. Hasil/aset: [semua]"), Paragraph("Isi"), table, Heading("A. hasil aset   semua"), table]
    read = sheets(render_ods(blocks, language="id", title="Laporan"))
    assert next(iter(read)) == "Laporan"
    assert read["A. Hasil aset   semua"] == [["No.", "Nama"], ["1", "a\nb"]]
    assert len(read) == 3


def test_names_of_sheets_are_short_and_differ() -> None:
    book = OdsWriter(language="id", title="x")
    names = [book.add_sheet("Daftar " * 9, [1], [["a"]]) for _ in range(11)]
    assert len({name.casefold() for name in names}) == 11
    assert max(map(len, names)) <= 31


def test_a_choice_stands_at_the_cells_below_the_headings() -> None:
    book = OdsWriter(language="id", title="x")
    rows = [["Nama", "Putusan"], ["db-01", ""], ["db-02", ""]]
    book.add_sheet("Reviu", [3, 3], rows, styles={0: HEAD}, choices={1: Choice("verdict", ("benar", 'a "b"'))})
    document = Document(io.BytesIO(book.to_bytes()))
    (validation,) = document.body.get_elements("//table:content-validation")
    assert validation.get_attribute("table:condition") == 'of:cell-content-is-in-list("benar";"a ""b""")'
    cells = document.body.get_elements("//table:table-cell[@table:content-validation-name='verdict']")
    assert len(cells) == 2
