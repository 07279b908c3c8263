"""Who can open which backup sets, as the journal tells it: by the trust in force when a set's key was wrapped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cadangan.evidence.catalogue import KeptSet
from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Reader


@dataclass(frozen=True)
class Holder:
    """Somebody with an age key: a recipient by the trust in force from `since`, until `until` (None: still is)."""

    name: str
    key: str
    since: str
    until: str | None


class HolderRecord:
    """What the journal says of holders and of the sets' wrapped keys."""

    def __init__(self, journal: Reader) -> None:
        self._versions: list[dict[str, Any]] = []
        self._by_digest: dict[str, dict[str, Any]] = {}
        self._trust_of_order: dict[str, str] = {}
        self._rewrapped: dict[str, list[str]] = {}
        for entry in entries_of(journal, "trust", "order", "rewrapped"):
            if entry["type"] == "trust":
                document = json.loads(json.loads(entry["bundle"])["text"])
                self._versions.append(document)
                self._by_digest[entry["digest"]] = document
            elif entry["type"] == "order":
                self._trust_of_order[entry["digest"]] = json.loads(entry["text"])["trust"]
            else:
                self._rewrapped.setdefault(entry["set"], []).append(entry["trust"])

    def holders(self) -> list[Holder]:
        """Everybody who was ever a holder, the present ones first, in the order in which they became it."""
        found: dict[tuple[str, str], Holder] = {}
        for version in self._versions:
            named = {(entry["holder"], entry["key"]) for entry in version["policy"]["recipients"]}
            for who, holder in found.items():
                if holder.until is None and who not in named:
                    found[who] = Holder(*who, holder.since, version["at"])
            for who in sorted(named):
                if who not in found or found[who].until is not None:
                    found[who] = Holder(*who, version["at"], None)
        return sorted(found.values(), key=lambda holder: (holder.until is not None, holder.since))

    def present(self) -> list[Holder]:
        """The holders by the newest trust."""
        return [holder for holder in self.holders() if holder.until is None]

    def keys_of(self, kept: KeptSet) -> set[str]:
        """The public keys for which this set's key was wrapped, when it was made or since."""
        made_under = self._by_digest.get(self._trust_of_order.get(kept.manifest["order"], ""))
        # A set that this journal did not see made: the trust of that time.
        versions = [made_under or self._in_force(kept.manifest["started_at"])]
        versions += [self._by_digest[digest] for digest in self._rewrapped.get(kept.id, [])]
        return {entry["key"] for version in versions for entry in version["policy"]["recipients"]}

    def _in_force(self, at: str) -> dict[str, Any]:
        return next((version for version in reversed(self._versions) if version["at"] <= at), self._versions[0])


def opened_by(holder: Holder, record: HolderRecord, sets: Iterable[KeptSet]) -> list[str]:
    """Ids of the sets that this holder should be able to open."""
    return [kept.id for kept in sets if holder.key in record.keys_of(kept)]
