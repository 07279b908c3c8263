"""Looking into a zipped spreadsheet before a library unfolds it: how large it is, and whether it plays tricks."""

from __future__ import annotations

import io
import zipfile
from xml.parsers import expat

from openpyxl.utils.cell import range_boundaries

from cadangan.errors import BadInput

FILE_LIMIT = 32 << 20
"""Bytes of a file on the disk."""
_PARTS_LIMIT = 512
UNPACKED_LIMIT = 256 << 20
"""Bytes of all that is in it."""
_ELEMENTS_LIMIT = 2_000_000
_DEPTH_LIMIT = 200
_PIECE = 1 << 20

_SAVE_AGAIN = "Open it in a spreadsheet program and save it anew as .ods or .xlsx, with the list of servers alone."


class _Counter:
    """Counts what a part of the archive would become in memory, while it streams past."""

    def __init__(self) -> None:
        self.elements = 0
        self._depth = 0

    def parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._depth = 0
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self._depth += 1
        if name.endswith("mergeCell"):
            self.elements += _cells_of(attributes.get("ref", ""))
        if self.elements > _ELEMENTS_LIMIT or self._depth > _DEPTH_LIMIT:
            raise BadInput("holds more cells than a list of servers can have", advice=_SAVE_AGAIN)

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _refuse_doctype(self, *declared: object) -> None:
        raise BadInput("declares a document type, which no spreadsheet program does", advice=_SAVE_AGAIN)


def _cells_of(reference: str) -> int:
    """How many cells are merged in `A1:B2`: the library makes each of them."""
    try:
        left, top, right, bottom = range_boundaries(reference)
    except ValueError:
        return 0
    if left is None or top is None or right is None or bottom is None:
        return _ELEMENTS_LIMIT
    return (right - left + 1) * (bottom - top + 1)


def parts_of(data: bytes) -> list[str]:
    """The names of what a zipped spreadsheet holds; `BadInput` if it is damaged, too large or plays tricks.

    Sizes are counted while unpacking: what the archive says of itself is not believed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS_LIMIT:
                raise BadInput(f"is an archive of {len(parts)} files", advice=_SAVE_AGAIN)
            counter, left = _Counter(), UNPACKED_LIMIT
            for part in parts:
                if part.flag_bits & 1:
                    raise BadInput("is protected with a password", advice="Save it without one.")
                left = _look_into(archive, part, counter, left)
    # NotImplementedError: a way of compressing that zipfile does not know.
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise BadInput("is a damaged spreadsheet: its archive can not be unpacked", advice=_SAVE_AGAIN) from error
    except expat.ExpatError as error:
        raise BadInput(
            "is a damaged or encrypted spreadsheet: its content can not be read", advice=_SAVE_AGAIN
        ) from error
    return [part.filename for part in parts]


def _look_into(archive: zipfile.ZipFile, part: zipfile.ZipInfo, counter: _Counter, left: int) -> int:
    """Read a part to its end, and give back how many bytes the others may still have."""
    parser = counter.parser() if part.filename.endswith((".xml", ".rels")) else None
    empty = True
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            empty = False
            left -= len(piece)
            if left < 0:
                raise BadInput(f"unpacks to more than {UNPACKED_LIMIT >> 20} MiB", advice=_SAVE_AGAIN)
            if parser:
                parser.Parse(piece)
    if parser and not empty:
        parser.Parse(b"", True)
    return left
