# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A file that is read back from the disk while it is still being written, so that nobody waits for it at the end."""

from __future__ import annotations

import hashlib
import io
import os
import queue
import threading
from typing import IO, Any, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Stored
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK

_STEP = 64 << 20
"""Bytes that are brought to the disk and read back at once."""


class GrowingFile(io.RawIOBase):
    """Writes to `file`, which is new and empty, and measures what the disk gives back. Raises OSError."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._written = 0
        self._announced = 0
        self._measured = 0
        self._digest = hashlib.sha256()
        self._steps: queue.SimpleQueue[Optional[int]] = queue.SimpleQueue()
        self._reader: Optional[threading.Thread] = None
        self._error: Optional[Exception] = None
        self._stopped = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        count = self._file.write(data)
        self._written += count
        if self._written - self._announced >= _STEP:
            self._announce()
        return count

    def settle(self) -> Stored:
        """Make it durable, and say what the disk has of it. Raises OSError, Interrupted."""
        self._join()
        if self._error is not None:
            raise self._error
        os.fsync(self._file.fileno())
        self._read_back(None)
        return Stored(self._measured, self._digest.hexdigest())

    def close(self) -> None:
        if not self.closed:
            self._stopped = True
            self._join()
            self._file.close()
        super().close()

    def _announce(self) -> None:
        self._announced = self._written
        if self._reader is None:
            self._reader = threading.Thread(target=self._follow, daemon=True)
            self._reader.start()
        self._steps.put(self._written)

    def _join(self) -> None:
        if self._reader is not None:
            self._steps.put(None)
            self._reader.join()
            self._reader = None

    def _follow(self) -> None:
        try:
            while True:
                until = self._steps.get()
                if until is None:
                    return
                os.fdatasync(self._file.fileno())
                self._read_back(until)
        except Exception as error:
            self._error = error

    def _read_back(self, until: Optional[int]) -> None:
        """Measure from where it was measured so far, until that offset or the end."""
        fd = self._file.fileno()
        # So that what is read comes from the disk, not from memory.
        os.posix_fadvise(fd, self._measured, 0 if until is None else until - self._measured, os.POSIX_FADV_DONTNEED)
        while not self._stopped and (until is None or self._measured < until):
            chunk = os.pread(fd, CHUNK if until is None else min(CHUNK, until - self._measured), self._measured)
            if not chunk:
                return
            self._digest.update(chunk)
            self._measured += len(chunk)
            interruption.check()
