# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Triggers, views, routines and events of a schema, and SQL scripts that make them in another one.

The dump's own would not do for triggers and events: a trigger that was made with qualified names would be made
in the original schema, and an enabled event begins to run in a scratch schema.
"""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import (
    Dialect,
    identifier,
    literal,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_session import NULL, Session

_NAME = r'(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|\'(?:[^\'\\]|\'\'|\\.)*\'|[^\s`"\'.@]+)'
_GAP = r"(?:\s|/\*.*?\*/|--\s[^\n]*\n|#[^\n]*\n)"
_DEFINER = rf"CREATE\s+(?P<definer>DEFINER={_NAME}(?:@{_NAME})?)\s+"
_QUALIFIED = rf"(?:{_NAME}{_GAP}*\.{_GAP}*)?{_NAME}"
_TRIGGER = re.compile(
    rf"{_DEFINER}TRIGGER{_GAP}+(?:IF{_GAP}+NOT{_GAP}+EXISTS{_GAP}+)?{_QUALIFIED}{_GAP}+(?:BEFORE|AFTER){_GAP}+"
    rf"(?:INSERT|UPDATE|DELETE){_GAP}+ON{_GAP}*{_QUALIFIED}{_GAP}*FOR{_GAP}+EACH{_GAP}+ROW(?P<body>.*)",
    re.DOTALL | re.IGNORECASE,
)
_EVENT = re.compile(
    rf"(?P<head>{_DEFINER}EVENT\s+{_NAME}\s+ON SCHEDULE .*? ON COMPLETION (?:NOT )?PRESERVE) "
    r"(?:ENABLE|DISABLE(?: ON SLAVE| ON REPLICA)?)(?P<tail> .*)",
    re.DOTALL,
)
_SCRATCH_PATTERN = "cadangan\\_scratch\\_%"
_ENABLE = "`cadangan enables events`"
_ROUTINES = ("PACKAGE", "PACKAGE BODY", "FUNCTION", "PROCEDURE")


@dataclass
class Definition:
    """One object: the statement that makes it, in the bytes of its own character set, and its settings.

    `table` is a trigger's; `columns` and `broken` (it refers to what is not there) are a view's; `enabled` and `ends`
    (UTC, or NULL) are an event's.
    """

    kind: str
    name: str
    statement: str
    settings: Dict[str, str]
    table: str = ""
    columns: List[str] = field(default_factory=list)
    broken: bool = False
    enabled: bool = False
    ends: str = NULL


def read(session: Session, schema: str) -> List[Definition]:
    """All objects of a schema, in an order in which they can be made. Raises EngineError."""
    session.execute(f"USE {identifier(schema)};SET character_set_results = binary")
    try:
        return [*_triggers(session, schema), *_routines(session, schema), *_views(session, schema), *_events(session)]
    finally:
        session.execute("SET character_set_results = utf8mb4")


def _triggers(session: Session, schema: str) -> Iterable[Definition]:
    rows = session.rows(
        "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION FROM information_schema.TRIGGERS"
        f" WHERE TRIGGER_SCHEMA = {literal(schema)}"
        " ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER"
    )
    for name, table, timing, event in rows:
        [row] = session.rows(f"SHOW CREATE TRIGGER {identifier(name)}")
        parsed = _TRIGGER.fullmatch(row[2])
        if parsed is None:
            raise EngineError(
                f"The trigger {name!a} is written in a way that is not understood", "Make it again without comments."
            )
        # Without the schemas that its names may be qualified with.
        statement = (
            f"CREATE {parsed['definer']} TRIGGER {identifier(name)} {timing} {event}"
            f" ON {identifier(table)} FOR EACH ROW{parsed['body']}"
        )
        yield Definition("TRIGGER", name, statement, _settings(row[1], *row[3:6]), table=table)


def _routines(session: Session, schema: str) -> Iterable[Definition]:
    rows = session.rows(
        "SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES"
        f" WHERE ROUTINE_SCHEMA = {literal(schema)} ORDER BY ROUTINE_TYPE, ROUTINE_NAME"
    )
    for kind, name in sorted(rows, key=lambda row: _ROUTINES.index(row[0])):
        [row] = session.rows(f"SHOW CREATE {kind} {identifier(name)}")
        yield Definition(kind, name, row[2], _settings(row[1], *row[3:6]))


def _views(session: Session, schema: str) -> Iterable[Definition]:
    rows = session.rows(
        f"SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {literal(schema)} ORDER BY TABLE_NAME"
    )
    for (name,) in rows:
        [row] = session.rows(f"SHOW CREATE VIEW {identifier(name)}")
        columns = session.rows(
            f"SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {literal(schema)}"
            f" AND TABLE_NAME = {literal(name)} ORDER BY ORDINAL_POSITION"
        )
        made = Definition("VIEW", name, row[1], _settings("", row[2], row[3], ""))
        made.columns = [column for (column,) in columns]
        made.broken = session.rows(f"CHECK TABLE {identifier(name)}")[-1][2:] != ["status", "OK"]
        yield made


def _events(session: Session) -> Iterable[Definition]:
    rows = session.rows(
        "SELECT EVENT_NAME, STATUS, CONVERT_TZ(COALESCE(EXECUTE_AT, ENDS), TIME_ZONE, '+00:00')"
        " FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() ORDER BY EVENT_NAME"
    )
    for name, status, ends in rows:
        [row] = session.rows(f"SHOW CREATE EVENT {identifier(name)}")
        parsed = _EVENT.fullmatch(row[3])
        if parsed is None:
            raise EngineError(f"The event {name!a} is written in a way that is not understood", "Report this.")
        statement = f"{parsed['head']} DISABLE{parsed['tail']}"
        settings = {**_settings(row[1], *row[4:7]), "time_zone": f"'{row[2]}'"}
        yield Definition("EVENT", name, statement, settings, enabled=status == "ENABLED", ends=ends)


def _settings(sql_mode: str, client: str, connection: str, database: str) -> Dict[str, str]:
    """Settings of the session under which an object was made; `database` is the schema's collation at that time."""
    return {
        "sql_mode": f"'{sql_mode}'",
        "character_set_client": client,
        "collation_connection": connection,
        "database": database,
    }


def script(dialect: Dialect, definitions: Sequence[Definition], collation: str) -> str:
    """SQL that makes or replaces the objects in the current schema, whose collation is `collation`.

    Events are disabled: see `enabling`. Views that others may refer to exist first with the right columns alone. Broken
    ones can not be made: they remain so.
    """
    parts = []
    views = [definition for definition in definitions if definition.kind == "VIEW"]
    for view in views:
        if view.broken or any(identifier(view.name) in other.statement for other in views if other is not view):
            columns = ", ".join(f"NULL AS {identifier(column)}" for column in view.columns) or "NULL"
            parts.append(f"CREATE OR REPLACE VIEW {identifier(view.name)} AS SELECT {columns};\n")
    parts += [_statement(dialect, definition, collation) for definition in definitions if not definition.broken]
    return "".join(parts)


def _statement(dialect: Dialect, definition: Definition, collation: str) -> str:
    settings = dict(definition.settings)
    former = settings.pop("database") or collation
    before, statement = dialect.replacing(definition.kind, definition.name, definition.statement)
    delimiter = ";;"
    while delimiter in statement:
        delimiter += ";"
    values = ", ".join(f"{name} = {value}" for name, value in settings.items())
    # An event whose time has come would not be made at all.
    moment = "SET timestamp = 1000000000;\n" if definition.kind == "EVENT" else ""
    text = (
        f"{before}{moment}SET {values};\nDELIMITER {delimiter}\n{statement}\n{delimiter}\nDELIMITER ;\n"
        "SET timestamp = DEFAULT, sql_mode = '', time_zone = '+00:00';\nSET NAMES utf8mb4;\n"
    )
    if former == collation:
        return text
    return f"ALTER DATABASE COLLATE = {former};\n{text}ALTER DATABASE COLLATE = {collation};\n"


def enabling(definitions: Sequence[Definition]) -> str:
    """SQL that enables the events that were, unless they are over, or the current schema is a scratch one."""
    lines = []
    for event in definitions:
        if event.kind == "EVENT" and event.enabled:
            over = "" if event.ends == NULL else f" AND UTC_TIMESTAMP() < '{event.ends}'"
            condition = f"DATABASE() NOT LIKE '{_SCRATCH_PATTERN}'{over}"
            lines.append(f"IF {condition} THEN ALTER EVENT {identifier(event.name)} ENABLE; END IF;\n")
    if not lines:
        return ""
    # Elsewhere than in a procedure, MySQL knows no conditions.
    drop = f"DROP PROCEDURE IF EXISTS {_ENABLE};\n"
    make = f"CREATE PROCEDURE {_ENABLE}() BEGIN\n{''.join(lines)}END;;\n"
    return f"{drop}DELIMITER ;;\n{make}DELIMITER ;\nCALL {_ENABLE}();\n{drop}"


def dropping(definitions: Iterable[Definition]) -> str:
    """SQL that removes the objects from the current schema, as far as they are there."""
    return "".join(f"DROP {definition.kind} IF EXISTS {identifier(definition.name)};\n" for definition in definitions)
