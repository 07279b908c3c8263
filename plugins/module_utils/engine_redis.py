# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Redis and Valkey: the instance is the port, and the database `all` is all numbered databases of the server.

A copy is a folder with an RDB in it, named by its absolute path, for a server of its own.
"""

from __future__ import annotations

import collections
import contextlib
import os
import shutil
from typing import Any, Dict, List

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    moment,
    redis_files,
    redis_needs,
    redis_proof,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    Engine,
    EngineError,
    Fact,
    Part,
    Snapshot,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import ProofFailed, differences
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, read_password
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_files import DUMP
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_index import INDEX, changed_keys, line
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_private import end_stray, private_server
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_replacement import Replacement
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_replication import Dump
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_server import RedisServer, Version

OPTIONS: Dict[str, Dict[str, Any]] = {
    "socket": {"type": "path"},
    "user": {"type": "str"},
    "password_file": {"type": "path"},
    "allow_replication": {"type": "bool", "default": False},
}
"""The engine's options, as an argument spec of Ansible."""

WHOLE = "all"
"""What the register calls the one database of a server: all its numbered ones, and its functions."""

_MARK = ".cadangan-"
_PARTS = {"data": ("rdb", DUMP), INDEX: ("key index", INDEX)}
_MEMORY = "memory"


class RedisSnapshot(Snapshot):
    """A dump of one moment in a folder of ours, and the proof of what a server of our own reads out of it."""

    def __init__(self, engine: RedisEngine) -> None:
        server = engine.server
        self._account = server.account
        self._folder = os.path.join(server.directory, f"{_MARK}backup-{os.getpid()}")
        redis_files.make_folder(self._folder, self._account)
        try:
            with engine.connection() as connection:
                dump = Dump(connection)
                redis_files.write(os.path.join(self._folder, DUMP), self._account, dump.chunks())
            self.snapshot_at = dump.snapshot_at
            self.position = [*dump.position, {"name": _MEMORY, "value": str(server.memory)}]
            since = moment.seconds(self.snapshot_at) * 1000
            with engine.private_server(self._folder) as connection:
                self._facts, _at = redis_proof.take(connection, since, self._write_index)
            engine.expect(self._facts, self.snapshot_at)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def parts(self) -> List[Part]:
        return [
            Part(name, form, Command(["cat", "--", os.path.join(self._folder, file)], self._account))
            for name, (form, file) in _PARTS.items()
        ]

    def proof(self) -> List[Fact]:
        return self._facts

    def _write_index(self, items: redis_proof.Items) -> None:
        redis_files.write(os.path.join(self._folder, INDEX), self._account, map(line, items))


class RedisEngine(Engine):
    """One server on this host.

    Options: `socket` (path of its Unix socket; else its port on 127.0.0.1), `user` and `password_file`, in which `%i`
    stands for the instance, and `allow_replication`.
    """

    name = "redis"

    def __init__(self, instance: str, database: str, options: Dict[str, object]) -> None:
        super().__init__(instance, database, options)
        self._is_replication_allowed = bool(options.get("allow_replication"))
        self._expected: List[Fact] = []
        self._since = 0
        self._keys = 0

    @property
    def server(self) -> RedisServer:
        """The server as it is now."""
        with self.connection() as connection:
            return RedisServer(connection)

    def connection(self) -> Connection:
        """A connection to the server."""
        path = self._path("socket")
        if not path and not self.instance.isdigit():
            raise EngineError(f"{self.instance!a} is no port", "In the register the instance of a server is its port.")
        password = read_password(self._path("password_file"))
        return Connection(path or ("127.0.0.1", int(self.instance)), str(self.options.get("user") or ""), password)

    def private_server(self, folder: str) -> contextlib.AbstractContextManager[Connection]:
        """A connection to a server of our own, of the same kind, that has read the dump in `folder`."""
        server = self.server
        return private_server(server.program, folder, server.databases, server.account)

    def expect(self, proof: List[Fact], snapshot_at: str) -> None:
        """Remember what is going to be restored."""
        self._expected = proof
        self._since = moment.seconds(snapshot_at) * 1000

    def versions(self) -> List[Dict[str, str]]:
        server = self.server
        rows = [
            ("server", server.version.number),
            ("client", server.program_version()),
            ("product", server.version.product),
            ("compatible", server.version.compatible),
            # They are the server's and not restored; whoever sets up a new one wants to know.
            *((f"user {name}", rules) for name, rules in server.users),
        ]
        return [{"name": name, "value": value} for name, value in rows]

    def size(self) -> int:
        return self.server.memory

    def check_backup(self) -> None:
        if self.database != WHOLE:
            raise EngineError(
                f"{self.database!a} can not be backed up: a dump holds all databases of a server",
                f"Call the database {WHOLE!a} in the register.",
            )
        server = self._checked_server()
        if server.replication and server.is_replica and not self._is_replication_allowed:
            raise EngineError(server.replication, "Name the primary, or set the option allow_replication.")
        redis_needs.check_space(server.directory, server.memory)
        redis_needs.check_memory(server.memory)

    def snapshot(self) -> RedisSnapshot:
        return RedisSnapshot(self)

    def check_restore(self, manifest: dict, mode: str, target: str) -> None:
        server = self._checked_server()
        noted = {entry["name"]: entry["value"] for entry in manifest["versions"] + manifest["position"]}
        written_by = Version(noted["product"], noted["server"], noted["compatible"])
        if not server.version.reads(written_by):
            raise EngineError(
                f"The backup is of {written_by}, which {server.version} can not read",
                "Restore it into a server that is at least as new, and of the same kind.",
            )
        self.expect(manifest["proof"], manifest["snapshot_at"])
        highest = max(redis_proof.databases(manifest["proof"]), default=0)
        if highest >= server.databases:
            raise EngineError(
                f"The backup has a database {highest}, the server only {server.databases} databases",
                f"Set 'databases {highest + 1}' in its configuration, and restart it.",
            )
        place = server.directory if mode != "copy" else redis_needs.check_new(target)
        redis_needs.check_space(place, sum(part["plain_bytes"] for part in manifest["parts"]))
        redis_needs.check_memory(int(noted[_MEMORY]))
        if mode == "replace":
            self.check_swap(target)

    def scratch_name(self, target: str, tag: str) -> str:
        if target == WHOLE:
            return os.path.join(self.server.directory, _MARK + tag)
        return os.path.join(os.path.dirname(target), _MARK + tag)

    def aside_name(self, target: str, tag: str) -> str:
        return os.path.join(self.server.directory, f"before-{tag}")

    def create(self, name: str) -> None:
        redis_files.make_folder(name, self.server.account)

    def load(self, part: dict, name: str) -> Command:
        form, file = _PARTS.get(part["name"], ("", ""))
        if form != part["format"]:
            raise EngineError(f"The backup set has a part {part['name']!a} in the format {part['format']!a}")
        return redis_files.writing(os.path.join(name, file), self.server.account)

    def proof_of(self, name: str) -> List[Fact]:
        with self.private_server(name) as connection:
            self._keys = _keys_read(connection)
            found, at = redis_proof.take(connection, self._since, _exhaust)
            # What can have ended since then is taken as it was.
            found += [fact for fact in self._expected if fact not in redis_proof.standing(self._expected, at)]
            lines = differences(self._expected, found)
            if self._expected and lines:
                groups = {(fact["kind"], fact["name"]) for fact in self._expected + found}
                groups -= {(fact["kind"], fact["name"]) for fact in self._expected if fact in found}
                raise ProofFailed(changed_keys(connection, name, groups, self._since) + lines)
        return found

    def check_swap(self, target: str) -> None:
        if target != WHOLE:
            raise EngineError(
                f"{target!a} can not be replaced", f"The database of a server is called {WHOLE!a}; a copy is made anew."
            )
        server = self._checked_server()
        if server.is_replica:
            raise EngineError(server.replication, "What a replica holds comes from its primary: restore that.")
        if server.replication and not self._is_replication_allowed:
            raise EngineError(
                server.replication + ", one of which could take over while it is stopped",
                "Stop the replicas and whatever promotes them, or set the option allow_replication.",
            )
        Replacement(self.connection).check()

    def swap(self, new: str, target: str, aside: str) -> None:
        if target == WHOLE:
            Replacement(self.connection).carry_out(new, aside, self._keys)
            shutil.rmtree(new, ignore_errors=True)
            return
        try:
            os.unlink(os.path.join(new, INDEX))
            redis_needs.check_new(target)
            os.rename(new, target)
        except OSError as error:
            raise EngineError(f"{target!a} can not be made: {error.strerror}", "Look at its folder.") from error

    def drop(self, name: str) -> None:
        if not os.path.basename(name).startswith(_MARK):
            raise EngineError(f"{name!a} is not a scratch folder", "Report this as a fault of Cadangan.")
        if os.path.lexists(name):
            end_stray(name)
            shutil.rmtree(name)

    def exists(self, name: str) -> bool:
        return name == WHOLE or os.path.lexists(name)

    def leftovers(self) -> List[str]:
        place = self.server.directory if self.database == WHOLE else os.path.dirname(self.database)
        return [os.path.join(place, name) for name in sorted(os.listdir(place)) if name.startswith(_MARK)]

    def _path(self, option: str) -> str:
        return str(self.options.get(option) or "").replace("%i", self.instance)

    def _checked_server(self) -> RedisServer:
        server = self.server
        server.check_kind()
        server.program_version()
        return server


def _keys_read(connection: Connection) -> int:
    """How many keys the server read when it started, those that had ended included."""
    told = connection.info("persistence")
    return int(told["rdb_last_load_keys_loaded"]) + int(told["rdb_last_load_keys_expired"])


def _exhaust(items: redis_proof.Items) -> None:
    collections.deque(items, maxlen=0)
