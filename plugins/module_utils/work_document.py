"""The work text of a case: its work items, each with exactly the keys of its action."""

from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused


def _is_set(value: Any) -> bool:
    parts = value.split("/") if isinstance(value, str) and "\0" not in value else []
    return len(parts) == 5 and all(part not in ("", ".", "..") for part in parts)


_PLACE = {
    "id": shape.matching(r"[1-9][0-9]{0,5}", "a number as text"),
    "agency": shape.NAME,
    "asset": shape.NAME,
    "engine": shape.NAME,
    "instance": shape.matching(r"[A-Za-z0-9._-]{0,100}", "a port or an instance's name"),
    "database": shape.LINE,
}
_SOURCE = {
    "set": shape.Rule("a set id (agency/asset/engine/database/time-case-item)", _is_set),
    "manifest": shape.DIGEST,
    "data_from": shape.TIME,
}
_ITEMS = {
    "backup": {**_PLACE, "action": shape.constant("backup"), "drill": shape.FLAG},
    "restore": {
        **_PLACE,
        **_SOURCE,
        "action": shape.constant("restore"),
        "mode": shape.one_of("copy", "replace"),
        "target": shape.LINE,
    },
    "drill": {**_PLACE, **_SOURCE, "action": shape.constant("drill")},
    "dispose": {**_PLACE, **_SOURCE, "action": shape.constant("dispose")},
}
_ACTIONS = {"B": ("backup",), "D": ("dispose",), "R": ("restore", "drill")}
_WORK = {
    "type": shape.constant("work"),
    "office": shape.NAME,
    "case": shape.CASE,
    "agency": shape.NAME,
    "items": [shape.Rule("a work item", lambda value: isinstance(value, dict))],
}


def read_work(text: str) -> dict[str, Any]:
    """The work in the canonical JSON `text`; `Refused` if it breaks a rule by itself."""
    work = shape.read(text, _WORK, "work")
    if not work["items"]:
        raise Refused(f"Case {work['case']} has no work items.", shape.RULE)
    for number, item in enumerate(work["items"], start=1):
        _check_item(item, number, work)
    return work


def _check_item(item: dict[str, Any], number: int, work: dict[str, Any]) -> None:
    where = f"work item {number}"
    action = item.get("action")
    allowed = _ACTIONS[work["case"][0]]
    if action not in allowed:
        raise Refused(f"{where} of case {work['case']} is not {' or '.join(allowed)}.", shape.RULE)
    shape.check(item, _ITEMS[action], where)
    if item["id"] != str(number):
        raise Refused(f"{where} has the id {item['id']}.", "Work items are numbered from 1 in their order.")
    if item["agency"] != work["agency"]:
        raise Refused(
            f"{where} is of the agency {item['agency']}, the case of {work['agency']}.",
            "A case concerns the data of the one agency that asked.",
        )
    if "set" in item:
        agency, _asset, engine, _database, _name = item["set"].split("/")
        if (agency, engine) != (item["agency"], item["engine"]):
            raise Refused(
                f"{where} names {item['set']}, a set of another agency or engine.",
                "An agency gets back its own data only, into the engine that it came from.",
            )
