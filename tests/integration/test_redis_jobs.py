"""Redis by way of the one narrow function: backup, damage, restore, and everything that has to be refused."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    engine_redis,
    redis_files,
    redis_needs,
    redis_proof,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from support.awkward_redis import fill
from support.redis_server import RedisServer
from support.redis_target import RedisTarget
from support.signed_office import Keyring
from support.small_disk import mounted, small_disk

PASSWORD = "rahasia-antrean"


@pytest.fixture
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A server with a small data set; a test may give it settings."""
    with RedisServer(**getattr(request, "param", {})) as running:
        fill(running, value_size=200_000, keys=100)
        running.be_a_service(monkeypatch)
        yield running


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisTarget:
    return RedisTarget(tmp_path, keyring, server, monkeypatch)


def failed(outcome: dict[str, Any], *words: str) -> None:
    """It failed, saying so in these words."""
    assert outcome["result"] == "failed", outcome
    for word in words:
        assert word in outcome["message"], outcome["message"]


def damage(server: RedisServer) -> str:
    """Lose much, change something; gives the digest of what is left."""
    server.call("FLUSHDB")
    server.call("SET", "number", "damaged")
    return server.digest()


def scratch(server: RedisServer) -> list[str]:
    return [path.name for path in server.data.iterdir() if path.name.startswith(".cadangan-")]


APPEND = {"appendonly": "yes"}
CACHE = {"save": ""}


class TestRestore:
    @pytest.mark.parametrize("server", [{}, APPEND, CACHE], ids=["rdb", "aof", "cache"], indirect=True)
    def test_replace_brings_everything_back_and_keeps_the_old_data(
        self, target: RedisTarget, server: RedisServer
    ) -> None:
        before = server.digest()
        backup = target.back_up(drill=True)
        damaged = damage(server)
        outcome = target.restore(backup)
        assert outcome["result"] == "done", outcome
        assert server.digest() == before
        assert server.call("FUNCTION", "LIST") != []
        aside = Path(outcome["facts"]["aside"])
        assert aside == server.data / "before-r-2026-0002-1"
        assert scratch(server) == []
        # What is kept is still the old data, also after the server went on writing.
        server.call("SET", "later", "x" * 1000)
        server.call("SAVE")
        server.stop()
        server.start()
        assert server.call("GET", "later") == b"x" * 1000
        server.stop()
        put_in_place(server, aside)
        server.start()
        assert server.digest() == damaged

    def test_an_append_only_file_that_is_turned_on_again_does_not_bring_old_data(
        self, target: RedisTarget, server: RedisServer
    ) -> None:
        server.call("CONFIG", "SET", "appendonly", "yes")
        wait_for_append(server)
        before = server.digest()
        backup = target.back_up()
        server.call("CONFIG", "SET", "appendonly", "no")
        damage(server)
        assert target.restore(backup)["result"] == "done"
        server.stop()
        with (server.folder / "redis.conf").open("a") as file:
            file.write("appendonly yes\n")
        server.start()
        assert server.digest() == before

    def test_a_server_that_keeps_an_append_only_file_since_a_moment_ago(
        self, target: RedisTarget, server: RedisServer
    ) -> None:
        backup = target.back_up()
        before = server.digest()
        damage(server)
        for _twice in range(2):
            assert target.restore(backup)["result"] == "done"
            assert server.digest() == before
        names = {path.name for path in server.data.iterdir()}
        assert names == {"dump.rdb", "before-r-2026-0002-1", "before-r-2026-0003-1"}

    def test_a_copy_is_a_folder_for_a_server_of_its_own(
        self, target: RedisTarget, server: RedisServer, tmp_path: Path
    ) -> None:
        backup = target.back_up()
        copy = server.folder / "salinan basis"
        outcome = target.restore(backup, str(copy))
        assert outcome["result"] == "done", outcome
        assert [path.name for path in copy.iterdir()] == ["dump.rdb"]
        assert copy.owner() == server.account
        with RedisServer(dir=str(copy)) as another:
            assert another.digest() == server.digest()
        failed(target.restore(backup, str(copy)), "exists already")

    def test_a_drill_leaves_nothing(self, target: RedisTarget, server: RedisServer) -> None:
        backup = target.back_up()
        before = server.digest()
        assert target.drill(backup)["result"] == "done"
        assert (scratch(server), server.digest()) == ([], before)

    def test_keys_that_ended_since_the_backup_are_no_loss(self, target: RedisTarget, server: RedisServer) -> None:
        with server.connection() as connection:
            list(connection.pipeline([("SET", f"soon:{n}", n, "PX", 1000 + n * 20) for n in range(300)]))
        backup = target.back_up()
        assert target.drill(backup)["result"] == "done"
        while server.call("EXISTS", "soon:299"):
            pass
        assert target.drill(backup)["result"] == "done"
        assert target.restore(backup)["result"] == "done"


class TestFaults:
    @pytest.mark.parametrize("server", [{}, APPEND], ids=["rdb", "aof"], indirect=True)
    def test_whatever_step_fails_the_old_data_are_served(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up()
        damaged = damage(server)
        for step in range(1, 30):
            with monkeypatch.context() as context:
                fail_at(context, step)
                outcome = target.restore(backup)
            if outcome["result"] == "done":
                assert step > 5
                break
            failed(outcome, "could not be replaced", "broken on purpose")
            assert server.digest() == damaged
            assert [path.name for path in server.data.iterdir() if path.name.startswith(("before-", "."))] == []
        else:
            raise AssertionError("it has more steps than were tried")

    @pytest.mark.parametrize("server", [{}, APPEND], ids=["rdb", "aof"], indirect=True)
    def test_a_server_that_does_not_come_up_with_the_restored_data(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up()
        damaged = damage(server)
        start, calls = server.start, []

        def start_badly() -> None:
            calls.append(1)
            if len(calls) == 1:
                raise EngineError("systemctl ended with status 1")
            start()

        monkeypatch.setattr(server, "start", start_badly)
        failed(target.restore(backup), "systemctl ended with status 1")
        assert server.digest() == damaged

    def test_a_server_that_reads_something_else(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up()
        damaged = damage(server)
        monkeypatch.setattr(redis_files.DataFiles, "replace", lambda *_: None)
        monkeypatch.setattr(redis_files.DataFiles, "put_back", lambda *_: None)
        failed(target.restore(backup), "the restored data hold")
        assert server.digest() == damaged

    def test_the_server_is_killed_while_it_sends(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.call("CONFIG", "SET", "rdb-key-save-delay", "20000")
        threading.Timer(1, server.end, [signal.SIGKILL]).start()
        failed(target.backup(), "closed the connection")
        assert target.partials() == []
        assert scratch(server) == []
        server.start()

    def test_the_child_that_sends_is_killed(self, target: RedisTarget, server: RedisServer) -> None:
        server.call("CONFIG", "SET", "rdb-key-save-delay", "20000")
        parent = server.call("INFO", "server").decode().partition("process_id:")[2].split()[0]
        threading.Timer(1, subprocess.run, [["pkill", "-KILL", "-P", parent]]).start()
        failed(target.backup(), "closed the connection")
        assert scratch(server) == []

    def test_no_room_for_the_dump(self, target: RedisTarget, server: RedisServer, disk: Path) -> None:
        server.call("CONFIG", "SET", "dir", str(disk))
        outcome = target.backup()
        failed(outcome, "needs", "free")
        assert list(disk.iterdir()) == []

    def test_the_disk_gets_full_on_the_way(
        self, target: RedisTarget, server: RedisServer, disk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.call("CONFIG", "SET", "dir", str(disk))
        monkeypatch.setattr(redis_needs, "check_space", noop)
        failed(target.backup(), "No space left on device")
        assert list(disk.iterdir()) == []

    def test_the_disk_gets_full_while_restoring(
        self, target: RedisTarget, server: RedisServer, disk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up()
        damaged = damage(server)
        server.call("CONFIG", "SET", "dir", str(disk))
        failed(target.restore(backup), "needs", "free")
        monkeypatch.setattr(redis_needs, "check_space", noop)
        for outcome in (target.restore(backup), target.drill(backup), target.restore(backup, str(disk / "salinan"))):
            failed(outcome, "No space left on device")
            assert (list(disk.iterdir()), server.digest()) == ([], damaged)

    def test_the_repository_gets_full_on_the_way(
        self, target: RedisTarget, server: RedisServer, disk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.chown(disk, os.geteuid())
        before = server.digest()
        with mounted(target.repository, "--bind", str(disk)):
            failed(target.backup(), "needs about")
            monkeypatch.setattr(engine_redis.RedisEngine, "size", lambda _self: 0)
            failed(target.backup(), "No space left on device")
            assert [path for path in disk.rglob("*") if path.is_file()] == []
        assert (scratch(server), server.digest()) == ([], before)

    @pytest.mark.parametrize("server", [{}, CACHE], ids=["saves", "cache"], indirect=True)
    def test_a_server_that_can_not_save_is_not_stopped(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up()
        damaged = damage(server)
        settings = server.call("CONFIG", "GET", "save")
        stops: list[int] = []
        monkeypatch.setattr(server, "stop", lambda *_: stops.append(1))
        (server.data / "dump.rdb").unlink(missing_ok=True)
        (server.data / "dump.rdb").mkdir()
        failed(target.restore(backup), "can not save its data")
        assert (stops, server.digest(), server.call("CONFIG", "GET", "save")) == ([], damaged, settings)

    def test_a_changed_value_is_found_and_its_key_named(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up()
        tamper(monkeypatch, ("HSET", "large", "f7", "other"))
        outcome = target.drill(backup)
        failed(outcome, "changed: key 'large' (hash) in database 0")
        assert scratch(server) == []


class TestRefused:
    @pytest.mark.parametrize("server", [{"password": PASSWORD}], ids=["password"], indirect=True)
    def test_a_password(self, target: RedisTarget, server: RedisServer, tmp_path: Path) -> None:
        failed(target.backup(), "NOAUTH")
        file = tmp_path / f"password-{server.port}"
        file.write_text("salah\n")
        file.chmod(0o600)
        options = {"password_file": str(tmp_path / "password-%i")}
        failed(target.backup(options=options), "WRONGPASS")
        file.write_text(PASSWORD + "\n")
        file.chmod(0o640)
        failed(target.backup(options=options), "is not protected")
        file.chmod(0o600)
        assert target.backup(options=options)["result"] == "done"

    def test_a_user_without_rights(self, target: RedisTarget, server: RedisServer, tmp_path: Path) -> None:
        server.call("ACL", "SETUSER", "cadangan", "on", f">{PASSWORD}", "+dbsize", "+info", "+config|get")
        file = tmp_path / "password"
        file.write_text(PASSWORD)
        file.chmod(0o600)
        target.options = {"password_file": str(file), "user": "cadangan"}
        failed(target.backup(), "NOPERM")
        # Those that the role's README names.
        server.call("ACL", "SETUSER", "cadangan", "+psync", "+replconf", "+acl|list", "+module|list")
        backup = target.back_up()
        assert PASSWORD not in str(backup)
        failed(target.restore(backup), "NOPERM")
        server.call("ACL", "SETUSER", "cadangan", "+bgsave", "+config|set")
        damaged = damage(server)
        # Nobody wrote the user down: after a restart there is none. Then the old data are served.
        failed(target.restore(backup), "WRONGPASS")
        assert server.digest() == damaged
        server.call("ACL", "SETUSER", "cadangan", "on", f">{PASSWORD}", "+@all")
        server.call("CONFIG", "REWRITE")
        assert target.restore(backup)["result"] == "done"

    def test_a_replica(
        self,
        target: RedisTarget,
        server: RedisServer,
        tmp_path: Path,
        keyring: Keyring,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        backup = target.back_up()
        with RedisServer(replicaof=f"127.0.0.1 {server.port}") as replica:
            while b"master_link_status:up" not in replica.call("INFO", "replication"):
                pass
            failed(target.restore(backup), "has 1 replicas")
            target.place["instance"] = replica.port
            failed(target.backup(), "is a replica of 127.0.0.1")
            assert target.backup(options={"allow_replication": True})["result"] == "done"
            failed(target.restore(backup, options={"allow_replication": True}), "is a replica")
            server.end(signal.SIGKILL)
            failed(target.backup(options={"allow_replication": True}), "")

    def test_a_server_that_is_not_there(self, target: RedisTarget, server: RedisServer) -> None:
        server.stop()
        failed(target.backup(), "No server answers at port")

    @pytest.mark.parametrize("database", ["0", "siswa"])
    def test_one_database_of_many(self, target: RedisTarget, database: str) -> None:
        failed(target.backup(database), "all databases of a server")

    def test_a_dump_that_was_cut(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up()
        tamper_file(monkeypatch, lambda dump: os.truncate(dump, dump.stat().st_size - 1000))
        failed(target.drill(backup), "could not be read by a server")
        assert scratch(server) == []

    def test_a_dump_with_a_flipped_bit(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def flip(dump: Path) -> None:
            data = bytearray(dump.read_bytes())
            data[len(data) // 2] ^= 1
            dump.write_bytes(data)

        backup = target.back_up()
        tamper_file(monkeypatch, flip)
        failed(target.drill(backup), "could not be read by a server")

    def test_a_dump_of_a_newer_format(
        self, target: RedisTarget, server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up()
        tamper_file(monkeypatch, lambda dump: dump.write_bytes(b"REDIS0099" + dump.read_bytes()[9:]))
        failed(target.drill(backup), "Can't handle RDB format version 99")

    @pytest.mark.parametrize(
        ("product", "number", "compatible", "message"),
        [
            ("Redis", "8.0.2", "8.0.2", "of Redis 8.0.2, which Redis 7.0"),
            ("Valkey", "8.1.1", "7.2.4", "of Valkey 8.1.1, which Redis 7.0"),
        ],
    )
    def test_a_backup_of_a_newer_server(
        self, target: RedisTarget, server: RedisServer, product: str, number: str, compatible: str, message: str
    ) -> None:
        manifest = dict(target.set(target.back_up()).manifest)
        versions = {"product": product, "server": number, "compatible": compatible}
        manifest["versions"] = [{"name": name, "value": value} for name, value in versions.items()]
        with pytest.raises(EngineError, match=message):
            server.engine().check_restore(manifest, "drill", "all")

    def test_fewer_databases(self, target: RedisTarget, server: RedisServer) -> None:
        backup = target.back_up()
        with RedisServer(databases="4") as small:
            target.place["instance"] = small.port
            failed(target.drill(backup), "has a database 15, the server only 4")

    @pytest.mark.parametrize("path", ["relatif", "/tmp/../etc/redis", "/ada/tidak/salinan", "/etc"])
    def test_a_copy_to_a_strange_place(self, target: RedisTarget, path: str) -> None:
        failed(target.restore(target.back_up(), path), repr(path) if path != "/ada/tidak/salinan" else "/ada/tidak")

    def test_a_folder_that_its_owner_exchanges_is_no_way_out(
        self, server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The server's account moves our new folder away and puts a link in its place, before we can write to it."""
        outside = tmp_path / "luar"
        outside.mkdir()
        shutil.chown(outside, server.account)
        mkdir = os.mkdir

        def exchanged(path: str, mode: int = 0o777) -> None:
            mkdir(path, mode)
            made = Path(path)
            made.rename(path + "-dipindah")
            if place == "link":
                made.symlink_to(outside)
            else:
                outside.rename(made)

        engine = server.engine()
        for place in ("link", "folder"):
            name = engine.scratch_name("all", f"r-2026-0001-{place}")
            with monkeypatch.context() as context, pytest.raises(EngineError):
                context.setattr(redis_files.os, "mkdir", exchanged)
                engine.create(name)
        assert not outside.exists() and list(Path(name).iterdir()) == []

    def test_dropping_what_is_no_scratch_folder(self, server: RedisServer) -> None:
        with pytest.raises(EngineError, match="not a scratch folder"):
            server.engine().drop(str(server.data))


@pytest.fixture
def disk(server: RedisServer) -> Iterator[Path]:
    """A file system with room for half of the data, for the server's folder."""
    with small_disk(server.folder / "kecil", "size=200k,mode=700") as place:
        shutil.chown(place, server.account)
        yield place
        server.end(signal.SIGKILL)


def noop(*_arguments: object) -> None:
    """In the place of a check."""


def put_in_place(server: RedisServer, aside: Path) -> None:
    """Let the server begin with data that were kept aside, as its administrator would."""
    for name in ("dump.rdb", "appendonlydir"):
        subprocess.run(["rm", "-rf", str(server.data / name)], check=True)
        if (aside / name).exists():
            subprocess.run(["cp", "-a", str(aside / name), str(server.data)], check=True)


def wait_for_append(server: RedisServer) -> None:
    while b"aof_rewrite_in_progress:1" in server.call("INFO", "persistence"):
        pass


def fail_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let the replacing of files fail at its n-th program."""
    run, steps = redis_files.run, []

    def broken(command: Any, data: bytes = b"") -> bytes:
        steps.append(command.argv[0])
        if len(steps) == step:
            raise EngineError(f"{command.argv[0]} was broken on purpose")
        return run(command, data)

    monkeypatch.setattr(redis_files, "run", broken)


def tamper(monkeypatch: pytest.MonkeyPatch, *commands: tuple) -> None:
    """Change what the private server of a restore has read, by hand."""
    take = redis_proof.take

    def tampered(connection: Any, *arguments: Any) -> Any:
        for command in commands:
            connection.call(*command)
        return take(connection, *arguments)

    monkeypatch.setattr(redis_proof, "take", tampered)


def tamper_file(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Change the restored RDB before a server reads it."""
    private_server = engine_redis.private_server

    def tampered(program: str, folder: str, *arguments: Any) -> Any:
        change(Path(folder) / "dump.rdb")
        return private_server(program, folder, *arguments)

    monkeypatch.setattr(engine_redis, "private_server", tampered)
