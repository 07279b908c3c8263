"""The servers after a backup, damage, and a restore."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.office import EXECUTOR, Office
from support.scenario import FOLDER, on

OLD, NEW = "cadangan-mariadb10", "cadangan-mariadb11"
OFFICE = Office(FOLDER)
CASES: dict[str, Any] = json.loads((FOLDER / "cases.json").read_text())
FACTS = """
    SELECT COUNT(*), SUM(LENGTH(nama)), MAX(panjang) FROM `daftar antrean`;
    SELECT COUNT(*), SUM(CRC32(isi)) FROM berkas;
    SELECT COUNT(*) FROM riwayat FOR SYSTEM_TIME ALL;
    SELECT * FROM ringkasan;
    SELECT next_not_cached_value > 100 FROM nomor;
    SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE();
    INSERT INTO `daftar antrean` (nama) VALUES ('baru'); SELECT COUNT(*) FROM riwayat; ROLLBACK;
"""


def sql(container: str, database: str, script: str) -> str:
    script = f"SET autocommit = 0; {script}"
    return on(container, "mariadb", "--batch", "--skip-column-names", f"--database={database}", text=script)


def databases(container: str) -> set[str]:
    names = on(container, "mariadb", "-BNe", "SHOW DATABASES").split()
    return set(names) - {"information_schema", "mysql", "performance_schema", "sys"}


def container(host: Any) -> str:
    name: str = host.backend.name
    return name


def test_check_mode_changed_nothing() -> None:
    assert CASES["before"] == CASES["after"]


def test_each_server_holds_one_whole_set(host: Any) -> None:
    found = host.run("find /srv/cadangan -name manifest.json -printf '%h\n'")
    (folder,) = found.stdout.split()
    files = host.run(f"ls -A {folder}").stdout.split()
    parts = {"data.zst.age", "objects.zst.age", "accounts.zst.age"}
    assert set(files) == parts | {"key.age", "manifest.json", "manifest.json.sig"}
    manifest = json.loads(host.file(f"{folder}/manifest.json").content_string)
    assert (manifest["case"], manifest["drilled"]) == (CASES["backup"], True)


def test_the_damaged_database_is_as_it_was_and_kept_aside() -> None:
    assert sql(OLD, "layanan", FACTS) == sql(NEW, "layanan", FACTS)
    (aside,) = databases(OLD) - {"layanan"}
    assert sql(OLD, aside, "SELECT COUNT(*) FROM `daftar antrean`").strip() == "17"


def test_the_copy_is_like_the_original_and_the_drill_left_nothing() -> None:
    assert databases(NEW) == {"layanan", "layanan_salinan"}
    assert sql(NEW, "layanan_salinan", FACTS) == sql(NEW, "layanan", FACTS)
    assert "`layanan\\_salinan`.*" in sql(NEW, "", "SHOW GRANTS FOR petugas@localhost").replace("\\\\", "\\")


def test_how_long_applications_saw_neither_is_told(host: Any) -> None:
    events = [json.loads(line) for line in host.file("/var/lib/cadangan/ledger").content_string.splitlines()]
    outcomes = [event["outcome"] for event in events if event["kind"] == "outcome"]
    assert {outcome["result"] for outcome in outcomes} == {"done"}
    gaps = [outcome["facts"]["gap_milliseconds"] for outcome in outcomes if "gap_milliseconds" in outcome["facts"]]
    assert len(gaps) == (1 if container(host) == OLD else 0)


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY", "rahasia-petugas", "Pemohon 1"])
def test_no_secret_and_no_row_is_left_on_the_server(host: Any, secret: str) -> None:
    # The sample itself is in /tmp; the server's own files are none of our business.
    places = "/etc/cadangan /srv /tmp /var/lib/cadangan /var/log"
    assert host.run(f"grep -rslF --exclude=layanan.sql -- %s {places}", secret).stdout == ""


def test_both_cases_are_complete_and_the_journal_is_whole() -> None:
    OFFICE.cadangan("journal", "verify")
    runs = {entry["case"]: entry["result"] for entry in OFFICE.entries("ended")}
    assert runs == {CASES["backup"]: "done", CASES["restore"]: "done"}


def test_a_second_execution_is_refused() -> None:
    assert "refused" in OFFICE.cadangan("execute", CASES["backup"], "--as", EXECUTOR, fails=3)["stderr"]
