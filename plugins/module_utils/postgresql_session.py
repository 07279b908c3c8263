# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Talking to a PostgreSQL server through `psql`, so that a target needs no Python driver."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import subprocess
from collections import deque
from dataclasses import dataclass
from typing import Deque, Iterator, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_client import Client
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK

# A database or a role may carry settings of its own; these would change what a client does or sees.
_STARTUP = {
    "role": "none",
    "default_transaction_read_only": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
# What the text of values and definitions depends on.
_TEXT_SETTINGS = """
SET search_path = pg_catalog;
SET datestyle = 'ISO, MDY';
SET intervalstyle = 'postgres';
SET extra_float_digits = 3;
SET timezone = 'UTC';
SET bytea_output = 'hex';
SET lc_monetary = 'C';
SET xmlbinary = 'base64';
SET quote_all_identifiers = off;
SET standard_conforming_strings = on;
SET row_security = off;
SET synchronize_seqscans = off;
SET client_min_messages = warning;
"""
# Younger than the oldest server that must be able to say its version.
_MORE_TIMEOUTS = """
SELECT json_build_array(set_config(name, '0', false)) FROM pg_settings
WHERE name IN ('idle_session_timeout', 'transaction_timeout')
"""
_END = b"."
_GOODBYE_SECONDS = 1
_ERROR = re.compile(r"(?:ERROR|FATAL|error): +(.*)", re.DOTALL)


def identifier(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as an SQL string, whatever standard_conforming_strings says."""
    quoted = "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return f" E{quoted}" if "\\" in text else quoted


@dataclass(frozen=True)
class Server:
    """Where a server listens, and the OS account that it knows as a superuser (peer authentication)."""

    socket_directory: str
    port: str
    account: Optional[str]

    def conninfo(self, database: str, **settings: str) -> str:
        """A connection string in which no name can be taken for an option."""
        settings = {**_STARTUP, **settings}
        fields = {
            "host": self.socket_directory,
            "port": self.port,
            "dbname": database,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "application_name": "cadangan",
        }
        return " ".join(f"{name}={_field(value)}" for name, value in fields.items())

    def psql(self, client: Client, database: str, *arguments: str) -> Command:
        """The command for a `psql` that stops at the first error and prints bare values."""
        argv = [client.program("psql"), "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1"]
        argv += ["-v", "VERBOSITY=terse", "-d", self.conninfo(database), *arguments]
        return Command(argv, self.account, {"PGCLIENTENCODING": "UTF8"})


def _field(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Session:
    """One connection to one database. Queries answer with one JSON array per row."""

    def __init__(self, server: Server, client: Client, database: str) -> None:
        self._where = f"PostgreSQL on port {server.port}"
        self._process = Process(server.psql(client, database), subprocess.PIPE, subprocess.PIPE)
        self._lines: Deque[bytes] = deque()
        self._unfinished = b""
        try:
            self.execute(_TEXT_SETTINGS)
            self.rows(_MORE_TIMEOUTS)
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
            # An idle psql now says goodbye to the server; a busy one does not notice.
            while select.select([stdout], [], [], _GOODBYE_SECONDS)[0] and os.read(stdout.fileno(), CHUNK):
                pass
        self._process.close()

    def rows(self, sql: str) -> List[list]:
        """Run a statement whose rows are JSON arrays, and return them. Raises EngineError."""
        self.send(sql)
        return list(self._answer())

    def look(self, query: str) -> List[list]:
        """Run a query within a transaction as `rows` does, and let go of the locks that it took.

        A query locks the indexes of its tables too: of thousands of tables, that is more than a server has room for.
        """
        return self.rows(f"SAVEPOINT look; {query}; ROLLBACK TO look; RELEASE look")

    def execute(self, sql: str) -> None:
        """Run statements that answer nothing. Raises EngineError."""
        self.send(sql)
        for row in self._answer():
            raise EngineError(f"{self._where} gave an answer to what is no question: {row}")

    def send(self, sql: str) -> None:
        """Begin to run `sql`; `finish` waits for its end."""
        statement = sql.rstrip().rstrip(";")
        if not statement.endswith("\\gexec"):
            statement += ";"
        # That the server is gone shows when the answer is read.
        with contextlib.suppress(BrokenPipeError):
            data = f"{statement}\nSELECT '{_END.decode()}';\n".encode("utf-8", "surrogateescape")
            while data:
                data = data[self._process.stdin.write(data) :]

    def finished(self, seconds: float) -> bool:
        """Wait for at most `seconds`; whether what was sent has begun to answer, or failed."""
        return bool(self._lines or select.select([self._process.stdout], [], [], seconds)[0])

    def finish(self) -> None:
        """Wait until what was sent has ended. Raises EngineError if it failed."""
        for _row in self._answer():
            pass

    def _answer(self) -> Iterator[list]:
        while True:
            line = self._line()
            if line == _END:
                return
            if line:
                yield json.loads(line.decode("utf-8", "surrogateescape"))

    def _line(self) -> bytes:
        stdout = self._process.stdout
        while not self._lines:
            if not select.select([stdout], [], [], 0.2)[0]:
                interruption.check()
                continue
            data = os.read(stdout.fileno(), CHUNK)
            if not data:
                raise self._failure()
            *lines, self._unfinished = (self._unfinished + data).split(b"\n")
            self._lines.extend(lines)
        return self._lines.popleft()

    def _failure(self) -> EngineError:
        complaint = self._process.complaint()
        reason = _ERROR.search(complaint)
        return EngineError(f"{self._where}: {reason.group(1) if reason else complaint or 'psql ended early'}")
