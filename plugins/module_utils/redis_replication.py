# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One consistent dump of a running server: asking for it as a replica does, without becoming one.

The server forks, and its child writes an RDB of that very moment, while the server goes on. Unlike BGSAVE this leaves
no file with the server, and is the same with and without AOF.
"""

from __future__ import annotations

from typing import Dict, Iterator, List

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, RedisError, text

_MARK = b"$EOF:"


class Dump:
    """An RDB that the server is sending. `position` and `snapshot_at` are of the moment that it shows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # Without rdb-only the server would keep all later commands for us in its memory.
        connection.call("REPLCONF", "rdb-only", "1")
        connection.call("REPLCONF", "capa", "eof")
        connection.send(b"PSYNC ? -1\r\n")
        answer = text(connection.line())
        words = answer.split()
        if len(words) != 3 or words[0] != "+FULLRESYNC":
            raise RedisError("PSYNC", answer.lstrip("-"))
        self.snapshot_at = moment.now()
        self.position: List[Dict[str, str]] = [
            {"name": "replication id", "value": words[1]},
            {"name": "replication offset", "value": words[2]},
        ]

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the RDB; they end with an EngineError unless all of it came."""
        header = self._connection.line()
        if header.startswith(_MARK):
            return self._until(header[len(_MARK) :])
        if header.startswith(b"$"):
            return self._counted(int(header[1:]))
        raise RedisError("PSYNC", text(header).lstrip("-"))

    def _until(self, mark: bytes) -> Iterator[bytes]:
        """A dump whose length nobody knew when it began: it ends with `mark`, which was drawn at random."""
        kept = b""
        while True:
            kept += self._connection.some()
            if kept.endswith(mark):
                yield kept[: -len(mark)]
                return
            if len(kept) > len(mark):
                yield kept[: -len(mark)]
                kept = kept[-len(mark) :]

    def _counted(self, left: int) -> Iterator[bytes]:
        while left:
            chunk = self._connection.some()[:left]
            left -= len(chunk)
            yield chunk
