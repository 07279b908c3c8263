# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Giving from a repository host: one set for a permit, or what the operator asks for, who may also add to it."""

from __future__ import annotations

import io
import sys
from typing import Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import gate, moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_keeper import Keeper
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_link import (
    PIECE_LIMIT,
    Link,
    LinkBroken,
    Message,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_receive import sweep_all
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import Source, write_whole

_KEY_LIMIT = 1 << 20
_MISSING = {"op": "missing"}


class Reader:
    """What one session reads. Every method raises Refused, EngineError or OSError when the answer is no."""

    def __init__(self, keeper: Keeper, link: Link) -> None:
        self._keeper = keeper
        self._link = link

    def names(self, message: Message) -> Message:
        """The files of a set."""
        return {"names": self._keeper.repository.find(self._set(message)).names()}

    def get(self, message: Message) -> Optional[Message]:
        """A file of a set."""
        try:
            file, size = self._keeper.repository.find(self._set(message)).open(message["name"])
        except FileNotFoundError:
            return _MISSING
        send_file(self._link, file, size)
        return None

    def measure(self, message: Message) -> Message:
        """What the disk has of a file of a set."""
        found = self._keeper.repository.find(self._set(message))
        try:
            with self._link.working():
                return vars(found.measure(message["name"]))
        except FileNotFoundError:
            return _MISSING

    def _set(self, message: Message) -> str:
        set_id: str = message["set"]
        return set_id


class PermittedReader(Reader):
    """For the sender `asset`: the one set that a permit and its order let this server be restored from."""

    def __init__(self, keeper: Keeper, asset: str, link: Link) -> None:
        super().__init__(keeper, link)
        self._asset = asset
        self._permitted: Optional[str] = None

    def fetch(self, message: Message) -> Message:
        """Let the set be read that a permit names, if it and its order hold now, by this host's own trust."""
        now = moment.now()
        dummy, permit = gate.known_permit(message["permit"], now)
        gate.read_order(message["order"], permit, now, message["item"])
        item = permit.item(message["item"])
        if item["asset"] != self._asset or "set" not in item:
            raise Refused(
                f"Work item {item['id']} lets {self._asset} read no set.",
                "A server reads the set that it is to be restored from.",
            )
        if BackupSet(self._keeper.repository.find(item["set"])).digest != item["manifest"]:
            raise Refused(f"{item['set']} is not the set that was decided on.", "A permit names a manifest.")
        self._permitted = item["set"]
        return {}

    def _set(self, message: Message) -> str:
        if self._permitted is None:
            raise Refused("No set was permitted.", "A server reads a set only by permit and order.")
        return self._permitted


class Operator(Reader):
    """What the office's control host may besides: list, and add without replacing anything."""

    def list(self, message: Message) -> None:
        """The ids of all sets, one a line; what was left of others is swept on this occasion."""
        with self._link.working():
            sweep_all(self._keeper)
            text = "\n".join(self._keeper.repository.sets()).encode("ascii")
        send_file(self._link, io.BytesIO(text), len(text))

    def add_key(self, message: Message) -> Message:
        """A wrapped key more of a set."""
        source = _Source(self._link, self._keeper)
        data = b""
        while True:
            more = source.read(PIECE_LIMIT)
            data += more
            if len(data) > _KEY_LIMIT:
                raise Refused(f"{message['name']!a} has more than {_KEY_LIMIT} bytes.", "A wrapped key is small.")
            if not more:
                break
        self._keeper.repository.add_key(message["set"], message["name"], data)
        return {}

    def put_evidence(self, message: Message) -> Message:
        """A piece of evidence."""
        return vars(self._keeper.repository.put_evidence(message["name"], _Source(self._link, self._keeper)))

    def list_evidence(self, message: Message) -> None:
        """The names of all evidence, one a line."""
        text = "\n".join(self._keeper.repository.evidence()).encode("ascii")
        send_file(self._link, io.BytesIO(text), len(text))

    def get_evidence(self, message: Message) -> None:
        """A piece of evidence."""
        send_file(self._link, *self._keeper.repository.open_evidence(message["name"]))


class _Source(io.RawIOBase):
    """A stream that is being received, as a file; the disk's reserve stays free."""

    def __init__(self, link: Link, keeper: Keeper) -> None:
        super().__init__()
        self._link = link
        self._keeper = keeper

    def read(self, size: int = -1) -> bytes:
        self._keeper.check_reserve()
        return self._link.receive_data(PIECE_LIMIT if size < 0 else size)


def send_file(link: Link, file: Source, size: int) -> None:
    """Announce the file and send it. Raises LinkBroken if it turns out not to be readable: the other end sees that."""
    with file:
        link.send({"op": "ok", "bytes": size})
        while True:
            try:
                data = file.read(PIECE_LIMIT)
            except OSError as error:
                sys.stderr.write(f"a file can not be read: {error.strerror}\n")
                raise LinkBroken("a file can not be read") from error
            if not data:
                break
            write_whole(link.send_piece, data)
        link.end_data()
