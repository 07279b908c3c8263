# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Streams of bytes without a buffer: what they must be able to, and moving all of something through them."""

from __future__ import annotations

from typing import Any, Callable, Protocol

CHUNK = 1 << 20
"""Bytes moved at once."""


class Sink(Protocol):
    """Takes bytes, as many as it says."""

    def write(self, data: Any, /) -> int: ...


class Source(Protocol):
    """Gives bytes, at most as many as asked for, or all of them; none at its end."""

    def read(self, size: int = -1, /) -> bytes: ...

    def fileno(self) -> int: ...

    def __enter__(self) -> Any: ...

    def __exit__(self, *exc: Any) -> Any: ...


def write_whole(write: Callable[[memoryview], int], data: bytes) -> None:
    """Call `write`, which says how much it took, until it has taken all."""
    view = memoryview(data)
    while view:
        view = view[write(view) :]


def copy(source: Source, sink: Sink) -> None:
    """Move everything from one to the other."""
    while True:
        chunk = source.read(CHUNK)
        if not chunk:
            return
        write_whole(sink.write, chunk)
