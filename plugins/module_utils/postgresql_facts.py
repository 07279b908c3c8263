# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs of PostgreSQL: each cluster is found by its process, and asked by the account that runs it."""

from __future__ import annotations

import os

from ansible_collections.diskominfo.cadangan.plugins.module_utils import postgresql_client
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_instance import Instance, Kind, Options
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_processes import Program
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_text import NAME_LIMIT, shown
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import Server, Session

_VERSION = "SELECT json_build_array(split_part(current_setting('server_version'), ' ', 1))"
# The database of every new cluster counts once there is something in it.
_DATABASES = """
SELECT json_build_array(datname, pg_database_size(oid)) FROM pg_database
WHERE NOT datistemplate AND (datname <> 'postgres' OR EXISTS (
    SELECT FROM pg_class WHERE relnamespace NOT IN (
        SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_%' OR nspname = 'information_schema')))
ORDER BY datname
"""
_PID_FILE_LIMIT = 4096


class PostgresqlKind(Kind):
    """Clusters of PostgreSQL, of any version."""

    product = "PostgreSQL"
    engine = "postgresql"
    programs = ("postgres", "postmaster")
    accounts = None

    def look(self, program: Program, options: Options, found: Instance) -> None:
        found.instance, folder = _listens(program)
        # Only root can become another account; anybody else sees none but its own servers.
        account = program.account if os.geteuid() == 0 else None
        directories = options.get(self.engine, {}).get("client_directories") or postgresql_client.DIRECTORIES
        client = postgresql_client.newest(postgresql_client.installed(directories))
        with Session(Server(folder, found.instance, account), client, "postgres") as session:
            [[found.version]] = session.rows(_VERSION)
            found.databases = [
                {"name": shown(name, NAME_LIMIT), "size": size} for name, size in session.rows(_DATABASES)
            ]


def _listens(program: Program) -> tuple:
    """Port, and the folder of the socket."""
    fd = os.open(f"/proc/{program.pid}/cwd/postmaster.pid", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, encoding="utf-8", errors="surrogateescape") as file:
        # The lines are: process, data folder, start, port, socket folder, …
        lines = [line.strip() for line in file.read(_PID_FILE_LIMIT).splitlines()]
    if len(lines) < 5 or lines[0] != str(program.pid) or not lines[3].isdigit():
        raise EngineError("its file postmaster.pid does not say where it listens")
    if not lines[4]:
        raise EngineError("it has no Unix socket")
    return lines[3], lines[4]
