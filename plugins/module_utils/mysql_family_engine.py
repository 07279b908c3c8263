# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MariaDB or MySQL: a schema of the server that listens on a port of this host. The instance is the port."""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import contextlib
import os
from typing import Any, Dict, List, NamedTuple, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    mysql_family_accounts,
    mysql_family_checks,
    mysql_family_client,
    mysql_family_content,
    mysql_family_objects,
    mysql_family_proof,
    mysql_family_swap,
    places,
    processes,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    Engine,
    EngineError,
    Fact,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_client import Client, series_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import (
    Dialect,
    identifier,
    literal,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_session import Server, Session
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_snapshot import FamilySnapshot, parts_of

OPTIONS: Dict[str, Dict[str, Any]] = {
    "socket": {"type": "path", "default": "/run/mysqld/mysqld.sock"},
    "account": {"type": "str", "default": "root"},
    "option_file": {"type": "path", "default": ""},
    "lock_timeout": {"type": "int", "default": 30},
    "nontransactional": {"type": "str", "default": "refuse", "choices": ["refuse", "lock"]},
    "client_directories": {"type": "list", "elements": "str", "default": list(mysql_family_client.DIRECTORIES)},
}
"""The engine's options, as an argument spec of Ansible."""

# Long, since an office may well have a database "cadangan_pangan" (food reserves).
_SCRATCH = "cadangan_scratch_"
_NAME_LIMIT = 64  # characters


class Versions(NamedTuple):
    """Of the programs that dumped a database."""

    server: str
    client: str


class FamilyEngine(Engine):
    """One schema of one server.

    `socket` is where it listens; `account` is the OS account that it takes for its superuser, unless `option_file`
    names one with a password; `lock_timeout` is in seconds; `nontransactional` says what to do about tables without
    transactions; `client_directories` are shell patterns. What is left out has the default of `OPTIONS`.
    """

    dialect: Dialect

    def __init__(self, instance: str, database: str, options: Dict[str, object]) -> None:
        super().__init__(instance, database, options)
        chosen = {name: options.get(name, spec["default"]) for name, spec in OPTIONS.items()}
        # Only root can become another account; anybody else must be the server's superuser already.
        account = chosen["account"] if os.geteuid() == 0 else None
        self.server = Server(chosen["socket"], account, chosen["option_file"])
        self.lock_timeout = chosen["lock_timeout"]
        self._locks = chosen["nontransactional"] == "lock"
        self._directories = chosen["client_directories"]
        self._plans = mysql_family_swap.Plans(os.path.join(places.state_dir(), "swaps", f"{self.name}-{instance}"))
        self._clients: List[Client] = []
        self._version = ""
        self._expected: List[Fact] = []
        self._source = Versions("0.0", "0.0")
        # In a drill, accounts are left alone.
        self._with_accounts = False

    @property
    def version(self) -> str:
        """The server's version, like `10.11.6-MariaDB-log`. Raises EngineError if it is another product."""
        if not self._version:
            with self.session() as session:
                self._version = mysql_family_checks.version(session, self.instance)
        return self._version

    @property
    def client(self) -> Client:
        """The client to use: no older than the server, nor than the client that wrote the dump to restore."""
        if series_of(self._source.client) > series_of(self.version):
            return mysql_family_client.suitable(self._installed(), self._source.client, "the one that made the backup")
        return mysql_family_client.suitable(self._installed(), self.version)

    def session(self, database: str = "") -> Session:
        """A connection to the server."""
        self.server.check()
        return Session(self.server, mysql_family_client.newest(self._installed()), database)

    def versions(self) -> List[Dict[str, str]]:
        return [{"name": "server", "value": self.version}, {"name": "client", "value": self.client.version}]

    def size(self) -> int:
        with self.session() as session:
            size = session.value(
                "SELECT COALESCE(SUM(DATA_LENGTH), 0) FROM information_schema.TABLES"
                f" WHERE TABLE_SCHEMA = {literal(self.database)}"
            )
        return int(size)

    def check_backup(self) -> None:
        mysql_family_checks.name(self.database)
        # Raises if the server can not be reached, is another one, or no client suits it.
        self.versions()
        with self.session() as session:
            mysql_family_checks.schema(session, self.database)
            mysql_family_checks.privileges(session, self.dialect.for_backup)
            mysql_family_checks.packet(session)
            self._nontransactional(session)
            mysql_family_checks.whole(mysql_family_objects.read(session, self.database))

    def snapshot(self) -> FamilySnapshot:
        with self.session() as session:
            locked = self._nontransactional(session)
        return FamilySnapshot(self, locked)

    def check_restore(self, manifest: dict, mode: str, target: str) -> None:
        mysql_family_checks.name(target)
        versions = {version["name"]: version["value"] for version in manifest["versions"]}
        if series_of(self.version) < series_of(versions["server"]):
            raise EngineError(
                f"The backup is of {self.dialect.product} {versions['server']}, newer than this server,"
                f" which is {self.version}",
                "Restore it into a server that is at least as new.",
            )
        self.expect(manifest["proof"], versions["server"], versions["client"])
        self._with_accounts = mode != "drill"
        # Raises if no client suits.
        self.versions()
        with self.session() as session:
            mysql_family_checks.privileges(session, self.dialect.for_restore)
            mysql_family_checks.writable(session)
            mysql_family_checks.packet(session)
            mysql_family_checks.case_of_names(session, target, manifest["proof"])
            mysql_family_checks.sequences(session, mysql_family_proof.needed_sequences(manifest["proof"]))
            mysql_family_checks.space(session, sum(part["plain_bytes"] for part in manifest["parts"]))
        if mode == "copy" and self.exists(target):
            raise EngineError(
                f"There is a database {target!a} already", "Restore under another name, or as a replacement."
            )
        if mode == "replace":
            self.check_swap(target)

    def expect(self, proof: List[Fact], server: str, client: str) -> None:
        """Remember what is going to be restored: its proof, and the versions of the programs that dumped it."""
        self._expected = proof
        self._source = Versions(server, client)

    def scratch_name(self, target: str, tag: str) -> str:
        return _SCRATCH + tag.replace("-", "_")

    def aside_name(self, target: str, tag: str) -> str:
        ending = "_sebelum_" + tag
        return target[: _NAME_LIMIT - len(ending)] + ending

    def create(self, name: str) -> None:
        wanted = mysql_family_proof.properties(self._expected)
        with self.session() as session:
            session.execute(f"CREATE DATABASE {identifier(name)} {self.dialect.schema_options(wanted)}")

    def load(self, part: dict, name: str) -> Command:
        if parts_of(self.dialect).get(part["name"]) != part["format"]:
            raise EngineError(f"The backup set has a part {part['name']!a} in the format {part['format']!a}")
        settings = f"{self.dialect.lenient}, @cadangan_schema = {literal(name if self._with_accounts else '')}"
        return self.server.script(self.client, name, f"--init-command={settings}")

    def proof_of(self, name: str) -> List[Fact]:
        with self.session() as session:
            session.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            found = mysql_family_proof.schema_facts(session, name) + mysql_family_proof.row_facts(session, name)
            counters = mysql_family_content.counters(session, name)
        found += mysql_family_proof.counter_facts(counters, counters)
        same_series = series_of(self._source.server) == series_of(self.version)
        return mysql_family_proof.in_terms_of(self._expected, found, same_series)

    def check_swap(self, target: str) -> None:
        if not self.exists(target):
            return
        with self.session() as session:
            mysql_family_checks.not_referred_to(session, target)
            # Raises if something in it can not be understood, and so not be kept.
            mysql_family_objects.read(session, target)

    def swap(self, new: str, target: str, aside: str) -> Optional[int]:
        lost = not self.exists(target)
        if not lost and not aside:
            raise EngineError(f"There is a database {target!a} already", "Restore under another name.")
        if aside and self.exists(aside):
            raise EngineError(f"There is a database {aside!a} already", "Look at it; drop or rename it.")
        with self.session() as session:
            made = mysql_family_swap.Place(session, new)
            # In the scratch schema all of them were disabled.
            for event in made.of_kind("EVENT"):
                event.enabled = mysql_family_proof.is_enabled(self._expected, event.name)
            if lost:
                session.execute(f"CREATE DATABASE {identifier(target)} {made.properties}")
            old = mysql_family_swap.Place(session, target)
        exchange = mysql_family_swap.Exchange(made, old, "" if lost else aside, self.database, self.lock_timeout)
        plan = exchange.plan()
        self._plans.write(plan)
        try:
            self._run(plan["prepare"], new)
            took = mysql_family_swap.milliseconds(self._run(plan["change"], target))
            self._run(plan["keep"], target)
        except BaseException:
            # If the server is gone, whoever comes next puts things back.
            self._plans.write({**plan, "forward": False})
            self._end({**plan, "forward": False})
            raise
        self._plans.remove(plan)
        # What stays of it, the next run sweeps.
        with contextlib.suppress(EngineError):
            self._drop(new)
        return None if lost else took

    def drop(self, name: str) -> None:
        if not name.startswith(_SCRATCH):
            raise EngineError(f"{name!a} is not a scratch database", "Report this as a fault of Cadangan.")
        self._drop(name)

    def exists(self, name: str) -> bool:
        with self.session() as session:
            count = session.value(
                f"SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {literal(name)}"
            )
        return count != "0"

    def leftovers(self) -> List[str]:
        """Also ends exchanges in which a run was killed, or the server."""
        for plan in list(self._plans.all()):
            self._end(plan)
        with self.session() as session:
            names = session.rows(
                "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
                f" WHERE LEFT(SCHEMA_NAME, {len(_SCRATCH)}) = {literal(_SCRATCH)} ORDER BY SCHEMA_NAME"
            )
        return [name for (name,) in names]

    def _end(self, plan: Dict[str, Any]) -> None:
        """End an exchange: finish it if the tables have moved and it was not given up, else undo it."""
        with self.session() as session:
            moved = mysql_family_swap.have_moved(session, plan)
            disturbed = not moved and mysql_family_swap.is_disturbed(session, plan)
        if moved and plan["forward"]:
            self._run(plan["finish"], plan["target"])
            self._drop(plan["new"])
        else:
            if moved or disturbed:
                self._run(plan["back" if moved else "undo"], plan["target"])
            # Made for the exchange, and empty again.
            self._drop_without_tables(plan["aside"] or plan["target"])
        self._plans.remove(plan)

    def _run(self, script: str, database: str) -> bytes:
        command = self.server.script(self.client, database, f"--init-command={self.dialect.lenient}")
        return processes.run(command, script.encode("utf-8", "surrogateescape"))

    def _drop(self, name: str) -> None:
        with self.session() as session:
            session.execute(mysql_family_accounts.revoking(session, name) + "SET foreign_key_checks = 0")
            session.execute(f"DROP DATABASE IF EXISTS {identifier(name)}")

    def _drop_without_tables(self, name: str) -> None:
        with self.session() as session:
            if not mysql_family_content.tables(session, name):
                session.execute(f"DROP DATABASE IF EXISTS {identifier(name)}")

    def _installed(self) -> List[Client]:
        if not self._clients:
            self._clients = mysql_family_client.installed(self.dialect, self._directories)
        return self._clients

    def _nontransactional(self, session: Session) -> List[str]:
        """The tables without transactions, if they may be locked; EngineError if they may not."""
        found = mysql_family_checks.nontransactional(session, self.database)
        if found and not self._locks:
            told = ", ".join(f"{name!a} ({engine})" for name, engine in found.items())
            raise EngineError(
                f"Tables of {self.database!a} have no transactions, so no consistent view of them can be had: {told}",
                "Convert them to InnoDB, or let writers to them wait with the option nontransactional: lock.",
            )
        return list(found)
