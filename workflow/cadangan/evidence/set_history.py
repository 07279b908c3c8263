"""What the journal knows of every backup set: when it was made, whether it was restored since, whether it is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cadangan.evidence.journal import Reader

Place = tuple[str, str, str, str, str]
"""Agency, asset, engine, instance and name of a database."""


@dataclass
class SetRecord:
    """One set; `made_at` is when the journal learnt of it (UTC), `case` what it was made in."""

    id: str
    case: str
    place: Place
    manifest: str
    made_at: str
    bytes: int
    proven: bool
    disposed_in: str = ""


def set_records(journal: Reader) -> dict[str, SetRecord]:
    """All sets that were ever made, by id, in the journal's order."""
    records: dict[str, SetRecord] = {}
    places: dict[tuple[str, str], Place] = {}
    for row in journal.entries():
        if '"type":"request"' in row.entry:
            places.update(_places(row.content))
        if '"type":"outcome"' not in row.entry:
            continue
        entry: dict[str, Any] = row.content
        facts = entry["facts"]
        if entry["result"] != "done" or "set" not in facts:
            continue
        kind, record = entry["case"][0], records.get(facts["set"])
        if kind == "B":
            records[facts["set"]] = SetRecord(
                facts["set"],
                entry["case"],
                places[entry["case"], entry["item"]],
                facts["manifest"],
                entry["at"],
                facts["bytes"],
                facts["drilled"],
            )
        elif record is not None and kind == "R":
            # A restore is only done when it was found equal.
            record.proven = True
        elif record is not None and kind == "D":
            record.disposed_in = entry["case"]
    return records


def _places(entry: dict[str, Any]) -> dict[tuple[str, str], Place]:
    """The database of each work item that a request asks for."""
    items = json.loads(entry["request"])["items"]
    return {
        (entry["case"], item["id"]): tuple(item[key] for key in ("agency", "asset", "engine", "instance", "database"))
        for item in items
    }


def disposed_sets(journal: Reader) -> set[str]:
    """Ids of the sets that were disposed of."""
    return {record.id for record in set_records(journal).values() if record.disposed_in}
