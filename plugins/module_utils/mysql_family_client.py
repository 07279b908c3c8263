# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client programs of MariaDB or MySQL: which are installed, and which of them suits a server."""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass
from typing import List, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import Dialect
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run

DIRECTORIES = ("/usr/local/bin", "/usr/bin")
"""Where distributions keep the clients; shell patterns."""


@dataclass(frozen=True)
class Client:
    """One installed set of client programs; `version` is like `10.11.6`."""

    dialect: Dialect
    directory: str
    version: str

    def program(self, name: str) -> str:
        return os.path.join(self.directory, name)


def series_of(version: str) -> Tuple[int, int]:
    """The series of a version: (10, 11) for `10.11.6-MariaDB-0+deb12u1`."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers is None:
        raise EngineError(f'"{version}" is not a version of a server')
    return int(numbers.group(1)), int(numbers.group(2))


def installed(dialect: Dialect, directories: Sequence[str]) -> List[Client]:
    """The clients in the folders that match the given patterns. Raises EngineError if there is none."""
    found = []
    for pattern in directories:
        for directory in sorted(glob.glob(pattern)):
            programs = [os.path.join(directory, name) for name in (dialect.client_program, dialect.dump_program)]
            if all(os.access(program, os.X_OK) for program in programs):
                # The other product has programs of the same names.
                version = dialect.client_version.search(
                    run(Command([programs[1], "--version"])).decode("utf-8", "replace")
                )
                if version:
                    found.append(Client(dialect, directory, version.group(1)))
    if not found:
        raise EngineError(
            f"No {dialect.product} client was found in {', '.join(directories)}",
            dialect.install_client,
        )
    return found


def newest(clients: Sequence[Client]) -> Client:
    """The client of the highest series."""
    return max(clients, key=lambda client: series_of(client.version))


def suitable(clients: Sequence[Client], version: str, whose: str = "the server") -> Client:
    """The client of the lowest series that is not below that of `version`.

    A client older than a server may silently leave out what it does not know, or not understand a newer dump.
    """
    fitting = [client for client in clients if series_of(client.version) >= series_of(version)]
    if not fitting:
        raise EngineError(
            f"The newest {clients[0].dialect.product} client on this host is {newest(clients).version}, "
            f"older than {whose}, which is {version}",
            "Install the client of that release.",
        )
    return min(fitting, key=lambda client: series_of(client.version))
