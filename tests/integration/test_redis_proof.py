"""Redis: a consistent dump beside writers, and a proof that sees every change and names the key."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import redis_proof
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_redis import RedisEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import ProofFailed, differences
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, Word
from support.awkward_redis import fill
from support.redis_server import RedisServer


@dataclass
class Backup:
    parts: dict[str, tuple[str, bytes]]
    proof: list[Fact]
    snapshot_at: str


def take_backup(engine: RedisEngine) -> Backup:
    with engine.snapshot() as snapshot:
        parts = {part.name: (part.format, run(part.command, limit=1 << 30)) for part in snapshot.parts()}
        return Backup(parts, snapshot.proof(), snapshot.snapshot_at)


def restored(engine: RedisEngine, backup: Backup) -> str:
    name = engine.scratch_name("all", "r-2026-0001-1")
    engine.drop(name)
    engine.create(name)
    for part, (form, data) in backup.parts.items():
        run(engine.load({"name": part, "format": form}, name), data)
    engine.expect(backup.proof, backup.snapshot_at)
    return name


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        fill(running)
        yield running


@pytest.fixture(scope="module")
def backup(server: RedisServer) -> Backup:
    return take_backup(server.engine())


@contextmanager
def changed(engine: RedisEngine, monkeypatch: pytest.MonkeyPatch, *commands: tuple[Word, ...]) -> Iterator[None]:
    """Let commands run in the private server before it is looked at."""
    take = redis_proof.take

    def take_after(connection: Connection, *arguments: object) -> object:
        for command in commands:
            connection.call(*command)
        return take(connection, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as context:
        context.setattr(redis_proof, "take", take_after)
        yield


def test_a_restored_server_equals_its_proof(server: RedisServer, backup: Backup) -> None:
    engine = server.engine()
    name = restored(engine, backup)
    assert differences(backup.proof, engine.proof_of(name)) == []
    groups = {(fact["kind"], fact["name"].partition(" from ")[0]) for fact in backup.proof}
    assert groups >= {
        *(("keys", f"0 {kind}") for kind in ("string", "list", "set", "zset", "hash", "stream")),
        ("keys", "3 string"),
        ("keys", "15 hash"),
        ("passing keys", "0 string"),
        ("passing keys", "0 hash"),
        ("functions", "cadangan"),
    }
    # With the keys that end ninety hours ahead there are still not thousands of facts.
    assert len(backup.proof) < 400
    # As the server's own means see it, too; they see no consumer groups.
    with engine.private_server(name) as connection:
        assert connection.call("DEBUG", "DIGEST").decode() == server.digest()
    engine.drop(name)


CHANGES: dict[str, tuple[list[tuple[Word, ...]], str]] = {
    "lost key": ([("DEL", "k:7")], "lost: key 'k:7' (string) in database 0"),
    "added key": ([("SET", "new", "x")], "added: key 'new' (string) in database 0"),
    "changed byte": ([("SETRANGE", "big", 1_500_000, "!")], "changed: key 'big' (string)"),
    "renamed key": ([("RENAME", "k:7", "k:x")], "added: key 'k:x'"),
    "binary key": ([("DEL", b"\x00\xff\r\n biner")], r"lost: key '\x00\\xff\r\n biner'"),
    "nameless key": ([("SET", "", "x")], "changed: key '' (string)"),
    "other database": ([("SELECT", 3), ("SET", "number", 42)], "changed: key 'number' (string) in database 3"),
    "swapped databases": ([("SWAPDB", 3, 15)], "lost: key 'number' (string) in database 3"),
    "moved key": ([("MOVE", "number", 5)], "added: key 'number' (string) in database 5"),
    "type": ([("DEL", "number"), ("RPUSH", "number", 42)], "changed: key 'number' (list)"),
    "end removed": ([("PERSIST", "session")], "changed: key 'session'"),
    "end added": ([("PEXPIREAT", "number", 1 << 50)], "changed: key 'number'"),
    "end moved by a millisecond": ([("PEXPIREAT", "forever", (1 << 60) + 1)], "changed: key 'forever'"),
    "list element": ([("LSET", "queue", 1400, "x")], "changed: key 'queue' (list)"),
    "list order": ([("RPUSH", "short", "b"), ("LPOP", "short"), ("LSET", "short", 0, "a")], "changed: key 'short'"),
    "set member": ([("SREM", "members", "m2999")], "changed: key 'members' (set)"),
    "score": ([("ZADD", "many", "0.33333333333333337", "z1")], "changed: key 'many' (zset)"),
    "sign of a zero": ([("ZREM", "many", "z0"), ("ZADD", "many", "-0.0", "z0")], "changed: key 'many'"),
    "field": ([("HDEL", "large", "f1999")], "changed: key 'large' (hash)"),
    "value of a field": ([("HSET", "small", b"\x00", b"\xfe")], "changed: key 'small'"),
    "stream entry": ([("XDEL", "events", "650-1")], "changed: key 'events' (stream)"),
    "last id of a stream": ([("XSETID", "events", "9999-1")], "changed: key 'events'"),
    "consumer group": ([("XGROUP", "DESTROY", "events", "idle")], "changed: key 'events'"),
    "consumer": ([("XGROUP", "DELCONSUMER", "events", "workers", "never")], "changed: key 'events'"),
    "position of a group": ([("XGROUP", "SETID", "events", "idle", "5-1")], "changed: key 'events'"),
    "pending entry": ([("XACK", "events", "workers", "200-1")], "changed: key 'events'"),
    "owner of a pending entry": (
        [("XCLAIM", "events", "workers", "never", 0, "200-1", "JUSTID")],
        "changed: key 'events'",
    ),
    "empty stream": ([("XGROUP", "DESTROY", "nothing", "workers")], "changed: key 'nothing' (stream)"),
    "function": ([("FUNCTION", "DELETE", "cadangan")], "lost: functions 'cadangan'"),
    "body of a function": (
        [("FUNCTION", "LOAD", "REPLACE", "#!lua name=cadangan\nredis.register_function('tambah', function() end)")],
        "changed: functions 'cadangan'",
    ),
    "everything": ([("FLUSHALL",)], "lost: key"),
}


def test_every_change_is_seen_and_named(
    server: RedisServer, backup: Backup, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    engine = server.engine()
    name = restored(engine, backup)
    for title, (commands, message) in CHANGES.items():
        with subtests.test(title), changed(engine, monkeypatch, *commands):
            with pytest.raises(ProofFailed) as failure:
                engine.proof_of(name)
            assert message in "\n".join(failure.value.differences)
    # The changes were made in memory, and the folder is still as it was.
    assert differences(backup.proof, engine.proof_of(name)) == []
    engine.drop(name)


def test_a_dump_beside_writers_is_of_one_moment(server: RedisServer) -> None:
    """Two counters are raised together in each transaction: in a dump they are equal."""
    over = threading.Event()

    def write() -> None:
        with server.connection() as connection:
            while not over.is_set():
                commands = [("MULTI",), ("INCR", "left"), ("SELECT", 9), ("INCR", "right"), ("SELECT", 0), ("EXEC",)]
                list(connection.pipeline(commands))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        engine = server.engine()
        values = []
        for _ in range(3):
            backup = take_backup(engine)
            with engine.private_server(restored(engine, backup)) as connection:
                left = connection.call("GET", "left")
                connection.call("SELECT", 9)
                values.append((left, connection.call("GET", "right")))
    finally:
        over.set()
        writer.join()
        server.call("DEL", "left")
        server.call("DEL", "right", database=9)
    assert all(left == right for left, right in values)
    assert len({left for left, _right in values}) == 3
    engine.drop(engine.scratch_name("all", "r-2026-0001-1"))


def test_a_backup_leaves_nothing_with_the_server(server: RedisServer) -> None:
    settings = server.call("CONFIG", "GET", "*")
    files = sorted(path.name for path in server.data.iterdir())
    take_backup(server.engine())
    assert sorted(path.name for path in server.data.iterdir()) == files
    assert server.call("CONFIG", "GET", "*") == settings
    assert b"connected_slaves:0" in server.call("INFO", "replication")


def test_a_large_value_is_not_held_in_memory(server: RedisServer) -> None:
    """A value of 100 MB is backed up and proven by a process that never has half as much."""
    server.call("SETRANGE", "large value", 100_000_000, "x")
    program = (
        "import pathlib, sys\n"
        "from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_redis import RedisEngine\n"
        "with RedisEngine(sys.argv[1], 'all', {}).snapshot() as snapshot:\n"
        "    assert snapshot.proof()\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", program, server.port], capture_output=True, text=True, check=True)
    server.call("DEL", "large value")
    assert int(done.stdout) * 1024 < 50_000_000


def test_a_folder_that_a_crashed_run_left_is_found_and_removed_with_its_server(
    server: RedisServer, backup: Backup
) -> None:
    engine = server.engine()
    name = restored(engine, backup)
    child = os.fork()
    if child == 0:
        try:
            with engine.private_server(name):
                os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    stray = Path(name, "cadangan.sock")
    assert stray.is_socket()
    assert engine.leftovers() == [name]
    engine.drop(name)
    assert engine.leftovers() == []
    assert str(stray).encode() not in Path("/proc/net/unix").read_bytes()
    assert name.encode() not in b"".join(path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline"))
