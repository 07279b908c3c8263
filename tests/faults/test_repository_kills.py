"""SIGKILL of what receives, and connections cut, at random moments: every listed set is whole, every run is told."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import pinned, repository_ssh, work_backup
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import RepositoryLost
from support.kills import KILLS, SEED, descendants
from support.repository_server import NAME, RepositoryServer, Wire, make_key
from support.sent_set import id_of, place, write_set
from support.signed_office import ASSET, Keyring, backup_item
from support.ssh_server import SshServer
from support.target import Target

RECEIVER_KILLS = max(KILLS, 20)
DUMP = ["head", "-c", "3000000", "/dev/urandom"]


def check_listed(server: RepositoryServer) -> list[str]:
    """Every listed set is whole; their ids."""
    listed = server.repository.sets()
    for set_id in listed:
        found = BackupSet(server.repository.find(set_id))
        assert list(found.faults()) == []
        assert found.check_signature(server.keys[ASSET])
        assert found.small_file("receipt.json")
    return listed


def receivers() -> list[int]:
    """The programs that receive for this process."""
    found = []
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError):
            if b"repository_launcher" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


@contextlib.contextmanager
def later(seconds: float, action: Callable[[], None]) -> Iterator[None]:
    """Do something in so many seconds, at the latest when the context is left."""
    timer = threading.Timer(seconds, action)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def test_a_receiver_killed_at_any_moment_lists_whole_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository_ssh, "_PUBLISH_SECONDS", 5)
    chance = random.Random(SEED)
    key = make_key(tmp_path / "key")
    wire = Wire(RepositoryServer(tmp_path, {ASSET: [key]}), monkeypatch)
    begun = time.monotonic()
    write_set(wire.sender(), tmp_path / "key", DUMP, place(item="1"))
    usual = time.monotonic() - begun

    def kill() -> None:
        for pid in receivers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    published, lost = {1}, 0
    for number in range(2, RECEIVER_KILLS + 2):
        after = chance.uniform(0, usual)
        print(f"kill {number} after {after:.3f} of {usual:.3f} s, seed {SEED}")
        with later(after, kill):
            try:
                write_set(wire.sender(), tmp_path / "key", DUMP, place(item=str(number)))
                published.add(number)
            except RepositoryLost:
                lost += 1
        listed = check_listed(wire.server)
        assert {int(set_id.rpartition("-")[2]) for set_id in listed} == published
    print(f"{len(published)} published, {lost} lost")
    assert lost
    # One begin sweeps what was left half.
    with wire.sender().begin(id_of(place(item="999"))) as new:
        new.create("data.zst.age")
        half = [path for path in wire.server.root.rglob("*.partial") if not (path / "manifest.json").exists()]
        assert len(half) == 1


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Target:
    return Target(tmp_path, keyring, SqliteEngine, monkeypatch, repository=f"ssh://{NAME}")


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "app" / "siswa.db"
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE siswa (id INTEGER PRIMARY KEY, foto BLOB)")
        connection.executemany("INSERT INTO siswa (foto) VALUES (?)", [(os.urandom(1000),) for _ in range(3000)])
    return str(path)


def test_connections_cut_at_any_moment_are_made_again_or_told(
    target: Target, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over SSH, with sshd stopped for a moment now and then: a repository host that is started again."""
    monkeypatch.setattr(repository_ssh, "_PUBLISH_SECONDS", 10)
    monkeypatch.setattr(work_backup, "_PAUSES", (1, 1))
    chance = random.Random(SEED)
    (tmp_path / NAME).mkdir()
    server = RepositoryServer(tmp_path / NAME, {ASSET: [target.public_key]})
    with SshServer(tmp_path / "ssh") as ssh:
        ssh.let_in(target.public_key, server.command("sender", ASSET))
        pinned.write_repositories([ssh.contact()])

        cuts = []

        def cut() -> None:
            cuts.append(ssh.restart(chance.uniform(0, 1)))

        begun = time.monotonic()
        known = {target.back_up(database)["facts"]["set"]}
        usual = time.monotonic() - begun
        results = []
        for number in range(KILLS):
            after = chance.uniform(0, usual)
            print(f"cut {number} after {after:.3f} of {usual:.3f} s, seed {SEED}")
            case = target.case(backup_item(database=database))
            with later(after, cut):
                outcome = target.run(case)
            results.append((outcome["result"], outcome["facts"].get("attempts")))
            if outcome["result"] == "done":
                known.add(outcome["facts"]["set"])
            else:
                assert NAME in outcome["message"], outcome
            assert set(check_listed(server)) == known
    print(results)
    assert any(cuts), "no cut came in time"
