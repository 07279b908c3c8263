"""An office whose only server is this machine, seen through mounts of its own: nothing of the real one is touched."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from support.office import AGENCY, BIN, Office

MOUNTS = ("/etc/cadangan", "/var/lib/cadangan")
ASSET = "server-uji"


class PrivateOffice(Office):
    """Every command runs in a mount namespace in which the gate's folders are those of `folder`."""

    folder: Path

    @classmethod
    def on_this_machine(
        cls, folder: Path, databases: list[Path], others: Sequence[dict[str, str]] = (), **variables: str
    ) -> PrivateOffice:
        """An office with this machine onboarded, and these SQLite files and other databases in its register.

        `variables` are Ansible's, about this machine.
        """
        cls.bare(folder)
        servers = folder / "servers.yml"
        servers.write_text(inventory(databases, others, **variables))
        office = cls.create(folder, servers)
        assert isinstance(office, PrivateOffice)
        office.cadangan("onboard")
        return office

    @classmethod
    def bare(cls, folder: Path) -> PrivateOffice:
        """The private folders, without an office yet."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("config", "state", "repository"):
            (folder / name).mkdir(mode=0o700)
        cls.folder = folder
        return cls(folder)

    def command(self, *command: str) -> list[str]:
        """The command as it runs inside the namespace."""
        # A user namespace of its own where we are not root.
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        script = 'mkdir -p "$3" "$4" && mount --bind "$1" "$3" && mount --bind "$2" "$4" && shift 4 && exec "$@"'
        folders = [str(self.folder / "config"), str(self.folder / "state"), *MOUNTS]
        program = str(BIN / command[0]) if (BIN / command[0]).exists() else command[0]
        return ["unshare", "--mount", *as_root, "sh", "-c", script, "sh", *folders, program, *command[1:]]

    def _run(
        self, *command: str, status: int = 0, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        if command[0] == "cadangan" and "init" in command:
            done = super()._run(*command, status=status, environment=environment)
            settings = self.root / "office.yml"
            text = settings.read_text("utf-8")
            assert "repository: /srv/cadangan" in text
            settings.write_text(
                text.replace("repository: /srv/cadangan", f"repository: {self.folder / 'repository'}"), "utf-8"
            )
            return done
        return super()._run(*self.command(*command), status=status, environment=environment)


def inventory(databases: list[Path], others: Sequence[dict[str, str]] = (), **variables: str) -> str:
    """An asset register of this machine alone, with these SQLite files and other databases on it."""
    asset = {
        "number": "1",
        "name": "Server Uji",
        "status": "in_operation",
        "agency": AGENCY,
        "databases": [*({"engine": "sqlite", "name": str(path)} for path in databases), *others],
    }
    host = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "cadangan_asset": asset,
        **variables,
    }
    return json.dumps({"servers": {"hosts": {ASSET: host}}})


def item(database: Path, **more: object) -> dict[str, object]:
    """A letter's line for one of the SQLite files."""
    return {"asset": ASSET, "engine": "sqlite", "database": str(database), **more}


def fill(database: Path, rows: int = 200, note: str = "isi") -> None:
    """Make a small SQLite database."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("create table if not exists warga (nik text primary key, nama text, foto blob)")
        connection.executemany(
            "insert into warga values (?, ?, ?)", ((f"{n:016d}", f"{note} {n}", bytes(n % 50)) for n in range(rows))
        )


def content(database: Path) -> list[tuple[object, ...]]:
    """All that is in it, by SQLite's own means."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.execute("select * from warga order by nik"))
