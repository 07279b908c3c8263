"""The results of reconciliations: one file each in the office's folder `reconcile`, named by its time."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from pydantic import ValidationError

from cadangan.errors import WorkFailed
from cadangan.evidence.durable import write_durably
from cadangan.register.reconcile import Reconciliation


class Reconciliations:
    """What reconciliations came to, since the office began."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, reconciliation: Reconciliation) -> Path:
        """Write a result down; the file that holds it now."""
        self._folder.mkdir(mode=0o750, exist_ok=True)
        file = self._folder / f"{reconciliation.at}.json"
        write_durably(file, reconciliation.to_bytes())
        return file

    def newest(self) -> Reconciliation | None:
        """The last result; None if there is none yet. `WorkFailed` if its file is damaged."""
        files = sorted(self._folder.glob("*.json"))
        return _read(files[-1]) if files else None


def _read(file: Path) -> Reconciliation:
    try:
        return Reconciliation.from_json(canonical.loads(file.read_bytes(), canonical.MANIFEST_LIMIT))
    except (canonical.CanonicalError, ValidationError):
        raise WorkFailed(f"{file} is damaged", advice="Reconcile again: cadangan register reconcile") from None
