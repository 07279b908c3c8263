# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs of MariaDB and MySQL: each server is found by its process, and asked at its socket."""

from __future__ import annotations

import os
import re
from typing import List, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils import mysql_family_client
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_instance import Instance, Kind, Options
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_processes import Program, listening
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_text import NAME_LIMIT, shown
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mariadb_dialect import MariadbDialect
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_dialect import MysqlDialect
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import Dialect
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_session import Server, Session

_DATABASES = """
SELECT SCHEMA_NAME, COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0)
FROM information_schema.SCHEMATA LEFT JOIN information_schema.TABLES ON TABLE_SCHEMA = SCHEMA_NAME
WHERE SCHEMA_NAME NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
GROUP BY SCHEMA_NAME ORDER BY SCHEMA_NAME
"""
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)*")
# The socket of MySQL's second protocol has this in its name.
_SECOND_PROTOCOL = "mysqlx"


class MysqlFamilyKind(Kind):
    """Servers of one of the two products; older ones of MariaDB run under the name of MySQL's program."""

    accounts = ("root", "mysql", "mariadb")

    def __init__(self, engine: str, programs: Sequence[str], dialects: Sequence[Dialect]) -> None:
        self.engine = engine
        self.product = dialects[0].product
        self.programs = programs
        self._dialects = dialects

    def look(self, program: Program, options: Options, found: Instance) -> None:
        places = listening(program)
        if places.ports:
            found.instance = str(places.ports[0][1])
        sockets = [path for path in places.sockets if _SECOND_PROTOCOL not in path]
        if not sockets:
            raise EngineError("it has no Unix socket that could be seen")
        # A host may have no client of the product that its server is not.
        refused = EngineError("it is another product than its program says")
        for dialect in self._dialects:
            try:
                if self._ask(dialect, sockets[0], options, found):
                    return
            except EngineError as error:
                refused = error
        raise refused

    @staticmethod
    def _ask(dialect: Dialect, socket: str, options: Options, found: Instance) -> bool:
        """Fill in `found` if the server is of this dialect's product; False if it is not."""
        engine = dialect.product.lower()
        chosen = options.get(engine, {})
        account = str(chosen.get("account") or "root") if os.geteuid() == 0 else None
        server = Server(socket, account, str(chosen.get("option_file") or ""))
        server.check()
        directories = chosen.get("client_directories") or mysql_family_client.DIRECTORIES
        client = mysql_family_client.newest(mysql_family_client.installed(dialect, directories))
        with Session(server, client) as session:
            [[version, port]] = session.rows("SELECT VERSION(), @@port")
            if not dialect.is_version(version):
                return False
            number = _NUMBER.match(version)
            # A server that does not listen to the network has no port.
            found.engine, found.product, found.instance = engine, dialect.product, "" if port == "0" else port
            found.version = number.group() if number else shown(version)
            found.databases = _databases(session.rows(_DATABASES))
        return True


def _databases(rows: List[List[str]]) -> List[dict]:
    return [{"name": shown(name, NAME_LIMIT), "size": int(float(size))} for name, size in rows]


KINDS = (
    MysqlFamilyKind("mariadb", ("mariadbd",), (MariadbDialect(),)),
    MysqlFamilyKind("mysql", ("mysqld",), (MysqlDialect(), MariadbDialect())),
)
