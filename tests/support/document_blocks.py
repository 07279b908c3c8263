"""Blocks that say whatever a test wants, and what a hostile name might look like."""

from __future__ import annotations

from collections.abc import Sequence

from cadangan.documents.blocks import (
    Bar,
    Block,
    Chart,
    Code,
    Column,
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

HOSTILE = [
    "O'Neil \"the\" 'DBA' `x`",
    '#let x = 1; #panic() #read("/etc/passwd")',
    "$x^2$ \\ @ref <label> *bold* _it_ ~ -- --- ... // not a comment /* nor this */",
    "= not a heading",
    "{{ lookup('pipe', 'touch /tmp/x') }} $(id) ; DROP TABLE pegawai; --",
    "https://example.org/a?b=c&d",
    "Nama Panjang " * 23,
    "x" * 300,
    "fi ffi fl AV To 1.234,56",
    "Ðuro Žižek, Łukasz, Ōsaka, Ελλάδα, Москва, שלום",
]


def every_block_with(text: str) -> Sequence[Block]:
    """One of each kind, all saying `text`."""
    return (
        Letterhead(text, text, (text,)),
        Title(text, text),
        Heading(text),
        Paragraph(text),
        Enumeration((text,)),
        KeyValues(((text, text), (text, Code(text)), (text, (text, Code(text))))),
        Table((Column(text, 1),), ((text,), (Code(text),), ((text, Code(text)),))),
        Chart((Bar(text, 0.5, text), Bar("", 0, ""), Bar("", 1, ""))),
        Note(text, warning=True),
        Signatures(text, (Signature(text, text, text, text, text),)),
        Verification(((text, Code(text)),), "{page}/{pages}"),
    )
