# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One consistent view of a schema, in two sessions: that of the dump and that of the proof.

Sessions can not share a snapshot. So a global read lock is held while both open theirs, and no longer.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from typing import TYPE_CHECKING, Dict, List

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    interruption,
    moment,
    mysql_family_accounts,
    mysql_family_content,
    mysql_family_objects,
    mysql_family_proof,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    EngineError,
    Fact,
    Part,
    Snapshot,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import Dialect, identifier
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process, ToolError, failure
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences

if TYPE_CHECKING:
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_engine import FamilyEngine


def parts_of(dialect: Dialect) -> Dict[str, str]:
    """Name and format of the parts, in the order in which they are loaded: no trigger may see the rows come."""
    sql = f"{dialect.client_program} sql"
    return {"data": dialect.dump_program, "objects": sql, "accounts": sql}


_DUMP = (
    "--single-transaction", "--quick", "--routines", "--hex-blob", "--skip-triggers",
    "--skip-events", "--skip-dump-date", "--no-autocommit",
    # Defaults from sequences do not work where tables are locked.
    "--skip-add-locks",
    # Names in comments could end them.
    "--skip-comments",
    # Says on standard error what it has done.
    "--verbose",
)  # fmt: skip
_SNAPSHOT_OPEN = re.compile(rb"^-- (Setting savepoint|Retrieving|Disconnecting)", re.MULTILINE)


class FamilySnapshot(Snapshot):
    """The dump runs from the beginning, into a pipe from which a part takes it.

    Definitions are in nobody's snapshot: they are read before and after, and a change in between is an error.
    """

    def __init__(self, engine: FamilyEngine, locked_tables: List[str]) -> None:
        self._engine = engine
        self._schema = engine.database
        self._opened = contextlib.ExitStack()
        try:
            self._session = self._opened.enter_context(engine.session())
            self._facts = mysql_family_proof.schema_facts(self._session, self._schema)
            # A scratch database can be made from these while the dump runs.
            engine.expect(self._facts, engine.version, engine.client.version)
            self._counters = mysql_family_content.counters(self._session, self._schema)
            definitions = mysql_family_objects.read(self._session, self._schema)
            collation = mysql_family_proof.properties(self._facts)["DEFAULT_COLLATION_NAME"]
            objects = mysql_family_objects.script(
                engine.dialect,
                [definition for definition in definitions if definition.kind in ("TRIGGER", "EVENT")],
                collation,
            )
            self._scripts = {
                "objects": self._kept(objects + mysql_family_objects.enabling(definitions)),
                "accounts": self._kept(mysql_family_accounts.script(self._session, self._schema)),
            }
            self._open(locked_tables)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._opened.close()

    def parts(self) -> List[Part]:
        sources = {"data": self._dump.stdout.fileno(), **self._scripts}
        # A file of our own process: a script can hold password hashes, and shall be in no folder.
        files = {name: f"/proc/{os.getpid()}/fd/{fd}" for name, fd in sources.items()}
        return [
            Part(name, form, Command(["cat", files[name]])) for name, form in parts_of(self._engine.dialect).items()
        ]

    def proof(self) -> List[Fact]:
        """To be asked after the dump, whose status is looked at here."""
        self._dump.wait()
        error = failure([self._dump])
        if error is not None:
            raise error
        rows = mysql_family_proof.row_facts(self._session, self._schema)
        with self._engine.session() as session:
            after = mysql_family_proof.schema_facts(session, self._schema)
            counters = mysql_family_content.counters(session, self._schema)
        changes = differences(self._facts, after)
        if changes:
            raise EngineError(
                f"The definitions in {self._schema!a} changed while it was backed up: {'; '.join(changes[:5])}",
                "Run it again when nobody changes tables.",
            )
        facts = self._facts + rows + mysql_family_proof.counter_facts(self._counters, counters)
        self._engine.expect(facts, self._engine.version, self._engine.client.version)
        return facts

    def _open(self, locked_tables: List[str]) -> None:
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
            if locked_tables:
                self._lock(locked_tables)
            self.position = self._engine.dialect.position(locker.rows)
            self._dump = self._start_dump()
            self._session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            self.snapshot_at = moment.now()
            self._wait_for_dump()
            locker.execute("UNLOCK TABLES")

    def _start_dump(self) -> Process:
        server, client = self._engine.server, self._engine.client
        options = [*_DUMP, *self._engine.dialect.dump_options]
        command = server.command(client, self._engine.dialect.dump_program, *options, "--", self._schema)
        process = Process(command, None, subprocess.PIPE)
        self._opened.callback(process.close)
        return process

    def _wait_for_dump(self) -> None:
        """Until the dump says what it does only after it has opened its snapshot."""
        deadline = time.monotonic() + self._engine.lock_timeout
        while not _SNAPSHOT_OPEN.search(self._dump.complaints):
            if self._dump.ended:
                raise failure([self._dump]) or ToolError(f"{self._dump.name} ended without saying anything")
            if time.monotonic() > deadline:
                raise EngineError(f"{self._dump.name} did not begin in time", "Look at the load of the server.")
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
