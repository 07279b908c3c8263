"""Which backup sets of one database are kept, and which may go: pure, and on the safe side wherever it doubts.

Only proven sets count. The newest `last` of them are kept; and of the newest `daily` days that have a proven set the
newest one each, likewise for weeks, months and years, in the office's time zone; and never fewer than `minimum`.
An unproven set may go when a newer one is proven. What is held is kept, and so is a set whose time can not be
trusted: one from the future, or one that by its time is older than a set that the journal knew before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0, le=10_000)]

_PERIODS: dict[str, Callable[[datetime], tuple[int, ...]]] = {
    "daily": lambda at: (at.year, at.month, at.day),
    "weekly": lambda at: at.isocalendar()[:2],
    "monthly": lambda at: (at.year, at.month),
    "yearly": lambda at: (at.year,),
}


GROUNDS = {"no_rule": "no rule keeps it", "superseded": "unproven, and a newer one is proven"}
"""Why a set may go; documents have their own words for it."""


class Retention(BaseModel):
    """How many proven sets of a database are kept: the newest ones, one for each period, and at least so many."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    last: Count = 7
    """How many of the newest."""
    daily: Count = 14
    """Of how many days the newest one each."""
    weekly: Count = 8
    """Of how many weeks the newest one each."""
    monthly: Count = 12
    """Of how many months the newest one each."""
    yearly: Count = 5
    """Of how many years the newest one each."""
    minimum: Annotated[int, Field(ge=1, le=10_000)] = 3
    """How many remain at least."""


@dataclass(frozen=True)
class Candidate:
    """One set: `made_at` is when the journal learnt of it, `held` why nobody may dispose of it (or empty).

    One that is `gone` still tells in which order things happened.
    """

    set: str
    made_at: datetime
    proven: bool
    held: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Verdict:
    """Why a set is kept, with every reason; or on which of `GROUNDS` it may go, which is then the one reason."""

    set: str
    reasons: tuple[str, ...]
    ground: str = ""

    @property
    def kept(self) -> bool:
        return not self.ground


def decide(candidates: Iterable[Candidate], rule: Retention, zone: tzinfo, now: datetime) -> list[Verdict]:
    """A verdict on each set of one database that is there; `candidates` come in the journal's order, oldest first."""
    reasons: dict[str, list[str]] = {}
    latest: datetime | None = None
    sets, trusted = [], []
    for each in candidates:
        if not each.gone:
            sets.append(each)
        reasons[each.set] = [f"held: {each.held}"] if each.held else []
        if each.made_at > now:
            reasons[each.set].append("its time lies in the future")
        elif latest is not None and each.made_at < latest:
            reasons[each.set].append("its time contradicts the journal's order")
        else:
            latest = each.made_at
            if not each.gone:
                trusted.append(each)
    proven = [each for each in reversed(trusted) if each.proven]
    _keep(proven[: rule.last], reasons, f"one of the last {rule.last} proven")
    _keep(proven[: rule.minimum], reasons, f"one of the {rule.minimum} proven that must remain")
    for name, period_of in _PERIODS.items():
        newest = {period_of(each.made_at.astimezone(zone)): each for each in reversed(proven)}
        _keep(list(newest.values())[::-1][: getattr(rule, name)], reasons, name)
    newest_proven = sets.index(proven[0]) if proven else -1
    for number, each in enumerate(sets):
        if not each.proven and number > newest_proven:
            reasons[each.set].append("unproven, and none that is newer is proven")
    return [_verdict(each, reasons[each.set]) for each in sets]


def _keep(kept: list[Candidate], reasons: dict[str, list[str]], reason: str) -> None:
    for each in kept:
        reasons[each.set].append(reason)


def _verdict(candidate: Candidate, reasons: list[str]) -> Verdict:
    if reasons:
        return Verdict(candidate.set, tuple(reasons))
    ground = "no_rule" if candidate.proven else "superseded"
    return Verdict(candidate.set, (GROUNDS[ground],), ground)
