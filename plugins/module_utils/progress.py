# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a run is, in a small file that whoever watches may read. It holds no names and no data."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import Optional

SECONDS_BETWEEN_WRITES = 0.25


class Progress:
    """Writes {stage, bytes, started_at} to `path`, or nowhere if that is None. Several threads may use it.

    Progress is a courtesy: if the file can not be written, the work goes on.
    """

    def __init__(self, path: Optional[str]) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stage = ""
        self._bytes = 0
        self._started_at = ""
        self._written = float("-inf")

    def stage(self, name: str) -> None:
        """Begin the stage `name`, whose bytes are counted from 0."""
        with self._lock:
            self._stage = name
            self._bytes = 0
            self._started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            self._write()

    def add(self, count: int) -> None:
        """Count `count` more bytes of the current stage."""
        with self._lock:
            self._bytes += count
            if time.monotonic() - self._written >= SECONDS_BETWEEN_WRITES:
                self._write()

    def close(self) -> None:
        """Remove the file: the run has ended."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._path)

    def _write(self) -> None:
        self._written = time.monotonic()
        if self._path is None:
            return
        state = {"stage": self._stage, "bytes": self._bytes, "started_at": self._started_at}
        new = self._path + ".new"
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(self._path), mode=0o755, exist_ok=True)
            with open(new, "w", encoding="ascii") as file:
                os.fchmod(file.fileno(), 0o644)
                json.dump(state, file)
            os.replace(new, self._path)
