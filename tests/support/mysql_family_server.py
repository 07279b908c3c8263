"""Throw-away servers of MariaDB or MySQL for tests: a temporary folder, a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import identifier
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_engine import FamilyEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run

SETTINGS = (
    "--skip-networking",
    "--log-bin=binlog",
    "--log-bin-trust-function-creators=1",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=64M",
    "--event-scheduler=ON",
)
SYSTEM = {"information_schema", "mysql", "performance_schema", "sys"}


class FamilyServer(ABC):
    """A running server; whoever runs the tests is its superuser by the socket. All of it is in `folder`."""

    port = "3306"
    engine_class: type[FamilyEngine]
    programs: tuple[str, str, str]
    """Server, client, and dump program."""
    settings: tuple[str, ...] = SETTINGS
    dump_options: tuple[str, ...]
    own_accounts: str

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix=f"cadangan-{self.engine_class.name}-"))
        self.data = self.folder / "data"
        self.socket = self.folder / "socket"
        user = pwd.getpwuid(os.geteuid()).pw_name
        # They refuse to run as root.
        self.account = "mysql" if user == "root" else user
        # Of its own, since a server that starts removes what others keep there.
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir(parents=True)
        for folder in (self.folder, self.temporary):
            shutil.chown(folder, self.account)
        self.install(user)
        self.start()

    @abstractmethod
    def install(self, user: str) -> None:
        """Make the server's own database, with `user` as the superuser."""

    def __enter__(self) -> FamilyServer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def _places(self) -> list[str]:
        return ["--no-defaults", f"--datadir={self.data}", f"--tmpdir={self.temporary}"]

    def start(self, *settings: str) -> None:
        """Start it; `settings` are options beside, and instead of, the usual ones."""
        argv = [self.programs[0], *self._places, f"--socket={self.socket}", *self.settings, *settings]
        become = {"user": self.account, "group": self.account} if os.geteuid() == 0 else {}
        environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=environment, **become
            )
        for _ in range(600):
            answer = subprocess.run([*self._client(), "--execute=DO 0"], capture_output=True, cwd="/")
            if answer.returncode == 0:
                return
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)
        raise AssertionError(answer.stderr)

    def stop(self) -> None:
        """End the server as its administrator would."""
        self._process.terminate()
        self._process.wait()

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, database: str, script: str) -> str:
        """Run an SQL script and return what it prints: rows of values between tabs."""
        argv = [*self._client(), "--batch", "--skip-column-names", f"--database={database}"]
        return run(Command(argv), script.encode(), limit=1 << 30).decode().rstrip("\n")

    def session(self, database: str) -> subprocess.Popen:
        """An interactive connection: write SQL to its stdin, close that to end it."""
        argv = [*self._client(), "--batch", "--skip-column-names", "--unbuffered", f"--database={database}"]
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/")

    def dump(self, database: str) -> str:
        """What the product's own dump program says about a schema, by itself."""
        options = ["--single-transaction", "--routines", "--events", "--triggers", "--hex-blob", "--skip-comments"]
        argv = [self.programs[2], *self._client()[1:], *options, *self.dump_options, "--", database]
        return run(Command(argv), limit=1 << 30).decode("utf-8", "surrogateescape")

    def create(self, database: str, options: str = "") -> None:
        self.sql("", f"CREATE DATABASE {identifier(database)} {options}")

    def databases(self) -> list[str]:
        names = self.sql("", "SELECT HEX(SCHEMA_NAME) FROM information_schema.SCHEMATA").split()
        return sorted({bytes.fromhex(name).decode() for name in names} - SYSTEM)

    def reset(self) -> None:
        """Drop all databases and accounts."""
        for name in self.databases():
            self.sql("", f"SET foreign_key_checks = 0; DROP DATABASE {identifier(name)}")
        who = "SELECT CONCAT('`', User, IF(Host = '', '`', CONCAT('`@`', Host, '`'))), Host = '' FROM mysql.user"
        for account in self.sql("", f"{who} WHERE User NOT IN ({self.own_accounts})").splitlines():
            name, role = account.split("\t")
            self.sql("", f"DROP ROLE {name}" if role == "1" else f"DROP USER {name}")

    def account_without(self, privilege: str, folder: Path) -> str:
        """An account with all privileges but one: the path of its option file, which is made in `folder`."""
        self.sql(
            "",
            "CREATE USER c@localhost IDENTIFIED BY 'p'; GRANT ALL ON *.* TO c@localhost;"
            f"REVOKE {privilege} ON *.* FROM c@localhost",
        )
        return option_file(folder)

    @property
    def options(self) -> dict[str, object]:
        """What our engine must be told to find this server."""
        return {"socket": str(self.socket), "account": "root", "lock_timeout": 5}

    def engine(self, database: str, **options: object) -> FamilyEngine:
        """Our engine for a database of this server."""
        return self.engine_class(self.port, database, {**self.options, **options})

    def _client(self) -> list[str]:
        return [self.programs[1], "--no-defaults", f"--socket={self.socket}", "--default-character-set=utf8mb4"]


def option_file(folder: Path) -> str:
    """The protected option file of the account `c`."""
    path = folder / "cadangan.cnf"
    path.write_text("[client]\nuser = c\npassword = p\n")
    path.chmod(0o600)
    return str(path)
