# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In what MariaDB and MySQL differ: each of them answers these questions, and all else about them is shared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Callable, Dict, List, Mapping, Optional, Pattern, Sequence, Tuple

Holder = Tuple[str, str]
"""User and host of an account; a role of MariaDB has no host."""

Ask = Callable[[str], List[List[str]]]
"""Runs a statement and gives its rows."""


class Dialect(ABC):
    """One of the two products."""

    product: str
    """Its name, as people write it."""
    client_program: str
    dump_program: str
    client_version: Pattern[str]
    """Finds the version in what the dump program says of itself, and nothing in what the other product's says."""
    install_client: str
    """Advice for who has none."""
    oldest: str
    """The oldest series of servers that is served."""

    client_options: Sequence[str]
    """For the client program, beside what both products know."""
    client_environment: Mapping[str, str]
    settings: str
    """Makes a session answer the same everywhere, and wait as long as it takes."""
    lenient: str
    """`SET …`: a restored database must not be refused for what the original was let have, nor statements depend on the
    server's own sql_mode."""
    dump_options: Sequence[str]
    """For the dump program, beside what both products know."""

    for_backup: Sequence[str]
    for_restore: Sequence[str]
    """Global privileges."""

    columns: str
    """Rows (table, column, type) of what a row of `{schema}` holds: without columns computed from others."""
    properties: Sequence[str]
    """Columns of information_schema.SCHEMATA: readable facts, because an empty schema is made from them."""
    queries: Mapping[str, str]
    """What a schema consists of, as queries whose rows (kind, name, properties…) are digested to facts.

    Kinds that end in ` definition` hold expressions as the server prints them, which its releases do differently.
    """
    memberships: str
    """Rows (user, host, role's user, role's host) of who has which role."""
    default_roles: str
    """The same of the roles that are active when somebody connects."""
    everybody: Optional[Holder] = None
    """Who can have privileges, but stands for all accounts and is none that could be made."""
    pattern: str
    """SQL for the schema `@schema`, quoted, as a pattern in a GRANT."""

    @abstractmethod
    def hashed(self, value: str) -> str:
        """SQL for a hash of bytes, in at least 16 hexadecimal digits."""

    @abstractmethod
    def is_version(self, version: str) -> bool:
        """Whether a server of this version is of this product."""

    @abstractmethod
    def position(self, ask: Ask) -> List[Dict[str, str]]:
        """Where in the binary log a server is, if it has one; for people, since nothing of it is restored."""

    @abstractmethod
    def schema_options(self, properties: Mapping[str, str]) -> str:
        """For CREATE or ALTER DATABASE, from the values of `properties`."""

    @abstractmethod
    def replacing(self, kind: str, name: str, statement: str) -> Tuple[str, str]:
        """To make an object in place of one: SQL to run before, and `statement` (CREATE …) or what to run for it."""

    @abstractmethod
    def dropping_key(self, table: str, key: str) -> str:
        """SQL that drops the foreign key `key` of a table of the current schema, if it is there."""

    @abstractmethod
    def performed(self, expression: str) -> str:
        """SQL that runs the statement that an SQL expression comes to."""

    @abstractmethod
    def named(self, holder: Holder) -> str:
        """An account or role in SQL."""

    @abstractmethod
    def creation(self, holder: Holder, ask: Ask) -> str:
        """The statement that makes an account or role, unless it is there; it has no default roles then."""

    @abstractmethod
    def defaulting(self, holder: Holder, roles: Sequence[Holder]) -> str:
        """The statement that makes roles, which an account has, those that are active when it connects."""


def identifier(name: str) -> str:
    """`name` as an SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """`text` as an SQL string, whatever sql_mode says, that equals nothing which differs in case or accents.

    The catalog itself takes the databases `siswa` and `Siswa` for one. Its names have no characters of four bytes.
    """
    return f"CONVERT(X'{text.encode('utf-8', 'surrogateescape').hex()}' USING utf8mb3) COLLATE utf8mb3_bin"


def quoted(text: str) -> str:
    """`text` as a quoted SQL string, where only that will do; in sql_mode, NO_BACKSLASH_ESCAPES must not be."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
