# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One consistent view of a MariaDB schema, in two sessions: that of mariadb-dump and that of the proof.

MariaDB's sessions can not share a snapshot. So a global read lock is held while both open theirs, and no longer.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from typing import TYPE_CHECKING, List

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    interruption,
    mariadb_accounts,
    mariadb_content,
    mariadb_objects,
    mariadb_proof,
    moment,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    EngineError,
    Fact,
    Part,
    Snapshot,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mariadb_session import Session, identifier
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process, ToolError, failure
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences

if TYPE_CHECKING:
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_mariadb import MariadbEngine

PARTS = {"data": "mariadb-dump", "objects": "mariadb sql", "accounts": "mariadb sql"}
"""Name and format of the parts, in the order in which they are loaded: no trigger may see the rows come."""

_DUMP = (
    "--single-transaction", "--quick", "--routines", "--dump-history", "--hex-blob", "--skip-triggers",
    "--skip-events", "--skip-dump-date", "--no-autocommit",
    # Defaults from sequences do not work where tables are locked.
    "--skip-add-locks",
    # Names in comments could end them.
    "--skip-comments",
    # Says on standard error what it has done.
    "--verbose",
)  # fmt: skip
_SNAPSHOT_OPEN = re.compile(rb"^-- (Setting savepoint|Retrieving|Disconnecting)", re.MULTILINE)


class MariadbSnapshot(Snapshot):
    """The dump runs from the beginning, into a pipe from which a part takes it.

    Definitions are in nobody's snapshot: they are read before and after, and a change in between is an error.
    """

    def __init__(self, engine: MariadbEngine, locked_tables: List[str]) -> None:
        self._engine = engine
        self._schema = engine.database
        self._opened = contextlib.ExitStack()
        try:
            self._session = self._opened.enter_context(engine.session())
            self._facts = mariadb_proof.schema_facts(self._session, self._schema)
            # A scratch database can be made from these while the dump runs.
            engine.expect(self._facts, engine.version, engine.client.version)
            self._counters = mariadb_content.counters(self._session, self._schema)
            definitions = mariadb_objects.read(self._session, self._schema)
            collation = mariadb_proof.properties(self._facts)["DEFAULT_COLLATION_NAME"]
            objects = mariadb_objects.script(
                [definition for definition in definitions if definition.kind in ("TRIGGER", "EVENT")], collation
            )
            self._scripts = {
                "objects": self._kept(objects + mariadb_objects.enabling(definitions)),
                "accounts": self._kept(mariadb_accounts.script(self._session, self._schema)),
            }
            if locked_tables:
                self._lock(locked_tables)
            self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._opened.close()

    def parts(self) -> List[Part]:
        sources = {"data": self._dump.stdout.fileno(), **self._scripts}
        # A file of our own process: a script can hold password hashes, and shall be in no folder.
        files = {name: f"/proc/{os.getpid()}/fd/{fd}" for name, fd in sources.items()}
        return [Part(name, form, Command(["cat", files[name]])) for name, form in PARTS.items()]

    def proof(self) -> List[Fact]:
        """To be asked after the dump, whose status is looked at here."""
        self._dump.wait()
        error = failure([self._dump])
        if error is not None:
            raise error
        rows = mariadb_proof.row_facts(self._session, self._schema)
        with self._engine.session() as session:
            after = mariadb_proof.schema_facts(session, self._schema)
            counters = mariadb_content.counters(session, self._schema)
        changes = differences(self._facts, after)
        if changes:
            raise EngineError(
                f"The definitions in {self._schema!a} changed while it was backed up: {'; '.join(changes[:5])}",
                "Run it again when nobody changes tables.",
            )
        facts = self._facts + rows + mariadb_proof.counter_facts(self._counters, counters)
        self._engine.expect(facts, self._engine.version, self._engine.client.version)
        return facts

    def _open(self) -> None:
        """Open both snapshots while nobody can write."""
        with self._engine.session() as locker:
            locker.execute(f"SET lock_wait_timeout = {self._engine.lock_timeout}")
            try:
                locker.execute("FLUSH TABLES WITH READ LOCK")
            except EngineError as error:
                raise EngineError(
                    f"Writing could not be held up for a moment within {self._engine.lock_timeout} s: {error.message}",
                    "Wait for what runs long (see SHOW PROCESSLIST), and run it again.",
                ) from error
            self.position = _position(locker)
            self._dump = self._start_dump()
            self._session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            self.snapshot_at = moment.now()
            self._wait_for_dump()
            locker.execute("UNLOCK TABLES")

    def _start_dump(self) -> Process:
        server, client = self._engine.server, self._engine.client
        command = server.command(client, "mariadb-dump", *_DUMP, "--", self._schema)
        process = Process(command, None, subprocess.PIPE)
        self._opened.callback(process.close)
        return process

    def _wait_for_dump(self) -> None:
        """Until mariadb-dump says what it does only after it has opened its snapshot."""
        deadline = time.monotonic() + self._engine.lock_timeout
        while not _SNAPSHOT_OPEN.search(self._dump.complaints):
            if self._dump.ended:
                raise failure([self._dump]) or ToolError("mariadb-dump ended without saying anything")
            if time.monotonic() > deadline:
                raise EngineError("mariadb-dump did not begin in time", "Look at the load of the server.")
            interruption.check()
            time.sleep(0.005)

    def _lock(self, tables: List[str]) -> None:
        """Hold back writers from tables without transactions, until the end."""
        holder = self._opened.enter_context(self._engine.session())
        names = ", ".join(f"{identifier(self._schema)}.{identifier(table)} READ" for table in tables)
        holder.execute(f"SET lock_wait_timeout = {self._engine.lock_timeout};LOCK TABLES {names}")

    def _kept(self, script: str) -> int:
        fd = os.memfd_create("cadangan")
        self._opened.callback(os.close, fd)
        with os.fdopen(os.dup(fd), "wb") as file:
            file.write(script.encode("utf-8", "surrogateescape"))
        return fd


def _position(session: Session) -> List[dict]:
    """Where in the binary log the view is, if there is one; for people, since nothing of it is restored."""
    found = []
    for row in session.rows("SHOW MASTER STATUS"):
        found += [{"name": "binlog file", "value": row[0]}, {"name": "binlog position", "value": row[1]}]
    for name in ("gtid_binlog_pos", "gtid_slave_pos"):
        value = session.value(f"SELECT @@GLOBAL.{name}")
        if value:
            found.append({"name": name, "value": value})
    return found
