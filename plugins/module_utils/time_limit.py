# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Giving up on what does not answer."""

from __future__ import annotations

import contextlib
import signal
from typing import Any, Iterator


class TooSlow(Exception):
    """The time was up."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooSlow in what runs inside, once it has taken so long. Only in the main thread, and not nested."""

    def ring(*_event: Any) -> None:
        raise TooSlow

    former = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
