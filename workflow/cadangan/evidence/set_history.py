"""What the journal knows of every backup set: made, restored, copied, verified, imported, disposed of."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import SCHEME

from cadangan.errors import Missing
from cadangan.evidence.catalogue import Catalogue, KeptSet
from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Entry, Reader

Place = tuple[str, str, str, str, str]
"""Agency, asset, engine, instance and name of a database."""


_PLACE = ("agency", "asset", "engine", "instance", "database")


@dataclass(frozen=True)
class Copy:
    """A copy of a set; `place` is a folder or `ssh://` and a host, `label` that of a medium, or empty."""

    place: str
    label: str
    at: str


@dataclass(frozen=True)
class Check:
    """A set was read back; `fault` is empty if it was found whole."""

    at: str
    fault: str


@dataclass
class SetRecord:
    """One set; `made_at` is when the journal learnt of it (UTC), `case` what it was made in.

    `home` is the repository that it was made into, empty if that is not known. `proven_at` is when a restore of it was
    last found equal, empty if never; `restore_seconds` is how long the newest restore or drill took. `verified` holds
    the newest check in each repository.
    """

    id: str
    case: str
    place: Place
    manifest: str
    made_at: str
    snapshot_at: str
    bytes: int
    home: str = ""
    proven_at: str = ""
    restore_seconds: int | None = None
    copies: list[Copy] = field(default_factory=list)
    verified: dict[str, Check] = field(default_factory=dict)
    disposed_in: str = ""

    @property
    def proven(self) -> bool:
        return bool(self.proven_at)

    @property
    def places(self) -> set[str]:
        """The repositories in which it is expected; a medium with a label may lie anywhere."""
        copies = {copy.place for copy in self.copies if not copy.label}
        return copies | {self.home} if self.home else copies

    @property
    def last_check(self) -> Check | None:
        """The newest one, wherever it was."""
        return max(self.verified.values(), key=lambda check: check.at, default=None)


def set_records(journal: Reader, catalogue: Catalogue | None = None) -> dict[str, SetRecord]:
    """All sets that were ever made or imported, by id, in the journal's order.

    With `catalogue` also those of which it alone knows, as a recovered office has them.
    """
    history = _History(catalogue)
    for entry in entries_of(journal, *history.takers):
        history.takers[entry["type"]](entry)
    for set_id in catalogue.ids() if catalogue else ():
        history.record(set_id)
    return history.records


def disposed_sets(journal: Reader) -> set[str]:
    """Ids of the sets that were disposed of."""
    return {record.id for record in set_records(journal).values() if record.disposed_in}


class _History:
    """Takes in the journal's entries, in their order."""

    def __init__(self, catalogue: Catalogue | None) -> None:
        self.records: dict[str, SetRecord] = {}
        self.takers = {
            "trust": self._trust,
            "request": self._request,
            "outcome": self._outcome,
            "copied": self._copied,
            "verified": self._verified,
            "imported": self._imported,
        }
        self._catalogue = catalogue
        self._places: dict[tuple[str, str], Place] = {}
        self._policy_place = ""

    def record(self, set_id: str) -> SetRecord | None:
        """The set, from the catalogue if the journal did not tell of it; None if nobody knows it."""
        if set_id not in self.records and self._catalogue is not None:
            # A folder without a manifest is no set yet.
            with suppress(Missing):
                self.records[set_id] = _record_of(self._catalogue.get(set_id))
        return self.records.get(set_id)

    def _trust(self, entry: Entry) -> None:
        self._policy_place = json.loads(json.loads(entry["bundle"])["text"])["policy"]["repository"]

    def _request(self, entry: Entry) -> None:
        for item in json.loads(entry["request"])["items"]:
            self._places[entry["case"], item["id"]] = _place_of(item)

    def _outcome(self, entry: Entry) -> None:
        facts = entry["facts"]
        if entry["result"] != "done" or "set" not in facts:
            return
        kind = entry["case"][0]
        if kind == "B":
            # One that was imported before its own outcome came.
            known = self.records.get(facts["set"])
            self.records[facts["set"]] = SetRecord(
                facts["set"],
                entry["case"],
                self._places[entry["case"], entry["item"]],
                facts["manifest"],
                entry["at"],
                facts["snapshot_at"],
                facts["bytes"],
                home=f"{SCHEME}{facts['receipt']['repository']}" if "receipt" in facts else self._policy_place,
                proven_at=entry["at"] if facts["drilled"] else "",
                copies=known.copies if known else [],
                verified=known.verified if known else {},
            )
            return
        record = self.record(facts["set"])
        if record is not None and kind == "R":
            # A restore is only done when it was found equal.
            record.proven_at = entry["at"]
            record.restore_seconds = moment.seconds(facts["ended_at"]) - moment.seconds(facts["started_at"])
        elif record is not None and kind == "D":
            record.disposed_in = entry["case"]

    def _copied(self, entry: Entry) -> None:
        record = self.record(entry["set"])
        if record is not None:
            _add_copy(record, entry)

    def _verified(self, entry: Entry) -> None:
        found = dict.fromkeys(entry["sets"], "") | {fault["set"]: fault["fault"] for fault in entry["faults"]}
        for set_id, fault in found.items():
            record = self.record(set_id)
            if record is not None:
                record.verified[entry["repository"]] = Check(entry["at"], fault)

    def _imported(self, entry: Entry) -> None:
        record = self.record(entry["set"])
        if record is not None and entry["label"]:
            _add_copy(record, entry)


def _record_of(kept: KeptSet) -> SetRecord:
    """What the manifest of a set says that this journal did not see made."""
    manifest = kept.manifest
    return SetRecord(
        kept.id,
        manifest["case"],
        _place_of(manifest),
        kept.digest,
        manifest["finished_at"],
        manifest["snapshot_at"],
        sum(part["bytes"] for part in manifest["parts"]),
        proven_at=manifest["finished_at"] if manifest["drilled"] else "",
    )


def _add_copy(record: SetRecord, entry: Entry) -> None:
    copy = Copy(entry["place"], entry["label"], entry["at"])
    record.copies = [known for known in record.copies if (known.place, known.label) != (copy.place, copy.label)]
    record.copies.append(copy)


def _place_of(described: dict[str, Any]) -> Place:
    agency, asset, engine, instance, database = (str(described[key]) for key in _PLACE)
    return agency, asset, engine, instance, database
