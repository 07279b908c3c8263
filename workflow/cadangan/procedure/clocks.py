"""The clocks of a case: when each step could begin, when it ended, and how much working time it took against its limit.

The time between two acts counts against the step of the later one: the former was what it waited for. So what was sent
back is the time of those who mend it. Once a schedule is agreed, time counts against the execution, and not before the
window begins. A step that is taken again goes on from the time that it took before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from cadangan.procedure import moment
from cadangan.procedure.case import Case, Passed
from cadangan.procedure.steps import MINUTES_OF_A_DAY, Step, procedure
from cadangan.procedure.working_time import WorkingTime

State = Literal["done", "under_way", "waiting"]


@dataclass(frozen=True)
class StepClock:
    """The clock of one step; `waiting` is one whose turn has not come, or not come again.

    Times are UTC text, seconds are working time. `began_at` is when the step could begin first, `due_at` when its
    limit is or was used up. What is not known yet, or has no limit, is None. `set_back`: an entry of the journal is
    older than the one before it, so a clock was wrong, and the time between the two counts as none.
    """

    step: Step
    state: State
    began_at: str | None
    due_at: str | None
    ended_at: str | None
    planned_seconds: int | None
    actual_seconds: int | None
    set_back: bool

    @property
    def over_seconds(self) -> int:
        """By how much the step took longer than its limit so far."""
        if self.planned_seconds is None or self.actual_seconds is None:
            return 0
        return max(0, self.actual_seconds - self.planned_seconds)

    @property
    def outside_hours(self) -> bool:
        """Whether the step ended, and all of the time that it took lay outside the office's hours."""
        return bool(self.actual_seconds == 0 and not self.set_back and self.ended_at and self.began_at != self.ended_at)


@dataclass(frozen=True)
class _Stretch:
    """A time for which a step could be worked on; `end` lies before `start` while a window is still ahead."""

    step: int
    start: datetime
    end: datetime
    set_back: bool


def step_clocks(case: Case, working: WorkingTime, now: str) -> tuple[StepClock, ...]:
    """The clock of each step of the procedure at the time `now`, in their order."""
    stretches = list(_stretches(case, now))
    return tuple(_clock(case, step, stretches, working, moment.read(now)) for step in procedure().steps)


def _current(case: Case) -> int | None:
    """The number of the step that the last act led to; None if it ended the case."""
    last = case.passed[-1]
    leads = last.act.leads[last.verdict]
    return procedure().acts[leads[0]].step if leads else None


def _stretches(case: Case, now: str) -> Iterator[_Stretch]:
    for before, after in pairwise(case.passed):
        stretch = _stretch(before, after.entered_at, after.act.step)
        # A window that was given up before it began opened nothing.
        if stretch.start <= stretch.end or stretch.set_back:
            yield stretch
    current = _current(case)
    if current is not None and not case.withdrawn:
        yield _stretch(case.passed[-1], now, current)


def _stretch(before: Passed, until: str, step: int) -> _Stretch:
    start, end = moment.read(before.entered_at), moment.read(until)
    set_back = end < start
    if before.window:
        step = procedure().acts["execute"].step
        start = max(start, moment.read(before.window["from"]))
    return _Stretch(step, start, end, set_back)


def _clock(case: Case, step: Step, all_stretches: list[_Stretch], working: WorkingTime, now: datetime) -> StepClock:
    stretches = [stretch for stretch in all_stretches if stretch.step == step.no]
    passed = [each for each in case.passed if each.act.step == step.no]
    state = _state(case, step, bool(passed), now, stretches)
    planned = None if step.limit_minutes is None else _limit(step.limit_minutes, working)
    worked = sum((working.between(stretch.start, stretch.end) for stretch in stretches), timedelta())
    due = _due(stretches, planned, working) if stretches and planned is not None else None
    return StepClock(
        step=step,
        state=state,
        began_at=moment.stamp(stretches[0].start) if stretches else None,
        due_at=moment.stamp(due) if due else None,
        ended_at=passed[-1].entered_at if state == "done" else None,
        planned_seconds=None if planned is None else _seconds(planned),
        actual_seconds=_seconds(worked) if stretches else None,
        set_back=any(stretch.set_back for stretch in stretches),
    )


def _state(case: Case, step: Step, passed: bool, now: datetime, stretches: list[_Stretch]) -> State:
    current = _current(case)
    if passed and (current is None or current > step.no):
        return "done"
    if current != step.no or case.withdrawn:
        return "waiting"
    return "under_way" if stretches[-1].start <= now or stretches[-1].set_back else "waiting"


def _limit(minutes: int, working: WorkingTime) -> timedelta:
    """The working time that a step's `limit_minutes` stand for in this office."""
    days, rest = divmod(minutes, MINUTES_OF_A_DAY)
    return timedelta(minutes=minutes) if rest else days * working.hours.working_day


def _due(stretches: list[_Stretch], planned: timedelta, working: WorkingTime) -> datetime:
    """When the limit was used up, or will be if the last stretch goes on."""
    left = planned
    for stretch in stretches[:-1]:
        worked = working.between(stretch.start, stretch.end)
        if worked >= left:
            return working.after(stretch.start, left)
        left -= worked
    return working.after(stretches[-1].start, left)


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())
