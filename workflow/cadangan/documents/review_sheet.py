"""The sheet in which a review is decided away from the terminal: a spreadsheet that is filled in and read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cadangan.documents.field_names import field_name
from cadangan.documents.printable import printable
from cadangan.documents.words import Words, words
from cadangan.errors import BadInput
from cadangan.procedure.review import VERDICTS, Assessment, Review
from cadangan.register.review import ServerInReview, fields
from cadangan.register.spreadsheet.ods_writing import ASKED, HEAD, LINE, TITLE, Choice, OdsWriter
from cadangan.register.spreadsheet.sheet import Sheet, Uncomputed
from cadangan.register.spreadsheet.spreadsheet_file import read_book

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
_AGAIN = "Write a new sheet with: cadangan register review sheet --out FILE.ods"


@dataclass(frozen=True)
class FilledSheet:
    """What was decided in a sheet, and the row of each server in it, from 0."""

    sheet: Sheet
    assessments: tuple[Assessment, ...]
    rows: dict[str, int]

    def cell(self, asset: str, field: str) -> str:
        """Where a field of a server stands: `Reviu!F4`."""
        return self.sheet.place(self.rows[asset], _PLACES[field])


def write_sheet(review: Review, servers: Sequence[ServerInReview], people: Sequence[str], language: str) -> bytes:
    """A sheet with a line for each server, with what was decided of it already; `people` are who may follow up."""
    said = words(language)
    book = OdsWriter(language=language, title=f"{said('review_sheet.title')} {review.id}")
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
    told = [
        [server.host, field_name(name, language), value]
        for server in servers
        for name, value in fields(server.present or {})
    ]
    heads = [said("review_sheet.host"), said("review_column.field"), said("review_column.registered")]
    book.add_sheet(said("review_sheet.register"), [5, 9, 12], [heads, *told], styles={0: HEAD})
    return book.to_bytes()


def read_sheet(path: Path, review: Review, servers: Sequence[ServerInReview]) -> FilledSheet:
    """What was decided in a sheet; lines without a decision are passed over.

    `BadInput`, naming every wrong cell, if it is no such sheet, of another review, or of servers that changed since.
    """
    sheet = _first_sheet(path)
    if _at(sheet, _TITLE_ROW, 1) != review.id:
        raise BadInput(f"this is not a sheet of review {review.id}", where=str(path), advice=_AGAIN)
    by_host = {server.host: server for server in servers}
    rows: dict[str, int] = {}
    read: list[Assessment] = []
    wrong: list[str] = []
    for number in range(_FIRST_ROW, len(sheet.rows)):
        host, is_filled = _at(sheet, number, _HOST), any(_at(sheet, number, place) for place in _ASKED)
        if not host and not is_filled:
            continue
        said = _strange(sheet, number, by_host, rows)
        rows.setdefault(host, number)
        if said:
            field, fault = said
            wrong.append(f"{sheet.place(number, _PLACES[field])}: {fault}")
        elif is_filled:
            read.append(_assessment(by_host[host], sheet, number))
    if wrong:
        raise BadInput("\n".join(wrong), where=str(path), advice=_AGAIN)
    return FilledSheet(sheet, tuple(read), rows)


def _row(server: ServerInReview, said: Words) -> list[str]:
    found, decided = server.found, server.assessment
    return [
        server.host,
        str(server.opened["number"]),
        str(server.opened["name"]),
        said(f"finding.{found.state}") if found else said("review.not_looked_at"),
        "\n".join(printable(line) for line in _differences(server, said.language)),
        said.name("verdict", decided.verdict) if decided and not server.is_outdated else "",
        decided.note if decided else "",
        decided.by_whom if decided else "",
        decided.until if decided else "",
        _code(server),
    ]


def _differences(server: ServerInReview, language: str) -> Iterator[str]:
    if server.found:
        if server.found.reason:
            yield server.found.reason
        for each in server.found.differences:
            yield f"{field_name(each.field, language)}: {each.registered} ≠ {each.found}"
    for change in server.changes:
        yield f"{field_name(change.field, language)}: {change.before} → {change.after}"


def _code(server: ServerInReview) -> str:
    """Tells whether the register still says of a server what it said when the sheet was written."""
    return server.entry[:12] or "-"


def _strange(
    sheet: Sheet, row: int, by_host: dict[str, ServerInReview], seen: dict[str, int]
) -> tuple[str, str] | None:
    """Why a line can not be of this review: the field, and what is wrong with it."""
    host, verdict = _at(sheet, row, _HOST), _at(sheet, row, _VERDICT)
    if host not in by_host:
        return "asset", f"{host!a} is not among the servers of the review"
    if host in seen:
        return "asset", f"{host} is there twice"
    if _at(sheet, row, _CODE) != _code(by_host[host]):
        return "code", f"the register says otherwise of {host} since this sheet was written"
    if verdict and _verdict(verdict) is None:
        return "verdict", f"{verdict!a} is none of the decisions"
    if not verdict and any(_at(sheet, row, place) for place in _ASKED):
        return "verdict", "the line is filled in, but not decided"
    return None


def _assessment(server: ServerInReview, sheet: Sheet, row: int) -> Assessment:
    return Assessment(
        server.host,
        _verdict(_at(sheet, row, _VERDICT)) or "",
        " ".join(_at(sheet, row, _NOTE).split()),
        _at(sheet, row, _BY_WHOM),
        _at(sheet, row, _UNTIL),
        server.entry,
    )


def _verdict(text: str) -> str | None:
    """The verdict that a word stands for, in whichever language the sheet is."""
    for language in ("id", "en"):
        for verdict in VERDICTS:
            if text.casefold() in (verdict, words(language).name("verdict", verdict).casefold()):
                return verdict
    return None


def _first_sheet(path: Path) -> Sheet:
    try:
        return read_book(path).sheets[0]
    except LookupError:
        raise BadInput("it has no sheet", where=str(path), advice=_AGAIN) from None


def _at(sheet: Sheet, row: int, column: int) -> str:
    """What a cell shows; a program turns what is typed as a date into one, and digits into a number."""
    value = sheet.at(row, column)
    return "" if value is None or isinstance(value, Uncomputed) else str(value).strip()
