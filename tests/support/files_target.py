"""A target whose engine is that of application files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_files import FilesEngine
from support.signed_office import Keyring
from support.target import Target

PLACE = {"engine": "files", "instance": ""}


class FilesTarget(Target):
    """Restores and drills a folder with the key of the set."""

    def __init__(self, folder: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, keyring, FilesEngine, monkeypatch)

    def restore(self, backup: dict[str, Any], folder: str, mode: str, target: str = "") -> dict[str, Any]:
        item = self.restore_item(backup, folder, target or folder, mode=mode, **PLACE)
        return self.run(self.case(item), set_key=self.set_key(backup))

    def drill(self, backup: dict[str, Any], folder: str) -> dict[str, Any]:
        return self.run(self.case(self.drill_item(backup, folder, **PLACE)), set_key=self.set_key(backup))
