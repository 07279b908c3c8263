"""The awkward MySQL database: every kind of object and column type, and strange names."""

from __future__ import annotations

from pathlib import Path

from support.mysql_server import MysqlServer

SCRIPT = Path(__file__).with_suffix(".sql")
PROPERTIES = "CHARACTER SET latin1"
ACCOUNTS = """
CREATE USER penulis@'%' IDENTIFIED BY 'rahasia';
CREATE USER `o'x`@`10.%` IDENTIFIED BY 'rahasia juga';
CREATE USER lain@'%' IDENTIFIED BY 'bukan urusan kita';
CREATE ROLE pembaca;
GRANT pembaca TO penulis@'%';
SET DEFAULT ROLE pembaca TO penulis@'%';
GRANT SELECT ON `awk%`.* TO `o'x`@`10.%`;
GRANT SELECT (a), INSERT ON awkward.duplicates TO pembaca;
GRANT EXECUTE ON PROCEDURE awkward.catat TO penulis@'%';
"""


def make_awkward(server: MysqlServer, name: str = "awkward") -> str:
    """Create the awkward database, and accounts that have privileges on it."""
    server.create(name, PROPERTIES)
    server.sql(name, SCRIPT.read_text())
    server.sql(name, ACCOUNTS)
    return name
