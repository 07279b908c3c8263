"""Throw-away MariaDB servers for tests: Debian's programs."""

from __future__ import annotations

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_mariadb import MariadbEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run
from support.mysql_family_server import FamilyServer


class MariadbServer(FamilyServer):
    """A running server."""

    engine_class = MariadbEngine
    programs = ("mariadbd", "mariadb", "mariadb-dump")
    dump_options = ("--dump-history",)
    own_accounts = "'root', 'mysql', 'mariadb.sys'"

    def install(self, user: str) -> None:
        install = [
            *self._places,
            "--skip-test-db",
            "--auth-root-authentication-method=socket",
        ]
        install += [f"--auth-root-socket-user={user}", "--skip-name-resolve"]
        run(Command(["mariadb-install-db", *install], self.account))
