"""Whether a backup set in a repository is what the office knows it to be."""

from __future__ import annotations

from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet, DamagedPart
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.evidence.assets import asset_keys
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.journal import Journal


def check_set(journal: Journal, catalogue: Catalogue, repository: Repository, set_id: str) -> list[str]:
    """What is wrong with a set, each fault naming the part; empty if it is whole.

    Has every stored byte read; checks what describes the set against the catalogue, and the asset's signature.
    """
    known = catalogue.get(set_id)
    faults: list[str] = []
    try:
        stored = repository.find(set_id)
        backup_set = BackupSet(stored)
        present = stored.names()
        faults += [
            str(DamagedPart(name, "it is not what the office keeps a copy of"))
            for name, kept in known.copies.items()
            if name in present and backup_set.small_file(name) != kept
        ]
        faults += [str(fault) for fault in backup_set.faults()]
        backup_set.check_signature(asset_keys(journal, known.manifest["asset"]))
    except EngineError as error:
        faults.append(str(error))
    return faults
