"""Rehearsing that backup sets can be opened: really opening the key of every one, with the identities at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cadangan.errors import BadInput, CadanganError
from cadangan.evidence.catalogue import KeptSet
from cadangan.evidence.holders import Holder, HolderRecord
from cadangan.evidence.identity import public_key
from cadangan.evidence.journal import Entry
from cadangan.evidence.key_opening import open_kept_key
from cadangan.evidence.verification import Progress
from cadangan.execution.parallel import in_parallel
from cadangan.procedure.policy import FEWEST_RECIPIENTS


@dataclass(frozen=True)
class Tried:
    """A holder whose identity was tried: ids of the sets that it opens, and why it does not open the others."""

    holder: Holder
    opened: list[str]
    failed: dict[str, str]


@dataclass(frozen=True)
class Rehearsal:
    """Who of the present holders can open each set: found out for those tried, by the journal for the others."""

    tried: list[Tried]
    able: dict[str, list[str]]
    left: dict[str, list[str]]
    """By set, the names of those in `able` who would be left if everybody tried were away."""

    @property
    def thin(self) -> list[str]:
        """The sets that fewer present holders can open than there must be."""
        return [set_id for set_id, names in self.able.items() if len(names) < FEWEST_RECIPIENTS]

    def left_to(self, number: int) -> list[str]:
        """The sets that so many could open if everybody tried were away."""
        return [set_id for set_id, names in self.left.items() if len(names) == number]

    def entry(self) -> Entry:
        """The journal entry about it."""
        return {
            "type": "rehearsed",
            "sets": len(self.able),
            "holders": [
                {"holder": each.holder.name, "key": each.holder.key, "opened": len(each.opened)} for each in self.tried
            ],
            "thin": len(self.thin),
        }


def holder_of(identity: Path, record: HolderRecord) -> Holder:
    """Whose identity this is; `BadInput` if it is nobody's who ever could open this office's sets."""
    key = public_key(identity)
    for holder in record.holders():
        if holder.key == key:
            return holder
    raise BadInput(
        f"{identity} is the identity of nobody who can open this office's sets: its public key is {key}",
        advice="See who can: cadangan keys list",
    )


def rehearse(
    record: HolderRecord, sets: Sequence[KeptSet], identities: Sequence[Path], progress: Progress | None = None
) -> Rehearsal:
    """Open every set's key with every identity; `progress` is told how many were tried."""
    owners = {identity: holder_of(identity, record) for identity in identities}
    tried = {holder: Tried(holder, [], {}) for holder in owners.values()}
    attempts = [(identity, kept) for identity in owners for kept in sets]
    for (identity, kept), failure in in_parallel(_try, attempts, progress):
        found = tried[owners[identity]]
        if failure is None:
            found.opened.append(kept.id)
        else:
            found.failed[kept.id] = failure
    able: dict[str, list[str]] = {}
    left: dict[str, list[str]] = {}
    for kept in sets:
        recorded = record.keys_of(kept)
        others = [holder.name for holder in record.present() if holder not in tried and holder.key in recorded]
        left[kept.id] = others
        able[kept.id] = others + [
            holder.name for holder, found in tried.items() if holder.until is None and kept.id in found.opened
        ]
    return Rehearsal(list(tried.values()), able, left)


def _try(attempt: tuple[Path, KeptSet]) -> str | None:
    """Why an identity does not open a set's key; None if it does."""
    identity, kept = attempt
    try:
        open_kept_key(kept, identity)
    except CadanganError as error:
        return error.message
    return None
