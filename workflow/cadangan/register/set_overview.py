"""How each database stands: its sets, the newest and the newest proven one, beside what its agency was promised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.journal import Reader
from cadangan.evidence.set_history import Place, SetRecord, set_records
from cadangan.procedure import moment
from cadangan.register.database import Objectives
from cadangan.register.office import Office
from cadangan.register.register import Register


@dataclass(frozen=True)
class DatabaseSets:
    """One database with the sets of it that are not disposed of, the newest first.

    `registered`: it is on a server in operation. Only then its objectives count.
    """

    place: Place
    registered: bool
    objectives: Objectives
    sets: tuple[SetRecord, ...]

    @property
    def newest(self) -> SetRecord | None:
        return self.sets[0] if self.sets else None

    @property
    def newest_proven(self) -> SetRecord | None:
        return next((record for record in self.sets if record.proven), None)

    @property
    def last_proven(self) -> str | None:
        """When a set of it was last restored and found equal; None if never."""
        return max((record.proven_at for record in self.sets if record.proven), default=None)

    @property
    def is_due_for_drill(self) -> bool:
        """Whether its newest set was never restored."""
        return self.newest is not None and not self.newest.proven

    @property
    def restore_seconds(self) -> int | None:
        """How long the newest restore or drill of it took."""
        restored = [record for record in self.sets if record.restore_seconds is not None]
        return max(restored, key=lambda record: record.proven_at).restore_seconds if restored else None

    @property
    def growth(self) -> int | None:
        """By how many bytes the newest set is larger than the one before; None if there are not two."""
        return self.sets[0].bytes - self.sets[1].bytes if len(self.sets) > 1 else None

    def age(self, now: datetime) -> timedelta | None:
        """How old the data in the newest set is; None without a set."""
        return now - moment.read(self.newest.snapshot_at) if self.newest else None

    def is_late(self, now: datetime) -> bool:
        """Whether more would be lost now than its recovery point objective allows."""
        age, allowed = self.age(now), self.objectives.recovery_point
        return allowed is not None and (age is None or age > allowed)

    @property
    def is_slow(self) -> bool:
        """Whether the newest restore took longer than its recovery time objective allows."""
        took, allowed = self.restore_seconds, self.objectives.recovery_time
        return took is not None and allowed is not None and timedelta(seconds=took) > allowed


def overview(register: Register, records: Iterable[SetRecord]) -> list[DatabaseSets]:
    """Every registered database in operation, and every other one of which there are sets, by agency and server."""
    sets: dict[Place, list[SetRecord]] = defaultdict(list)
    for record in records:
        if not record.disposed_in:
            sets[record.place].append(record)
    promised = {
        Place(each.agency, asset.host, each.engine, each.instance, each.name): each.objectives
        for asset in register.assets()
        if asset.status == "in_operation"
        for each in asset.databases
    }
    return [
        DatabaseSets(
            place,
            place in promised,
            promised.get(place, Objectives()),
            tuple(sorted(sets[place], key=lambda record: record.snapshot_at, reverse=True)),
        )
        for place in sorted({*promised, *sets})
    ]


def registered_databases(office: Office, journal: Reader) -> list[DatabaseSets]:
    """Every database of a server in operation, with what journal and catalogue know of its sets."""
    records = set_records(journal, Catalogue(office.sets_dir))
    return [row for row in overview(office.register, records.values()) if row.registered]
