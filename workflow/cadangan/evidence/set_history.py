"""What the journal knows of every backup set: made, restored, copied, verified, imported, disposed of."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import SCHEME

from cadangan.errors import Missing
from cadangan.evidence.catalogue import Catalogue, KeptSet
from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Entry, Reader


class Place(NamedTuple):
    """Which database a set is of."""

    agency: str
    asset: str
    engine: str
    instance: str
    database: str

    @property
    def label(self) -> str:
        """The database on its server: `postgresql:5432 siak`."""
        return f"{self.engine}{f':{self.instance}' if self.instance else ''} {self.database}"


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
        """Whether it was restored and found equal, and not found damaged in its repository since then."""
        check = self.verified.get(self.home)
        is_damaged = check is not None and bool(check.fault) and check.at >= self.proven_at
        return bool(self.proven_at) and not is_damaged

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
    """All sets that were ever made or imported, by id, in the order of their cases.

    With `catalogue` also those of which it alone knows, as a recovered office has them.
    """
    return _History(journal, catalogue).records


def disposed_sets(journal: Reader) -> set[str]:
    """Ids of the sets that were disposed of."""
    return {record.id for record in set_records(journal).values() if record.disposed_in}


class _History:
    """Puts together what the cases say of sets, what was done with them apart from cases, and the catalogue."""

    def __init__(self, journal: Reader, catalogue: Catalogue | None) -> None:
        self.records: dict[str, SetRecord] = {}
        self._catalogue = catalogue
        self._policies = [
            (entry["at"], json.loads(json.loads(entry["bundle"])["text"])["policy"]["repository"])
            for entry in entries_of(journal, "trust")
        ]
        cases = journal.index(_summarise, kind="sets")
        for case, told in cases.items():
            for each in told["made"]:
                self._made(case, each)
        for set_id in catalogue.ids() if catalogue else ():
            self._add_kept(set_id)
        for case, told in cases.items():
            for each in told["used"]:
                self._used(case, each)
        takers = {"copied": self._copied, "verified": self._verified, "imported": self._imported}
        for entry in entries_of(journal, *takers):
            takers[entry["type"]](entry)

    def _made(self, case: str, told: dict[str, Any]) -> None:
        self.records[told["set"]] = SetRecord(
            told["set"],
            case,
            _place_of(told["place"]),
            told["manifest"],
            told["at"],
            told["snapshot_at"],
            told["bytes"],
            home=f"{SCHEME}{told['host']}" if told["host"] else self._policy_place(told["at"]),
            proven_at=told["at"] if told["drilled"] else "",
        )

    def _policy_place(self, at: str) -> str:
        """The repository of the trust that was in force."""
        return next((place for since, place in reversed(self._policies) if since <= at), "")

    def _add_kept(self, set_id: str) -> None:
        if self._catalogue is not None and set_id not in self.records:
            # A folder without a manifest is no set yet.
            with suppress(Missing):
                self.records[set_id] = _record_of(self._catalogue.get(set_id))

    def _used(self, case: str, told: dict[str, Any]) -> None:
        record = self.records.get(told["set"])
        if record is None:
            return
        if case.startswith("R"):
            if told["at"] >= record.proven_at:
                record.proven_at = told["at"]
                record.restore_seconds = told["seconds"]
        else:
            record.disposed_in = case

    def _copied(self, entry: Entry) -> None:
        record = self.records.get(entry["set"])
        if record is not None:
            copy = Copy(entry["place"], entry["label"], entry["at"])
            others = [known for known in record.copies if (known.place, known.label) != (copy.place, copy.label)]
            record.copies = [*others, copy]

    def _imported(self, entry: Entry) -> None:
        # Without a label it was imported from where it is expected anyway, or from who knows where.
        if entry["label"]:
            self._copied(entry)

    def _verified(self, entry: Entry) -> None:
        found = dict.fromkeys(entry["sets"], "") | {fault["set"]: fault["fault"] for fault in entry["faults"]}
        for set_id, fault in found.items():
            record = self.records.get(set_id)
            if record is not None:
                record.verified[entry["repository"]] = Check(entry["at"], fault)


def _summarise(entries: list[Entry]) -> dict[str, Any]:
    """What the entries of one case say of sets: which it made, and which it restored or disposed of."""
    places: dict[str, dict[str, str]] = {}
    made, used = [], []
    for entry in entries:
        if entry["type"] == "request":
            items = json.loads(entry["request"])["items"]
            places = {item["id"]: {key: item[key] for key in Place._fields} for item in items}
        facts = entry.get("facts", {})
        if entry["type"] != "outcome" or entry["result"] != "done" or "set" not in facts:
            continue
        if entry["case"].startswith("B"):
            more = {key: facts[key] for key in ("set", "manifest", "snapshot_at", "bytes", "drilled")}
            host = facts.get("receipt", {}).get("repository", "")
            made.append({**more, "at": entry["at"], "host": host, "place": places[entry["item"]]})
        else:
            # A restore is only done when it was found equal.
            took = moment.seconds(facts["ended_at"]) - moment.seconds(facts["started_at"])
            used.append({"set": facts["set"], "at": entry["at"], "seconds": took})
    return {"made": made, "used": used}


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


def _place_of(described: dict[str, Any]) -> Place:
    return Place(*(str(described[key]) for key in Place._fields))
