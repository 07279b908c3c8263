# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PostgreSQL's client programs: which are installed, and which of them suits a server."""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass
from typing import List, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run

DIRECTORIES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/bin", "/usr/bin")
"""Where distributions keep the clients; shell patterns."""

_PROGRAMS = ("psql", "pg_dump", "pg_restore")
_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")


@dataclass(frozen=True)
class Client:
    """One installed set of client programs; `version` is like `15.13`."""

    directory: str
    version: str

    @property
    def major(self) -> int:
        return major_of(self.version)

    def program(self, name: str) -> str:
        return os.path.join(self.directory, name)


def major_of(version: str) -> int:
    """The major number of a PostgreSQL version: 15 for `15.13 (Debian …)`, 18 for `18beta1`."""
    digits = re.match(r"\d+", version)
    if digits is None:
        raise EngineError(f'"{version}" is not a version of PostgreSQL')
    return int(digits.group())


def installed(directories: Sequence[str]) -> List[Client]:
    """The clients in the folders that match the given patterns. Raises EngineError if there is none."""
    found = []
    for pattern in directories:
        for directory in sorted(glob.glob(pattern)):
            if all(os.access(os.path.join(directory, name), os.X_OK) for name in _PROGRAMS):
                answer = run(Command([os.path.join(directory, "pg_dump"), "--version"]))
                version = _VERSION.search(answer.decode("utf-8", "replace"))
                if version:
                    found.append(Client(directory, version.group(1)))
    if not found:
        raise EngineError(
            f"No PostgreSQL client was found in {', '.join(directories)}",
            "Install the package postgresql-client.",
        )
    return found


def newest(clients: Sequence[Client]) -> Client:
    """The client of the highest major version."""
    return max(clients, key=lambda client: client.major)


def suitable(clients: Sequence[Client], version: str, whose: str = "the server") -> Client:
    """The client whose major version is the lowest that is not below that of `version`.

    A client older than a server may silently leave out what it does not know, or be unable to read a dump; a newer
    one writes dumps that only clients as new as itself can read.
    """
    fitting = [client for client in clients if client.major >= major_of(version)]
    if not fitting:
        raise EngineError(
            f"The newest PostgreSQL client on this host is {newest(clients).version}, "
            f"older than {whose}, which is {version}",
            f"Install the package postgresql-client-{major_of(version)}.",
        )
    return min(fitting, key=lambda client: client.major)
