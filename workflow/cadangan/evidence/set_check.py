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

    Reads every stored byte; checks what describes the set against the catalogue, and the asset's signature.
    """
    known = catalogue.get(set_id)
    faults: list[str] = []
    try:
        folder = Path(Repository(str(repository)).find(set_id))
        faults += [
            str(DamagedPart(name, "it is not what the office keeps a copy of"))
            for name, kept in known.copies.items()
            if (folder / name).is_file() and (folder / name).read_bytes() != kept
        ]
        backup_set = BackupSet(str(folder))
        faults += [str(fault) for fault in backup_set.faults()]
        backup_set.check_signature(asset_keys(journal, known.manifest["asset"]))
    except EngineError as error:
        faults.append(str(error))
    except OSError as error:
        faults.append(f"{error.filename} can not be read: {error.strerror}")
    return faults
