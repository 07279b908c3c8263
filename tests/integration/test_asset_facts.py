"""Every database server on this machine is found, and one that hangs or refuses spoils nothing of the others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import facts_servers
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_processes import Program, running
from support.mariadb_server import MariadbServer
from support.mysql_server import MysqlServer
from support.postgresql_server import PostgresqlServer
from support.redis_server import RedisServer

Instances = list[dict[str, Any]]
SECRET = "kata-sandi-uji"
# Of their own, since the servers of whoever else tests on this machine are found as well.
FIRST, SECOND = (str(20_000 + 2 * (os.getpid() % 10_000) + number) for number in (0, 1))


@pytest.fixture(scope="module")
def clusters() -> Iterator[tuple[PostgresqlServer, PostgresqlServer]]:
    """Two clusters on one machine."""
    with PostgresqlServer(port=FIRST) as first, PostgresqlServer(port=SECOND) as second:
        for name in ("siak", "{{ 1 }} '"):
            first.sql("postgres", f'CREATE DATABASE "{name}"')
        second.sql("postgres", "CREATE TABLE warga (nama text)")
        yield first, second


def look(options: dict[str, Any] | None = None, seconds: float = 20) -> Instances:
    instances, _others = facts_servers.look(options or {}, seconds, 60)
    return instances


def at(port: str, instances: Instances) -> dict[str, Any]:
    [found] = [each for each in instances if each["instance"] == port]
    return found


def names(instance: dict[str, Any]) -> list[str]:
    return [database["name"] for database in instance["databases"]]


def test_each_cluster_is_found_with_its_databases(clusters: tuple[PostgresqlServer, PostgresqlServer]) -> None:
    instances = look()
    first, second = at(FIRST, instances), at(SECOND, instances)
    assert names(first) == ["siak", "{{ 1 }} '"]
    assert all(database["size"] > 1_000_000 for database in first["databases"])
    # The database of every new cluster is one only when something is in it.
    assert names(second) == ["postgres"]
    assert (first["engine"], first["version"].split(".")[0], first["unseen"]) == ("postgresql", "15", "")


def test_a_server_that_hangs_is_told_and_spoils_nothing(
    clusters: tuple[PostgresqlServer, PostgresqlServer],
) -> None:
    stopped, works = clusters
    process = int((stopped.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(process, signal.SIGSTOP)
    try:
        began = time.monotonic()
        instances = look(seconds=2)
        took = time.monotonic() - began
    finally:
        os.kill(process, signal.SIGCONT)
    assert at(stopped.port, instances)["unseen"] == "it did not answer within 2 s"
    assert names(at(works.port, instances)) == ["postgres"]
    assert took < 30


def test_a_server_that_refuses_is_told(clusters: tuple[PostgresqlServer, PostgresqlServer]) -> None:
    refuses, works = clusters
    rules = refuses.data / "pg_hba.conf"
    before = rules.read_text()
    try:
        rules.write_text("local all all reject\n")
        refuses.run("pg_ctl", "reload", "-s", "-D", str(refuses.data))
        found = _until(lambda: at(refuses.port, look()), lambda each: bool(each["unseen"]))
    finally:
        rules.write_text(before)
        refuses.run("pg_ctl", "reload", "-s", "-D", str(refuses.data))
    assert "pg_hba.conf rejects connection" in found["unseen"]
    assert names(at(works.port, look())) == ["postgres"]


@pytest.mark.parametrize("kind", [MariadbServer, MysqlServer])
def test_mariadb_and_mysql_are_told_apart(
    kind: type[MariadbServer | MysqlServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def called_as_it_is_elsewhere() -> list[Program]:
        # MySQL's program of the test image is run by another image's loader, which has the name here.
        return [
            program._replace(name="mysqld") if program.name.startswith("ld-linux") else program for program in running()
        ]

    with kind() as server:
        monkeypatch.setattr(facts_servers, "running", called_as_it_is_elsewhere)
        server.sql("", "CREATE DATABASE layanan_uji; CREATE TABLE layanan_uji.warga (nama varchar(100))")
        found = next(each for each in look({"mysql": server.options}) if "layanan_uji" in names(each))
    assert found["engine"] == server.engine_class.name
    assert found["version"][0].isdigit()
    assert "-" not in found["version"]
    assert not {"mysql", "sys"} & set(names(found))


def test_redis_with_a_password_needs_the_office_to_know_it(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.touch(0o600)
    file.write_text(SECRET)
    with RedisServer(password=SECRET) as server:
        refused = at(server.port, look())
        found = at(server.port, look({"redis": {"password_file": str(file)}}))
    assert "NOAUTH" in refused["unseen"]
    assert SECRET not in str(refused)
    assert (found["engine"], names(found), found["unseen"]) == ("redis", ["all"], "")
    assert found["version"][0].isdigit()


def _until(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """The answer, once it is as wanted."""
    for _attempt in range(50):
        answer = ask()
        if holds(answer):
            break
        time.sleep(0.1)
    return answer
