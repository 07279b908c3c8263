"""SIGKILL at random moments of backups and replacements of MariaDB and MySQL: no bad set, no original lost."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import places
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from support.awkward_mysql_family import told
from support.awkward_postgresql import load_backup, take_backup
from support.kills import KILLS, SEED, as_backup, run_and_kill, sets_of
from support.mariadb_server import MariadbServer
from support.mysql_family_server import FamilyServer
from support.mysql_family_target import FamilyTarget
from support.mysql_server import MysqlServer
from support.signed_office import Keyring, backup_item

ROWS = ",".join(f"({number}, '{f'siswa {number}' * 9}', 1)" for number in range(20_000))
SCRIPT = f"""
CREATE TABLE kelas (id int PRIMARY KEY);
CREATE TABLE siswa (id int PRIMARY KEY, nama varchar(200), kelas int, KEY (nama),
    FOREIGN KEY (kelas) REFERENCES kelas (id));
CREATE TABLE catatan (id int);
INSERT INTO kelas VALUES (1);
INSERT INTO siswa VALUES {ROWS};
CREATE TRIGGER satu AFTER DELETE ON siswa FOR EACH ROW INSERT INTO catatan VALUES (1);
CREATE TRIGGER dua AFTER INSERT ON kelas FOR EACH ROW INSERT INTO catatan VALUES (2);
CREATE VIEW ringkas AS SELECT kelas, COUNT(*) AS n FROM siswa GROUP BY kelas;
CREATE PROCEDURE bersih() DELETE FROM catatan;
CREATE EVENT malam ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' DO CALL bersih();
"""
DAMAGE = """
DELETE FROM siswa WHERE id % 3 = 0; DROP TRIGGER dua; CREATE TABLE lebih (x int);
CREATE TRIGGER tiga BEFORE INSERT ON lebih FOR EACH ROW SET NEW.x = 1; DROP VIEW ringkas; DROP PROCEDURE bersih;
"""


@pytest.fixture(scope="module", params=[MariadbServer, MysqlServer], ids=["mariadb", "mysql"])
def running(request: pytest.FixtureRequest) -> Iterator[FamilyServer]:
    with request.param() as server:
        yield server


@pytest.fixture
def server(running: FamilyServer) -> FamilyServer:
    """A server with one database."""
    running.reset()
    running.create("siswa")
    running.sql("siswa", SCRIPT)
    return running


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, server: FamilyServer, monkeypatch: pytest.MonkeyPatch) -> FamilyTarget:
    return FamilyTarget(tmp_path, keyring, server, monkeypatch)


@pytest.fixture
def chance() -> random.Random:
    print(f"CADANGAN_SEED={SEED}")
    return random.Random(SEED)


def test_killed_backups(target: FamilyTarget, server: FamilyServer, chance: random.Random) -> None:
    begun = time.monotonic()
    target.back_up("siswa", drill=True)
    usual = time.monotonic() - begun
    for _ in range(KILLS):
        known = set(sets_of(target))
        case = target.case(backup_item(database="siswa", drill=True, **target.place))
        run_and_kill(lambda case=case: target.run(case, options=target.options), usual, chance)
        settle(server)
        for set_id in set(sets_of(target)) - known:
            assert target.drill(as_backup(target, set_id), "siswa")["result"] == "done"
        # No lock was left.
        server.sql("siswa", "INSERT INTO catatan VALUES (3)")
    outcome = target.back_up("siswa")
    assert target.drill(outcome, "siswa")["result"] == "done"
    assert target.partials() == []
    assert server.databases() == ["siswa"]


def test_killed_replacements(target: FamilyTarget, server: FamilyServer, chance: random.Random) -> None:
    backup = target.back_up("siswa")
    whole = told(server, "siswa")
    server.sql("siswa", DAMAGE)
    damaged = told(server, "siswa")
    begun = time.monotonic()
    assert target.restore(backup, "siswa", "replace")["result"] == "done"
    usual = time.monotonic() - begun
    swapped = 0
    for _ in range(KILLS):
        put_back(server, damaged)
        case = target.case(target.restore_item(backup, "siswa", "siswa", mode="replace", **target.place))
        key = target.set_key(backup)
        run_and_kill(lambda case=case, key=key: target.run(case, options=target.options, set_key=key), usual, chance)
        settle(server)
        swapped += ended_well(server, whole, damaged)
    print(f"{swapped} of {KILLS} kills came after the swap")
    put_back(server, damaged)
    assert target.restore(backup, "siswa", "replace")["result"] == "done"
    assert told(server, "siswa") == whole


def test_a_server_killed_while_databases_are_exchanged(
    server: FamilyServer, chance: random.Random, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "state_dir", lambda: str(tmp_path))
    backup = take_backup(server.engine("siswa"))
    whole = told(server, "siswa")
    server.sql("siswa", DAMAGE)
    damaged = told(server, "siswa")
    usual, swapped = 1.0, 0
    for number in range(KILLS + 1):
        put_back(server, damaged)
        engine = server.engine("siswa")
        scratch = load_backup(engine, backup, "siswa", "replace")

        def swap(engine=engine, scratch=scratch) -> None:
            with contextlib.suppress(EngineError):
                engine.swap(scratch, "siswa", "siswa_sebelum_x")

        begun = time.monotonic()
        thread = threading.Thread(target=swap)
        thread.start()
        if number > 0:
            time.sleep(chance.uniform(0, usual))
            server.kill()
        thread.join()
        if number == 0:
            usual = time.monotonic() - begun
            continue
        server.start()
        swapped += ended_well(server, whole, damaged)
    print(f"{swapped} of {KILLS} kills came after the tables moved")


def ended_well(server: FamilyServer, whole: str, damaged: str) -> bool:
    """Once the next run has swept, either nothing happened or all of it; whether it was all."""
    engine = server.engine("siswa")
    for name in engine.leftovers():
        engine.drop(name)
    kept = asides(server)
    assert server.databases() == ["siswa", *kept]
    assert told(server, "siswa") == (whole if kept else damaged)
    for name in kept:
        # Events of the old database do not run any more.
        expected = damaged.replace("NOT PRESERVE ENABLE", "NOT PRESERVE DISABLE")
        assert told(server, name) == expected
    return bool(kept)


def settle(server: FamilyServer) -> None:
    """Wait until what the server was doing for the dead run has ended."""
    busy = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'root' AND ID <> CONNECTION_ID()"
    for _ in range(300):
        if server.sql("", busy) == "0":
            return
        time.sleep(0.1)
    raise AssertionError(server.sql("", "SHOW FULL PROCESSLIST"))


def asides(server: FamilyServer) -> list[str]:
    return [name for name in server.databases() if name.startswith("siswa_sebelum_")]


def put_back(server: FamilyServer, damaged: str) -> None:
    """Make the damaged database the only one."""
    server.reset()
    server.create("siswa")
    server.sql("siswa", damaged)
    assert told(server, "siswa") == damaged
