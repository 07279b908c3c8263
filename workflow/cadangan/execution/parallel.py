"""Doing the same with many things at once, and telling how far it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cadangan.evidence.verification import Progress

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")


def in_parallel(
    work: Callable[[Thing], Answer], things: Sequence[Thing], progress: Progress | None = None
) -> Iterator[tuple[Thing, Answer]]:
    """Each thing with what `work` makes of it, in their order; `work` runs in as many threads as there are processors.

    For work that waits for other programs. What it raises is raised here, and nothing more is begun.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        for count, (thing, answer) in enumerate(zip(things, pool.map(work, things), strict=True), start=1):
            if progress:
                progress(count)
            yield thing, answer
    finally:
        pool.shutdown(cancel_futures=True)
