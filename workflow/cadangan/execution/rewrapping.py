"""Giving present holders the sets made before them: keys are wrapped again, data is not touched."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import DamagedPart
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository, Stored, key_file

from cadangan.errors import WorkFailed
from cadangan.evidence.catalogue import Catalogue, KeptSet
from cadangan.evidence.holders import Holder, HolderRecord
from cadangan.evidence.journal import Entry
from cadangan.evidence.key_opening import open_kept_key, open_set_key
from cadangan.procedure import moment


@dataclass(frozen=True)
class Rewrapping:
    """How the keys of sets are wrapped again: opened by `opener`, for the holders `present` by the trust `trust`.

    `checkers` are the identities at hand of present holders: each must open what was made.
    """

    repository: Repository
    catalogue: Catalogue
    present: Sequence[Holder]
    trust: str
    opener: tuple[Holder, Path]
    checkers: Sequence[Path]

    def rewrap(self, kept: KeptSet) -> Entry:
        """Wrap the key of one set again, keep it in repository and catalogue, and give the journal entry about it.

        Raises as `open_set_key` if the opener can not open it, and `EngineError` if the repository refuses it.
        """
        holder, identity = self.opener
        key = open_kept_key(kept, identity)
        name = key_file(moment.now())
        wrapped = key.wrapped([each.key for each in self.present]).encode("ascii")
        for checker in self.checkers:
            if open_set_key(wrapped, checker) != key.identity:
                raise WorkFailed(f"the new {name} of {kept.id} holds another key", advice="Report it.")
        digest = hashlib.sha256(wrapped).hexdigest()
        self.repository.add_key(kept.id, name, wrapped)
        if self.repository.find(kept.id).measure(name) != Stored(len(wrapped), digest):
            raise DamagedPart(name, "what the repository has is not what was written to it")
        self.catalogue.add_key(kept.id, name, wrapped)
        return {
            "type": "rewrapped",
            "set": kept.id,
            "name": name,
            "sha256": digest,
            "trust": self.trust,
            "holders": [each.name for each in self.present],
            "by": holder.name,
            "opened_again": bool(self.checkers),
        }


def lacking(record: HolderRecord, sets: Sequence[KeptSet]) -> list[KeptSet]:
    """The sets that some present holder can not open yet."""
    present = {holder.key for holder in record.present()}
    return [kept for kept in sets if not present <= record.keys_of(kept)]
