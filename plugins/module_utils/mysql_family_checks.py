# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server must be and have; every check raises EngineError, and changes nothing."""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import os
from typing import Dict, List, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import mysql_family_proof
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_client import series_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import literal
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_objects import Definition
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_session import Session

_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
_NAME_LIMIT = 64
_SPACE_FACTOR = 1.5
_SMALLEST_PACKET = 1 << 20  # bytes


def version(session: Session, port: str) -> str:
    """The version of the server, which must be of the session's product and on that port."""
    dialect = session.dialect
    found, listens, networkless = session.rows("SELECT VERSION(), @@port, @@skip_networking")[0]
    if not dialect.is_version(found):
        raise EngineError(
            f"The server is not {dialect.product}: its version is {found}",
            "Name the engine of that server in the register.",
        )
    if series_of(found) < series_of(dialect.oldest):
        raise EngineError(f"{dialect.product} {found} is too old", f"Upgrade it to {dialect.oldest} or newer.")
    if networkless == "0" and listens != port:
        raise EngineError(
            f"The server at the socket listens on port {listens}, but the work item is for {port}",
            "Name the right instance in the register, or its socket in the role's options.",
        )
    return found


def name(database: str) -> None:
    """A name that an application's database can have."""
    bad = not database or len(database) > _NAME_LIMIT or "\0" in database or database != database.rstrip()
    if bad or any(ord(character) > 0xFFFF for character in database) or "\n" in database:
        raise EngineError(f"{database!a} can not be the name of a database", "Use at most 64 plain characters.")
    if database.lower() in _SYSTEM:
        raise EngineError(f"{database!a} is a database of the server itself", "Name an application's database.")
    if database.startswith("cadangan_scratch_"):
        raise EngineError(f"{database!a} is the name of a scratch database", "Name an application's database.")


def schema(session: Session, database: str) -> None:
    """A schema of exactly that name."""
    names = session.rows(f"SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {literal(database)}")
    if [database] not in names:
        raise EngineError(
            f"There is no database {database!a} on this server",
            "Look at the register: is it the right server, port and name?",
        )


def privileges(session: Session, needed: Sequence[str]) -> None:
    """The account has the global privileges `needed`."""
    rows = session.rows("SHOW GRANTS")
    granted = ",".join(row[0].partition(" ON *.* TO ")[0] for row in rows if " ON *.* TO " in row[0])
    had = {word.strip() for word in granted.replace("GRANT ", "").split(",")}
    missing = [privilege for privilege in needed if privilege not in had]
    if missing and "ALL PRIVILEGES" not in had:
        raise EngineError(
            f"The account {session.value('SELECT CURRENT_USER()')} lacks privileges on *.*: {', '.join(missing)}",
            "Grant them, or name an account that has them.",
        )


def writable(session: Session) -> None:
    """The server takes changes."""
    if session.value("SELECT @@GLOBAL.read_only") not in ("0", "OFF"):
        raise EngineError("The server is read-only", "Restore on the primary, or set read_only = 0.")


def packet(session: Session) -> None:
    """The server can put the values of a row together; of those that it can not, a proof would say nothing."""
    limit = int(session.value("SELECT @@max_allowed_packet"))
    if limit < _SMALLEST_PACKET:
        raise EngineError(
            f"The server's max_allowed_packet is {limit}, too small to prove what is in its rows",
            f"Let it be {_SMALLEST_PACKET} at least, in its configuration and with SET GLOBAL.",
        )


def nontransactional(session: Session, database: str) -> Dict[str, str]:
    """Tables whose storage engine has no transactions, with its name."""
    rows = session.rows(
        "SELECT TABLE_NAME, t.ENGINE FROM information_schema.TABLES AS t"
        " LEFT JOIN information_schema.ENGINES AS e ON e.ENGINE = t.ENGINE"
        f" WHERE TABLE_SCHEMA = {literal(database)} AND TABLE_TYPE <> 'VIEW' AND COALESCE(e.TRANSACTIONS, '') <> 'YES'"
    )
    return dict(rows)


def whole(definitions: List[Definition]) -> None:
    """No view refers to what is not there."""
    broken = [definition.name for definition in definitions if definition.broken]
    if broken:
        raise EngineError(
            f"The view {broken[0]!a} refers to what is not there, or its definer may not use: it can not be dumped",
            "Mend or drop it (see CHECK TABLE).",
        )


def case_of_names(session: Session, target: str, proof: List[Fact]) -> None:
    """Names that differ from others in their case alone, or have capitals, survive on this server."""
    if session.value("SELECT @@lower_case_table_names") != "1":
        return
    if target != target.lower():
        raise EngineError(
            f"This server has lower_case_table_names = 1 and would change the name {target!a}",
            "Name the restored database in lower case.",
        )
    tables = [
        mysql_family_proof.decoded(fact["name"]) for fact in proof if fact["kind"] in ("table", "view", "sequence")
    ]
    capitals = [table for table in tables if table != table.lower()]
    if capitals:
        raise EngineError(
            f"This server has lower_case_table_names = 1 and would change the names of tables: {capitals[0]!a}",
            "Restore into a server with the setting of the original.",
        )


def sequences(session: Session, needed: List[Tuple[str, str]]) -> None:
    """Sequences that defaults of the dump name, with their schema, are there."""
    for database, sequence in needed:
        count = session.value(
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_TYPE = 'SEQUENCE'"
            f" AND TABLE_SCHEMA = {literal(database)} AND TABLE_NAME = {literal(sequence)}"
        )
        if count == "0":
            raise EngineError(
                f"A column takes its default from the sequence {sequence!a} of {database!a}, which is not there",
                f"The server needs one to load the table: make the database {database!a} with that sequence in it, and"
                " restore it as a replacement.",
            )


def not_referred_to(session: Session, target: str) -> None:
    """No foreign key of another schema refers to `target`: it would follow the tables that are kept aside."""
    rows = session.rows(
        "SELECT CONSTRAINT_SCHEMA, TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS"
        f" WHERE UNIQUE_CONSTRAINT_SCHEMA = {literal(target)} AND CONSTRAINT_SCHEMA <> {literal(target)}"
    )
    if rows:
        database, table = rows[0]
        raise EngineError(
            f"A foreign key of {database!a}.{table!a} refers to {target!a}, which can not be replaced under it",
            "Drop that foreign key, and make it again afterwards.",
        )


def space(session: Session, plain_bytes: int) -> None:
    """The server's file system has room for the restored schema."""
    directory = session.value("SELECT @@datadir")
    try:
        usage = os.statvfs(directory)
    except OSError:
        # Only root can look there.
        return
    needed, free = int(plain_bytes * _SPACE_FACTOR), usage.f_bavail * usage.f_frsize
    if free < needed:
        raise EngineError(
            f"The restored database needs about {needed} bytes in {directory!a}, where {free} are free",
            "Make room there.",
        )
