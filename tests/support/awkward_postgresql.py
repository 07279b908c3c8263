"""The awkward database, and what tests do with databases: take a backup of one into memory, and load it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Engine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run
from support.postgresql_server import PostgresqlServer

SCRIPT = Path(__file__).with_suffix(".sql")
LIMIT = 1 << 30


def make_awkward(server: PostgresqlServer, name: str = "awkward") -> str:
    """Create the awkward database and the roles that it uses."""
    create_database(server, name)
    server.sql(name, SCRIPT.read_text())
    return name


def create_database(server: PostgresqlServer, name: str, options: str = "") -> None:
    quoted = name.replace('"', '""')
    server.sql("postgres", f'CREATE DATABASE "{quoted}" {options}')


@dataclass
class Backup:
    """What a backup set holds: a manifest, as far as an engine needs it, and the plain streams."""

    manifest: dict[str, Any]
    streams: dict[str, bytes]

    def write(self, folder: Path) -> None:
        """Leave it in an empty folder, for another process."""
        (folder / "manifest.json").write_text(json.dumps(self.manifest))
        for name, stream in self.streams.items():
            (folder / name).write_bytes(stream)

    @classmethod
    def read(cls, folder: Path) -> Backup:
        manifest = json.loads((folder / "manifest.json").read_text())
        return cls(manifest, {part["name"]: (folder / part["name"]).read_bytes() for part in manifest["parts"]})


def take_backup(engine: Engine) -> Backup:
    engine.check_backup()
    with engine.snapshot() as snapshot:
        parts = snapshot.parts()
        streams = {part.name: run(part.command, limit=LIMIT) for part in parts}
        proof = snapshot.proof()
    manifest = {
        "versions": engine.versions(),
        "position": snapshot.position,
        "parts": [{"name": part.name, "format": part.format, "plain_bytes": len(streams[part.name])} for part in parts],
        "proof": proof,
    }
    return Backup(manifest, streams)


def load_backup(engine: Engine, backup: Backup, target: str, mode: str = "drill") -> str:
    """Load a backup into a scratch database and return its name."""
    engine.check_restore(backup.manifest, mode, target)
    name = engine.scratch_name(target, "r-2026-0001-1")
    engine.create(name)
    for part in backup.manifest["parts"]:
        run(engine.load(part, name), backup.streams[part["name"]])
    return name
