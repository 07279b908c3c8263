"""Blocks drawn as PDF: whatever they say comes back from the PDF as it went in."""

from __future__ import annotations

import io
import re
import struct
import zlib

import pypdf
import pytest
from cadangan.documents.blocks import (
    Block,
    Code,
    Column,
    Heading,
    Letterhead,
    Paragraph,
    Signature,
    Signatures,
    Table,
    Verification,
)
from cadangan.documents.pdf import render_pdf
from cadangan.documents.printable import printable
from cadangan.errors import BadInput
from hypothesis import given, settings
from hypothesis import strategies as st
from support.document_blocks import HOSTILE, every_block_with
from support.report_facts import digest


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def packed(text: str) -> str:
    """`text` without the white space that a line break may have put in or taken away."""
    return re.sub(r"\s+", "", text)


def draw(*blocks: Block) -> list[str]:
    return pages(render_pdf(blocks, language="id", title="Uji"))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_back_as_it_went_in(text: str) -> None:
    shown = packed(" ".join(draw(*every_block_with(text))))
    assert shown.count(packed(text)) >= 22


@pytest.mark.parametrize("letter", ["x", "W", "é"])
def test_a_word_without_an_end_is_broken_into_lines_that_fit(letter: str) -> None:
    narrow = Table((Column("A", 1), Column("B", 8)), ((letter * 300, "b"), (Code(letter * 300), "b")))
    lines = [line for line in "\n".join(draw(narrow)).splitlines() if line.strip(letter) == ""]
    assert sum(map(len, lines)) == 600
    assert max(map(len, lines)) < 20


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), min_size=1, max_size=300))
@settings(max_examples=25, deadline=None)
def test_any_latin_text_comes_back(text: str) -> None:
    shown = packed(" ".join(draw(Paragraph(text), Table((Column("A", 1),), ((text,), (Code(text),))))))
    assert not packed(printable(text)) or shown.count(packed(printable(text))) >= 3


@given(st.text(max_size=80))
@settings(max_examples=25, deadline=None)
def test_any_text_can_be_drawn(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert draw(*every_block_with(text))


def test_right_to_left_text_is_drawn_in_joined_letters() -> None:
    shown = " ".join(draw(Paragraph("محمد عبد الله")))
    assert sorted(packed(shown)) == sorted(packed("محمد عبد الله"))


def test_what_can_not_be_seen_is_written_out() -> None:
    assert printable("a\u202eb\nc\x00") == "a<U+202E>b<U+000A>c<U+0000>"
    assert printable("Dra. Siti Nur'aini – 100 %") == "Dra. Siti Nur'aini – 100 %"


def test_metadata() -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf([Paragraph("x")], language="id", title="Laporan #1 $x$")))
    assert reader.metadata is not None
    assert reader.metadata.title == "Laporan #1 $x$"
    assert reader.root_object["/Lang"] == "id"
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]


def test_table_repeats_its_heading_and_the_foot_counts_pages() -> None:
    rows = tuple((str(number), Code(digest(str(number)))) for number in range(200))
    foot = Verification((("Kode", Code("B-1")),), "Halaman {page} dari {pages}")
    drawn = draw(Table((Column("Nomor", 1), Column("Sidik", 5)), rows), foot)
    assert len(drawn) > 2
    for number, text in enumerate(drawn, 1):
        assert "Nomor" in text
        assert f"Halaman {number} dari {len(drawn)}" in text
        assert "B-1" in text
    shown = packed(" ".join(drawn))
    assert all(cell.text in shown for _, cell in rows)


def test_a_single_page_has_no_page_number() -> None:
    (only,) = draw(Paragraph("isi"), Verification((("Kode", Code("B-1")),), "Halaman {page} dari {pages}"))
    assert "B-1" in only
    assert "Halaman" not in only


def test_signatures_do_not_stand_alone_on_a_page() -> None:
    ending = (
        Heading("Penutup"),
        Paragraph("Demikian."),
        Signatures("Kudus", (Signature("Oleh", "Kasi", "Rina", "NIP. 1", ""),)),
    )
    for lines in range(40, 60):
        drawn = draw(*(Paragraph("isi") for _ in range(lines)), *ending)
        signed = next(text for text in drawn if "Rina" in text)
        assert "Penutup" in signed


@pytest.mark.parametrize("logo", [b"", b"not an image", b"<svg", b"\x89PNG\r\n\x1a\n"])
def test_a_logo_that_is_no_image_is_bad_input(logo: bytes) -> None:
    with pytest.raises(BadInput, match="logo"):
        render_pdf([Letterhead("A", "B", (), logo)], language="id", title="Uji")


def png() -> bytes:
    """A white image of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\x00\xff\xff\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def test_png_logo_is_drawn() -> None:
    pdf = render_pdf([Letterhead("A", "B", (), png())], language="id", title="Uji")
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].images) == 1


def test_svg_logo_is_drawn() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    assert render_pdf([Letterhead("A", "B", (), svg)], language="id", title="Uji")
