"""When each database was last proven to restore, as the journal tells it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Reader

Place = tuple[str, str, str, str, str]
"""Agency, asset, engine, instance and database: where the data comes from."""


def last_proven(journal: Reader) -> dict[Place, str]:
    """The newest time at which a set of each database was restored and found equal; databases without one are left out.

    Whether that was while the set was made, in a drill or in a restore: times are those of the journal's entries.
    """
    items: dict[tuple[str, str], dict[str, Any]] = {}
    instances: dict[str, str] = {}
    proven: dict[Place, str] = {}
    for entry in entries_of(journal, "request", "outcome"):
        if entry["type"] == "request":
            items |= {(entry["case"], item["id"]): item for item in json.loads(entry["request"])["items"]}
        elif entry["result"] == "done":
            item, set_id = items[entry["case"], entry["item"]], entry["facts"]["set"]
            if item["action"] == "backup":
                instances[set_id] = item["instance"]
            if item["action"] not in ("restore", "drill") and not entry["facts"].get("drilled"):
                continue
            # A set that another journal knows of: it went to the same engine, likely to the same instance.
            place = place_of(set_id, instances.get(set_id, item["instance"]))
            proven[place] = max(entry["at"], proven.get(place, ""))
    return proven


def place_of(set_id: str, instance: str) -> Place:
    """The database that the set with this id holds; the id does not tell the instance."""
    agency, asset, engine, database, _ = (unquote(name, errors="surrogateescape") for name in set_id.split("/"))
    return agency, asset, engine, instance, database
