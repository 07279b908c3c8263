"""The server after a backup, damage, and a restore."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.office import EXECUTOR, Office
from support.scenario import FOLDER, on

SERVER = "cadangan-mysql"
OFFICE = Office(FOLDER)
CASES: dict[str, Any] = json.loads((FOLDER / "cases.json").read_text())


def sql(statement: str, database: str = "") -> str:
    return on(SERVER, "mysql", "-BN", f"--database={database}", text=statement).strip()


def test_the_server_holds_one_whole_set_that_was_drilled(host: Any) -> None:
    (folder,) = host.run("find /srv/cadangan -name manifest.json -printf '%h\n'").stdout.split()
    parts = {"data.zst.age", "objects.zst.age", "accounts.zst.age"}
    assert set(host.run(f"ls -A {folder}").stdout.split()) == parts | {"key.age", "manifest.json", "manifest.json.sig"}
    manifest = json.loads(host.file(f"{folder}/manifest.json").content_string)
    assert (manifest["case"], manifest["drilled"]) == (CASES["backup"], True)


@pytest.mark.parametrize("what", ["database", "account"])
def test_what_was_damaged_is_as_it_was(what: str) -> None:
    assert CASES["before"][what]
    assert CASES["after"][what] == CASES["before"][what]


def test_the_damaged_database_is_kept_aside_and_nothing_else_is_left() -> None:
    databases = set(sql("SHOW DATABASES").split()) - {"information_schema", "mysql", "performance_schema", "sys"}
    (aside,) = databases - {"layanan"}
    assert sql("SELECT COUNT(*) FROM `daftar antrean`", aside) == "17"


def test_the_application_goes_on() -> None:
    insert = "INSERT INTO `daftar antrean` (nama) VALUES ('baru'); SELECT isi FROM riwayat; ROLLBACK"
    assert sql(f"SET autocommit = 0; {insert}", "layanan") == "baru"


def test_how_long_applications_saw_neither_is_told() -> None:
    (gap,) = (entry["facts"]["gap_milliseconds"] for entry in OFFICE.entries("outcome") if entry["facts"]["aside"])
    assert 0 < gap < 5000


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY", "rahasia-petugas", "Pemohon 1"])
def test_no_secret_and_no_row_is_left_on_the_server(host: Any, secret: str) -> None:
    assert host.run("grep -rslF -- %s /etc/cadangan /srv /tmp /var/lib/cadangan /var/log", secret).stdout == ""


def test_both_cases_are_complete_and_the_journal_is_whole() -> None:
    OFFICE.cadangan("journal", "verify")
    runs = {entry["case"]: entry["result"] for entry in OFFICE.entries("ended")}
    assert runs == {CASES["backup"]: "done", CASES["restore"]: "done"}


def test_a_second_execution_is_refused() -> None:
    assert "refused" in OFFICE.cadangan("execute", CASES["backup"], "--as", EXECUTOR, fails=3)["stderr"]
