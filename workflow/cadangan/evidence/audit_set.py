"""Whether what a work item is said to have come to fits the manifest that the server signed, and the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import NAMESPACE, check_manifest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import CLOCK_TOLERANCE
from ansible_collections.diskominfo.cadangan.plugins.module_utils.moment import shifted
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.procedure.case import Case, Entry, Order
from cadangan.procedure.permit import window_of
from cadangan.procedure.work import Item

_RULE = "What the journal says of a backup set is what its signed manifest says."
_DONE = {"set": shape.LINE, "manifest": shape.DIGEST, "started_at": shape.TIME, "ended_at": shape.TIME}
_RECEIPT = {"set": shape.LINE, "manifest": shape.DIGEST, "repository": shape.NAME, "received_at": shape.TIME}
_PLACE = ("agency", "asset", "engine", "instance", "database")


def check_done(case: Case, item: Item, facts: Entry) -> None:
    """`Refused` unless what was done is the work of the item, in the time that an order of the case allowed."""
    _check_shape(facts, _DONE, "facts")
    if not any(_allows(order, item["id"], facts["started_at"]) for order in case.orders):
        raise Refused(
            f"work item {item['id']} was begun at {facts['started_at']}, which no order of the case allows",
            "work begins within the window that the agency agreed to, while an order holds",
        )
    if facts["ended_at"] < facts["started_at"]:
        raise Refused(f"work item {item['id']} ended before it began")
    if "set" in item:
        _check_same(facts, item, "set", "manifest")
    if facts.get("differences"):
        raise Refused(f"work item {item['id']} is called done though differences were found")
    receipt = facts.get("receipt")
    if receipt is not None:
        _check_shape(receipt, _RECEIPT, "receipt")
        _check_same(receipt, facts, "set", "manifest")


def check_manifest_text(case: Case, item: Item, facts: Entry, text: bytes) -> dict[str, Any]:
    """The manifest in these bytes; `Refused` or `EngineError` unless it is the one that the item's outcome tells of."""
    if canonical.digest(text) != facts["manifest"]:
        raise Refused(f"the manifest of {facts['set']!a} has another SHA-256 than the journal says", _RULE)
    try:
        manifest = canonical.loads(text, canonical.MANIFEST_LIMIT)
    except canonical.CanonicalError as error:
        raise Refused(f"the manifest of {facts['set']!a} is not canonical JSON: {error}", shape.RULE) from None
    check_manifest(manifest)
    _check_same(manifest, facts, "set")
    if item["action"] == "backup":
        _check_made(case, item, facts, manifest)
    elif manifest["snapshot_at"] != item["data_from"]:
        raise Refused(f"the data is of {manifest['snapshot_at']}; agreed was {item['data_from']}", _RULE)
    if item["action"] in ("backup", "restore", "drill") and facts.get("proof_facts") != len(manifest["proof"]):
        raise Refused("the number of facts that were compared is not that of the manifest's proof", _RULE)
    return manifest


def check_manifest_signature(manifest: dict[str, Any], text: bytes, signature: bytes, keys: Sequence[str]) -> str:
    """The key of the server that signed the manifest; `Refused` if none of `keys` did."""
    try:
        return sshsig.verify(text, signature.decode("ascii", "replace"), keys, NAMESPACE)
    except sshsig.SignatureError as error:
        raise Refused(
            f"the manifest of {manifest['set']!a} is not signed by {manifest['asset']}: {error}",
            "a manifest is signed with a key that the journal onboarded for its server",
        ) from None


def _check_made(case: Case, item: Item, facts: Entry, manifest: dict[str, Any]) -> None:
    order = next((each for each in case.orders if each.digest == manifest["order"]), None)
    if order is None or item["id"] not in order.content["items"]:
        raise Refused("the manifest names an order that did not order this work item", _RULE)
    wanted = {key: item[key] for key in _PLACE} | {
        "office": case.office,
        "case": case.id,
        "item": item["id"],
        "permit": order.content["permit"],
        "head": order.content["journal"],
        "drilled": item["drill"],
    }
    _check_same(manifest, wanted, *wanted)
    _check_same(manifest, facts, "parts", "snapshot_at", "versions", "drilled")
    if facts.get("bytes") != sum(part["bytes"] for part in manifest["parts"]):
        raise Refused("the size in the journal is not that of the manifest's parts", _RULE)
    if not manifest["started_at"] <= manifest["snapshot_at"] <= manifest["finished_at"]:
        raise Refused("the times in the manifest are not in their order", _RULE)


def _allows(order: Order, item: str, time: str) -> bool:
    window = window_of(order.permit.encode("ascii"))
    latest = min(window["until"], order.content["until"])
    # The server's clock may differ from ours by so much, and the gate would have let it begin.
    near = shifted(time, CLOCK_TOLERANCE) >= max(window["from"], order.content["at"])
    return item in order.content["items"] and near and shifted(time, -CLOCK_TOLERANCE) <= latest


def _check_shape(value: Any, wanted: dict[str, Any], where: str) -> None:
    known = {key: value[key] for key in wanted if key in value} if isinstance(value, dict) else value
    shape.check(known, wanted, where)


def _check_same(value: dict[str, Any], wanted: dict[str, Any], *keys: str) -> None:
    for key in keys:
        if key not in value or key not in wanted or value[key] != wanted[key]:
            raise Refused(f"{key} differs: {value.get(key)!a}, not {wanted.get(key)!a}", _RULE)
