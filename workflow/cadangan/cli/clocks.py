"""The clocks of a case as `cadangan case show` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any

from cadangan.procedure import moment
from cadangan.procedure.clocks import StepClock
from cadangan.procedure.steps import MINUTES_OF_A_DAY

_STATES = {"done": "done", "under_way": "under way", "waiting": "waiting"}


def standard(minutes: int) -> str:
    """A standard time as people say it."""
    days, rest = divmod(minutes, MINUTES_OF_A_DAY)
    if not rest:
        return f"{days} working day" + ("s" if days > 1 else "")
    return worked(minutes * 60)


def worked(seconds: int) -> str:
    """`2 h 5 min`, `20 min`, `45 s`."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count)


def clock_rows(clocks: Iterable[StepClock]) -> list[dict[str, Any]]:
    """The clocks for machines: times in UTC, seconds of working time."""
    return [
        {
            "step": clock.step.no,
            "state": clock.state,
            "began": clock.began_at,
            "due": clock.due_at,
            "ended": clock.ended_at,
            "planned_seconds": clock.planned_seconds,
            "actual_seconds": clock.actual_seconds,
            "over_seconds": clock.over_seconds,
            "clock_set_back": clock.set_back,
        }
        for clock in clocks
    ]


def clock_lines(clocks: Iterable[StepClock], zone: tzinfo, unknown: Iterable[int]) -> Iterator[str]:
    """The clocks for people, in the office's time."""

    def local(time: str) -> str:
        return f"{moment.read(time).astimezone(zone):%Y-%m-%d %H:%M}"

    for clock in clocks:
        times = []
        if clock.began_at:
            times.append(f"from {local(clock.began_at)}")
        if clock.ended_at:
            times.append(f"ended {local(clock.ended_at)}")
        elif clock.due_at:
            times.append(f"due {local(clock.due_at)}")
        yield f"  {clock.step.no}  {_STATES[clock.state]:9}  {_measure(clock):48}  {', '.join(times)}".rstrip()
    for clock in clocks:
        if clock.set_back:
            yield f"  Step {clock.step.no}: a clock was set back; the time between two entries counts as none."
    for year in unknown:
        yield (
            f"  The collective leave of {year} is not known: neither it nor estimated holidays are taken off. "
            "Name them in holidays.yml."
        )


def _measure(clock: StepClock) -> str:
    if clock.step.limit_minutes is None:
        return "no standard"
    planned = standard(clock.step.limit_minutes)
    if clock.actual_seconds is None:
        return f"of {planned}"
    taken = f"{worked(clock.actual_seconds)} of {planned}"
    if clock.over_seconds:
        return f"{taken}, {worked(clock.over_seconds)} OVER"
    if clock.outside_hours:
        return f"{taken} (outside office hours)"
    return taken
