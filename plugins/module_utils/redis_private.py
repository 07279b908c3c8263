# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server of our own: it reads a dump in a folder, and nobody but us can reach it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from typing import Iterator, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, RedisError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_files import DUMP

_SOCKET = "cadangan.sock"
_LOG_KEPT = 2000
_SETTINGS = (
    *("--port", "0", "--unixsocket", _SOCKET, "--unixsocketperm", "700", "--daemonize", "no"),
    *("--save", "", "--appendonly", "no", "--dbfilename", DUMP),
    *("--loglevel", "warning", "--logfile", "", "--enable-debug-command", "local"),
    # When memory gets short, it shall be this server that ends, not the one at work.
    *("--oom-score-adj", "absolute", "--oom-score-adj-values", "900", "900", "900"),
)


@contextlib.contextmanager
def private_server(program: str, folder: str, databases: int, account: Optional[str]) -> Iterator[Connection]:
    """A connection to a server that has read the dump in `folder`, and that ends with the context.

    It does not remove keys whose time has come, unless they are asked for. EngineError if it can not read the dump.
    """
    argv = [program, "--dir", folder, *_SETTINGS, "--databases", str(databases)]
    process = Process(Command(argv, account), None, subprocess.PIPE)
    log = _Log(process)
    try:
        log.start()
        with _connected(folder, log) as connection:
            connection.call("DEBUG", "SET-ACTIVE-EXPIRE", "0")
            yield connection
    finally:
        process.end()
        log.join()
        process.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, _SOCKET))


def end_stray(folder: str) -> None:
    """End a server in `folder` that a crashed run left."""
    with contextlib.suppress(EngineError, OSError), _connection(folder) as connection:
        connection.send(b"SHUTDOWN NOSAVE FORCE\r\n")
        with contextlib.suppress(EngineError):
            connection.line()


class _Log(threading.Thread):
    """Reads what a server says, to its end."""

    def __init__(self, process: Process) -> None:
        super().__init__(daemon=True)
        self._stream = process.stdout
        self._said = b""

    def run(self) -> None:
        while True:
            data = self._stream.read(4096)
            if not data:
                return
            self._said = (self._said + data)[-_LOG_KEPT:]

    def last_words(self) -> str:
        """The messages about what is wrong, without time and process."""
        lines = self._said.decode("utf-8", "replace").splitlines()
        told: List[str] = [line.partition(" # ")[2].strip() for line in lines if " # " in line]
        return " | ".join(told[-2:]) or "it ended without a word"


def _connected(folder: str, log: _Log) -> Connection:
    while log.is_alive():
        interruption.check()
        try:
            return _connection(folder)
        except RedisError as error:
            if error.code != "LOADING":
                raise
        except EngineError:
            pass  # It does not listen yet.
        time.sleep(0.05)
    raise EngineError(
        f"The dump could not be read by a server: {log.last_words()}",
        "It is damaged, or of a newer release, or memory is short.",
    )


def _connection(folder: str) -> Connection:
    # By way of a descriptor, since the path of a socket must not be long.
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return Connection(f"/proc/self/fd/{fd}/{_SOCKET}")
    finally:
        os.close(fd)
