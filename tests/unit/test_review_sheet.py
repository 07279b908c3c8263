"""The sheet of a review: written, filled in, and read back with every wrong cell told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from odfdo import Cell, Document, Row
from support.review_desk import ReviewDesk, server
from support.signed_office import Keyring

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> ReviewDesk:
    desk = ReviewDesk.furnished(tmp_path_factory.mktemp("sheet"), keyring)
    desk.opens()
    return desk


@pytest.fixture
def desk(tmp_path: Path, made: ReviewDesk) -> ReviewDesk:
    return made.again(tmp_path)


ALL_RIGHT = {"F4": "benar", "F5": "Benar", "F6": "right"}


def fill(path: Path, cells: Mapping[str, Any]) -> None:
    document = Document(path)
    table = document.body.tables[0]
    for place, value in cells.items():
        cell = table.get_cell(place)
        cell.set_value(value)
        table.set_cell(place, cell)
    document.save(path)


def written(desk: ReviewDesk, cells: Mapping[str, Any]) -> Path:
    path = desk.root / "lembar.ods"
    desk.types("register", "review", "sheet", "--out", str(path))
    fill(path, cells)
    return path


def brought(desk: ReviewDesk, path: Path, status: int = 0) -> str:
    return desk.types("register", "review", "record", "--sheet", str(path), "--as", "staf-satu", status=status)


def verdicts(desk: ReviewDesk) -> dict[str, str | None]:
    return {row["asset"]: row["verdict"] for row in desk.asks("register", "review", "show")["servers"]}


def test_what_is_filled_in_comes_back(desk: ReviewDesk) -> None:
    follow_up = {"F6": "tindak lanjut", "G6": "periksa kabel", "H6": "staf-satu", "I6": date(2999, 12, 31)}
    assert "All servers are decided" in brought(desk, written(desk, ALL_RIGHT | follow_up))
    row = desk.asks("register", "review", "show")["servers"][2]
    assert (row["verdict"], row["note"], row["by_whom"], row["until"]) == (
        "follow-up",
        "periksa kabel",
        "staf-satu",
        "2999-12-31",
    )
    assert len([each for each in desk.journal.entries() if each.content["type"] == "review_recorded"]) == 1


def test_lines_without_a_decision_wait_and_a_new_sheet_shows_what_was_decided(desk: ReviewDesk) -> None:
    assert "2 of 3 servers are not decided" in brought(desk, written(desk, {"F4": "benar"}))
    assert "All servers are decided" in brought(desk, written(desk, {"F5": "benar", "F6": "dihentikan"}))
    assert verdicts(desk) == {"db-01": "right", "db-02": "right", "db-03": "retire"}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"F5": "ya"}, "Reviu!F5: 'ya' is none of the decisions"),
        ({"F5": "diperbaiki"}, "Reviu!F5: the register still says what it said"),
        ({"F5": "tindak lanjut", "G5": "x", "H5": "staff", "I5": "2999-12-31"}, "Reviu!H5: "),
        ({"F5": "tindak lanjut", "G5": "x", "H5": "staf-satu", "I5": "besok"}, "Reviu!I5: must be a date like"),
        ({"F5": "tindak lanjut", "H5": "staf-satu", "I5": "2999-12-31"}, "Reviu!G5: a follow-up says what"),
        ({"F5": "", "G5": "catatan saja"}, "Reviu!F5: the line is filled in, but not decided"),
        ({"A5": "db-99"}, "Reviu!A5: 'db-99' is not among the servers"),
        ({"A5": "db-01", "J5": "-"}, "Reviu!A5: db-01 is there twice"),
        ({"J5": "0123456789ab"}, "Reviu!J5: the register says otherwise of db-02 since"),
        ({"B1": "T-2019-01"}, "this is not a sheet of review"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_recorded(desk: ReviewDesk, cells: dict[str, Any], said: str) -> None:
    assert said in brought(desk, written(desk, ALL_RIGHT | cells), status=2)
    assert set(verdicts(desk).values()) == {None}


def test_every_wrong_cell_is_told_at_once(desk: ReviewDesk) -> None:
    said = brought(desk, written(desk, {"F4": "diperbaiki", "F5": "diperbaiki"}), status=2)
    assert "Reviu!F4: " in said and "Reviu!F5: " in said


def test_a_server_that_changed_since_the_sheet_was_written_is_refused(desk: ReviewDesk) -> None:
    path = written(desk, ALL_RIGHT)
    desk.corrects("db-02", remarks="Memori ditambah")
    assert "Reviu!J5: the register says otherwise of db-02" in brought(desk, path, status=2)
    assert "All servers" in brought(desk, written(desk, ALL_RIGHT | {"F5": "diperbaiki"}))


def test_a_million_empty_lines_are_no_lines(desk: ReviewDesk) -> None:
    path = written(desk, ALL_RIGHT)
    document = Document(path)
    row = Row()
    empty = Cell(style="cadangan-asked")
    empty.set_attribute("table:number-columns-repeated", "16384")
    row.append_cell(empty)
    row.set_attribute("table:number-rows-repeated", "1048570")
    document.body.tables[0].append_row(row)
    document.save(path)
    assert "All servers are decided" in brought(desk, path)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"server;verdict", "not a sheet of review"), (b"PK\x03\x04 damaged", "is a damaged spreadsheet")],
)
def test_what_is_no_such_sheet_is_told(desk: ReviewDesk, data: bytes, said: str) -> None:
    path = desk.root / "lembar.ods"
    path.write_bytes(data)
    assert said in brought(desk, path, status=2)


def test_the_sheet_offers_the_decisions_and_shows_what_was_found(desk: ReviewDesk) -> None:
    desk.corrects("db-01", name=server(1)["name"] + " (baru)")
    document = Document(written(desk, {}))
    lists = [each.get_attribute("table:condition") for each in document.body.get_elements("//table:content-validation")]
    assert any('"benar";"diperbaiki";"dihentikan";"tindak lanjut"' in str(each) for each in lists)
    assert any('"staf-satu"' in str(each) for each in lists)
    rows = document.body.tables[0].get_values()
    assert rows[3][3:5] == ["sesuai", "Nama server: Server Basis Data Nomor 1 → Server Basis Data Nomor 1 (baru)"]
    assert rows[4][3:5] == ["berbeda", "Memori: 16.0 GB ≠ 32.0 GB"]
    assert ["db-03", "OPD", server(3)["agency"]] in document.body.tables[1].get_values()
