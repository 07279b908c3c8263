"""Taking sets from a repository into the office's catalogue: genuine ones only, by the keys that the journal knows."""

from __future__ import annotations

from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import MANIFEST, BackupSet, DamagedPart
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository, is_key_file

from cadangan.evidence.assets import all_asset_keys
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Journal


class SetAdoption:
    """From `repository` into `catalogue`, by what `journal` says."""

    def __init__(self, journal: Journal, catalogue: Catalogue, repository: Repository) -> None:
        self._catalogue = catalogue
        self._repository = repository
        self._asset_keys = all_asset_keys(journal)
        self.known: dict[str, str] = {}
        """The sets that the journal saw made, with the digests of their manifests."""
        for entry in entries_of(journal, "outcome"):
            if entry["case"].startswith("B") and "manifest" in entry["facts"]:
                self.known[entry["facts"]["set"]] = entry["facts"]["manifest"]

    def adopt(self, set_id: str) -> None:
        """Keep the copies of one set. `EngineError` if it is not genuine, or another than the journal knows."""
        stored = self._repository.find(set_id)
        backup_set = BackupSet(stored)
        manifest = backup_set.manifest
        if manifest["set"] != set_id:
            raise DamagedPart(MANIFEST, f"it is that of {manifest['set']}")
        backup_set.check_signature(self._asset_keys.get(manifest["asset"], []))
        if self.known.get(set_id, backup_set.digest) != backup_set.digest:
            raise DamagedPart(MANIFEST, "it is not the one that the journal knows")
        texts = backup_set.texts()
        self._catalogue.keep(
            set_id, backup_set.text, texts["manifest_signature"], texts["key_age"].encode("ascii", "replace")
        )
        for name in filter(is_key_file, stored.names()):
            self._catalogue.add_key(set_id, name, backup_set.small_file(name))
