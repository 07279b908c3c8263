# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Putting a restored schema in the place of another: all tables move in one RENAME TABLE.

Tables with triggers do not move between schemas, so triggers are dropped before and made again after it, as views,
routines and events are. What that takes is written to a file first: whoever comes after a crash finishes what was begun
if the tables had moved, and puts back what is missing if they had not.
"""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    mysql_family_accounts,
    mysql_family_content,
    mysql_family_objects,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import sync_folder
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import identifier, literal
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_objects import Definition
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_session import Session

_TIME = "SELECT UNIX_TIMESTAMP(SYSDATE(6))"


class Place:
    """A schema with what is in it: names of tables and sequences, definitions of all else, properties, privileges."""

    def __init__(self, session: Session, schema: str) -> None:
        self.schema = schema
        self.dialect = session.dialect
        self.tables = list(mysql_family_content.tables(session, schema))
        self.definitions = mysql_family_objects.read(session, schema)
        names = self.dialect.properties
        [values] = session.rows(
            f"SELECT {', '.join(names)} FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {literal(schema)}"
        )
        known = dict(zip(names, values))
        self.collation, self.properties = known["DEFAULT_COLLATION_NAME"], self.dialect.schema_options(known)
        self.defaults = session.rows(
            "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS"
            f" WHERE TABLE_SCHEMA = {literal(schema)} AND COLUMN_DEFAULT LIKE '%val(`%'"
        )
        self.orphans = session.rows(
            "SELECT DISTINCT k.TABLE_NAME, k.CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE AS k"
            " LEFT JOIN information_schema.TABLES AS t"
            f" ON t.TABLE_SCHEMA = {literal(schema)} AND t.TABLE_NAME = k.REFERENCED_TABLE_NAME"
            f" WHERE k.TABLE_SCHEMA = {literal(schema)} AND k.REFERENCED_TABLE_SCHEMA = {literal(schema)}"
            " AND t.TABLE_NAME IS NULL"
        )
        self.accounts = mysql_family_accounts.script(session, schema)
        self.revoking = mysql_family_accounts.revoking(session, schema)

    def of_kind(self, *kinds: str) -> List[Definition]:
        return [definition for definition in self.definitions if definition.kind in kinds]


class Exchange:
    """The scripts that put the schema `new` in the place of `old`, which becomes `aside`.

    An empty `aside` says that `old` is empty and only made for this. `source` is the schema that was backed up: where
    default values in `new` come from its sequences, they will come from those of the new place.
    """

    def __init__(self, new: Place, old: Place, aside: str, source: str, lock_timeout: int) -> None:
        self._new, self._old, self._aside, self._source = new, old, aside, source
        self._dialect = old.dialect
        self._timeout = f"SET lock_wait_timeout = {lock_timeout};\n"

    def plan(self) -> Dict[str, Any]:
        """The scripts, and what is to be known to finish or undo them.

        `prepare`, `change`, which is measured, and `keep` come one after the other. `finish` is for who finds that the
        tables have moved, `undo` for who finds that they have not, and `back` moves them back.
        """
        new, old, target = self._new, self._old, self._old.schema
        there = [(target, self._aside, old.tables), (new.schema, target, new.tables)]
        back = [(target, new.schema, new.tables), (self._aside, target, old.tables)]
        put, keep = self._put(new, old), self._keep()
        moved = (self._aside, old.tables) if old.tables else (target, new.tables)
        return {
            "new": new.schema,
            "target": target,
            "aside": self._aside,
            "forward": True,
            # One that will have moved, if the tables have: there is but one step.
            "moved": [moved[0], *moved[1][:1]],
            "prepare": self._prepare(),
            "change": f"{_TIME};\n{self._timeout}{self._make_way()}{_rename(there)}{put}{_TIME};\n",
            "keep": keep,
            "finish": put + keep,
            "in_the_way": [definition.name for definition in self._in_the_way()],
            "undo": self._undo(),
            "back": self._timeout + self._way_back() + _rename(back) + self._put(old, new),
        }

    def _prepare(self) -> str:
        text = self._new.revoking + _dropping(self._new.schema, self._new.of_kind("TRIGGER"))
        if not self._aside:
            return text
        text += f"CREATE DATABASE {identifier(self._aside)} {self._old.properties};\nUSE {identifier(self._aside)};\n"
        kept = [each for each in self._old.definitions if each.kind not in ("TRIGGER", "VIEW")]
        return text + mysql_family_objects.script(self._dialect, kept, self._old.collation)

    def _in_the_way(self) -> List[Definition]:
        """What a RENAME does not bear: triggers, and views whose names tables will have."""
        views = [view for view in self._old.of_kind("VIEW") if view.name in self._new.tables]
        return self._old.of_kind("TRIGGER") + views

    def _make_way(self) -> str:
        schema, way = self._old.schema, self._in_the_way()
        triggers = [each for each in way if each.kind == "TRIGGER"]
        text = ""
        if triggers:
            # Nothing is dropped before all who are in the middle of something have ended.
            tables = sorted({trigger.table for trigger in triggers})
            locks = ", ".join(f"{identifier(schema)}.{identifier(table)} WRITE" for table in tables)
            text = f"LOCK TABLES {locks};\n{_dropping(schema, triggers)}UNLOCK TABLES;\n"
        return text + _dropping(schema, [each for each in way if each.kind == "VIEW"])

    def _undo(self) -> str:
        dropped = self._in_the_way()
        made = mysql_family_objects.script(self._dialect, dropped, self._old.collation)
        return f"{_dropping(self._old.schema, dropped)}USE {identifier(self._old.schema)};\n{made}"

    def _way_back(self) -> str:
        triggers, views = self._new.of_kind("TRIGGER"), self._new.of_kind("VIEW")
        return _dropping(self._old.schema, triggers + views) + _dropping(self._aside, self._old.of_kind("TRIGGER"))

    def _put(self, wanted: Place, unwanted: Place) -> str:
        """Make everything but tables in the target what it is in `wanted`."""
        target = self._old.schema
        names = {(each.kind, each.name) for each in wanted.definitions} | {("VIEW", name) for name in wanted.tables}
        gone = [each for each in unwanted.definitions if (each.kind, each.name) not in names]
        # Triggers of one table are made one after another, in their order.
        gone += wanted.of_kind("TRIGGER")
        text = f"ALTER DATABASE {identifier(target)} {wanted.properties};\n{_dropping(target, gone)}"
        made = mysql_family_objects.script(self._dialect, wanted.definitions, wanted.collation)
        text += f"USE {identifier(target)};\n{made}"
        return text + self._own_defaults(wanted, target) + mysql_family_objects.enabling(wanted.definitions)

    def _keep(self) -> str:
        """Grant on the target what was granted on `new`, and make triggers and views in the schema kept aside."""
        old = self._old
        text = f"SET @cadangan_schema = {literal(old.schema)};\n{self._new.accounts}"
        if not self._aside:
            return text
        text += f"{_dropping(self._aside, old.of_kind('TRIGGER'))}USE {identifier(self._aside)};\n"
        text += mysql_family_objects.script(self._dialect, old.of_kind("TRIGGER", "VIEW"), old.collation)
        # The parents of these were lost; now they would hold on to the tables that came in their place.
        for table, key in old.orphans:
            text += self._dialect.dropping_key(table, key)
        return text + self._own_defaults(old, self._aside)

    def _own_defaults(self, place: Place, schema: str) -> str:
        former = self._source if place is self._new else self._old.schema
        if former == schema:
            return ""
        return "".join(
            f"ALTER TABLE {identifier(schema)}.{identifier(table)} ALTER COLUMN {identifier(column)} SET DEFAULT "
            f"({default.replace(f'val({identifier(former)}.', f'val({identifier(schema)}.')});\n"
            for table, column, default in place.defaults
        )


def _rename(moves: Sequence[Tuple[str, str, List[str]]]) -> str:
    renames = [
        f"{identifier(source)}.{identifier(table)} TO {identifier(destination)}.{identifier(table)}"
        for source, destination, tables in moves
        for table in tables
    ]
    return f"RENAME TABLE {', '.join(renames)};\n" if renames else ""


def _dropping(schema: str, definitions: Sequence[Definition]) -> str:
    return f"USE {identifier(schema)};\n{mysql_family_objects.dropping(definitions)}" if definitions else ""


class Plans:
    """Files that say which exchanges of one server were begun and not ended."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def write(self, plan: Dict[str, Any]) -> None:
        """Keep a plan, durably, instead of what was kept about the same target."""
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        path = self._path(plan)
        fd = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w", encoding="ascii") as file:
            json.dump(plan, file)
            file.flush()
            os.fsync(fd)
        os.rename(path + ".new", path)
        sync_folder(self._folder)

    def remove(self, plan: Dict[str, Any]) -> None:
        """Forget a plan."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path(plan))

    def all(self) -> Iterator[Dict[str, Any]]:
        """The plans that were kept."""
        with contextlib.suppress(FileNotFoundError):
            for name in sorted(os.listdir(self._folder)):
                if name.endswith(".json"):
                    with open(os.path.join(self._folder, name), encoding="ascii") as file:
                        yield json.load(file)

    def _path(self, plan: Dict[str, Any]) -> str:
        return os.path.join(self._folder, hashlib.sha256(plan["target"].encode()).hexdigest()[:32] + ".json")


def have_moved(session: Session, plan: Dict[str, Any]) -> bool:
    """Whether the one step was made in which all tables move; yes, if there are none."""
    schema, *tables = plan["moved"]
    return set(tables) <= set(mysql_family_content.tables(session, schema))


def is_disturbed(session: Session, plan: Dict[str, Any]) -> bool:
    """Whether anything that was in the way has been dropped."""
    schema = literal(plan["target"])
    present = session.rows(
        f"SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {schema}"
        f" UNION ALL SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {schema}"
    )
    return any([name] not in present for name in plan["in_the_way"])


def milliseconds(answer: bytes) -> int:
    """How long the script `change` took between the two times that it printed."""
    try:
        begun, ended = (float(line) for line in answer.split())
    except ValueError:
        raise EngineError("The server did not say how long the exchange took") from None
    return round((ended - begun) * 1000)
