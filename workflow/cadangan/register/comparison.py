"""What the register states of a server beside what was found there. Pure: assets and facts in, differences out.

Only what the register states is compared. What could not be seen is neither right nor wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_text import NAME_LIMIT, shown

from cadangan.procedure.amounts import size
from cadangan.procedure.names import printable
from cadangan.register.asset import Asset
from cadangan.register.database import Database
from cadangan.register.facts import Facts, InstanceFacts
from cadangan.register.last_facts import KnownFacts
from cadangan.register.reconcile import AssetResult, Difference, UnregisteredDatabase, Unseen

MACHINE_TOLERANCE = 1.15
"""By what factor memory and disk may differ: makers, people and kernels count them differently."""
DATABASE_TOLERANCE = 2.0
"""By what factor the size of a database may differ: databases grow."""

_SCRATCH = "cadangan_scratch_"
"""How the names of databases begin that a restore or drill has made for a while."""

Same = Callable[[Any, Any], bool]


def asset_result(asset: Asset, answer: Facts | str, last: KnownFacts | None) -> AssetResult:
    """How the register's entry stands to what its server answered, or to why it did not."""
    if isinstance(answer, str):
        return _unreachable(asset, answer, last)
    if asset.status == "retired":
        return AssetResult(asset.host, "differs", (Difference("status", "retired", "it still answers"),))
    differences, unseen = compare(asset, answer)
    return AssetResult(asset.host, "differs" if differences else "fits", tuple(differences), tuple(unseen))


def results(
    assets: Iterable[Asset], answers: Mapping[str, Facts | str], last: Mapping[str, KnownFacts]
) -> tuple[tuple[AssetResult, ...], tuple[UnregisteredDatabase, ...]]:
    """Every asset beside its server's answer, and what runs on their servers unregistered."""
    compared, unregistered = [], []
    for asset in assets:
        answer = answers[asset.host]
        compared.append(asset_result(asset, answer, last.get(asset.host)))
        if isinstance(answer, Facts) and asset.status != "retired":
            unregistered += unregistered_databases(asset, answer)
    return tuple(compared), tuple(unregistered)


def _unreachable(asset: Asset, why: str, last: KnownFacts | None) -> AssetResult:
    if asset.status in ("planned", "retired"):
        return AssetResult(asset.host, "fits", reason=f"{asset.status}, and it does not answer")
    differences, unseen = compare(asset, last.facts) if last else ([], [])
    facts_at = last.at if last else None
    return AssetResult(asset.host, "unreachable", tuple(differences), tuple(unseen), why, facts_at)


def compare(asset: Asset, facts: Facts) -> tuple[list[Difference], list[Unseen]]:
    """Field by field, what is otherwise than registered, and what could not be seen."""
    comparison = _Comparison()
    machine, found = asset.machine, facts.machine
    comparison.take("machine.kind", machine.kind, found.kind)
    comparison.take("machine.model", machine.model, found.model, _has_words)
    comparison.take("machine.serial", machine.serial, found.serial, _is_same_text)
    comparison.take("machine.cpus", machine.cpus, found.cpus)
    comparison.take("machine.memory", machine.memory, found.memory, _within(MACHINE_TOLERANCE), size)
    comparison.take("machine.disk", machine.disk, found.disk, _within(MACHINE_TOLERANCE), size)
    if asset.operating_system is not None:
        system = facts.operating_system
        name, version = (system.name, system.version) if system else (None, None)
        comparison.take("operating_system.name", asset.operating_system.name, name, _has_words)
        comparison.take("operating_system.version", asset.operating_system.version, version, is_version)
    for address in asset.addresses:
        comparison.take("addresses", address, facts.addresses or None, _is_among, _listed)
    for database in asset.databases:
        _compare_database(comparison, database, facts)
    return comparison.differences, comparison.unseen


def unregistered_databases(asset: Asset, facts: Facts) -> list[UnregisteredDatabase]:
    """What runs on the server and is not in its entry: databases, servers not looked into, and other products."""
    found = []
    for instance in facts.instances:
        registered = {_told_name(each) for each in asset.databases if _may_be_on(each, instance)}
        for database in instance.databases:
            if database.name not in registered and not database.name.startswith(_SCRATCH):
                note = "" if database.size is None else size(database.size)
                found.append(UnregisteredDatabase(asset.host, f"{instance.label} {database.name}", note))
        if instance.unseen and not registered:
            found.append(UnregisteredDatabase(asset.host, instance.label, f"not looked into: {instance.unseen}"))
    for other in facts.others:
        where = f", in the container {other.container}" if other.container else ""
        found.append(UnregisteredDatabase(asset.host, other.product, f"there is no engine for it{where}"))
    return found


def is_version(registered: str, found: str) -> bool:
    """Whether `found` is the registered version, which may say less: `15` is also `15.18`, but not `150`."""
    wanted = _parts(registered)
    return _parts(found)[: len(wanted)] == wanted


class _Comparison:
    """Gathers what differs and what could not be seen."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.unseen: list[Unseen] = []

    def take(
        self,
        field: str,
        registered: Any,
        found: Any,
        same: Same = lambda registered, found: bool(registered == found),
        say: Callable[[Any], str] = str,
        why: str = "",
    ) -> None:
        """Compare one field. None is what the register does not state, or what could not be seen, and `why`."""
        if registered is None:
            return
        if found is None:
            self.unseen.append(Unseen(field, why or "the server does not tell it"))
        elif not same(registered, found):
            self.differences.append(Difference(field, say(registered), say(found)))


def _compare_database(comparison: _Comparison, database: Database, facts: Facts) -> None:
    label = printable(database.label)
    if not database.instance:
        _compare_place(comparison, label, database, facts)
        return
    candidates = _candidates(database, facts.instances)
    name = _told_name(database)
    for instance in candidates:
        for found in instance.databases:
            if found.name == name:
                comparison.take(f"{label}: version", database.version, instance.version or None, is_version)
                comparison.take(f"{label}: size", database.size, found.size, _within(DATABASE_TOLERANCE), size)
                return
    reasons = [instance.unseen for instance in candidates if instance.unseen] + facts.unseen
    if reasons and not any(instance.databases for instance in candidates):
        comparison.unseen.append(Unseen(label, "; ".join(reasons)))
    else:
        found_instead = "no such database" if candidates else "no such server runs"
        comparison.differences.append(Difference(label, "there", found_instead))


def _candidates(database: Database, instances: Iterable[InstanceFacts]) -> list[InstanceFacts]:
    """The servers that may hold a database: where the register says, or else those that did not tell where they are."""
    of_engine = [instance for instance in instances if instance.engine == database.engine]
    named = [instance for instance in of_engine if instance.instance == database.instance]
    return named or [instance for instance in of_engine if not instance.instance]


def _may_be_on(database: Database, instance: InstanceFacts) -> bool:
    return database.engine == instance.engine and instance.instance in ("", database.instance)


def _compare_place(comparison: _Comparison, label: str, database: Database, facts: Facts) -> None:
    place = next(
        (each for each in facts.places if (each.engine, each.name) == (database.engine, _told_name(database))), None
    )
    if place is None or place.found is None:
        why = place.unseen if place and place.unseen else "it was not looked for"
        comparison.unseen.append(Unseen(label, why))
    elif not place.found:
        comparison.differences.append(Difference(label, "there", "not there"))
    else:
        same = _within(DATABASE_TOLERANCE)
        comparison.take(f"{label}: size", database.size, place.size, same, size, place.unseen)


def _told_name(database: Database) -> str:
    """The name as the server tells it."""
    return shown(database.name, NAME_LIMIT)


def _within(factor: float) -> Same:
    # Below a megabyte the register states nothing, and a new database is as good as empty.
    return lambda registered, found: max(registered, found, 10**6) <= factor * max(min(registered, found), 10**6)


def _has_words(registered: str, found: str) -> bool:
    return set(_parts(registered)) <= set(_parts(found))


def _is_same_text(registered: str, found: str) -> bool:
    return registered.casefold().split() == found.casefold().split()


def _is_among(registered: str, found: list[str]) -> bool:
    return registered in found


def _listed(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _parts(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
