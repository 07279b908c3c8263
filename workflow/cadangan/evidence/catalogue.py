"""The office's own copies of what describes each backup set: manifest, its signature and the wrapped keys.

With them the office finds a set to restore, and can open it, without asking the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import KEY, MANIFEST, SIGNATURE
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import is_key_file
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository

from cadangan.errors import BadInput, Missing, WorkFailed
from cadangan.evidence.durable import write_durably

# Agency, asset, engine, database, and time with case and item; none begins with a dot.
_SET_ID = re.compile(r"[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*(?:/[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*){4}")


@dataclass(frozen=True)
class KeptSet:
    """One backup set as the office knows it; `digest` is the manifest's.

    `keys`: the set's key as it was wrapped for its holders, once or again for others; by file name, the newest first.
    """

    id: str
    manifest: dict[str, Any]
    digest: str
    manifest_text: bytes
    signature: str
    keys: dict[str, bytes]

    @property
    def copies(self) -> dict[str, bytes]:
        """What the office keeps copies of, by the names of the set's files."""
        return {MANIFEST: self.manifest_text, SIGNATURE: self.signature.encode("utf-8"), **self.keys}


class Catalogue:
    """The copies in `folder`, one folder per set, named like the set."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, set_id: str, manifest: bytes, signature: str, key_age: bytes) -> None:
        """Keep the copies of a set; again is fine, also with a new `key_age`, but not with another manifest.

        Raises `BadInput` if the id or the manifest is not one, `WorkFailed` if the copies cannot be written
        or contradict the ones that are kept.
        """
        folder = self._folder_of(set_id)
        content = _read_manifest(manifest, f"manifest of {set_id}")
        if content.get("set") != set_id:
            raise BadInput(f"the manifest is of set {content.get('set')!a}", where=set_id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / MANIFEST).exists() and (folder / MANIFEST).read_bytes() != manifest:
                raise WorkFailed(
                    f"another manifest of the set {set_id} is kept in {folder}",
                    advice="A set never changes. Compare the two manifests with the digest in the journal.",
                )
            write_durably(folder / KEY, key_age)
            write_durably(folder / SIGNATURE, signature.encode("utf-8"))
            # Last, because a set is in the catalogue when its manifest is.
            write_durably(folder / MANIFEST, manifest)
        except OSError as error:
            raise WorkFailed(f"cannot keep the manifest in {folder}: {error.strerror}") from error

    def add_key(self, set_id: str, name: str, key_age: bytes) -> None:
        """Keep another wrapped key of a set that is kept; `BadInput` if its name is none of a key file's."""
        folder = self._folder_of(set_id)
        if not is_key_file(name):
            raise BadInput(f"{name!a} is not the name of a set's wrapped key", where=set_id)
        try:
            write_durably(folder / name, key_age)
        except OSError as error:
            raise WorkFailed(f"cannot keep {name} in {folder}: {error.strerror}") from error

    def get(self, set_id: str) -> KeptSet:
        """The set with this id; `BadInput` if it is no id, `Missing` if no such set is kept."""
        folder = self._folder_of(set_id)
        if not (folder / MANIFEST).is_file():
            raise Missing(f"there is no backup set {set_id}", advice="See all with: cadangan set list --all")
        return self._read(folder)

    def ids(self) -> list[str]:
        """The ids of all sets that are kept, sorted, without reading any of the copies."""
        return FolderRepository(str(self._folder)).sets() if self._folder.is_dir() else []

    def sets(self) -> Iterator[KeptSet]:
        """All sets that are kept, in the order of their ids; `WorkFailed` at one whose copies are damaged."""
        for manifest in sorted(self._folder.glob(f"*/*/*/*/*/{MANIFEST}")):
            yield self._read(manifest.parent)

    def _folder_of(self, set_id: str) -> Path:
        if not _SET_ID.fullmatch(set_id):
            raise BadInput(f"{set_id!a} is not the id of a backup set", advice="See all with: cadangan set list --all")
        return self._folder / set_id

    def _read(self, folder: Path) -> KeptSet:
        try:
            text = (folder / MANIFEST).read_bytes()
            manifest = _read_manifest(text, str(folder / MANIFEST))
            return KeptSet(
                id=str(folder.relative_to(self._folder)),
                manifest=manifest,
                digest=canonical.digest(text),
                manifest_text=text,
                signature=(folder / SIGNATURE).read_text("utf-8"),
                keys=_read_keys(folder),
            )
        except (OSError, BadInput, UnicodeDecodeError) as error:
            raise WorkFailed(
                f"the copy of a set's manifest in {folder} is damaged: {error}",
                advice=f"Put {MANIFEST}, {SIGNATURE} and {KEY} there again from the repository.",
            ) from error


def _read_keys(folder: Path) -> dict[str, bytes]:
    # By their names, which hold the time; the first one is as old as the set.
    again = sorted((path.name for path in folder.iterdir() if is_key_file(path.name)), reverse=True)
    return {name: (folder / name).read_bytes() for name in [*again, KEY]}


def _read_manifest(text: bytes, where: str) -> dict[str, Any]:
    try:
        return canonical.loads(text, canonical.MANIFEST_LIMIT)
    except canonical.CanonicalError as error:
        raise BadInput(str(error), where=where) from error
