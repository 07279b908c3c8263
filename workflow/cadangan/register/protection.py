"""What is unprotected: each database of a server in operation, and what is wrong with its backups, proof and review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cadangan.evidence.journal import Reader
from cadangan.evidence.reviews import last_reviews
from cadangan.procedure.review import due_day
from cadangan.register.office import Office
from cadangan.register.set_overview import DatabaseSets, registered_databases

STATES = ("no_backup", "unproven", "late", "slow", "overdue", "good")
"""Worst first: no backup; none that was ever restored; the newest older than its objective; the last restore longer
than its objective; the server's review overdue, as it is when there never was one; nothing wrong."""


@dataclass(frozen=True)
class Protection:
    """How one database stands at the time `now`; `review_due` is the last day for its server's next review."""

    sets: DatabaseSets
    review_due: date | None
    today: date
    now: datetime

    @property
    def problems(self) -> tuple[str, ...]:
        """Which of `STATES` are true of it, worst first; empty if nothing is wrong."""
        wrong = {
            "no_backup": self.sets.newest is None,
            "unproven": self.sets.newest is not None and self.sets.newest_proven is None,
            "late": self.sets.newest is not None and self.sets.is_late(self.now),
            "slow": self.sets.is_slow,
            "overdue": self.review_due is None or self.review_due < self.today,
        }
        return tuple(name for name, is_so in wrong.items() if is_so)

    @property
    def state(self) -> str:
        """The worst of its problems, or `good`."""
        return self.problems[0] if self.problems else "good"

    @property
    def days_to_review(self) -> int | None:
        """Days that are left for its server's next review, less than none when it is overdue; None: never reviewed."""
        return None if self.review_due is None else (self.review_due - self.today).days


def protections(office: Office, journal: Reader, now: datetime) -> list[Protection]:
    """Every database of a server in operation, the worst first."""
    closed = last_reviews(journal)
    today = now.astimezone(office.zone).date()
    rows = [
        Protection(sets, due_day(closed.get(sets.place.asset), office.zone), today, now)
        for sets in registered_databases(office, journal)
    ]
    return sorted(rows, key=_how_bad)


def _how_bad(row: Protection) -> tuple[int, str, int, tuple[str, ...]]:
    newest = row.sets.newest
    days = -1 if row.days_to_review is None else row.days_to_review
    return STATES.index(row.state), newest.snapshot_at if newest else "", days, row.sets.place
