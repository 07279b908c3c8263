"""Throw-away MySQL servers for tests: programs out of a test image."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_mysql import MysqlEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run
from support.mysql_family_server import SETTINGS, FamilyServer


@functools.cache
def programs() -> Path:
    """The folder of MySQL's programs."""
    command = [Path(__file__).with_name("test_hosts"), "programs"]
    return Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


class MysqlServer(FamilyServer):
    """A running server."""

    engine_class = MysqlEngine
    dump_options = ("--set-gtid-purged=OFF", "--column-statistics=0", "--no-tablespaces")
    own_accounts = "'root', 'mysql.infoschema', 'mysql.session', 'mysql.sys'"

    def __init__(self) -> None:
        root = programs()
        folder = root / "bin"
        self.programs = (str(folder / "mysqld"), str(folder / "mysql"), str(folder / "mysqldump"))
        self.settings = (
            f"--plugin-dir={root}/usr/lib/mysql/plugin",
            f"--lc-messages-dir={root}/usr/share/mysql",
            f"--character-sets-dir={root}/usr/share/mysql/charsets",
            "--mysqlx=OFF",
            "--secure-file-priv=NULL",
            "--gtid-mode=ON",
            "--enforce-gtid-consistency=ON",
            *SETTINGS,
        )
        super().__init__()

    def install(self, user: str) -> None:
        init = self.folder / "init.sql"
        # By the operating system's account, as Debian sets it up.
        init.write_text(
            "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so';"
            f"ALTER USER root@localhost IDENTIFIED WITH auth_socket AS '{user}';"
        )
        argv = [self.programs[0], *self._places, *self.settings]
        run(Command([*argv, "--initialize-insecure", f"--init-file={init}"], self.account))

    @property
    def options(self) -> dict[str, object]:
        return {**super().options, "client_directories": [str(programs() / "bin")]}
