# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts about the content of a schema: rows, and counters that no snapshot holds still.

A table's fact is the number of its rows and a sum of their hashes: neither order nor duplicates nor the place of a
row matter. Not CHECKSUM TABLE, which does not see where one text ends and the next begins.
"""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import re
from typing import Dict, List, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import (
    Dialect,
    identifier,
    literal,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_session import Session

_AUTO_INCREMENT = re.compile(r"^(\) ENGINE=\w+) AUTO_INCREMENT=(\d+)", re.MULTILINE)

_TABLES = """
SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
WHERE TABLE_SCHEMA = {schema} AND TABLE_TYPE <> 'VIEW' ORDER BY TABLE_NAME
"""
# Hashed first, since they may be too long to be put together with others.
_LONG = re.compile(r".*(text|blob|json|geometry|point|linestring|polygon|vector)|geomet.*", re.DOTALL)
_VERSIONED = "SYSTEM VERSIONED"


def tables(session: Session, schema: str) -> Dict[str, str]:
    """Name and kind (`BASE TABLE`, `SYSTEM VERSIONED`, `SEQUENCE`) of everything that has a place of its own."""
    return dict(session.rows(_TABLES.format(schema=literal(schema))))


def rows(session: Session, schema: str) -> List[Tuple[str, str]]:
    """Each table, and what is in it."""
    columns: Dict[str, List[str]] = {}
    for table, column, data_type in session.rows(session.dialect.columns.format(schema=literal(schema))):
        columns.setdefault(table, []).append(_value(session.dialect, column, data_type))
    found = []
    for table, kind in tables(session, schema).items():
        if kind == "SEQUENCE":
            continue
        source, values = f"{identifier(schema)}.{identifier(table)}", list(columns[table])
        if kind == _VERSIONED:
            source += " FOR SYSTEM_TIME ALL"
            values += (
                [_value(session.dialect, name, "") for name in ("row_start", "row_end")]
                if not _has_period(session, schema, table)
                else []
            )
        row = session.dialect.hashed(f"CONCAT_WS(',', {', '.join(values)})")
        digest = f"CONV(LEFT({row}, 16), 16, 10)"
        [[count, total]] = session.rows(f"SELECT COUNT(*), COALESCE(SUM(CAST({digest} AS UNSIGNED)), 0) FROM {source}")
        found.append((table, f"{count} rows, {total}"))
    return found


def counters(session: Session, schema: str) -> Dict[Tuple[str, str], int]:
    """The next value of every sequence and AUTO_INCREMENT, by kind and name."""
    found = {}
    for table, kind in tables(session, schema).items():
        qualified = f"{identifier(schema)}.{identifier(table)}"
        if kind == "SEQUENCE":
            found["sequence value", table] = int(session.value(f"SELECT next_not_cached_value FROM {qualified}"))
        else:
            [row] = session.rows(f"SHOW CREATE TABLE {qualified}")
            number = _AUTO_INCREMENT.search(row[1])
            if number:
                found["auto increment", table] = int(number.group(2))
    return found


def without_counter(statement: str) -> str:
    """What SHOW CREATE TABLE says, without the next value of AUTO_INCREMENT."""
    return _AUTO_INCREMENT.sub(r"\1", statement)


def _has_period(session: Session, schema: str, table: str) -> bool:
    """Whether a system-versioned table has columns of its own for its period; hidden ones are in no list."""
    return (
        session.value(
            "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE GENERATION_EXPRESSION = 'ROW START'"
            f" AND TABLE_SCHEMA = {literal(schema)} AND TABLE_NAME = {literal(table)}"
        )
        != "0"
    )


def _value(dialect: Dialect, column: str, data_type: str) -> str:
    """SQL for a value as bytes in which no other value can hide."""
    if _LONG.fullmatch(data_type):
        # As it is: a cast of what is longer than max_allowed_packet would give nothing at all.
        return f"IFNULL({dialect.hashed(identifier(column))}, '-')"
    value = f"CAST({identifier(column)} AS BINARY)"
    if data_type in ("float", "double"):
        # MySQL's dump says -0, and MySQL reads that as 0.
        value = f"IF({identifier(column)} = 0, '0', {value})"
    if data_type in ("enum", "set"):
        value = f"CONCAT({identifier(column)} + 0, ':', {value})"
    return f"IFNULL(HEX({value}), '-')"
