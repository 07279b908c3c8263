"""Taking sets from a repository or a medium into the office's catalogue, if they are genuine by the journal's keys."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.diskominfo.cadangan.plugins.module_utils import sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import (
    MANIFEST,
    SIGNATURE,
    BackupSet,
    DamagedPart,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    Repository,
    encode,
    folder_names,
    is_key_file,
)

from cadangan.evidence.assets import all_asset_keys
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Journal


@dataclass(frozen=True)
class Adopted:
    """A set that was taken in: its id, the digest of its manifest, its asset, and the key that signed it.

    `key_known`: the journal knows the key as that asset's; otherwise nobody vouches for where the set comes from.
    """

    set: str
    manifest: str
    asset: str
    key: str
    key_known: bool


class UnknownAsset(EngineError):
    """The journal knows no key of the asset that a set says it comes from."""

    def __init__(self, asset: str) -> None:
        super().__init__(
            f"the journal knows no key of the server {asset}: whether the set is that server's can not be told",
            "Import the office's own journal with it (cadangan office recover), or onboard the server first.",
        )


class SetAdoption:
    """From `repository` into `catalogue`, by what `journal` says.

    `strangers`: also take sets of assets of which the journal knows no key at all.
    """

    def __init__(
        self, journal: Journal, catalogue: Catalogue, repository: Repository, *, strangers: bool = False
    ) -> None:
        self._catalogue = catalogue
        self._repository = repository
        self._strangers = strangers
        self._asset_keys = all_asset_keys(journal)
        self.known: dict[str, str] = {}
        """The sets that the journal saw made or imported, with the digests of their manifests."""
        for entry in entries_of(journal, "outcome", "imported"):
            if entry["type"] == "imported":
                self.known[entry["set"]] = entry["manifest"]
            elif entry["case"].startswith("B") and "manifest" in entry["facts"]:
                self.known[entry["facts"]["set"]] = entry["facts"]["manifest"]

    def adopt(self, set_id: str, *, read_back: bool = False) -> Adopted:
        """Keep the copies of one set. `EngineError` if it is not genuine, or another than the journal knows.

        With `read_back` every byte of it is read before.
        """
        stored = self._repository.find(set_id)
        backup_set = BackupSet(stored)
        manifest = backup_set.manifest
        # A FAT file system merges folders whose names differ in case alone.
        if manifest["set"].casefold() != set_id.casefold():
            raise DamagedPart(MANIFEST, f"it is that of {manifest['set']}")
        origin = [encode(manifest[name]) for name in ("agency", "asset", "engine", "database")]
        if folder_names(manifest["set"])[:-1] != origin:
            raise DamagedPart(MANIFEST, "it says that the set comes from elsewhere than its id says")
        key = self._check_signature(backup_set)
        if self.known.get(manifest["set"], backup_set.digest) != backup_set.digest:
            raise DamagedPart(MANIFEST, "it is not the one that the journal knows")
        for fault in backup_set.faults() if read_back else ():
            raise fault
        texts = backup_set.texts()
        self._catalogue.keep(
            manifest["set"], backup_set.text, texts["manifest_signature"], texts["key_age"].encode("ascii", "replace")
        )
        for name in filter(is_key_file, stored.names()):
            self._catalogue.add_key(manifest["set"], name, backup_set.small_file(name))
        return Adopted(
            manifest["set"], backup_set.digest, manifest["asset"], key, manifest["asset"] in self._asset_keys
        )

    def _check_signature(self, backup_set: BackupSet) -> str:
        """The key that signed the manifest, if it may."""
        asset = backup_set.manifest["asset"]
        known = self._asset_keys.get(asset, [])
        if not known and self._strangers:
            try:
                known = [sshsig.signing_key(backup_set.small_file(SIGNATURE).decode("ascii", "replace"))]
            except sshsig.SignatureError as error:
                raise DamagedPart(SIGNATURE, str(error)) from error
        elif not known:
            raise UnknownAsset(asset)
        return backup_set.check_signature(known)
