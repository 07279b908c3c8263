"""The clocks of a case by the hours and holidays of its office."""

from __future__ import annotations

from collections.abc import Iterable

from cadangan.procedure import moment
from cadangan.procedure.case import Case
from cadangan.procedure.clocks import StepClock, step_clocks
from cadangan.register.office import Office


def case_clocks(office: Office, case: Case, now: str) -> tuple[StepClock, ...]:
    """The clock of each step at the time `now`; `BadInput` if the office's `holidays.yml` is wrong."""
    return step_clocks(case, office.working_time, now)


def unknown_years(office: Office, clocks: Iterable[StepClock], now: str) -> list[int]:
    """The years in which these clocks ran without the program knowing all holidays."""
    times = set[str | None]()
    for clock in clocks:
        times |= {clock.began_at, clock.due_at, clock.ended_at}
        if clock.state == "under_way":
            times.add(now)
    years = [moment.read(time).astimezone(office.zone).year for time in times if time]
    return office.holidays.unknown(min(years), max(years)) if years else []
