"""The servers after a backup, damage, and a restore."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.office import EXECUTOR, Office
from support.scenario import FOLDER, psql

OFFICE = Office(FOLDER)
CASES: dict[str, Any] = json.loads((FOLDER / "cases.json").read_text())
FACTS = """
    SELECT count(*), sum(length(nama)), max(panjang) FROM "daftar antrean";
    SELECT count(*), md5(string_agg(isi, '' ORDER BY antrean)) FROM berkas;
    SELECT status, count FROM ringkasan;
    SELECT md5(lo_get(4711)), pg_get_userbyid(lomowner) FROM pg_largeobject_metadata;
    SELECT has_table_privilege('pembaca', 'ringkasan', 'SELECT'), tableowner FROM pg_tables WHERE tablename = 'berkas';
    SELECT extname FROM pg_extension ORDER BY 1;
"""


def container(host: Any) -> str:
    name: str = host.backend.name
    return name


def sets(host: Any) -> list[str]:
    found = host.run("find /srv/cadangan -name manifest.json -printf '%h\n'")
    assert found.rc == 0
    return sorted(found.stdout.split())


def test_check_mode_changed_nothing() -> None:
    assert CASES["before"] == CASES["after"]


def test_each_server_holds_one_whole_set(host: Any) -> None:
    (folder,) = sets(host)
    files = host.run(f"ls -A {folder}").stdout.split()
    parts = {"data.zst.age", "database.zst.age", "globals.zst.age"}
    assert set(files) == parts | {"key.age", "manifest.json", "manifest.json.sig"}
    assert host.run("find /srv/cadangan -name '*.partial'").stdout == ""
    manifest = json.loads(host.file(f"{folder}/manifest.json").content_string)
    assert (manifest["case"], manifest["drilled"]) == (CASES["backup"], True)


def test_nobody_else_can_read_the_sets(host: Any) -> None:
    assert host.run("find /srv/cadangan -type d -perm /077 -o ! -user root").stdout == ""


def test_the_damaged_database_is_as_it_was(host: Any) -> None:
    if container(host) == "cadangan-pg15":
        assert psql("cadangan-pg15", "layanan", FACTS) == psql("cadangan-pg17", "layanan", FACTS)


def test_the_damaged_database_is_kept_aside() -> None:
    names = psql("cadangan-pg15", "postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate").split()
    (aside,) = set(names) - {"postgres", "layanan"}
    assert psql("cadangan-pg15", aside, 'SELECT count(*) FROM "daftar antrean"').strip() == "17"


def test_the_copy_is_like_the_original_and_the_drill_left_nothing() -> None:
    names = psql("cadangan-pg17", "postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate").split()
    assert sorted(names) == ["layanan", "layanan_salinan", "postgres"]
    assert psql("cadangan-pg17", "layanan_salinan", FACTS) == psql("cadangan-pg17", "layanan", FACTS)


def test_the_ledger_says_what_was_done(host: Any) -> None:
    lines = host.file("/var/lib/cadangan/ledger").content_string.splitlines()
    events = [json.loads(line) for line in lines]
    done = {(e["case"], e["item"]) for e in events if e["kind"] == "outcome" and e["outcome"]["result"] == "done"}
    expected = {
        "cadangan-pg15": {(CASES["backup"], "1"), (CASES["restore"], "1")},
        "cadangan-pg17": {(CASES["backup"], "2"), (CASES["restore"], "2"), (CASES["restore"], "3")},
    }
    assert done == expected[container(host)]
    spent = {(e["case"], e["item"]) for e in events if e["kind"] == "spent"}
    assert spent <= done


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY", "rahasia-petugas", "Pemohon 1"])
def test_no_secret_and_no_row_is_left_on_the_server(host: Any, secret: str) -> None:
    # The sample itself is in /tmp; the server's own files are none of our business.
    places = "/etc/cadangan /srv /tmp /var/lib/cadangan /var/log"
    assert host.run(f"grep -rslF --exclude=layanan.sql -- %s {places}", secret).stdout == ""


def test_no_secret_and_no_row_is_in_the_office() -> None:
    kept = [file for file in OFFICE.root.rglob("*") if file.is_file()]
    assert kept
    for secret in (b"AGE-SECRET-KEY", b"rahasia-petugas", b"Pemohon 1", b"PRIVATE KEY"):
        assert [file for file in kept if secret in file.read_bytes()] == []


def test_both_cases_are_complete_and_the_journal_is_whole() -> None:
    OFFICE.cadangan("journal", "verify")
    runs = {entry["case"]: entry["result"] for entry in OFFICE.entries("ended")}
    assert runs == {CASES["backup"]: "done", CASES["restore"]: "done"}
    ways = {entry["case"]: entry["via"] for entry in OFFICE.entries("started")}
    assert ways == {CASES["backup"]: "ansible-playbook", CASES["restore"]: "cadangan"}


def test_a_second_execution_is_refused() -> None:
    assert "refused" in OFFICE.cadangan("execute", CASES["backup"], "--as", EXECUTOR, fails=3)["stderr"]
