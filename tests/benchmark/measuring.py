"""Taking times and printing them beside those of a peer, measured in the same run on the same machine."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """Seconds that something took, and that its peer took: what the least possible amount of work costs."""

    what: str
    seconds: float
    peer: str
    peer_seconds: float


def seconds_of(action: Callable[[], object], times: int = 1) -> float:
    """The median of how long `action` takes."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def seconds_of_command(argv: list[str], times: int = 1) -> float:
    """The median of how long a program takes; it must succeed."""
    return seconds_of(lambda: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL), times)


def print_table(title: str, measures: Iterable[Measure]) -> None:
    print(f"\n{title}\n{'':44} {'seconds':>8}   {'peer':40} {'seconds':>8} {'ratio':>7}")
    for measure in measures:
        ratio = measure.seconds / measure.peer_seconds
        print(
            f"{measure.what:44} {measure.seconds:8.3f}   {measure.peer:40} {measure.peer_seconds:8.3f} {ratio:7.1f}",
            flush=True,
        )
