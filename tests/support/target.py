"""A target for tests: an onboarded host in a temporary folder, with a repository, tools, and an office that permits."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, pinned, places, work
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Engine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.ledger import Ledger
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey
from support.repository_server import make_key
from support.signed_office import (
    ASSET,
    LEDGER,
    Keyring,
    SignedCase,
    SignedOffice,
    backup_item,
    dispose_item,
    drill_item,
    restore_item,
)

RUN = "run-00000001"


class Target:
    """An onboarded host; `run` does what a module does, for a case that the officials signed.

    Its sets are kept at `repository`, by default in a folder beside it.
    """

    def __init__(
        self,
        folder: Path,
        keyring: Keyring,
        engine: type[Engine],
        monkeypatch: pytest.MonkeyPatch,
        repository: str | None = None,
    ) -> None:
        self.folder = folder
        self.engine = engine
        self.config, self.state = folder / "config", folder / "state"
        monkeypatch.setattr(places, "config_dir", lambda: str(self.config))
        monkeypatch.setattr(places, "state_dir", lambda: str(self.state))
        self.repository = folder / "repository"
        if repository is None:
            self.repository.mkdir(mode=0o700)
        # Whoever holds these can unwrap a set's key.
        self.holders = [SetKey.new(), SetKey.new()]
        self.office = SignedOffice(
            keyring,
            repository=repository or str(self.repository),
            recipients=tuple(holder.recipient for holder in self.holders),
        )
        self.ledger: Ledger = self.office.onboard(self.config, self.state)
        self.public_key = make_key(Path(pinned.key_file()))
        self._cases = 0

    def case(self, item: dict[str, Any]) -> SignedCase:
        """A case of its own for the item."""
        self._cases += 1
        prefix = "B" if item["action"] == "backup" else "R"
        return self.office.case([item], f"{prefix}-2026-{self._cases:04}")

    def run(self, case: SignedCase, item: str = "1", **arguments: Any) -> dict[str, Any]:
        """Carry out an item of the case with a new order."""
        arguments.setdefault("run", RUN)
        outcome = work.run(self.engine, case.permit_b64, self.order(case), item, **arguments)
        canonical.dumps({key: value for key, value in outcome.items() if key != "manifest"})
        return outcome

    def order(self, case: SignedCase, last: int | None = None) -> str:
        """An order that knows the ledger up to `last`, by default all of it."""
        ledgers = [{"asset": ASSET, "ledger": LEDGER, "last": self.ledger.last if last is None else last}]
        return case.order_b64(ledgers=ledgers)

    def back_up(self, database: str, **item: Any) -> dict[str, Any]:
        """A backup that succeeds."""
        outcome = self.run(self.case(backup_item(database=database, **item)))
        assert outcome["result"] == "done", outcome
        return outcome

    def restore_item(self, backup: dict[str, Any], database: str, target: str, **item: Any) -> dict[str, Any]:
        return restore_item(database=database, target=target, **_source(backup), **item)

    def drill_item(self, backup: dict[str, Any], database: str, **item: Any) -> dict[str, Any]:
        return drill_item(database=database, **_source(backup), **item)

    def dispose_item(self, backup: dict[str, Any], number: int = 1, **item: Any) -> dict[str, Any]:
        return dispose_item(number, **_source(backup), **item)

    def set_key(self, backup: dict[str, Any]) -> str:
        """The set's private key, as a holder unwraps it."""
        with self.holders[1].identity_fd() as identity:
            argv = ["age", "-d", "-i", f"/dev/fd/{identity}"]
            done = subprocess.run(
                argv, input=backup["key_age"].encode(), stdout=subprocess.PIPE, check=True, pass_fds=[identity]
            )
        return done.stdout.decode().strip()

    def set(self, backup: dict[str, Any]) -> BackupSet:
        return BackupSet(FolderRepository(str(self.repository)).find(backup["facts"]["set"]))

    def partials(self) -> list[Path]:
        """What is left of sets that were not finished."""
        return list(self.repository.rglob("*.partial"))


def _source(backup: dict[str, Any]) -> dict[str, Any]:
    facts = backup["facts"]
    return {"set": facts["set"], "manifest": facts["manifest"], "data_from": facts["snapshot_at"]}
