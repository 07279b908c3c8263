"""SIGKILL at random moments of a backup and of a restore: no listed set is bad, no original is lost.

CADANGAN_KILLS says how often (6), CADANGAN_SEED repeats a run.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository
from support.awkward_postgresql import create_database
from support.postgresql_server import PostgresqlServer
from support.postgresql_target import PostgresqlTarget
from support.signed_office import Keyring, backup_item

KILLS = int(os.environ.get("CADANGAN_KILLS", "6"))
SEED = int(os.environ.get("CADANGAN_SEED", random.randrange(1 << 30)))
ROWS = 20_000
CONTENT = "SELECT count(*) || ' ' || sum(hashtext(nama)) FROM siswa"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as running:
        create_database(running, "siswa")
        running.sql(
            "siswa",
            "CREATE ROLE guru; CREATE TABLE siswa (id int PRIMARY KEY, nama text);"
            f"INSERT INTO siswa SELECT n, repeat('siswa ' || n, 9) FROM generate_series(1, {ROWS}) AS n;"
            "CREATE INDEX ON siswa (nama); ALTER TABLE siswa OWNER TO guru; SELECT lo_from_bytea(0, 'foto')",
        )
        yield running


@pytest.fixture
def target(
    tmp_path: Path, keyring: Keyring, server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> PostgresqlTarget:
    return PostgresqlTarget(tmp_path, keyring, server, monkeypatch)


@pytest.fixture
def chance() -> random.Random:
    print(f"CADANGAN_SEED={SEED}")
    return random.Random(SEED)


def test_killed_backups(target: PostgresqlTarget, server: PostgresqlServer, chance: random.Random) -> None:
    begun = time.monotonic()
    target.back_up("siswa", drill=True)
    usual = time.monotonic() - begun
    for _ in range(KILLS):
        known = set(sets_of(target))
        run_and_kill(target, backup_item(database="siswa", drill=True, **target.place), usual, chance)
        for set_id in set(sets_of(target)) - known:
            assert target.drill(as_backup(target, set_id), "siswa")["result"] == "done"
        settle(server)
    outcome = target.back_up("siswa")
    assert target.drill(outcome, "siswa")["result"] == "done"
    assert target.partials() == []
    assert server.databases() == ["postgres", "siswa", "template0", "template1"]


def test_killed_replacements(target: PostgresqlTarget, server: PostgresqlServer, chance: random.Random) -> None:
    backup = target.back_up("siswa")
    whole = server.sql("siswa", CONTENT)
    server.sql("siswa", "DELETE FROM siswa WHERE id % 3 = 0")
    damaged = server.sql("siswa", CONTENT)
    begun = time.monotonic()
    assert target.restore(backup, "siswa", "replace")["result"] == "done"
    usual = time.monotonic() - begun
    swapped = 0
    for _ in range(KILLS):
        put_back(server, damaged)
        item = target.restore_item(backup, "siswa", "siswa", mode="replace", **target.place)
        run_and_kill(target, item, usual, chance, set_key=target.set_key(backup))
        settle(server)
        kept = asides(server)
        # Either nothing happened, or all of it: the old database is there under one name or the other.
        assert server.sql("siswa", CONTENT) == (whole if kept else damaged)
        assert [server.sql(name, CONTENT) for name in kept] == [damaged] * len(kept)
        assert len(kept) < 2
        swapped += len(kept)
    print(f"{swapped} of {KILLS} kills came after the swap")
    put_back(server, damaged)
    assert target.restore(backup, "siswa", "replace")["result"] == "done"
    assert server.sql("siswa", CONTENT) == whole
    put_back(server, damaged)
    assert server.databases() == ["postgres", "siswa", "template0", "template1"]


def run_and_kill(
    target: PostgresqlTarget, item: dict[str, Any], usual: float, chance: random.Random, **arguments: Any
) -> None:
    """Begin the item in a process of its own, and kill that, alone or with all that it started, at some moment.

    `usual` is how long it takes, in seconds.
    """
    case = target.case(item)
    after, alone = chance.uniform(0, usual * 1.1), chance.random() < 0.5
    print(f"kill {'alone' if alone else 'with children'} after {after:.3f} of {usual:.3f} s")
    run = _in_child(lambda: target.run(case, options=target.options, **arguments))
    time.sleep(after)
    victims = [run] if alone else [*descendants(run), run]
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(run, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it was too late for the kill, and had failed"


def _in_child(work: Callable[[], dict[str, Any]]) -> int:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if work()["result"] == "done" else 1
        finally:
            os._exit(status)
    return pid


def descendants(pid: int) -> list[int]:
    """All processes that it started, and that these started."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found = children.get(pid, [])
    return [*found, *(below for child in found for below in descendants(child))]


def settle(server: PostgresqlServer) -> None:
    """Wait until what the server was doing for the dead run has ended."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name IN ('cadangan', 'pg_dump', 'pg_restore')"
    for _ in range(200):
        if server.sql("postgres", busy) == "0":
            return
        time.sleep(0.1)
    raise AssertionError(server.sql("postgres", "SELECT query FROM pg_stat_activity"))


def sets_of(target: PostgresqlTarget) -> list[str]:
    return Repository(str(target.repository)).sets()


def as_backup(target: PostgresqlTarget, set_id: str) -> dict[str, Any]:
    """A listed set, as the run that made it would have told it."""
    found = BackupSet(Repository(str(target.repository)).find(set_id))
    facts = {"set": set_id, "manifest": found.digest, "snapshot_at": found.manifest["snapshot_at"]}
    return {"facts": facts, "key_age": found.texts()["key_age"]}


def asides(server: PostgresqlServer) -> list[str]:
    return [name for name in server.databases() if name.startswith("siswa_sebelum_")]


def put_back(server: PostgresqlServer, damaged: str) -> None:
    """Undo a replacement, if there was one."""
    for name in asides(server):
        server.sql("postgres", "DROP DATABASE siswa WITH (FORCE)")
        server.sql("postgres", f'ALTER DATABASE "{name}" RENAME TO siswa')
    assert server.sql("siswa", CONTENT) == damaged
