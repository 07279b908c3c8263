"""A target whose work items are about a throw-away Redis server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_redis import RedisEngine
from support.redis_server import RedisServer
from support.signed_office import Keyring, backup_item
from support.target import Target


class RedisTarget(Target):
    """`options` are those that the modules would be given."""

    def __init__(
        self, folder: Path, keyring: Keyring, server: RedisServer, monkeypatch: pytest.MonkeyPatch, **options: Any
    ) -> None:
        super().__init__(folder, keyring, RedisEngine, monkeypatch)
        self.place = {"engine": "redis", "instance": server.port}
        self.options = options

    def backup(self, database: str = "all", **arguments: Any) -> dict[str, Any]:
        """What a backup comes to, whatever that is."""
        return self._run(backup_item(database=database, **self.place), **arguments)

    def back_up(self, database: str = "all", **item: Any) -> dict[str, Any]:
        outcome = self._run(backup_item(database=database, **self.place, **item))
        assert outcome["result"] == "done", outcome
        return outcome

    def restore(self, backup: dict[str, Any], target: str = "all", **arguments: Any) -> dict[str, Any]:
        """A restore in the place of everything, or as a copy if `target` is a path."""
        mode = "replace" if target == "all" else "copy"
        item = self.restore_item(backup, "all", target, mode=mode, **self.place)
        return self._run(item, set_key=self.set_key(backup), **arguments)

    def drill(self, backup: dict[str, Any], **arguments: Any) -> dict[str, Any]:
        return self._run(self.drill_item(backup, "all", **self.place), set_key=self.set_key(backup), **arguments)

    def _run(self, item: dict[str, Any], **arguments: Any) -> dict[str, Any]:
        options = {**self.options, **arguments.pop("options", {})}
        return self.run(self.case(item), options=options, **arguments)
