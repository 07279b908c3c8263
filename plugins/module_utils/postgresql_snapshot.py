# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One consistent view of a PostgreSQL database: its dump, its roles and its proof."""

from __future__ import annotations

from typing import Callable, List, NamedTuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    postgresql_content,
    postgresql_globals,
    postgresql_proof,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    EngineError,
    Fact,
    Part,
    Snapshot,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_client import Client, major_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import (
    Server,
    Session,
    literal,
)

PARTS = {"globals": "sql", "data": "pg_dump custom", "database": "sql"}
"""Name and format of the parts of a backup, in the order in which they are loaded."""

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""SQL: begin a transaction that sees one state of the database."""

_POSITION = """
SELECT json_build_array(pg_export_snapshot(), pg_current_wal_lsn()::text, timeline_id::text, system_identifier::text,
    to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
FROM pg_control_checkpoint(), pg_control_system()
"""


class Versions(NamedTuple):
    """Of the programs that dump a database."""

    server: str
    client: str


class PostgresqlSnapshot(Snapshot):
    """A transaction that holds one view, which pg_dump takes over, and a lock on every table.

    Without the lock, a TRUNCATE between the dump and the proof would empty a table under both their eyes.
    `lock_timeout` is in seconds; `proven` is called with the proof once there is one.
    """

    def __init__(
        self,
        server: Server,
        client: Client,
        server_version: str,
        database: str,
        lock_timeout: int,
        proven: Callable[[List[Fact], Versions], None],
    ) -> None:
        self._server = server
        self._client = client
        self._versions = Versions(server_version, client.version)
        self._database = database
        self._lock_timeout = lock_timeout
        self._proven = proven
        self._session = Session(server, client, database)
        try:
            self._session.execute(f"SET lock_timeout = {lock_timeout * 1000};{BEGIN}")
            [row] = self._session.rows(_POSITION)
            self.snapshot_at = row.pop()
            names = ("snapshot", "wal position", "timeline", "system identifier")
            self.position = [{"name": name, "value": value} for name, value in zip(names, row)]
            self._lock()
            # A scratch database can be made from these while the dump runs.
            proven(postgresql_proof.database_facts(self._session), self._versions)
            self._sequences = postgresql_content.sequences(self._session)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._session.close()

    def parts(self) -> List[Part]:
        snapshot = self.position[0]["value"]
        dump = [self._client.program("pg_dump"), "--format=custom", "--compress=0", "--no-password"]
        dump += [f"--snapshot={snapshot}", f"--lock-wait-timeout={self._lock_timeout * 1000}"]
        dump += [f"--dbname={self._server.conninfo(self._database)}"]

        def script(sql: str) -> Command:
            arguments = ["-c", BEGIN, "-c", f"SET TRANSACTION SNAPSHOT {literal(snapshot)}", "-c", sql]
            return self._server.psql(self._client, self._database, *arguments)

        commands = {
            "globals": script(postgresql_globals.ROLES),
            "data": Command(dump, self._server.account),
            # Last, since the settings of a database could change what a restore does.
            "database": script(postgresql_globals.PROPERTIES),
        }
        return [Part(name, form, commands[name]) for name, form in PARTS.items()]

    def proof(self) -> List[Fact]:
        """To be asked after the dump: sequences are seen by nobody's snapshot."""
        facts = postgresql_proof.facts(self._session, major_of(self._versions.server))
        after = postgresql_content.sequences(self._session)
        facts += postgresql_proof.sequence_facts(self._sequences, after)
        self._proven(facts, self._versions)
        return facts

    def _lock(self) -> None:
        for table, name in postgresql_content.tables(self._session):
            try:
                self._session.execute(f"LOCK TABLE ONLY {table} IN ACCESS SHARE MODE")
            except EngineError as error:
                raise EngineError(
                    f"The table {name!a} could not be read within {self._lock_timeout} s: {error.message}",
                    "Wait for whoever changes it (see pg_locks and pg_stat_activity), and run it again.",
                ) from error
