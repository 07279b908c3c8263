"""The entry that a server's facts propose for the register. Pure; what no machine knows is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cadangan.errors import BadInput
from cadangan.procedure.fields import size_text
from cadangan.register.facts import Facts, InstanceFacts
from cadangan.register.written_asset import WrittenAsset

_TEMPLATE_MARKS = ("{{", "{%", "{#")
_SMALLEST_SIZE = 10**6


def proposed_entry(host: str, given: Mapping[str, Any], facts: Facts | None) -> tuple[dict[str, Any], list[str]]:
    """The `cadangan_asset` of a host from what is `given` and what was found, and what of that can not be proposed.

    `BadInput` naming the field that the register would not take.
    """
    entry = dict(given)
    left_out: list[str] = []
    if facts is not None:
        entry |= _found(facts)
        entry["databases"], left_out = _databases(facts)
    entry = {key: value for key, value in entry.items() if value not in ({}, [], None)}
    _check(host, entry)
    return entry, left_out


def _found(facts: Facts) -> dict[str, Any]:
    machine = facts.machine.model_dump(exclude_none=True)
    for amount in ("memory", "disk"):
        if amount in machine:
            machine[amount] = size_text(machine[amount])
    system = facts.operating_system
    return {
        "machine": machine,
        "operating_system": system.model_dump() if system and system.name and system.version else {},
        "addresses": facts.addresses,
    }


def _databases(facts: Facts) -> tuple[list[dict[str, Any]], list[str]]:
    proposed, left_out = [], [*facts.unseen]
    for instance in facts.instances:
        if instance.unseen:
            left_out.append(f"{instance.label}: {instance.unseen}")
        elif not instance.instance:
            left_out += [f"{instance.label} {each.name}: its server has no port" for each in instance.databases]
        else:
            for database in instance.databases:
                if any(mark in database.name for mark in _TEMPLATE_MARKS):
                    left_out.append(f"{instance.label} {database.name}: Ansible would run the name as a template")
                else:
                    proposed.append(_database(instance, database.name, database.size))
    left_out += [f"{other.product}: there is no engine for it" for other in facts.others]
    return proposed, left_out


def _database(instance: InstanceFacts, name: str, size: int | None) -> dict[str, Any]:
    entry = {"engine": instance.engine, "instance": instance.instance, "name": name}
    if instance.version:
        entry["version"] = _without_patch_level(instance.version)
    if size is not None and size >= _SMALLEST_SIZE:
        entry["size"] = size_text(size)
    return entry


def _without_patch_level(version: str) -> str:
    """What stays the same when the server is patched: `15` of `15.18`, `10.11` of `10.11.6`."""
    release, point, _patch_level = version.rpartition(".")
    return release if point else version


def _check(host: str, entry: dict[str, Any]) -> None:
    written = WrittenAsset(host, entry, lambda location: "")
    asset = written.read()
    if isinstance(asset, list):
        raise BadInput("\n".join(written.told(fault) for fault in asset))
