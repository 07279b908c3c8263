"""Drills as routine: which database's newest set is due for one, and the letters that ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cadangan.errors import BadInput
from cadangan.evidence.assets import restored_sets
from cadangan.evidence.catalogue import Catalogue, KeptSet
from cadangan.evidence.journal import Journal
from cadangan.evidence.proven import last_proven
from cadangan.register.asset import Asset
from cadangan.register.database import Database
from cadangan.register.letter_writing import Wording, compose
from cadangan.register.office import Office
from cadangan.register.protection import protections


@dataclass(frozen=True)
class Drillable:
    """A registered database, its newest set (None: there is none), and when a set of it was last proven to restore."""

    asset: Asset
    database: Database
    newest: KeptSet | None
    newest_is_proven: bool
    last_proven: str | None

    @property
    def is_due(self) -> bool:
        """Whether its newest set was never restored."""
        return self.newest is not None and not self.newest_is_proven


def drillables(office: Office, journal: Journal) -> list[Drillable]:
    """Every database of a server in operation; those never proven first, then those whose proof is oldest."""
    proven = last_proven(journal)
    rows = [
        Drillable(
            row.asset,
            row.database,
            row.newest,
            row.newest is not None and row.newest == row.newest_proven,
            proven.get(
                (row.database.agency, row.asset.host, row.database.engine, row.database.instance, row.database.name)
            ),
        )
        for row in protections(office.register, Catalogue(office.sets_dir), restored_sets(journal))
    ]
    return sorted(rows, key=lambda row: row.last_proven or "")


def drill_item(row: Drillable, host: Asset | None) -> dict[str, str] | None:
    """A letter's line for a drill of a database's newest set, beside that database or on the drill host `host`.

    None if there is no set, or that host takes none of this engine.
    """
    if row.newest is None:
        return None
    item = {"set": row.newest.id, "mode": "drill", "engine": row.database.engine}
    if host is None:
        where = {"asset": row.asset.host, "instance": row.database.instance, "database": row.database.name}
        return item | where
    place = host.drill_place(row.database.engine)
    if place is None:
        return None
    return item | {
        "asset": host.host,
        "instance": place.instance,
        "database": place.database_for(row.database.name),
    }


def drill_letter(
    office: Office, agency: str, items: list[dict[str, str]], wording: Wording, today: date
) -> dict[str, Any]:
    """The letter for one agency, as a file of it says it; `BadInput` if nobody may ask for it today."""
    return compose("restore", agency, _applicant(office, agency, today), items, wording, today)


def by_agency(rows: Iterable[Drillable]) -> dict[str, list[Drillable]]:
    """The databases of each agency, since a case concerns one agency."""
    grouped: dict[str, list[Drillable]] = {}
    for row in rows:
        grouped.setdefault(row.database.agency, []).append(row)
    return dict(sorted(grouped.items()))


def _applicant(office: Office, agency: str, today: date) -> str:
    for official in office.officials:
        for role in official.roles:
            if (role.role, role.agency) == ("opd", agency) and role.first_day <= today <= role.last_day:
                return official.id
    raise BadInput(
        f"nobody speaks for agency {agency} today: no official has the role opd for it",
        where="officials.yml",
        advice="Write down who does, or leave the agency out.",
    )
