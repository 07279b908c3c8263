# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a running Redis or Valkey server says about itself."""

from __future__ import annotations

import os
import pwd
import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, text

OLDEST = (7, 0)
"""The first release that tells absolute expiry times, and keeps its append-only file in parts."""

_SETTINGS = ("dir", "dbfilename", "appendonly", "appendfilename", "appenddirname", "databases")
_PRODUCTS = {"redis": "Redis", "valkey": "Valkey"}


@dataclass(frozen=True)
class Version:
    """`product` is Redis or Valkey; `compatible` the version of Redis that it says to be."""

    product: str
    number: str
    compatible: str

    def __str__(self) -> str:
        return f"{self.product} {self.number}"

    def reads(self, other: Version) -> bool:
        """Whether a server of this version reads what one of the `other` has written."""
        if self.product == other.product:
            return release(self.number) >= release(other.number)
        return release(self.compatible) >= release(other.compatible)


class RedisServer:
    """The server behind a connection, as it was when asked."""

    def __init__(self, connection: Connection) -> None:
        self.info = connection.info("everything")
        self.settings: Dict[str, str] = {}
        for name in _SETTINGS:
            self.settings.update(connection.table("CONFIG", "GET", name))
        missing = [name for name in _SETTINGS if name not in self.settings]
        self.version = _version(self.info)
        if release(self.version.number) < OLDEST or missing:
            raise EngineError(
                f"{self.version} is too old: {'.'.join(map(str, OLDEST))} is the oldest that can be proven",
                "Upgrade the server; its release gets no security updates any more.",
            )
        modules = [dict(zip(module[::2], module[1::2])) for module in connection.call("MODULE", "LIST")]
        # What is built in has no file.
        self.modules = [text(module[b"name"]) for module in modules if module.get(b"path")]
        self.users = [_rules(text(line)) for line in connection.call("ACL", "LIST")]

    @property
    def directory(self) -> str:
        """Folder of its data."""
        return self.settings["dir"]

    @property
    def databases(self) -> int:
        return int(self.settings["databases"])

    @property
    def process(self) -> int:
        return int(self.info["process_id"])

    @property
    def memory(self) -> int:
        """Bytes that its data take in memory."""
        return int(self.info["used_memory_dataset"])

    @property
    def account(self) -> Optional[str]:
        """Who owns its data; None if that is who we are, or if we can be nobody else."""
        owner = os.stat(self.directory).st_uid
        if os.geteuid() != 0 or owner == 0:
            return None
        try:
            return pwd.getpwuid(owner).pw_name
        except KeyError:
            raise EngineError(f"The owner of {self.directory!a} has no account", "Give the folder to one.") from None

    @property
    def program(self) -> str:
        """The server's program, by which private servers are started."""
        return self.info["executable"]

    def program_version(self) -> str:
        """What its program is now: an upgrade may have changed it since the server was started."""
        said = run(Command([self.program, "--version"])).decode("utf-8", "replace")
        number = re.search(r"v=([0-9.]+)", said)
        if number is None:
            raise EngineError(f"{self.program!a} does not tell its version", "Install the server's package again.")
        if release(number.group(1)) < release(self.version.number):
            raise EngineError(
                f"The installed program is {number.group(1)}, older than the running server, {self.version}",
                "Restart the server, or install the newer package again.",
            )
        return number.group(1)

    def check_kind(self) -> None:
        """EngineError for what is not one whole server without modules."""
        if self.info.get("cluster_enabled") == "1":
            raise EngineError("The server is part of a cluster", "One server of a cluster holds a part of the data.")
        if self.modules:
            raise EngineError(
                f"The server has modules, whose data can not be proven: {', '.join(self.modules)}",
                "Only servers without modules can be backed up or restored.",
            )

    @property
    def replication(self) -> str:
        """In what replication it takes part, in words; empty if in none."""
        if self.info["role"] != "master":
            return f"The server is a replica of {self.info['master_host']}, port {self.info['master_port']}"
        if self.info["connected_slaves"] != "0":
            return f"The server has {self.info['connected_slaves']} replicas"
        return ""

    @property
    def is_replica(self) -> bool:
        return self.info["role"] != "master"


def release(number: str) -> Tuple[int, ...]:
    """The part of a version that decides about formats: the first two numbers."""
    return tuple(int(part) for part in re.findall(r"[0-9]+", number)[:2])


def _version(info: Dict[str, str]) -> Version:
    product = info.get("server_name", "redis")
    number = info.get(f"{product}_version", info["redis_version"])
    return Version(_PRODUCTS.get(product, product), number, info["redis_version"])


def _rules(line: str) -> List[str]:
    """Name and rules of a user, from a line of ACL LIST, without digests of passwords."""
    _user, name, *rules = line.split(" ")
    return [name, " ".join(rule for rule in rules if not rule.startswith("#"))]
