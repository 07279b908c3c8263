"""Whether a backup set in a repository is what the office knows it to be."""

from __future__ import annotations

import hashlib

from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet, DamagedPart
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    Repository,
    RepositoryLost,
    Stored,
    StoredSet,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK, Source

from cadangan.errors import CadanganError
from cadangan.evidence.assets import all_asset_keys, stranger_keys
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.journal import Journal


class SetChecker:
    """Checks sets in `repository`; it may be used by several threads.

    The repository measures its files itself, unless they are to be read through here (`download`).
    """

    def __init__(
        self, journal: Journal, catalogue: Catalogue, repository: Repository, *, download: bool = False
    ) -> None:
        self._asset_keys = all_asset_keys(journal)
        self._stranger_keys = stranger_keys(journal)
        self._catalogue = catalogue
        self._repository = repository
        self._download = download

    def check(self, set_id: str) -> list[str]:
        """What is wrong with a set, each fault naming the part; empty if it is whole.

        Has every stored byte read; checks what describes the set against the catalogue, and the asset's signature.
        Raises RepositoryLost, which says nothing about the set.
        """
        try:
            known = self._catalogue.get(set_id)
        except CadanganError as error:
            return [f"what the office keeps of it can not be read: {error.message}"]
        faults: list[str] = []
        try:
            stored = self._repository.find(set_id)
            backup_set = BackupSet(_ReadThrough(stored) if self._download else stored)
            present = stored.names()
            faults += [
                str(DamagedPart(name, "it is not what the office keeps a copy of"))
                for name, kept in known.copies.items()
                if name in present and backup_set.small_file(name) != kept
            ]
            faults += [str(fault) for fault in backup_set.faults()]
            asset_keys = self._asset_keys.get(known.manifest["asset"], [])
            backup_set.check_signature([*asset_keys, *self._stranger_keys.get(set_id, [])])
        except RepositoryLost:
            raise
        except EngineError as error:
            faults.append(str(error))
        return faults


class _ReadThrough(StoredSet):
    """A set whose files are measured here, so that the repository's word is not needed."""

    def __init__(self, stored: StoredSet) -> None:
        self.place = stored.place
        self._stored = stored

    def names(self) -> list[str]:
        return self._stored.names()

    def open(self, name: str) -> tuple[Source, int]:
        return self._stored.open(name)

    def measure(self, name: str) -> Stored:
        file, _ = self.open(name)
        digest, size = hashlib.sha256(), 0
        with file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
        return Stored(size, digest.hexdigest())
