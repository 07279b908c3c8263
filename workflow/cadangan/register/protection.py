"""Which registered database is protected by what: its newest backup set, and whether that was proven to restore."""

from __future__ import annotations

from dataclasses import dataclass

from cadangan.evidence.catalogue import Catalogue, KeptSet
from cadangan.register.asset import Asset
from cadangan.register.database import Database
from cadangan.register.register import Register


@dataclass(frozen=True)
class Protection:
    """A registered database with its newest set, and the newest that was restored and compared; None without one."""

    asset: Asset
    database: Database
    newest: KeptSet | None
    newest_proven: KeptSet | None


def protections(register: Register, catalogue: Catalogue, restored: set[str]) -> list[Protection]:
    """One row for each database of a server in operation, in the order of the register.

    `restored` are the ids of sets that a restore or drill brought back since they were made.
    """
    sets: dict[tuple[str, ...], list[KeptSet]] = {}
    for kept in catalogue.sets():
        place = tuple(kept.manifest[key] for key in ("asset", "engine", "instance", "database"))
        sets.setdefault(place, []).append(kept)
    rows = []
    for asset in register.assets():
        if asset.status != "in_operation":
            continue
        for database in asset.databases:
            known = sets.get((asset.host, database.engine, database.instance, database.name), [])
            proven = [kept for kept in known if kept.manifest["drilled"] or kept.id in restored]
            rows.append(Protection(asset, database, _newest(known), _newest(proven)))
    return rows


def _newest(sets: list[KeptSet]) -> KeptSet | None:
    return max(sets, key=lambda kept: str(kept.manifest["snapshot_at"]), default=None)
