"""Work items and the work text: what exactly is to be done in a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.procedure.letter import Letter, LetterItem
from cadangan.procedure.names import printable

Item = dict[str, Any]


@dataclass(frozen=True)
class ChosenSet:
    """The backup set that a restore item names, resolved: id, digest of its manifest, time of its snapshot."""

    id: str
    manifest: str
    data_from: str


def work_item(number: int, letter: Letter, item: LetterItem, *, drill: bool, chosen: ChosenSet | None) -> Item:
    """The work item for one line of a letter; `drill` is the office's default for backups."""
    place: Item = {
        "id": str(number),
        "agency": letter.agency,
        "asset": item.asset,
        "engine": item.engine,
        "instance": item.instance,
        "database": item.database,
    }
    if chosen is None:
        return place | {"action": "backup", "drill": drill if item.drill is None else item.drill}
    source = {"set": chosen.id, "manifest": chosen.manifest, "data_from": chosen.data_from}
    if letter.kind == "disposal":
        return place | source | {"action": "dispose"}
    if item.mode == "drill":
        return place | source | {"action": "drill"}
    return place | source | {"action": "restore", "mode": item.mode, "target": item.target or item.database}


def work_text(office: str, case: str, agency: str, items: list[Item]) -> bytes:
    """The canonical text whose digest every decision names."""
    return canonical.dumps({"type": "work", "office": office, "case": case, "agency": agency, "items": items})


def describe(item: Item) -> str:
    """One line about an item, for people: `restore (replace) postgresql/siak on db-01`."""
    action = f"{item['action']} ({item['mode']})" if "mode" in item else item["action"]
    instance = f":{item['instance']}" if item["instance"] else ""
    target = f" as {printable(item['target'])}" if item.get("target", item["database"]) != item["database"] else ""
    return f"{action} {item['engine']}{instance} {printable(item['database'])}{target} on {item['asset']}"
