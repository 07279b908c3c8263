# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PostgreSQL: a database of the server that listens on a port of this host. The instance is the port."""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    postgresql_client,
    postgresql_content,
    postgresql_database,
    postgresql_proof,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    Engine,
    EngineError,
    Fact,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_client import Client, major_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_needs import check_needs
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import (
    Server,
    Session,
    identifier,
    literal,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_snapshot import (
    BEGIN,
    PARTS,
    PostgresqlSnapshot,
    Versions,
)

OPTIONS: Dict[str, Dict[str, Any]] = {
    "socket_directory": {"type": "path", "default": "/var/run/postgresql"},
    "account": {"type": "str", "default": "postgres"},
    "lock_timeout": {"type": "int", "default": 30},
    "client_directories": {"type": "list", "elements": "str", "default": list(postgresql_client.DIRECTORIES)},
}
"""The engine's options, as an argument spec of Ansible."""

OLDEST = 14
"""The first major version that can hash whole rows; older ones are out of support."""

# Long, since an office may well have a database "cadangan_pangan" (food reserves).
_SCRATCH = "cadangan_scratch_"
_NAME_LIMIT = 63  # bytes
# Sessions of other users must not reach a database while it is restored; superusers are let in all the same.
_NOBODY = "CONNECTION LIMIT 0"


class PostgresqlEngine(Engine):
    """One database of one server.

    `account` is the OS account that the server takes for a superuser, `lock_timeout` is in seconds, and
    `client_directories` are shell patterns. What is left out has the default of `OPTIONS`.
    """

    name = "postgresql"

    def __init__(self, instance: str, database: str, options: Dict[str, object]) -> None:
        super().__init__(instance, database, options)
        chosen = {name: options.get(name, spec["default"]) for name, spec in OPTIONS.items()}
        # Only root can become another account; anybody else must be the server's superuser already.
        account = chosen["account"] if os.geteuid() == 0 else None
        self.server = Server(chosen["socket_directory"], instance, account)
        self._lock_timeout = chosen["lock_timeout"]
        self._directories = chosen["client_directories"]
        self._clients: List[Client] = []
        self._version = ""
        self._expected: List[Fact] = []
        self._source = Versions("0", "0")

    @property
    def version(self) -> str:
        """The server's version, like `15.13`. Raises EngineError if it can not be asked."""
        if not self._version:
            with self._maintenance() as session:
                [[self._version]] = session.rows(
                    "SELECT json_build_array(split_part(current_setting('server_version'), ' ', 1))"
                )
        return self._version

    @property
    def major(self) -> int:
        return major_of(self.version)

    def client(self) -> Client:
        """The client to use: no older than the server, nor than the client that wrote the dump to restore."""
        if major_of(self._source.client) > self.major:
            return postgresql_client.suitable(self._installed(), self._source.client, "the one that made the backup")
        return postgresql_client.suitable(self._installed(), self.version)

    def session(self, database: str) -> Session:
        """A connection to one of the server's databases."""
        return Session(self.server, postgresql_client.newest(self._installed()), database)

    def versions(self) -> List[Dict[str, str]]:
        rows = [["server", self.version], ["client", self.client().version]]
        if self.exists(self.database):
            with self.session(self.database) as session:
                rows += session.rows(
                    "SELECT json_build_array('extension ' || extname, extversion) FROM pg_extension ORDER BY extname"
                )
        return [{"name": name, "value": value} for name, value in rows]

    def size(self) -> int:
        with self._maintenance() as session:
            [[size]] = session.rows(f"SELECT json_build_array(pg_database_size({literal(self.database)}::name))")
        return int(size)

    def check_backup(self) -> None:
        self._check_server()
        with self._maintenance() as session:
            found = session.rows(
                "SELECT json_build_array(datistemplate, datallowconn) FROM pg_database"
                f" WHERE datname = {literal(self.database)}"
            )
        if not found:
            raise EngineError(
                f"There is no database {self.database!a} on port {self.instance}",
                "Look at the register: is it the right server, port and name?",
            )
        [[is_template, is_open]] = found
        if is_template or not is_open:
            raise EngineError(
                f"The database {self.database!a} is a template, or closed to connections",
                "Only databases that applications use are backed up.",
            )
        self.session(self.database).close()

    def snapshot(self) -> PostgresqlSnapshot:
        return PostgresqlSnapshot(
            self.server, self.client(), self.version, self.database, self._lock_timeout, self.expect
        )

    def check_restore(self, manifest: dict, mode: str, target: str) -> None:
        _check_name(target)
        versions = {version["name"]: version["value"] for version in manifest["versions"]}
        if self.major < major_of(versions["server"]):
            raise EngineError(
                f"The backup is of PostgreSQL {versions['server']}, newer than this server, which is {self.version}",
                "Restore it into a server that is at least as new.",
            )
        self.expect(manifest["proof"], Versions(versions["server"], versions["client"]))
        self._check_server()
        with self._maintenance() as session:
            check_needs(session, manifest["proof"], sum(part["plain_bytes"] for part in manifest["parts"]))
        if mode == "copy" and self.exists(target):
            raise EngineError(
                f"There is a database {target!a} already", "Restore under another name, or as a replacement."
            )
        if mode == "replace":
            self.check_swap(target)

    def expect(self, proof: List[Fact], source: Versions) -> None:
        """Remember what is going to be restored: its proof, and the versions of the programs that dumped it."""
        self._expected = proof
        self._source = source

    def scratch_name(self, target: str, tag: str) -> str:
        return _SCRATCH + tag.replace("-", "_")

    def aside_name(self, target: str, tag: str) -> str:
        ending = "_sebelum_" + tag
        return target.encode()[: _NAME_LIMIT - len(ending)].decode("utf-8", "ignore") + ending

    def create(self, name: str) -> None:
        wanted = postgresql_database.named(self._expected, postgresql_database.KIND)
        with self._maintenance() as session:
            session.execute(f"{postgresql_database.creation(name, wanted, self.major)} {_NOBODY}")

    def load(self, part: dict, name: str) -> Command:
        if PARTS.get(part["name"]) != part["format"]:
            raise EngineError(f"The backup set has a part {part['name']!a} in the format {part['format']!a}")
        if part["format"] == "sql":
            # In one transaction, which a script that is cut short never commits.
            return self.server.psql(self.client(), name, "--single-transaction", "--output=/dev/null", "--file=-")
        argv = [self.client().program("pg_restore"), "--exit-on-error", "--no-password"]
        return Command([*argv, f"--dbname={self.server.conninfo(name)}"], self.server.account)

    def proof_of(self, name: str) -> List[Fact]:
        with self.session(name) as session:
            session.execute(f"SET lock_timeout = {self._lock_timeout * 1000};{BEGIN}")
            found = postgresql_proof.facts(session, self.major)
            states = postgresql_content.sequences(session)
        found += postgresql_proof.sequence_facts(states, states)
        same_major = major_of(self._source.server) == self.major
        return postgresql_proof.in_terms_of(self._expected, found, same_major)

    def check_swap(self, target: str) -> None:
        with self._maintenance() as session:
            [[is_template, transactions]] = session.rows(
                "SELECT json_build_array(coalesce(bool_or(datistemplate), false),"
                f" (SELECT count(*) FROM pg_prepared_xacts WHERE database = {literal(target)}))"
                f" FROM pg_database WHERE datname = {literal(target)}"
            )
        if is_template:
            raise EngineError(f"{target!a} is a template", "Only databases that applications use are replaced.")
        if transactions:
            raise EngineError(
                f"The database {target!a} has {transactions} prepared transactions and can not be replaced",
                "Commit them or roll them back (see pg_prepared_xacts).",
            )

    def swap(self, new: str, target: str, aside: str) -> None:
        """Both renames in one transaction; sessions are ended while the first rename holds back new ones.

        Whoever connects waits for the lock that a rename takes before it waits for the others to leave.
        """
        renames = []
        if aside and self.exists(target):
            renames.append(f"ALTER DATABASE {identifier(target)} RENAME TO {identifier(aside)};")
        renames.append(f"ALTER DATABASE {identifier(new)} RENAME TO {identifier(target)};")
        id_of_new = self._id_of(new)
        try:
            with self._maintenance(new, target) as session, self._maintenance(new, target) as ender:
                session.send("BEGIN;" + "".join(renames) + "COMMIT")
                while not session.finished(0.1):
                    ender.rows(_END_SESSIONS.format(names=f"{literal(target)}, {literal(new)}"))
                session.finish()
        except EngineError:
            # The connection may have broken after the commit.
            if id_of_new is None or self._id_of(target) != id_of_new:
                raise

    def drop(self, name: str) -> None:
        if not name.startswith(_SCRATCH):
            raise EngineError(f"{name!a} is not a scratch database", "Report this as a fault of Cadangan.")
        if not self.exists(name):
            return
        self._drop_subscriptions(name)
        with self._maintenance() as session:
            session.execute(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")

    def exists(self, name: str) -> bool:
        return self._id_of(name) is not None

    def leftovers(self) -> List[str]:
        with self._maintenance() as session:
            names = session.rows(
                "SELECT json_build_array(datname) FROM pg_database"
                f" WHERE starts_with(datname::text, {literal(_SCRATCH)}) ORDER BY datname"
            )
        return [name for [name] in names]

    def _installed(self) -> List[Client]:
        if not self._clients:
            self._clients = postgresql_client.installed(self._directories)
        return self._clients

    def _maintenance(self, *besides: str) -> Session:
        """A connection to a database that is not among those to be renamed."""
        return self.session("template1" if "postgres" in besides else "postgres")

    def _id_of(self, name: str) -> Optional[int]:
        with self._maintenance() as session:
            ids = session.rows(f"SELECT json_build_array(oid::int8) FROM pg_database WHERE datname = {literal(name)}")
        return ids[0][0] if ids else None

    def _check_server(self) -> None:
        if not self.instance.isdigit():
            raise EngineError(f"{self.instance!a} is not a port", "The instance of PostgreSQL is its port.")
        _check_name(self.database)
        if self.major < OLDEST:
            raise EngineError(
                f"PostgreSQL {self.version} is too old: {OLDEST} is the oldest that can be proven",
                "Upgrade the server; its release gets no security updates any more.",
            )
        self.client()
        with self._maintenance() as session:
            [[is_superuser, is_standby, user]] = session.rows(
                "SELECT json_build_array(rolsuper, pg_is_in_recovery(), rolname) FROM pg_roles"
                " WHERE rolname = current_user"
            )
        if not is_superuser:
            raise EngineError(
                f"The role {user!a} is not a superuser of PostgreSQL",
                "Set the option account to the OS account of PostgreSQL's superuser, normally postgres.",
            )
        if is_standby:
            raise EngineError("The server is a standby", "Name the primary server in the request.")

    def _drop_subscriptions(self, name: str) -> None:
        """A subscription would hold the database; its slot at the publisher belongs to the original."""
        with self.session(name) as session:
            names = session.rows(
                "SELECT json_build_array(subname) FROM pg_subscription WHERE subdbid ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            for [subscription] in names:
                quoted = identifier(subscription)
                session.execute(f"ALTER SUBSCRIPTION {quoted} DISABLE")
                session.execute(f"ALTER SUBSCRIPTION {quoted} SET (slot_name = NONE)")
                session.execute(f"DROP SUBSCRIPTION {quoted}")


_END_SESSIONS = "SELECT json_build_array(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname IN ({names})"


def _check_name(name: str) -> None:
    if not name or "\0" in name or len(name.encode("utf-8", "surrogateescape")) > _NAME_LIMIT:
        raise EngineError(
            f"{name!a} can not be the name of a database", f"A name has 1 to {_NAME_LIMIT} bytes, none of them zero."
        )
    if name.startswith(_SCRATCH):
        raise EngineError(f"{name!a} could be taken for a scratch database", f"Names must not begin with {_SCRATCH}.")
