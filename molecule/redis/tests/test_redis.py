"""The servers after a backup, damage, and a restore."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.office import Office
from support.scenario import FOLDER

OFFICE = Office(FOLDER)
CASES: dict[str, Any] = json.loads((FOLDER / "cases.json").read_text())
LAMA, BARU = "cadangan-redis-lama", "cadangan-redis-baru"


def outcomes(host: Any) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in host.file("/var/lib/cadangan/ledger").content_string.splitlines()]
    return [event["outcome"] for event in events if event["kind"] == "outcome"]


def test_check_mode_changed_nothing() -> None:
    assert CASES["unchanged"]


def test_all_is_back_as_the_servers_themselves_say() -> None:
    assert CASES["after"]["lama"] == CASES["before"]["lama"]
    assert CASES["after"]["valkey"] == CASES["before"]["valkey"]
    # Redis 8.0 now has what 7.0 had. It digests scores otherwise, but as Valkey does, which was filled alike.
    assert CASES["after"]["redis"] == CASES["before"]["valkey"] != CASES["before"]["redis"]


def test_the_services_run_and_go_on_saving(host: Any) -> None:
    units = {LAMA: ["redis-server"], BARU: ["redis-server", "valkey-server"]}
    for unit in units[host.backend.name]:
        assert host.service(unit).is_running


def test_the_append_only_file_and_the_access_list_are_in_use(host: Any) -> None:
    if host.backend.name == LAMA:
        said = host.run("REDISCLI_AUTH=rahasia-antrean redis-cli INFO persistence").stdout
        assert "aof_enabled:1" in said
        assert host.run("REDISCLI_AUTH=rahasia-antrean redis-cli ACL USERS").stdout.split() == ["aplikasi", "default"]
        assert host.file("/var/lib/redis/users.acl").exists


def test_everything_is_still_there_after_another_restart(host: Any) -> None:
    if host.backend.name == LAMA:
        assert host.run("systemctl restart redis-server").rc == 0
        said = host.run("REDISCLI_AUTH=rahasia-antrean redis-cli DEBUG DIGEST").stdout
        assert said.strip() == CASES["before"]["lama"].strip()


def test_the_old_data_are_kept_aside(host: Any) -> None:
    facts = [outcome["facts"] for outcome in outcomes(host) if outcome["facts"]["aside"]]
    assert len(facts) == {LAMA: 1, BARU: 2}[host.backend.name]
    for found in facts:
        folder = host.file(found["aside"])
        assert folder.is_directory and folder.mode == 0o700
        assert host.file(f"{found['aside']}/dump.rdb").size > 0


def test_nothing_else_is_left(host: Any) -> None:
    found = host.run("find / -xdev ( -name jebol -o -name '.cadangan-*' -o -name '*.partial' ) -not -path '/proc/*'")
    assert found.stdout == ""
    assert host.run("pgrep -c -f [c]adangan.sock").stdout.strip() == "0"


def test_the_copy_starts_as_a_server_of_its_own(host: Any) -> None:
    if host.backend.name == BARU:
        start = "redis-server --dir /srv/salinan --port 7000 --daemonize yes --enable-debug-command yes"
        assert host.run(f"runuser -u redis -- {start}").rc == 0
        said = host.run("for n in $(seq 50); do redis-cli -p 7000 DEBUG DIGEST && break; sleep 0.2; done").stdout
        host.run("redis-cli -p 7000 SHUTDOWN NOSAVE")
        assert said.strip().splitlines()[-1] == CASES["before"]["redis"].strip()


def test_the_ledger_says_what_was_done(host: Any) -> None:
    assert {outcome["result"] for outcome in outcomes(host)} == {"done"}
    assert len(outcomes(host)) == {LAMA: 2, BARU: 6}[host.backend.name]


@pytest.mark.parametrize("secret", ["AGE-SECRET-KEY", "rahasia-antrean", "kunci-sesi", "sesi:17"])
def test_no_secret_and_no_name_of_a_key_is_left_on_the_server(host: Any, secret: str) -> None:
    places = "/etc/cadangan /srv/cadangan /tmp /var/lib/cadangan /var/log"
    assert host.run(f"grep -rslF -- %s {places}", secret).stdout == ""


def test_no_secret_and_no_name_of_a_key_is_in_the_office() -> None:
    kept = [file for file in OFFICE.root.rglob("*") if file.is_file()]
    assert kept
    for secret in (b"AGE-SECRET-KEY", b"rahasia", b"kunci-sesi", b"sesi:17"):
        assert [file for file in kept if secret in file.read_bytes()] == []


def test_both_cases_are_complete_and_the_journal_is_whole() -> None:
    OFFICE.cadangan("journal", "verify")
    runs = {entry["case"]: entry["result"] for entry in OFFICE.entries("ended")}
    assert runs == {CASES["backup"]: "done", CASES["restore"]: "done"}
