"""How well the steps of many cases kept their standard times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from cadangan.procedure.clocks import StepClock
from cadangan.procedure.steps import Step, procedure


@dataclass(frozen=True)
class TimedCase:
    """A case with the clocks of all its steps, in their order."""

    id: str
    agency: str
    clocks: tuple[StepClock, ...]


@dataclass(frozen=True)
class StepService:
    """One step in many cases: how many of them count, and how many of those were within the standard.

    Seconds are working time; those and `worst_case` are None where nothing counts.
    """

    step: Step
    counted: int
    within: int
    median_seconds: int | None
    worst_seconds: int | None
    worst_case: str | None

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nothing counts."""
        return self.within / self.counted if self.counted else None


def measure(cases: Sequence[TimedCase]) -> tuple[StepService, ...]:
    """Each step that has a standard time. What is done counts, and what is not but is over its standard already."""
    return tuple(_measure(step, cases) for step in procedure().steps if step.limit_minutes is not None)


def _measure(step: Step, cases: Sequence[TimedCase]) -> StepService:
    timed = [(case.id, case.clocks[step.no - 1]) for case in cases]
    taken = {
        case: clock.actual_seconds
        for case, clock in timed
        if clock.actual_seconds is not None and (clock.state == "done" or clock.over_seconds)
    }
    if not taken:
        return StepService(step, 0, 0, None, None, None)
    worst = max(taken, key=lambda case: taken[case])
    late = sum(1 for _, clock in timed if clock.over_seconds)
    return StepService(
        step=step,
        counted=len(taken),
        within=len(taken) - late,
        median_seconds=int(median(taken.values())),
        worst_seconds=taken[worst],
        worst_case=worst,
    )
