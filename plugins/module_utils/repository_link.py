# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The wire between a repository host and who reaches it, for both ends: messages, and streams of data.

A message is one object of canonical JSON in a line. A stream follows a message that announces it: pieces, each with its
length in four bytes before it, the highest first; a length of 0 ends it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import threading
import time
from typing import Any, Dict, Iterator, Optional, Union

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, interruption

PROTOCOL = 1
MESSAGE_LIMIT = 2 << 20
PIECE_LIMIT = 1 << 20

_MESSAGE_SECONDS = 60.0
_WORKING_SECONDS = 5.0
_ATTENTION_SECONDS = 0.2
_BUFFER = 1 << 16
_F_SETPIPE_SZ = 1031  # The fcntl module names it from Python 3.10 on.

Message = Dict[str, Any]


class LinkBroken(Exception):
    """The other end is gone, or is silent for too long; str() says which."""


class LinkAbused(Exception):
    """The other end sends what this wire does not carry; str() says what."""


class Link:
    """One end, which reads from the descriptor `incoming` and writes to `outgoing`.

    It waits for `silence` seconds for the other end to send or take anything, open to an interruption.
    """

    def __init__(self, incoming: int, outgoing: int, silence: float) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._silence = silence
        self._buffer = bytearray()
        self._left = 0
        for descriptor in (incoming, outgoing):
            os.set_blocking(descriptor, False)
            # Fewer, larger steps; a limit of the system on pipe sizes is no obstacle, nor that it is no pipe.
            with contextlib.suppress(OSError):
                fcntl.fcntl(descriptor, _F_SETPIPE_SZ, PIECE_LIMIT)

    def close(self) -> None:
        """Forget the descriptors, which are closed elsewhere: their numbers may soon mean something else."""
        self._incoming = self._outgoing = -1

    def send(self, message: Message) -> None:
        """Send a message. Raises LinkBroken, CanonicalError."""
        self._write(canonical.dumps(message, MESSAGE_LIMIT))

    def receive(self, first: Optional[float] = None) -> Optional[Message]:
        """The next message; None if the other end has closed the wire. Raises LinkBroken, LinkAbused.

        It must begin within `first` seconds (None: the silence that is allowed), and then be whole in a minute.
        """
        line = bytearray()
        deadline = time.monotonic() + (self._silence if first is None else first)
        while True:
            data = self._some(_BUFFER, deadline)
            if not data:
                if line:
                    raise LinkBroken("it ended in the middle of a message")
                return None
            if not line:
                deadline = time.monotonic() + _MESSAGE_SECONDS
            head, newline, rest = data.partition(b"\n")
            line += head + newline
            if len(line) > MESSAGE_LIMIT:
                raise LinkAbused(f"a message has more than {MESSAGE_LIMIT} bytes")
            if newline:
                self._buffer[:0] = rest
                return _parsed(bytes(line))

    def send_piece(self, data: memoryview) -> int:
        """Send the beginning of `data` as a piece of a stream; how many bytes of it. Raises LinkBroken."""
        piece = data[:PIECE_LIMIT]
        if piece:
            self._write(len(piece).to_bytes(4, "big"), piece)
        return len(piece)

    def end_data(self) -> None:
        """End the stream that is being sent. Raises LinkBroken."""
        self._write(bytes(4))

    def receive_data(self, most: int = PIECE_LIMIT) -> bytes:
        """The next bytes of a stream, at most so many; none at its end. Raises LinkBroken, LinkAbused."""
        if self._left == 0:
            length = int.from_bytes(self._exactly(4), "big")
            if length > PIECE_LIMIT:
                raise LinkAbused(f"a piece of data has {length} bytes, more than {PIECE_LIMIT}")
            if length == 0:
                return b""
            self._left = length
        data = self._some(min(most, self._left), time.monotonic() + self._silence)
        if not data:
            raise LinkBroken("it ended in the middle of data")
        self._left -= len(data)
        return data

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Say every few seconds that an answer is in the making; a lost other end interrupts the work."""
        done = threading.Event()

        def say() -> None:
            try:
                while not done.wait(_WORKING_SECONDS):
                    self.send({"op": "working"})
            except LinkBroken as error:
                interruption.end(str(error))
            except interruption.Interrupted:
                pass

        thread = threading.Thread(target=say, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _exactly(self, count: int) -> bytes:
        deadline = time.monotonic() + self._silence
        data = b""
        while len(data) < count:
            more = self._some(count - len(data), deadline)
            if not more:
                raise LinkBroken("it ended in the middle of data")
            data += more
        return data

    def _some(self, most: int, deadline: float) -> bytes:
        """Some bytes; none if the other end has closed the wire."""
        if self._buffer:
            data = bytes(self._buffer[:most])
            del self._buffer[:most]
            return data
        while True:
            try:
                return os.read(self._incoming, most)
            except BlockingIOError:
                self._wait(self._incoming, select.POLLIN, deadline)
            except OSError as error:
                raise LinkBroken(f"it can not be read ({error.strerror})") from error

    def _write(self, *buffers: Union[bytes, memoryview]) -> None:
        views = [memoryview(buffer) for buffer in buffers]
        while views:
            try:
                count = os.writev(self._outgoing, views)
            except BlockingIOError:
                self._wait(self._outgoing, select.POLLOUT, time.monotonic() + self._silence)
                continue
            except OSError as error:
                raise LinkBroken(f"it takes nothing more ({error.strerror})") from error
            while views and count >= len(views[0]):
                count -= len(views.pop(0))
            if views:
                views[0] = views[0][count:]

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        while True:
            interruption.check()
            if time.monotonic() > deadline:
                raise LinkBroken("it is silent")
            if poll.poll(int(_ATTENTION_SECONDS * 1000)):
                return


def _parsed(line: bytes) -> Message:
    try:
        return canonical.loads(line, MESSAGE_LIMIT)
    except canonical.CanonicalError as error:
        raise LinkAbused(f"what should be a message is not canonical JSON: {error}") from error
