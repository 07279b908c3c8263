"""Whether a backup set in the repository is what the office knows it to be."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.pipeline import DamagedPart
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.evidence.assets import asset_keys
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.journal import Journal


def check_set(journal: Journal, catalogue: Catalogue, repository: Path, set_id: str) -> list[str]:
    """What is wrong with a set, each fault naming the part; empty if it is whole.

    Reads every stored byte; checks the manifest against the catalogue and the asset's signature.
    """
    try:
        known = catalogue.get(set_id)
        backup_set = BackupSet(Repository(str(repository)).find(set_id))
        faults = [str(fault) for fault in backup_set.faults()]
        if backup_set.digest != known.digest:
            faults.append("manifest.json is not the one that was journalled")
        backup_set.check_signature(asset_keys(journal, known.manifest["asset"]))
    except (EngineError, DamagedPart) as error:
        return [str(error)]
    return faults
