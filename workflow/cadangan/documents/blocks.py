"""What a document is made of: a list of blocks, the same for every output format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Code:
    """Text for machines (digests, paths, identifiers): monospaced, may break anywhere."""

    text: str


Align = Literal["left", "center", "right"]
Line = str | Code
Cell = Line | tuple[Line, ...]


@dataclass(frozen=True)
class Letterhead:
    """Kop surat: `government` above `office`, then address lines; `logo` is a PNG, JPEG or SVG image."""

    government: str
    office: str
    address: tuple[str, ...]
    logo: bytes | None = None


@dataclass(frozen=True)
class Title:
    """The document's title and, below it, the line with its number."""

    text: str
    number: str


@dataclass(frozen=True)
class Heading:
    """The heading of a section."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Enumeration:
    """A numbered list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class KeyValues:
    """Lines of the form `Name : value`; a value may have several lines of its own."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Column:
    """`width` is the share of the line that the column takes, relative to the others'."""

    title: str
    width: float
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """A ruled table whose heading is repeated on every page; each row has a cell for each column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Bar:
    """`share`, from 0 to 1, is how much of the bar is filled; `value` says it in words beside it."""

    label: str
    share: float
    value: str


@dataclass(frozen=True)
class Chart:
    """Horizontal bars of one length, one below the other."""

    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Signature:
    """One signatory; `mark` stands where a pen would sign, `""` leaves the room for it."""

    capacity: str
    position: str
    name: str
    nip: str
    mark: str


@dataclass(frozen=True)
class Signatures:
    """Signatories side by side, never parted by a page break, under the place and date."""

    place_and_date: str
    signatories: tuple[Signature, ...]


@dataclass(frozen=True)
class Note:
    """A remark set apart from the text; a `warning` stands out more."""

    text: str
    warning: bool = False


@dataclass(frozen=True)
class Verification:
    """Repeated at the foot of every page: what a reader needs to check the document against the journal.

    `page_of` words the page number, with `{page}` and `{pages}`; it is printed when there are several pages.
    """

    rows: tuple[tuple[str, Cell], ...]
    page_of: str


Block = (
    Letterhead
    | Title
    | Heading
    | Paragraph
    | Enumeration
    | KeyValues
    | Table
    | Chart
    | Signatures
    | Note
    | Verification
)
