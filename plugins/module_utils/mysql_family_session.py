# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Talking to a server through its client program, so that a target needs no Python driver."""

from __future__ import annotations

import contextlib
import os
import re
import select
import stat
import subprocess
import uuid
from dataclasses import dataclass
from typing import Iterator, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    interruption,
    mysql_family_errors,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_client import Client
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK

NULL = "NULL"
"""How a null is answered: indistinguishable from that text, which no query of ours asks for."""

# What the text of values depends on, and what would end a long run early. The server's own defaults may be anything.
_SETTINGS = """
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',
    wait_timeout = 31536000, net_write_timeout = 31536000, sql_quote_show_create = 1, sql_notes = 0;
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
"""
_PACKET = "--max-allowed-packet=1G"
_GOODBYE_SECONDS = 1
_ERROR = re.compile(r"ERROR \d+ \(\w+\)(?: at line \d+)?: (.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)")
_UNESCAPED = {"0": "\0", "n": "\n", "t": "\t", "\\": "\\"}


@dataclass(frozen=True)
class Server:
    """Where a server listens, and how to be its superuser.

    That is the OS account `account` (unix_socket authentication), or who the protected `option_file` says.
    """

    socket: str
    account: Optional[str]
    option_file: str

    def command(self, client: Client, program: str, *arguments: str) -> Command:
        """A client program connected to this server, untouched by the option files of the host."""
        argv = [client.program(program)]
        argv.append(f"--defaults-file={self.option_file}" if self.option_file else "--no-defaults")
        argv += ["--protocol=socket", f"--socket={self.socket}", "--default-character-set=utf8mb4", _PACKET]
        environment = dict(client.dialect.client_environment)
        return Command([*argv, *arguments], self.account, environment, mysql_family_errors.advice)

    def script(self, client: Client, database: str, *arguments: str) -> Command:
        """The command that runs the SQL script on its input in `database`, and stops at the first error."""
        options = ["--batch", "--skip-column-names", "--unbuffered", "--skip-reconnect", "--comments"]
        # What answers at the socket may ask for files of this host otherwise.
        options += ["--local-infile=0"]
        options += client.dialect.client_options
        # Binary mode leaves line ends alone, and knows no commands of the client but DELIMITER.
        return self.command(
            client, client.dialect.client_program, *options, "--binary-mode", f"--database={database}", *arguments
        )

    def check(self) -> None:
        """EngineError unless the option file, if there is one, is for its owner alone."""
        if not self.option_file:
            return
        try:
            status = os.lstat(self.option_file)
        except OSError as error:
            raise EngineError(
                f"The option file {self.option_file!a} can not be read: {error.strerror}", "Name the right file."
            ) from error
        if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid not in (0, os.geteuid()):
            raise EngineError(
                f"The option file {self.option_file!a} holds a password and is not protected",
                "Let it be a regular file of root with mode 0600.",
            )


class Session:
    """One connection. Every value is answered as text."""

    def __init__(self, server: Server, client: Client, database: str = "") -> None:
        self.dialect = client.dialect
        self._where = f"{self.dialect.product} at {server.socket}"
        self._end = f"end of answer {uuid.uuid4()}"
        command = server.script(client, database)
        self._process = Process(command, subprocess.PIPE, subprocess.PIPE)
        self._received = b""
        try:
            self.execute(_SETTINGS + self.dialect.settings)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, whatever it is doing. Never raises."""
        stdout = self._process.stdout
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()
            # An idle client now says goodbye to the server; a busy one does not notice.
            while select.select([stdout], [], [], _GOODBYE_SECONDS)[0] and os.read(stdout.fileno(), CHUNK):
                pass
        self._process.close()

    def rows(self, sql: str) -> List[List[str]]:
        """Run a statement and return its rows. Raises EngineError."""
        # That the server is gone shows when the answer is read.
        with contextlib.suppress(BrokenPipeError):
            data = f"{sql};\nSELECT '{self._end}';\n".encode("utf-8", "surrogateescape")
            while data:
                data = data[self._process.stdin.write(data) :]
        return list(self._answer())

    def value(self, sql: str) -> str:
        """The one value of a statement."""
        [[value]] = self.rows(sql)
        return value

    def execute(self, sql: str) -> None:
        """Run statements that answer nothing. Raises EngineError."""
        for row in self.rows(sql):
            raise EngineError(f"{self._where} gave an answer to what is no question: {row}")

    def _answer(self) -> Iterator[List[str]]:
        while True:
            line = self._line()
            if line == self._end:
                return
            yield [_ESCAPED.sub(lambda match: _UNESCAPED[match.group(1)], value) for value in line.split("\t")]

    def _line(self) -> str:
        stdout = self._process.stdout
        while b"\n" not in self._received:
            if not select.select([stdout], [], [], 0.2)[0]:
                interruption.check()
                continue
            data = os.read(stdout.fileno(), CHUNK)
            if not data:
                raise self._failure()
            self._received += data
        line, dummy, self._received = self._received.partition(b"\n")
        return line.decode("utf-8", "surrogateescape")

    def _failure(self) -> EngineError:
        complaint = self._process.complaint()
        reason = _ERROR.search(complaint)
        told = reason.group(1) if reason else complaint or "the client ended early"
        return EngineError(f"{self._where}: {told}", mysql_family_errors.advice(complaint))
