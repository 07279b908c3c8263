"""Reading spreadsheet files: whatever program wrote them, whatever encoding, and however large they claim to be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from cadangan.errors import BadInput, Missing
from cadangan.register.spreadsheet import archive
from cadangan.register.spreadsheet.sheet import Area, Book, Uncomputed, column_name
from cadangan.register.spreadsheet.spreadsheet_file import read_book, written
from openpyxl import Workbook

SAMPLES = Path(__file__).parents[1] / "data"
ROWS = [["Nama", "Lokasi"], ["Sérvër", "Ruang"]]


def read(folder: Path, data: bytes, name: str = "list.csv") -> Book:
    (folder / name).write_bytes(data)
    return read_book(folder / name)


def rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with one of its parts changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as original, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in original.namelist():
            content = original.read(name)
            copy.writestr(name, change(content) if name == part else content)
    return made.getvalue()


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    return change


@pytest.fixture(scope="module")
def ods() -> bytes:
    return written(Path("a.ods"), "Server", ROWS, [10, 10])


@pytest.fixture(scope="module")
def xlsx() -> bytes:
    return written(Path("a.xlsx"), "Server", ROWS, [10, 10])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_of_any_separator_and_encoding(tmp_path: Path, separator: str, encoding: str) -> None:
    text = "\r\n".join(separator.join(row) for row in ROWS) + "\r\n"
    book = read(tmp_path, text.encode(encoding))
    assert book.sheets[0].rows == ROWS
    assert book.remarks == (
        ["is not UTF-8; it was read as Windows-1252. Look at names with accents"] if encoding == "cp1252" else []
    )


def test_a_separator_that_excel_declares_is_no_row_but_counts_as_one(tmp_path: Path) -> None:
    assert read(tmp_path, b"sep=;\na,b;c\n").sheets[0].rows == [[], ["a,b", "c"]]


def test_line_breaks_and_separators_in_quotation_marks_stay(tmp_path: Path) -> None:
    assert read(tmp_path, b'a,"b\nc, ""d"""\n\n,e\n').sheets[0].rows == [["a", 'b\nc, "d"'], [], [None, "e"]]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'a,b\n"c,d\ne,f\n', "can not be read as rows and columns from line 3 on"),
        (b'a,b\n"c"x,d\n', "can not be read as rows and columns from line 2 on"),
        (b"a,b\n" + b"x" * 200_000, "field larger than field limit"),
        (b"a\x81\x9d,b", "neither UTF-8, UTF-16 nor Windows-1252"),
        (b"a" * 300 + b"\0", "is no text"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "is an old Excel file (.xls), or protected with a password"),
        (b"PK\x03\x04 broken", "is a damaged spreadsheet"),
        (b"a" * ((32 << 20) + 1), "is larger than 32 MiB"),
    ],
)
def test_what_is_no_table_says_why(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(tmp_path, data)
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{tmp_path}/list.csv: ")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="there is no such file"):
        read_book(tmp_path / "list.ods")


def test_a_name_that_can_not_be_written() -> None:
    with pytest.raises(BadInput, match=r"ends in \.csv, \.ods, \.xlsx"):
        written(Path("a.xls"), "Server", ROWS, [])


def test_an_excel_cell_keeps_no_more_than_it_can() -> None:
    with pytest.raises(BadInput, match="32767 characters only"):
        written(Path("a.xlsx"), "Server", [["x" * 32_768]], [10])


@pytest.mark.parametrize("kind", [".ods", ".xlsx"])
def test_what_is_written_keeps_its_kind(tmp_path: Path, kind: str) -> None:
    rows = [["=1+1", "0001", 8, date(2024, 1, 5)], ["a\nb", None, True, 1.5]]
    book = read(tmp_path, written(Path(f"a{kind}"), "Daftar", rows, [10]), f"a{kind}")
    assert [(sheet.name, sheet.rows, sheet.hidden) for sheet in book.sheets] == [("Daftar", rows, False)]


def test_a_file_is_known_by_what_it_holds(tmp_path: Path, ods: bytes, xlsx: bytes) -> None:
    assert read(tmp_path, ods, "a.csv") == read(tmp_path, xlsx, "a.ods")


@pytest.mark.parametrize("name", ["daftar-server.ods", "daftar-server.xlsx"])
def test_merged_cells_hidden_sheets_formulas_and_dates_of_an_office(name: str) -> None:
    server, old = read_book(SAMPLES / name).sheets
    assert (server.name, server.hidden, old.name, old.hidden) == ("Server", False, "Server lama", True)
    assert Area(8, 1, 2, 1) in server.merged
    assert Area(4, 6, 1, 3) in server.merged
    assert server.at(12, 13) == date(2021, 3, 1)
    assert (server.at(15, 6), server.at(15, 7)) == (4, 8)
    assert server.at(19, 6) == 30
    assert server.at(18, 18) == "#DIV/0!"


def test_a_formula_that_nobody_computed_is_known_as_such(tmp_path: Path) -> None:
    book, data = Workbook(), io.BytesIO()
    book.active["B2"] = "=1+1"
    book.save(data)
    assert read(tmp_path, data.getvalue(), "a.xlsx").sheets[0].rows == [[], [None, Uncomputed()]]


def test_cells_far_away_cost_nothing(tmp_path: Path) -> None:
    book, data = Workbook(), io.BytesIO()
    book.active["A1"], book.active["XFD90000"] = "Nama", "x"
    book.save(data)
    sheet = read(tmp_path, data.getvalue(), "a.xlsx").sheets[0]
    assert (sheet.at(0, 0), sheet.at(89_999, 16_383)) == ("Nama", "x")


def test_formatting_that_is_repeated_to_the_end_of_the_sheet_is_no_row(tmp_path: Path, ods: bytes) -> None:
    empty = (
        b'<table:table-row table:number-rows-repeated="1048000">'
        b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    data = rewritten(ods, "content.xml", lambda content: content.replace(b"</table:table>", empty))
    assert read(tmp_path, data, "a.ods").sheets[0].rows == ROWS


ODS_BOMBS = {
    "repeated cells": (
        b"<table:table-cell ",
        b'<table:table-cell table:number-columns-repeated="999999999" ',
        "repeats its cells more often",
    ),
    "repeated rows": (
        b"<table:table-row>",
        b'<table:table-row table:number-rows-repeated="999999999">',
        "repeats its cells more often",
    ),
    "merged cells": (
        b"<table:table-cell ",
        b'<table:table-cell table:number-rows-spanned="999999999" table:number-columns-spanned="999999999" ',
        "repeats its cells more often",
    ),
    "document type": (
        b"<office:document-content",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><office:document-content',
        "declares a document type",
    ),
    "depth": (b"</table:table>", b"<a>" * 300 + b"</a>" * 300 + b"</table:table>", "holds more cells"),
    "no number": (b"<table:table-row>", b'<table:table-row table:number-rows-repeated="many">', "can not be read"),
    "no XML": (b"</table:table>", b"", "is a damaged or encrypted spreadsheet"),
}


@pytest.mark.parametrize(("old", "new", "says"), ODS_BOMBS.values(), ids=ODS_BOMBS)
def test_an_ods_that_plays_tricks_is_refused(tmp_path: Path, ods: bytes, old: bytes, new: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read(tmp_path, rewritten(ods, "content.xml", replacing(old, new)), "a.ods")


def test_a_number_without_end_is_a_text(tmp_path: Path) -> None:
    for kind, part, old, new in (
        (".ods", "content.xml", b'office:value="5"', b'office:value="1e999"'),
        (".xlsx", "xl/worksheets/sheet1.xml", b"<v>5</v>", b"<v>1E999</v>"),
    ):
        data = written(Path(f"a{kind}"), "Server", [[5]], [10])
        endless = rewritten(data, part, replacing(old, new))
        assert read(tmp_path, endless, f"a{kind}").sheets[0].rows == [["inf"]]


XLSX_BOMBS = {
    "merged cells": (
        b"</sheetData>",
        b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        "holds more cells",
    ),
    "merged columns": (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A:XFD"/></mergeCells>', "more cells"),
    "nonsense": (b"</sheetData>", b'<row r="x"><c r="?"/></row></sheetData>', "can not be read as an Excel file"),
}


@pytest.mark.parametrize(("old", "new", "says"), XLSX_BOMBS.values(), ids=XLSX_BOMBS)
def test_an_xlsx_that_plays_tricks_is_refused(tmp_path: Path, xlsx: bytes, old: bytes, new: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read(tmp_path, rewritten(xlsx, "xl/worksheets/sheet1.xml", replacing(old, new)), "a.xlsx")


def test_an_archive_that_unfolds_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "UNPACKED_LIMIT", 2 << 20)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/media/picture", bytes(3 << 20))
    assert len(data.getvalue()) < 10_000
    with pytest.raises(BadInput, match="unpacks to more than 2 MiB"):
        read(tmp_path, data.getvalue(), "a.xlsx")


def test_an_archive_of_many_files_or_of_something_else_is_refused(tmp_path: Path) -> None:
    def archive_of(names: int) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as made:
            for number in range(names):
                made.writestr(f"{number}.txt", "")
        return data.getvalue()

    with pytest.raises(BadInput, match="is an archive of 600 files"):
        read(tmp_path, archive_of(600), "a.xlsx")
    with pytest.raises(BadInput, match="is an archive, but no spreadsheet"):
        read(tmp_path, archive_of(3), "a.xlsx")


def test_columns_are_called_as_spreadsheet_programs_do() -> None:
    assert [column_name(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_date_in_an_ods_is_shown_as_one() -> None:
    data = written(Path("a.ods"), "Server", [["Tanggal"], [date(2024, 1, 5), None, None, "x"]], [10])
    with zipfile.ZipFile(io.BytesIO(data)) as archive_of_it:
        content = archive_of_it.read("content.xml").decode()
    assert 'style:name="cadangan-day" style:family="table-cell" style:data-style-name="cadangan-day-format"' in content
    assert 'table:style-name="cadangan-day" office:value-type="date"' in content
    assert '<table:table-cell table:style-name="cadangan-text" table:number-columns-repeated="2"/>' in content
