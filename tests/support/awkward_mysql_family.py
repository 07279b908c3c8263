"""The awkward database of MariaDB and of MySQL: every kind of object and column type, and strange names."""

from __future__ import annotations

import re
from pathlib import Path

from support.mysql_family_server import FamilyServer

PROPERTIES = {"mariadb": "CHARACTER SET latin1 COMMENT 'basis \\' data; é'", "mysql": "CHARACTER SET latin1"}
ACCOUNTS = """
CREATE USER penulis@'%' IDENTIFIED BY 'rahasia';
CREATE USER `o'x`@`10.%` IDENTIFIED BY 'rahasia juga';
CREATE USER lain@'%' IDENTIFIED BY 'bukan urusan kita';
CREATE ROLE pembaca;
GRANT pembaca TO penulis@'%';
SET DEFAULT ROLE pembaca {of} penulis@'%';
GRANT SELECT ON `awk%`.* TO `o'x`@`10.%`;
GRANT SELECT (a), INSERT ON awkward.duplicates TO pembaca;
GRANT EXECUTE ON PROCEDURE awkward.catat TO penulis@'%';
"""


def make_awkward(server: FamilyServer, name: str = "awkward") -> str:
    """Create the awkward database, and accounts that have privileges on it."""
    product = server.engine_class.name
    server.create(name, PROPERTIES[product])
    for script in ("mysql_family", product):
        server.sql(name, Path(__file__).with_name(f"awkward_{script}.sql").read_text())
    server.sql(name, ACCOUNTS.format(of={"mariadb": "FOR", "mysql": "TO"}[product]))
    return name


def told(server: FamilyServer, database: str) -> str:
    """A dump, without how triggers' names are quoted and qualified, and without the state of counters."""
    text = re.sub(r"TRIGGER .*? FOR EACH ROW", lambda head: _bare(head[0]), server.dump(database))
    return re.sub(r" AUTO_INCREMENT=\d+|\s+(?=BEFORE|AFTER)", " ", text)


def _bare(head: str) -> str:
    return re.sub(r"\bawkward ?\. ?", "", re.sub('[`"]', "", head))
