"""`cadangan register import` and `export`, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.desk import Desk
from support.signed_office import Keyring

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[1] / "data"
SAMPLE = str(SAMPLES / "daftar-server.ods")
HEADINGS = "Nama host,Nomor aset,Nama server,Status,OPD"


@pytest.fixture
def desk(tmp_path: Path, keyring: Keyring) -> Desk:
    desk = Desk(tmp_path / "kudus", keyring)
    desk.types("init", str(desk.root))
    return desk


def inventory(desk: Desk) -> str:
    return (desk.root / "inventory" / "servers.yml").read_text()


def test_without_write_it_only_tells(desk: Desk) -> None:
    before = inventory(desk)
    said = desk.types("register", "import", SAMPLE, status=1)
    assert f"WRONG: {SAMPLE}: Server!E18: agency: 'Dinas Perhubungan' is not known here." in said
    assert "\n+    db-adminduk-01:\n+      ansible_host: 10.20.1.11\n+      cadangan_asset:\n" in said
    assert "New servers: 4. In the register just so: 0. Things that do not fit: 8.\nNothing was written." in said
    assert inventory(desk) == before


def test_what_fits_is_written_and_the_rest_of_the_file_stays(desk: Desk) -> None:
    before = inventory(desk)
    said = desk.asks("register", "import", SAMPLE, "--write", status=1)
    assert (said["new"], said["same"], said["wrong"], said["written"]) == (
        ["antrean-01", "arsip-01", "db-adminduk-01", "db-izin-01"],
        0,
        8,
        True,
    )
    assert inventory(desk).startswith(before)
    asset = desk.asks("register", "show", "db-izin-01")
    assert asset["operating_system"] == {"name": "Ubuntu Server", "version": "22.04 LTS"}
    assert asset["machine"] == {"cpus": 8, "memory": "32 GB", "disk": "1.5 TB"}


def test_import_again_finds_nothing_new(desk: Desk) -> None:
    desk.types("register", "import", SAMPLE, "--write", status=1)
    said = desk.asks("register", "import", SAMPLE, status=1)
    assert (said["new"], said["same"], said["file"], said["diff"]) == ([], 4, None, "")


def test_a_list_that_fits_ends_well(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"{HEADINGS}\nweb-01,77,Server Web,aktif,dpmptsp\n")
    assert "New servers: 1. " in desk.types("register", "import", str(tmp_path / "list.csv"), "--write")
    assert desk.asks("register", "show", "web-01")["number"] == "77"


def test_an_own_mapping_file_and_a_sheet_are_named(desk: Desk, tmp_path: Path) -> None:
    (desk.root / "inventory" / "servers.yml").write_text("servers: {hosts: {}}\n")
    (tmp_path / "map.yml").write_text("fixed: {agency: dpmptsp}\nwords: {status: {Dihapus: planned}}\n")
    said = desk.asks(
        "register",
        "import",
        SAMPLE,
        *("--map", str(tmp_path / "map.yml")),
        *("--sheet", "Server lama"),
    )
    assert said["new"] == ["server-lama"]


def test_a_template_in_a_cell_is_never_written(desk: Desk, tmp_path: Path) -> None:
    before = inventory(desk)
    (tmp_path / "list.csv").write_text(f"{HEADINGS}\nweb-01,77,\"{{{{ lookup('pipe', 'id') }}}}\",aktif,dpmptsp\n")
    said = desk.types("register", "import", str(tmp_path / "list.csv"), "--write", status=1)
    assert "list.csv: C2: name: holds {{, {% or {#, which Ansible would run as a template" in said
    assert inventory(desk) == before


def test_a_template_in_a_mapping_file_is_never_written(desk: Desk, tmp_path: Path) -> None:
    before = inventory(desk)
    (tmp_path / "map.yml").write_text("fixed: {location: \"{{ lookup('pipe', 'id') }}\"}\n")
    (tmp_path / "list.csv").write_text(f"{HEADINGS}\nweb-01,77,Web,aktif,dpmptsp\n")
    arguments = ["register", "import", str(tmp_path / "list.csv"), "--map", str(tmp_path / "map.yml"), "--write"]
    assert "Ansible would run as a template" in desk.types(*arguments, status=2)
    assert inventory(desk) == before


def test_what_a_terminal_would_obey_is_shown(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"{HEADINGS},\x1b[2JWarna\nweb-01,77,Web,\x1b[2J,dpmptsp,x\n")
    said = desk.types("register", "import", str(tmp_path / "list.csv"), status=1)
    assert "\x1b" not in said
    assert "status: '\\x1b[2J' is not known here" in said


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_an_export_is_read_again_as_the_same_register(desk: Desk, tmp_path: Path, kind: str, language: str) -> None:
    file = str(tmp_path / f"register.{kind}")
    assert "3 servers in 3 rows" in desk.types("register", "export", file, "--lang", language)
    said = desk.asks("register", "import", file)
    assert (said["new"], said["same"], said["findings"]) == ([], 3, [])
    before = inventory(desk)
    (desk.root / "inventory" / "servers.yml").write_text("servers:\n  hosts: {}\n")
    desk.types("register", "import", file, "--write")
    again = tmp_path / "again.csv"
    desk.types("register", "export", str(again), "--lang", "id")
    (desk.root / "inventory" / "servers.yml").write_text(before)
    desk.types("register", "export", str(tmp_path / "first.csv"), "--lang", "id")
    assert sorted(again.read_text().splitlines()) == sorted((tmp_path / "first.csv").read_text().splitlines())


def test_export_overwrites_nothing_and_says_what_it_takes(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.ods").write_text("")
    assert "a.ods: is there already" in desk.types("register", "export", str(tmp_path / "a.ods"), status=2)
    assert "ends in .csv, .ods, .xlsx" in desk.types("register", "export", str(tmp_path / "a.xls"), status=2)
    assert "there is no language 'nl'" in desk.types("register", "export", "x.ods", "--lang", "nl", status=2)
    assert "can not be written" in desk.types("register", "export", str(tmp_path / "no" / "a.ods"), status=2)


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["nothing.ods"], 4, "nothing.ods: there is no such file"),
        ([SAMPLE, "--sheet", "Servr"], 2, "there is no sheet 'Servr'\nDid you mean 'Server'?"),
        ([SAMPLE, "--map", "nothing.yml"], 4, "nothing.yml: there is no such file"),
    ],
)
def test_what_can_not_be_read_ends_with_a_reason(desk: Desk, arguments: list[str], status: int, says: str) -> None:
    assert says in desk.types("register", "import", *arguments, status=status)
