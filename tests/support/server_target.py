"""A target whose work items are about databases of a throw-away database server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Engine
from support.signed_office import Keyring, backup_item
from support.target import Target


class DatabaseServer(Protocol):
    """What a target needs of a server: its port, and the options that the modules would be given."""

    @property
    def port(self) -> str: ...
    @property
    def options(self) -> dict[str, Any]: ...


class ServerTarget(Target):
    """Backs up and restores by the name of a database; what a job comes to is returned."""

    def __init__(
        self,
        folder: Path,
        keyring: Keyring,
        engine: type[Engine],
        server: DatabaseServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        super().__init__(folder, keyring, engine, monkeypatch)
        self.place = {"engine": engine.name, "instance": server.port}
        self.options = server.options

    def backup(self, database: str, drill: bool = False, **arguments: Any) -> dict[str, Any]:
        """What a backup comes to, whatever that is."""
        return self._run(backup_item(database=database, drill=drill, **self.place), **arguments)

    def back_up(self, database: str, **item: Any) -> dict[str, Any]:
        outcome = self._run(backup_item(database=database, **self.place, **item))
        assert outcome["result"] == "done", outcome
        return outcome

    def restore(self, backup: dict[str, Any], target: str, mode: str = "copy", **arguments: Any) -> dict[str, Any]:
        database = self.set(backup).manifest["database"]
        item = self.restore_item(backup, database, target, mode=mode, **self.place)
        return self._run(item, set_key=self.set_key(backup), **arguments)

    def drill(self, backup: dict[str, Any], database: str, **arguments: Any) -> dict[str, Any]:
        item = self.drill_item(backup, database, **self.place)
        return self._run(item, set_key=self.set_key(backup), **arguments)

    def _run(self, item: dict[str, Any], **arguments: Any) -> dict[str, Any]:
        options = {**self.options, **arguments.pop("options", {})}
        return self.run(self.case(item), options=options, **arguments)
