"""Drills as routine: which database's newest set is due for one, and the letters that ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from cadangan.errors import BadInput
from cadangan.evidence.journal import Reader
from cadangan.register.asset import Asset
from cadangan.register.letter_writing import Wording, compose
from cadangan.register.office import Office
from cadangan.register.set_overview import DatabaseSets, registered_databases


def drillables(office: Office, journal: Reader) -> list[DatabaseSets]:
    """Every database of a server in operation; those never proven first, then those whose proof is oldest."""
    return sorted(registered_databases(office, journal), key=lambda row: row.last_proven or "")


def drill_item(row: DatabaseSets, host: Asset | None) -> dict[str, str] | None:
    """A letter's line for a drill of a database's newest set, beside that database or on the drill host `host`.

    None if there is no set, or that host takes none of this engine.
    """
    if row.newest is None:
        return None
    place = row.place
    item = {"set": row.newest.id, "mode": "drill", "engine": place.engine}
    if host is None:
        return item | {"asset": place.asset, "instance": place.instance, "database": place.database}
    taker = host.drill_place(place.engine)
    if taker is None:
        return None
    return item | {
        "asset": host.host,
        "instance": taker.instance,
        "database": taker.database_for(place.database),
    }


def drill_letter(
    office: Office, agency: str, items: list[dict[str, str]], wording: Wording, today: date
) -> dict[str, Any]:
    """The letter for one agency, as a file of it says it; `BadInput` if nobody may ask for it today."""
    return compose("restore", agency, _applicant(office, agency, today), items, wording, today)


def by_agency(rows: Iterable[DatabaseSets]) -> dict[str, list[DatabaseSets]]:
    """The databases of each agency, since a case concerns one agency."""
    grouped: dict[str, list[DatabaseSets]] = {}
    for row in rows:
        grouped.setdefault(row.place.agency, []).append(row)
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
