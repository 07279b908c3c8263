"""A target whose work items are about databases of a throw-away PostgreSQL server."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_postgresql import PostgresqlEngine
from support.postgresql_server import PostgresqlServer
from support.server_target import ServerTarget
from support.signed_office import Keyring


class PostgresqlTarget(ServerTarget):
    def __init__(
        self, folder: Path, keyring: Keyring, server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        super().__init__(folder, keyring, PostgresqlEngine, server, monkeypatch)
