"""The sheet in which a review is decided away from the terminal: a spreadsheet that is filled in and read back."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from odfdo import Document

from cadangan.documents.spreadsheet import ASKED, HEAD, LINE, TITLE, Choice, Spreadsheet
from cadangan.documents.words import Words, words
from cadangan.errors import BadInput
from cadangan.procedure.review import VERDICTS, Assessment, Review
from cadangan.register.review import ServerInReview, fields

_COLUMNS: tuple[tuple[str, float], ...] = (
    ("review_sheet.host", 4.5),
    ("review_sheet.number", 3.5),
    ("review_column.name", 5),
    ("review_column.finding", 3.5),
    ("review_sheet.differences", 9),
    ("review_column.verdict", 3),
    ("review_column.note", 7),
    ("review_column.by_whom", 3.5),
    ("review_column.until", 3),
    ("review_sheet.code", 3),
)
_HOST, _VERDICT, _NOTE, _BY_WHOM, _UNTIL, _CODE = 0, 5, 6, 7, 8, 9
_ASKED = (_VERDICT, _NOTE, _BY_WHOM, _UNTIL)
_PLACES = {"asset": _HOST, "verdict": _VERDICT, "note": _NOTE, "by_whom": _BY_WHOM, "until": _UNTIL, "code": _CODE}
_TITLE_ROW, _HELP_ROW, _HEAD_ROW, _FIRST_ROW = 0, 1, 2, 3
_LARGEST = 50 * 10**6
_MOST_ROWS = 20_000
_AGAIN = "Write a new sheet with: cadangan register review sheet --out FILE.ods"


@dataclass(frozen=True)
class FilledSheet:
    """What a sheet says: the servers that were decided in it, and the row of each, from 0."""

    name: str
    assessments: tuple[Assessment, ...]
    rows: dict[str, int]

    def cell(self, asset: str, field: str) -> str:
        """Where a field of a server stands, as the program that shows the sheet calls it: `Reviu.F4`."""
        return f"{self.name}.{chr(ord('A') + _PLACES[field])}{self.rows[asset] + 1}"


def write_sheet(review: Review, servers: Sequence[ServerInReview], people: Sequence[str], language: str) -> bytes:
    """A sheet with a line for each server, with what was decided of it already; `people` are who may follow up."""
    said = words(language)
    book = Spreadsheet(language=language, title=f"{said('review_sheet.title')} {review.id}")
    book.add_sheet(
        said("review_sheet.sheet"),
        [width for _, width in _COLUMNS],
        [
            [said("review_sheet.title"), review.id],
            [said("review_sheet.help")],
            [said(key) for key, _ in _COLUMNS],
            *(_row(server, said) for server in servers),
        ],
        styles={_TITLE_ROW: TITLE, _HELP_ROW: LINE, _HEAD_ROW: HEAD},
        columns=dict.fromkeys(_ASKED, ASKED),
        choices={
            _VERDICT: Choice("verdict", tuple(said.name("verdict", verdict) for verdict in VERDICTS)),
            _BY_WHOM: Choice("person", tuple(people)),
        },
    )
    told = [[server.host, name, value] for server in servers for name, value in fields(server.present or {})]
    heads = [said("review_sheet.host"), said("review_column.field"), said("review_column.registered")]
    book.add_sheet(said("review_sheet.register"), [5, 9, 12], [heads, *told], styles={0: HEAD})
    return book.to_bytes()


def read_sheet(path: Path, review: Review, servers: Sequence[ServerInReview]) -> FilledSheet:
    """What was decided in a sheet; lines without a decision are passed over.

    `BadInput`, naming every wrong cell, if it is no such sheet, of another review, or of servers that changed since.
    """
    name, values = _values(path)
    if len(values) < _FIRST_ROW or _at(values[_TITLE_ROW], 1) != review.id:
        raise BadInput(f"this is not a sheet of review {review.id}", where=str(path), advice=_AGAIN)
    by_host = {server.host: server for server in servers}
    rows: dict[str, int] = {}
    read: list[Assessment] = []
    wrong: list[str] = []
    for number, row in enumerate(values[_FIRST_ROW:], _FIRST_ROW):
        host = _at(row, _HOST)
        if not any(_at(row, place) for place in (_HOST, *_ASKED)):
            continue
        said = _strange(host, row, by_host, rows)
        rows.setdefault(host, number)
        if said:
            field, fault = said
            wrong.append(f"{name}.{chr(ord('A') + _PLACES[field])}{number + 1}: {fault}")
        elif any(_at(row, place) for place in _ASKED):
            read.append(_assessment(by_host[host], row))
    if wrong:
        raise BadInput("\n".join(wrong), where=str(path), advice=_AGAIN)
    return FilledSheet(name, tuple(read), rows)


def _row(server: ServerInReview, said: Words) -> list[str]:
    found, decided = server.found, server.assessment
    return [
        server.host,
        str(server.opened["number"]),
        str(server.opened["name"]),
        said(f"finding.{found.state}") if found else said("review.not_looked_at"),
        "\n".join(_differences(server)),
        said.name("verdict", decided.verdict) if decided and not server.is_outdated else "",
        decided.note if decided else "",
        decided.by_whom if decided else "",
        decided.until if decided else "",
        _code(server),
    ]


def _differences(server: ServerInReview) -> Iterator[str]:
    if server.found:
        if server.found.reason:
            yield server.found.reason
        for each in server.found.differences:
            yield f"{each.field}: {each.registered} ≠ {each.found}"
    for change in server.changes:
        yield f"{change.field}: {change.before} → {change.after}"


def _code(server: ServerInReview) -> str:
    """Tells whether the register still says of a server what it said when the sheet was written."""
    return server.entry[:12] or "-"


def _strange(
    host: str, row: Sequence[str], by_host: dict[str, ServerInReview], seen: dict[str, int]
) -> tuple[str, str] | None:
    """Why a line can not be of this review: the field, and what is wrong with it."""
    if host not in by_host:
        return "asset", f"{host!a} is not among the servers of the review"
    if host in seen:
        return "asset", f"{host} is there twice"
    if _at(row, _CODE) != _code(by_host[host]):
        return "code", f"the register says otherwise of {host} since this sheet was written"
    if _at(row, _VERDICT) and _verdict(_at(row, _VERDICT)) is None:
        return "verdict", f"{_at(row, _VERDICT)!a} is none of the decisions"
    if not _at(row, _VERDICT) and any(_at(row, place) for place in _ASKED):
        return "verdict", "the line is filled in, but not decided"
    return None


def _assessment(server: ServerInReview, row: Sequence[str]) -> Assessment:
    return Assessment(
        server.host,
        _verdict(_at(row, _VERDICT)) or "",
        " ".join(_at(row, _NOTE).split()),
        _at(row, _BY_WHOM),
        _at(row, _UNTIL),
        server.entry,
    )


def _verdict(text: str) -> str | None:
    """The verdict that a word stands for, in whichever language the sheet is."""
    for language in ("id", "en"):
        for verdict in VERDICTS:
            if text.casefold() in (verdict, words(language).name("verdict", verdict).casefold()):
                return verdict
    return None


def _values(path: Path) -> tuple[str, list[list[str]]]:
    """Name and texts of the first sheet; `BadInput` if it can not be read as a spreadsheet."""
    try:
        if sum(part.file_size for part in zipfile.ZipFile(path).infolist()) > _LARGEST:
            raise BadInput("it is far larger than a sheet of a review", where=str(path), advice=_AGAIN)
        table = Document(path).body.tables[0]
        # Whoever gives a whole column a colour makes a million empty lines.
        table.rstrip(aggressive=True)
        if table.height > _MOST_ROWS:
            raise BadInput("it has far more lines than a sheet of a review", where=str(path), advice=_AGAIN)
        rows = table.get_values((0, 0, len(_COLUMNS) - 1, table.height - 1))
    except (OSError, zipfile.BadZipFile, SyntaxError, LookupError, ValueError, AttributeError, TypeError) as error:
        raise BadInput(f"can not be read as a spreadsheet: {error}", where=str(path), advice=_AGAIN) from error
    return str(table.name), [[_as_text(value) for value in row] for row in rows]


def _as_text(value: Any) -> str:
    """What a cell shows: LibreOffice turns what is typed as a date into one, and digits into a number."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    return str(value).strip()


def _at(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""
