"""Throw-away PostgreSQL servers for tests: Debian's binaries, a temporary folder, a Unix socket only."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, Engine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_postgresql import PostgresqlEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "wal_level": "logical",
    "max_prepared_transactions": "5",
    "max_connections": "30",
    "autovacuum": "off",
}
# The awkward database has settings that would hinder a test.
OPTIONS = "-c role=none -c default_transaction_read_only=off"


class PostgresqlServer:
    """A running server of one major version; its superuser is the OS account that runs it."""

    def __init__(self, major: int = 15, port: str = "5432") -> None:
        self.binaries = Path(f"/usr/lib/postgresql/{major}/bin")
        self.port = port
        self.folder = Path(tempfile.mkdtemp(prefix="cadangan-pg-"))
        self.data = self.folder / "data"
        # PostgreSQL refuses to run as root.
        self.account = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        shutil.chown(self.folder, self.account)
        self.run("initdb", "-D", str(self.data), "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        with (self.data / "postgresql.conf").open("a") as file:
            for name, value in {**SETTINGS, "unix_socket_directories": str(self.folder)}.items():
                file.write(f"{name} = '{value}'\n")
            file.write(f"port = {port}\n")
        self.start()

    def __enter__(self) -> PostgresqlServer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def start(self) -> None:
        self.run("pg_ctl", "start", "-w", "-s", "-D", str(self.data), "-l", str(self.folder / "log"))

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", str(self.data))

    def kill(self) -> None:
        """End the server as a power cut would."""
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGQUIT)

    def close(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program: str, *arguments: str, data: bytes = b"") -> bytes:
        """Run one of the server's programs as the account of the server."""
        command = Command([str(self.binaries / program), *arguments], self.account)
        return run(command, data, limit=1 << 30)

    def conninfo(self, database: str) -> str:
        quoted = database.replace("\\", "\\\\").replace("'", "\\'")
        return f"host='{self.folder}' port='{self.port}' dbname='{quoted}' options='{OPTIONS}'"

    def sql(self, database: str, script: str) -> str:
        """Run an SQL script and return what it prints, one value per line."""
        arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(database)]
        return self.run("psql", *arguments, data=script.encode()).decode().rstrip("\n")

    def session(self, database: str) -> subprocess.Popen:
        """An interactive connection: write SQL to its stdin, close that to end it."""
        argv = [str(self.binaries / "psql"), "-X", "-q", "-A", "-t", "-d", self.conninfo(database)]
        become = {"user": self.account, "group": self.account} if os.geteuid() == 0 else {}
        return subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", **become
        )

    def databases(self) -> list[str]:
        return json.loads(self.sql("postgres", "SELECT json_agg(datname ORDER BY datname) FROM pg_database"))

    @property
    def options(self) -> dict[str, object]:
        """What our engine must be told to find this server."""
        return {"socket_directory": str(self.folder), "account": self.account, "lock_timeout": 5}

    def engine(self, database: str, **options: object) -> Engine:
        """Our engine for a database of this server."""
        return PostgresqlEngine(self.port, database, {**self.options, **options})
