"""SIGKILL at random moments of a backup and of a restore: no listed set is bad, no original is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.awkward_postgresql import create_database
from support.kills import KILLS, SEED, as_backup, run_and_kill, sets_of
from support.postgresql_server import PostgresqlServer
from support.postgresql_target import PostgresqlTarget
from support.signed_office import Keyring, backup_item

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
        kill(target, backup_item(database="siswa", drill=True, **target.place), usual, chance)
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
        kill(target, item, usual, chance, set_key=target.set_key(backup))
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


def kill(target: PostgresqlTarget, item: dict[str, Any], usual: float, chance: random.Random, **arguments: Any) -> None:
    """Begin the item, and kill the run at some moment of the `usual` seconds that it takes."""
    case = target.case(item)
    run_and_kill(lambda: target.run(case, options=target.options, **arguments), usual, chance)


def settle(server: PostgresqlServer) -> None:
    """Wait until what the server was doing for the dead run has ended."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name IN ('cadangan', 'pg_dump', 'pg_restore')"
    for _ in range(200):
        if server.sql("postgres", busy) == "0":
            return
        time.sleep(0.1)
    raise AssertionError(server.sql("postgres", "SELECT query FROM pg_stat_activity"))


def asides(server: PostgresqlServer) -> list[str]:
    return [name for name in server.databases() if name.startswith("siswa_sebelum_")]


def put_back(server: PostgresqlServer, damaged: str) -> None:
    """Undo a replacement, if there was one."""
    for name in asides(server):
        server.sql("postgres", "DROP DATABASE siswa WITH (FORCE)")
        server.sql("postgres", f'ALTER DATABASE "{name}" RENAME TO siswa')
    assert server.sql("siswa", CONTENT) == damaged
