"""A target whose work items are about databases of a throw-away MariaDB or MySQL server."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.mysql_family_server import FamilyServer
from support.server_target import ServerTarget
from support.signed_office import Keyring


class FamilyTarget(ServerTarget):
    def __init__(self, folder: Path, keyring: Keyring, server: FamilyServer, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, keyring, server.engine_class, server, monkeypatch)
