# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ending a run from outside: a signal, or a controller that is gone, until the point of no return."""

from __future__ import annotations

import select
import signal
import threading
from typing import Dict, Optional


class Interrupted(Exception):
    """The run was ended from outside; str() says how."""


_SIGNALS = {
    signal.SIGTERM: "the run was told to stop (SIGTERM)",
    signal.SIGINT: "the run was stopped by the operator (Ctrl-C)",
    signal.SIGHUP: "the connection of the run was closed (SIGHUP)",
}
_CONTROLLER_LOST = "the connection to the control host was lost"
_STDOUT = 1

_reason: Optional[str] = None


def happened() -> bool:
    """Whether the run was ended from outside."""
    return _reason is not None


def check() -> None:
    """Raise Interrupted if the run was ended from outside. Long work calls this several times a second."""
    if _reason is not None:
        raise Interrupted(_reason)


def end(reason: str) -> None:
    """Let `check` raise Interrupted from now on: for whoever has found out by other means than those of a Watch."""
    global _reason
    _reason = reason


class Watch:
    """While it is open, signals and a lost controller are noted for `check` instead of killing the process.

    After `no_return()` they are ignored: what was begun there must be finished.
    """

    def __init__(self) -> None:
        self._former: Dict[int, object] = {}
        self._deaf = False
        self._closed = threading.Event()

    def __enter__(self) -> Watch:
        global _reason
        _reason = None
        # Only the main thread may set handlers; elsewhere whoever owns the main thread watches.
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._former[number] = signal.signal(number, self._on_signal)
        threading.Thread(target=self._watch_controller, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closed.set()
        for number, handler in self._former.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self.no_return()

    def no_return(self) -> None:
        """From here on `check` never raises."""
        global _reason
        self._deaf = True
        _reason = None

    def _on_signal(self, number: int, frame: object) -> None:
        self._note(_SIGNALS[signal.Signals(number)])

    def _note(self, reason: str) -> None:
        global _reason
        if not self._deaf:
            _reason = reason

    def _watch_controller(self) -> None:
        """Ansible reads the module's standard output; when nobody does any more, the pipe reports it."""
        poll = select.poll()
        poll.register(_STDOUT, 0)
        while not self._closed.wait(0.5):
            if any(event & (select.POLLERR | select.POLLHUP) for _fd, event in poll.poll(0)):
                self._note(_CONTROLLER_LOST)
                return
