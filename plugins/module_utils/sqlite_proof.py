# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts about what is in an SQLite database: its schema, its settings, and every row of every table."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from typing import Iterator, List, Optional, Tuple
from urllib.parse import quote

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact

_PRAGMAS = ("application_id", "auto_vacuum", "encoding", "page_size", "user_version")
_ROWID_NAMES = ("_rowid_", "rowid", "oid")
_ROWS_BETWEEN_CHECKS = 1000
_STEPS_BETWEEN_CHECKS = 1_000_000
_WRITE_VERSION_OFFSET = 18  # byte in the file's header: 1 for a rollback journal, 2 for a write-ahead log


@contextlib.contextmanager
def readable_errors(path: str) -> Iterator[None]:
    """Turn SQLite's errors into EngineError that name the file."""
    try:
        yield
    except sqlite3.Error as error:
        interruption.check()
        raise EngineError(f"{path}: SQLite says: {error}", _advice(str(error))) from error
    except UnicodeError as error:
        raise EngineError(f"{path}: a name in the schema is not UTF-8", "Rename that object.") from error


def connect(path: str, parameters: str, timeout: float = 0) -> sqlite3.Connection:
    """Open the file `path` with URI `parameters`; text comes as bytearray, so that it differs from a blob."""
    uri = f"file:{quote(os.fsencode(path))}?{parameters}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=timeout)
    connection.text_factory = bytearray
    connection.set_progress_handler(interruption.happened, _STEPS_BETWEEN_CHECKS)
    return connection


def content(connection: sqlite3.Connection) -> List[Fact]:
    """The facts about schema, settings and rows. Without a transaction of the caller they may not fit together."""
    facts = [_fact("setting", name, _text(_one(connection, f"PRAGMA {name}"))) for name in _PRAGMAS]
    objects = connection.execute("SELECT type, name, tbl_name, sql, rootpage FROM sqlite_master").fetchall()
    for kind, name, table, sql, rootpage in objects:
        definition = hashlib.sha256(repr((table, sql)).encode("ascii")).hexdigest()
        facts.append(_fact(_text(kind), _text(name), definition))
        # A virtual table has no rows of its own: they are in its shadow tables, which are ordinary ones.
        if _text(kind) == "table" and rootpage:
            facts.append(_fact("rows of", _text(name), _rows(connection, _text(name))))
    return facts


def storage(path: str) -> List[Fact]:
    """The facts about a file that nobody else has open: its journal mode, and what SQLite's own check finds."""
    with open(path, "rb") as file:
        header = file.read(_WRITE_VERSION_OFFSET + 1)
    mode = "wal" if header[_WRITE_VERSION_OFFSET:] == b"\x02" else "rollback"
    with contextlib.closing(connect(path, "mode=ro&immutable=1")) as connection:
        try:
            found = [_text(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        except sqlite3.OperationalError as error:
            # An application's own collation or function: without it SQLite can not check, here as there.
            if "no such" not in str(error):
                raise
            found = [str(error)]
    result = "ok" if found == ["ok"] else hashlib.sha256("\n".join(found).encode("utf-8")).hexdigest()
    return [_fact("setting", "journal", mode), _fact("check", "integrity", result)]


def _rows(connection: sqlite3.Connection, table: str) -> str:
    """Count and SHA-256 of a table's rows in the order in which they are stored, each as Python writes a tuple."""
    columns = connection.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (table,)).fetchall()
    # Hidden 2 and 3 are generated columns: they follow from the others.
    wanted = [_quoted(_text(name)) for name, hidden in columns if hidden not in (2, 3)]
    rowid = _rowid(connection, table, [_text(name).lower() for name, _hidden in columns])
    if rowid is not None:
        wanted.insert(0, rowid)
    digest = hashlib.sha256()
    count = 0
    statement = f"SELECT {', '.join(wanted)} FROM main.{_quoted(table)} NOT INDEXED"  # noqa: S608 - names are quoted
    for row in connection.execute(statement):
        digest.update(repr(row).encode("ascii"))
        count += 1
        if count % _ROWS_BETWEEN_CHECKS == 0:
            interruption.check()
    return f"{count} rows {digest.hexdigest()}"


def _rowid(connection: sqlite3.Connection, table: str, columns: List[str]) -> Optional[str]:
    """A name by which the table's row numbers can be had; None if it has none, or columns hide all the names."""
    name = next((name for name in _ROWID_NAMES if name not in columns), None)
    if name is None:
        return None
    try:
        connection.execute(f"SELECT {name} FROM main.{_quoted(table)} LIMIT 0")  # noqa: S608 - names are quoted
    except sqlite3.OperationalError as error:
        if "no such column" not in str(error):
            raise
        return None
    return name


def _one(connection: sqlite3.Connection, statement: str) -> object:
    row: Tuple[object, ...] = connection.execute(statement).fetchone()
    return row[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: object) -> str:
    return value.decode("utf-8") if isinstance(value, bytearray) else str(value)


def _fact(kind: str, name: str, value: str) -> Fact:
    return {"kind": kind, "name": name, "value": value}


def _advice(error: str) -> str:
    if "readonly" in error:
        return "A crash left an unfinished transaction: open the database once with its application, then try again."
    if "locked" in error:
        return "Something is writing to it: try again when it is quiet, or raise the lock timeout."
    if "malformed" in error or "not a database" in error:
        return "The database is damaged: restore it from a backup set, or repair it first."
    return "Look at the database with its application or with the sqlite3 command."
