"""What a registered server lacks or contradicts, and how grave that is. Pure: the model and today's date."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from cadangan.register.asset import Asset
from cadangan.register.database import Database
from cadangan.register.yaml_file import Location

Grade = Literal["wrong", "grave", "minor"]
GRADES: tuple[Grade, ...] = ("wrong", "grave", "minor")
"""`wrong` can not be true; `grave` endangers data or leaves nobody in charge; `minor` is good to know."""

WORKING = ("in_operation", "maintenance")
_STAGES = ("planned", "in_operation", "maintenance", "retired")
_UNDATED: dict[str, Grade] = {"planned": "minor", "in_operation": "grave", "maintenance": "grave", "retired": "wrong"}
_SUPPORT_ENDS_SOON = timedelta(days=90)


@dataclass(frozen=True)
class Remark:
    """Something to be said about the field at `location`; `lacking` if it is only that nothing is said there."""

    grade: Grade
    location: Location
    what: str
    lacking: bool = False


def remarks(asset: Asset, today: date) -> Iterator[Remark]:
    """Everything that can be said against one asset alone."""
    yield from _dates(asset, today)
    if asset.status not in WORKING:
        return
    yield from _lacking(asset)
    for number, database in enumerate(asset.databases):
        yield from _lacking_of_database(database, ("databases", number))
    yield from _support(asset, today)


def _dates(asset: Asset, today: date) -> Iterator[Remark]:
    days = {stage: getattr(asset.life, stage) for stage in _STAGES}
    since = days[asset.status]
    here: Location = ("life", asset.status)
    if since is None:
        yield Remark(_UNDATED[asset.status], here, f"is missing: since when the server is {_said(asset.status)}")
    elif since > today:
        yield Remark("wrong", here, f"lies in the future, but the status is {asset.status}")
    known = [(stage, day) for stage, day in days.items() if day is not None]
    for (earlier, before), (later, day) in itertools.pairwise(known):
        if day < before:
            yield Remark("wrong", ("life", later), f"{day} lies before life.{earlier}, {before}")
    for stage in _STAGES[_STAGES.index(asset.status) + 1 :]:
        # A server in operation may have had its maintenance.
        reached = days[stage] is not None and days[stage] <= today
        if reached and (asset.status, stage) != ("in_operation", "maintenance"):
            yield Remark("wrong", ("life", stage), f"was on {days[stage]}, but the status is {asset.status}")


def _said(status: str) -> str:
    return {"in_operation": "in operation", "maintenance": "in maintenance"}.get(status, status)


_GRAVE: dict[str, Callable[[Asset], Any]] = {
    "owner": lambda asset: asset.owner,
    "administrator": lambda asset: asset.administrator,
    "category": lambda asset: asset.category,
}
_MINOR: dict[str, Callable[[Asset], Any]] = {
    "application": lambda asset: asset.application,
    "location": lambda asset: asset.location,
    "classification": lambda asset: asset.classification,
    "personal_data": lambda asset: asset.personal_data,
    "machine.kind": lambda asset: asset.machine.kind,
    "machine.model": lambda asset: asset.machine.model or asset.machine.kind != "physical",
    "machine.serial": lambda asset: asset.machine.serial or asset.machine.kind != "physical",
    "machine.host": lambda asset: asset.machine.host or asset.machine.kind not in ("virtual", "container"),
    "machine.cpus": lambda asset: asset.machine.cpus,
    "machine.memory": lambda asset: asset.machine.memory,
    "machine.disk": lambda asset: asset.machine.disk,
    "operating_system": lambda asset: asset.operating_system,
    "addresses": lambda asset: asset.addresses,
    "support": lambda asset: asset.support,
    "owner.nip": lambda asset: asset.owner is None or asset.owner.nip,
    "administrator.nip": lambda asset: asset.administrator is None or asset.administrator.nip,
}
_OF_DATABASE: dict[str, tuple[Grade, Callable[[Database], Any]]] = {
    "objectives.recovery_point": ("grave", lambda database: database.objectives.recovery_point),
    "objectives.recovery_time": ("grave", lambda database: database.objectives.recovery_time),
    "application": ("minor", lambda database: database.application),
    "size": ("minor", lambda database: database.size),
    "version": ("minor", lambda database: database.version or not database.instance),
}


def _lacking(asset: Asset) -> Iterator[Remark]:
    for grade, fields in (("grave", _GRAVE), ("minor", _MINOR)):
        for name, said in fields.items():
            if not said(asset):
                yield _lacks(grade, (), name)


def _lacking_of_database(database: Database, where: Location) -> Iterator[Remark]:
    for name, (grade, said) in _OF_DATABASE.items():
        if not said(database):
            yield _lacks(grade, where, name)


def _lacks(grade: str, where: Location, name: str) -> Remark:
    assert grade in GRADES
    return Remark(grade, (*where, *name.split(".")), "is missing", lacking=True)


def _support(asset: Asset, today: date) -> Iterator[Remark]:
    for number, support in enumerate(asset.support):
        where: Location = ("support", number, "until")
        if support.until < today:
            yield Remark("grave", where, f"the support of {support.what} ended on {support.until}")
        elif support.until < today + _SUPPORT_ENDS_SOON:
            yield Remark("minor", where, f"the support of {support.what} ends on {support.until}")
