"""From the sheets of an office to servers of the register: headings, rows, doubles, and what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cadangan.errors import BadInput
from cadangan.register.asset import Asset
from cadangan.register.spreadsheet.columns import LANGUAGES, all_columns, heading_key, understand
from cadangan.register.spreadsheet.import_plan import ImportPlan, Known, plan_import
from cadangan.register.spreadsheet.mapping_file import MappingFile, read_mapping
from cadangan.register.spreadsheet.sheet import Area, Book, Sheet, Value
from cadangan.register.spreadsheet.spreadsheet_file import read_book
from pydantic import BaseModel

SAMPLES = Path(__file__).parents[1] / "data"
AGENCIES = {
    "disdukcapil": "Dinas Kependudukan dan Pencatatan Sipil",
    "dpmptsp": "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
}
HEADINGS = ["Hostname", "Nomor aset", "Nama server", "Status", "OPD"]
ONE = ["db-01", "0001", "Server satu", "Aktif", "disdukcapil"]
TWO = ["db-02", "0002", "Server dua", "Aktif", "dpmptsp"]


def plan(
    *rows: list[Any],
    merged: list[Area] | None = None,
    known: Known | None = None,
    mapping: Mapping[str, Any] | None = None,
    book: Book | None = None,
) -> ImportPlan:
    """What one sheet `S` of these rows would add."""
    return plan_import(
        book or Book([Sheet("S", list(rows), merged or [])]),
        known or Known([], {}),
        MappingFile.model_validate(mapping or {}),
        AGENCIES,
    )


def said(made: ImportPlan, *, wrong: bool = True) -> list[str]:
    return [str(finding) for finding in made.findings if finding.wrong is wrong]


def asset_of(made: ImportPlan, host: str) -> dict[str, Any]:
    asset: dict[str, Any] = made.new[host]["cadangan_asset"]
    return asset


def registered(host: str, number: str, **more: Any) -> Asset:
    return Asset.model_validate(
        {"host": host, "number": number, "name": "x", "status": "planned", "agency": "dpmptsp", **more}
    )


def test_the_plainest_list() -> None:
    made = plan(HEADINGS, ONE, TWO)
    assert made.new == {
        "db-01": {
            "cadangan_asset": {
                "number": "0001",
                "name": "Server satu",
                "status": "in_operation",
                "agency": "disdukcapil",
            }
        },
        "db-02": {
            "cadangan_asset": {"number": "0002", "name": "Server dua", "status": "in_operation", "agency": "dpmptsp"}
        },
    }
    assert (made.findings, made.wrong, made.same) == ([], 0, 0)


@pytest.mark.parametrize("name", ["daftar-server.csv", "daftar-server.ods", "daftar-server.xlsx"])
def test_the_list_of_an_office(name: str) -> None:
    made = plan(book=read_book(SAMPLES / name))
    sheet = "" if name.endswith(".csv") else "Server!"
    assert list(made.new) == ["db-adminduk-01", "db-izin-01", "arsip-01", "antrean-01"]
    assert [finding.place for finding in made.findings if finding.wrong] == [
        f"{sheet}{cell}" for cell in ("B17", "E18", "N18", "F19", "H19", "I19", "M19", "N19")
    ]
    assert [database["name"] for database in asset_of(made, "db-adminduk-01")["databases"]] == [
        "adminduk",
        "arsip_adminduk",
    ]
    assert asset_of(made, "db-izin-01")["databases"][0] == {
        "engine": "mysql",
        "instance": "3306",
        "name": "perizinan",
        "version": "8.0",
        "objectives": {"recovery_point": "12 h"},
    }
    assert made.new["db-izin-01"]["ansible_host"] == "10.20.1.12"
    left_out = [finding.place for finding in made.findings if "looks like no server" in finding.what]
    assert left_out == [f"{sheet}row {number}" for number in (8, 15, 20, 22, 23, 26)]
    assert ("sheet 'Server lama' is hidden and was not read. To read it: --sheet" in said(made, wrong=False)) is bool(
        sheet
    )


def test_every_field_of_the_register_has_a_column() -> None:
    def fields(model: type[BaseModel], path: str = "") -> set[str]:
        found = set()
        for name, field in model.model_fields.items():
            inner = [
                part
                for part in (field.annotation, *getattr(field.annotation, "__args__", ()))
                if isinstance(part, type) and issubclass(part, BaseModel)
            ]
            is_list_of_records = path + name in ("support", "drill_host")
            found |= fields(inner[0], f"{path}{name}.") if inner and not is_list_of_records else {path + name}
        return found

    assert {column.field for column in all_columns()} == fields(Asset) | {"ansible_host"}


def test_every_heading_that_is_written_is_understood() -> None:
    for language in LANGUAGES:
        titles = [column.heading(language) for column in all_columns()]
        assert len({heading_key(title) for title in titles}) == len(titles)
        for column in all_columns():
            found = understand([column.heading(language)])
            assert found is not None
            assert found.column == column


@pytest.mark.parametrize(
    ("heading", "field", "unit"),
    [
        ("NAMA\nSERVER", "name", ""),
        ("Kode  Barang", "number", ""),
        ("No. Aset", "number", ""),
        ("Nómor Aset :", "number", ""),
        ("Kapasitas RAM (GB)", "machine.memory", "GB"),
        ("Alamat IP", "addresses", ""),
        ("Sistem Operasi", "operating_system.name", ""),
        ("Tgl. Operasi", "life.in_operation", ""),
        ("Asset Number", "number", ""),
    ],
)
def test_a_heading_as_people_write_it(heading: str, field: str, unit: str) -> None:
    found = understand([heading])
    assert found is not None
    assert (found.column.field, found.unit) == (field, unit)


def test_headings_in_two_rows_with_merged_ones_above() -> None:
    rows: list[list[Value]] = [
        ["DAFTAR SERVER"],
        [],
        ["No", *HEADINGS, "Pengelola", None, "Spesifikasi", None],
        [None, None, None, None, None, None, "Nama", "Jabatan", "CPU", "RAM (GB)"],
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        [1, *ONE, "Sari", "Pranata Komputer", 8, 32],
    ]
    merged = [Area(2, 6, 1, 2), Area(2, 8, 1, 2), *(Area(2, column, 2, 1) for column in range(6))]
    for areas in (merged, []):
        asset = asset_of(plan(*rows, merged=areas), "db-01")
        assert asset["administrator"] == {"position": "Pranata Komputer", "name": "Sari"}
        assert asset["machine"] == {"cpus": 8, "memory": "32 GB"}


def test_rows_of_one_server_are_its_databases() -> None:
    headings = [*HEADINGS, "DBMS", "Nama database", "Port"]
    made = plan(
        headings,
        [*ONE, "PostgreSQL 15", "siak", 5432],
        [None, None, None, None, None, "PostgreSQL 15", "arsip", "5433"],
        [*TWO, None, None, None],
        ["db-01", None, None, None, None, "MariaDB", "web", 3306],
    )
    assert made.findings == []
    assert asset_of(made, "db-01")["databases"] == [
        {"engine": "postgresql", "instance": "5432", "name": "siak", "version": "15"},
        {"engine": "postgresql", "instance": "5433", "name": "arsip", "version": "15"},
        {"engine": "mariadb", "instance": "3306", "name": "web"},
    ]
    assert "databases" not in asset_of(made, "db-02")


def test_cells_merged_downwards_hold_for_all_their_rows() -> None:
    rows: list[list[Value]] = [
        [*HEADINGS, "DBMS", "Nama database"],
        [*ONE, "PostgreSQL", "siak"],
        [None, None, None, None, None, None, "arsip"],
    ]
    made = plan(*rows, merged=[Area(1, column, 2, 1) for column in range(6)])
    assert [database["engine"] for database in asset_of(made, "db-01")["databases"]] == ["postgresql"] * 2


def test_cells_merged_across_columns_are_told() -> None:
    made = plan([*HEADINGS, "Lokasi", "Keterangan"], [*ONE, "Rak 1", None], merged=[Area(1, 5, 1, 2)])
    assert asset_of(made, "db-01")["location"] == "Rak 1"
    assert said(made, wrong=False) == ["S!F2: F2:G2 is merged: what stands in it was taken for its first column alone"]


def test_rows_that_contradict_each_other_are_told() -> None:
    made = plan(
        [*HEADINGS, "Lokasi", "Nama database", "DBMS"],
        [*ONE, "Rak 1", "siak", "PostgreSQL"],
        [*ONE, "Rak 2", "arsip", "PostgreSQL"],
    )
    assert made.new == {}
    assert said(made) == ["S!F3: location: says something else of the same server than S!F2"]


def test_a_server_that_stands_there_twice_is_told() -> None:
    made = plan(HEADINGS, ONE, TWO, ONE)
    assert said(made) == [
        "S!row 4: is about the same server as S!row 2, and about no database of it. Delete one of the two"
    ]


def test_doubles_within_the_file_and_with_the_register_are_told() -> None:
    headings = [*HEADINGS, "Alamat IP"]
    known = Known([registered("db-09", "0009", addresses=["10.0.0.9"])], {"db-09": "10.0.0.99", "bare": None})
    made = plan(
        headings,
        [*ONE, "10.0.0.1"],
        ["db-03", "0001", "Server tiga", "Aktif", "dpmptsp", "10.0.0.1"],
        ["db-04", "0009", "Server empat", "Aktif", "dpmptsp", "10.0.0.9"],
        ["db-05", "0005", "Server lima", "Aktif", "dpmptsp", "10.0.0.99"],
        ["bare", "0006", "Server enam", "Aktif", "dpmptsp", "10.0.0.6"],
        known=known,
    )
    assert list(made.new) == ["db-01"]
    assert said(made) == [
        "S!B3: number 0001 is that of db-01 already",
        "S!F3: 10.0.0.1 is the address of db-01 already",
        "S!B4: number 0009 is that of db-09 already",
        "S!F4: 10.0.0.9 is the address of db-09 already",
        "S!F5: 10.0.0.99 is the address of db-09 already",
        "S!A6: bare is in the inventory already. Complete it there, or delete it there",
    ]


def test_what_the_register_has_is_not_proposed_again() -> None:
    row = ["db-01", "0001", "x", "direncanakan", "dpmptsp"]
    assert plan(HEADINGS, row, known=Known([registered("db-01", "0001")], {"db-01": None})).same == 1
    made = plan(HEADINGS, row, known=Known([registered("db-01", "0007", location="Rak")], {"db-01": None}))
    assert (made.new, made.same) == ({}, 0)
    assert said(made) == [
        "S!A2: db-01 is in the register with other values (number, location): an import only adds. Change it there"
    ]


def test_what_is_missing_says_which_column_to_fill_in() -> None:
    made = plan([*HEADINGS, "Nama pengelola"], ["db-01", None, "Server", "Aktif", "dpmptsp", "Sari"])
    assert made.new == {}
    advice = "or say it of all servers in a mapping file (--map): fixed"
    assert said(made) == [
        f"S!row 2: number: is missing. Fill in the column 'Nomor aset', {advice}",
        f"S!row 2: administrator.position: is missing. Fill in the column 'Jabatan pengelola', {advice}",
    ]


def test_a_cell_that_can_not_be_understood_keeps_its_row_out() -> None:
    made = plan([*HEADINGS, "CPU"], [*ONE, "banyak"], [*TWO, 4])
    assert list(made.new) == ["db-02"]
    assert said(made) == ["S!F2: machine.cpus: 'banyak' must be a whole number, like 8"]


def test_what_the_register_refuses_is_told_at_its_cell() -> None:
    made = plan([*HEADINGS, "CPU", "Lokasi"], [*ONE, 5000, None], [*TWO, None, "x" * 600])
    assert made.new == {}
    assert said(made) == [
        "S!F2: machine.cpus: input should be less than or equal to 4096",
        "S!G3: location: is too long: at most 500 characters",
    ]


def test_without_a_column_of_host_names_they_are_made_of_names() -> None:
    made = plan(["Nomor aset", "Nama server", "Status", "OPD"], ["1", "Server SIAK (baru)", "Aktif", "dpmptsp"])
    assert list(made.new) == ["server-siak-baru"]


def test_headings_that_nobody_knows_or_that_mean_the_same_are_told() -> None:
    made = plan([*HEADINGS, "UPS", "Lokasi", "Ruang", "Lokasii"], [*ONE, "APC", "Rak 1", "Rak 2", None])
    assert asset_of(made, "db-01")["location"] == "Rak 1"
    assert said(made) == ["S!H1: means location, as S!G1 does: left out. Say in a mapping file which"]
    assert said(made, wrong=False) == [
        "S!F1: heading 'UPS' is not known: the column was left out. A mapping file (--map) can say what it means.",
        "S!I1: heading 'Lokasii' is not known: the column was left out. Did you mean 'Lokasi'? A mapping file (--map) "
        "can say what it means.",
    ]


def test_columns_of_lists_are_put_together() -> None:
    made = plan([*HEADINGS, "IP lokal", "IP publik"], [*ONE, "10.0.0.1", "192.0.2.1"])
    assert asset_of(made, "db-01")["addresses"] == ["10.0.0.1", "192.0.2.1"]


def test_footers_are_left_out_and_servers_called_like_them_are_not() -> None:
    made = plan(
        HEADINGS,
        ONE,
        ["Catatan", "0002", "Server dua", "Aktif", "dpmptsp"],
        [],
        ["Jumlah", 2, None, None, None],
        ["Mengetahui,", None, None, "Kudus, 2 November 2026"],
    )
    assert list(made.new) == ["db-01", "Catatan"]
    assert said(made) == []
    assert len(said(made, wrong=False)) == 2


def test_the_sheet_is_named_where_several_look_alike() -> None:
    sheets = [Sheet("Fisik", [HEADINGS, ONE]), Sheet("Virtual", [HEADINGS, TWO]), Sheet("Lain", [["x"]])]
    with pytest.raises(BadInput, match="several sheets look like lists of servers: 'Fisik', 'Virtual'\nName one"):
        plan(book=Book(sheets))
    assert list(plan(book=Book(sheets), mapping={"sheet": "Virtual"}).new) == ["db-02"]
    with pytest.raises(BadInput, match="there is no sheet 'Fisk'\nDid you mean 'Fisik'"):
        plan(book=Book(sheets), mapping={"sheet": "Fisk"})


def test_a_hidden_sheet_is_read_when_it_is_named() -> None:
    book = Book([Sheet("Lama", [HEADINGS, ONE], hidden=True)])
    assert list(plan(book=book, mapping={"sheet": "Lama"}).new) == ["db-01"]


def test_a_file_without_a_list_of_servers_says_what_it_looks_for() -> None:
    with pytest.raises(BadInput, match="no row looks like the headings of a list of servers\nHeadings are words like"):
        plan(["Tanggal", "Kegiatan"], ["1/1/2024", "Rapat"])


MAPPING = """\
heading_rows: [1]
columns:
  Kode Alat: number
  Nama Alat: name
  Memori Terpasang: machine.memory (GB)
  Habis Lisensi: support Lisensi
  Nama server: ignore
words:
  status: {Hidup Terus: in_operation}
  agency: {Capil: disdukcapil}
fixed:
  administrator.position: Pranata Komputer
  location: Ruang Server
"""


def test_an_own_mapping_file(tmp_path: Path) -> None:
    (tmp_path / "map.yml").write_text(MAPPING)
    rows: list[list[Value]] = [
        [
            "Hostname",
            "Kode Alat",
            "NAMA ALAT",
            "Memori  terpasang",
            "Habis lisensi",
            "Nama server",
            "Status",
            "OPD",
            "Lokasi",
        ],
        ["db-01", "1", "Satu", 32, "1/2/2027", "x", "hidup terus", "CAPIL", "Rak 9"],
        ["db-02", "2", "Dua", None, None, "x", "aktif", "capil", None],
    ]
    made = plan_import(Book([Sheet("S", rows)]), Known([], {}), read_mapping(tmp_path / "map.yml"), AGENCIES)
    assert made.findings == []
    one, two = asset_of(made, "db-01"), asset_of(made, "db-02")
    assert (one["name"], one["machine"], one["location"]) == ("Satu", {"memory": "32 GB"}, "Rak 9")
    assert [each["what"] for each in one["support"]] == ["Lisensi"]
    assert (two["status"], two["agency"], two["location"]) == ("in_operation", "disdukcapil", "Ruang Server")
    assert two["administrator"] == {"position": "Pranata Komputer"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("columns: {Kode: numbr}", "columns.Kode: there is no field 'numbr'. Did you mean 'number'?"),
        ("columns: {Kode: 'number Lisensi'}", "only support takes words after it, as in support Licence"),
        ("columns: {Kode: '??'}", "must be a field, like machine.memory or machine.memory (GB), or ignore; not '??'"),
        ("fixed: {locaton: x}", "Did you mean 'location'?"),
        ("words: {state: {x: y}}", "there is no field 'state'"),
        ("heading_rows: [0]", "heading_rows[1]: input should be greater than or equal to 1"),
        ("colums: {}", "colums: is not a field here. Did you mean 'columns'?"),
    ],
)
def test_a_wrong_mapping_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "map.yml").write_text(text)
    with pytest.raises(BadInput) as refused:
        read_mapping(tmp_path / "map.yml")
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{tmp_path}/map.yml:1:")


def test_the_documentation_names_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "REGISTER-SPREADSHEET.md").read_text("utf-8")
    rows = [
        f"| `{f'{column.field} {column.about}'.strip()}` | {column.heading('id')} | {column.heading('en')} |\n"
        for column in all_columns()
    ]
    assert page.endswith("| field | Indonesian | English |\n| --- | --- | --- |\n" + "".join(rows))


def test_the_mapping_file_of_the_documentation_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "REGISTER-SPREADSHEET.md").read_text("utf-8")
    (tmp_path / "map.yml").write_text(page.partition("```yaml\n")[2].partition("```")[0])
    mapping = read_mapping(tmp_path / "map.yml")
    assert mapping.target("Memori terpasang") == "machine.memory (GB)"
