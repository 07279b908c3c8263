# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A repository that another host keeps, reached by SSH: as an asset that sends its sets, or as the operator."""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_host, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    NewSet,
    Receipt,
    Repository,
    RepositoryError,
    RepositoryLost,
    Stored,
    StoredSet,
    folder_names,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_connection import Connection, Contact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_link import PIECE_LIMIT
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import Sink, Source, copy

_PUBLISH_SECONDS = 120.0
_LIST_LIMIT = 64 << 20
_STORED = {"bytes": shape.COUNT, "sha256": shape.DIGEST}
_RECEIPT = {
    "type": shape.constant("receipt"),
    "repository": shape.NAME,
    "set": shape.LINE,
    "manifest": shape.DIGEST,
    "bytes": shape.COUNT,
    "received_at": shape.TIME,
    "by": shape.NAME,
}


@dataclass(frozen=True)
class Fetch:
    """What lets a server read a set: permit and order in base64, and the id of the work item."""

    permit: str
    order: str
    item: str


class SshRepository(Repository):
    """The repository of the host that `contact` tells of, reached with the private key in `key_file`.

    Which role that key has is for the host to say: a sender reads by `fetch` only, the operator needs none.
    It may be used by several threads.
    """

    def __init__(self, contact: Contact, key_file: str, fetch: Optional[Fetch] = None) -> None:
        self.name = f"{repository_host.SCHEME}{contact['asset']}"
        self._contact = contact
        self._key_file = key_file
        self._fetch = fetch
        self._idle: List[Connection] = []

    @property
    def fetches(self) -> bool:
        """Whether it reads only what a permit names."""
        return self._fetch is not None

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def check(self) -> None:
        self.give_back(self.take())

    def room(self) -> int:
        connection = self.take()
        self.give_back(connection)
        left = connection.greeting["quota_left"]
        free: int = connection.greeting["free"]
        return free if left is None else min(free, left)

    def begin(self, set_id: str) -> SshNewSet:
        folder_names(set_id)
        return SshNewSet(self, set_id)

    def find(self, set_id: str) -> SshSet:
        folder_names(set_id)
        found = SshSet(self, set_id)
        found.names()
        return found

    def sets(self) -> List[str]:
        ids = self._lines("listing sets", {"op": "list"})
        for set_id in ids:
            folder_names(set_id)
        return sorted(ids)

    def sweep(self, agency: str, asset: str) -> List[str]:
        # The host does it by itself whenever the asset begins a set.
        return []

    def add_key(self, set_id: str, name: str, key_age: bytes) -> None:
        message = {"op": "add_key", "set": set_id, "name": name}
        self._send("adding a key", message, io.BytesIO(key_age), {})

    def put_evidence(self, name: str, source: Source) -> Stored:
        message = {"op": "put_evidence", "name": name}
        return _stored(self._send("sending evidence", message, source, _STORED))

    def evidence(self) -> List[str]:
        return sorted(self._lines("listing evidence", {"op": "list_evidence"}))

    def open_evidence(self, name: str) -> Tuple[Source, int]:
        return self.open("reading evidence", {"op": "get_evidence", "name": name})

    def connect(self) -> Connection:
        """A new connection that may do what this repository is for."""
        connection = Connection(self._contact, self._key_file)
        if self._fetch is not None:
            try:
                connection.ask("showing the permit", {"op": "fetch", **vars(self._fetch)}, {})
            except BaseException:
                connection.close()
                raise
        return connection

    def take(self) -> Connection:
        """A connection on which nothing is under way."""
        try:
            return self._idle.pop()
        except IndexError:
            return self.connect()

    def give_back(self, connection: Connection) -> None:
        """Let others have a connection on which nothing is under way any more."""
        self._idle.append(connection)

    def ask(self, doing: str, message: Dict[str, Any], answer: Dict[str, Any]) -> Dict[str, Any]:
        """One request that no data follows."""
        connection, found = self.ask_first(doing, message, answer)
        self.give_back(connection)
        return found

    def ask_first(
        self, doing: str, message: Dict[str, Any], answer: Dict[str, Any]
    ) -> Tuple[Connection, Dict[str, Any]]:
        """A request, and the connection on which it was answered, for what follows."""
        idle = bool(self._idle)
        connection = self.take()
        try:
            return connection, connection.ask(doing, message, answer)
        except RepositoryLost:
            connection.close()
            if idle:
                # It had been unused for a while: the host may have been started again since.
                self.close()
                return self.ask_first(doing, message, answer)
            raise
        except (RepositoryError, FileNotFoundError):
            if connection.is_in_step:
                self.give_back(connection)
            else:
                connection.close()
            raise
        except BaseException:
            connection.close()
            raise

    def open(self, doing: str, message: Dict[str, Any]) -> Tuple[Source, int]:
        """The data that the host answers with, and its size."""
        connection, found = self.ask_first(doing, message, {"bytes": shape.COUNT})
        return _Source(self, connection, doing, found["bytes"]), found["bytes"]

    def _send(self, doing: str, message: Dict[str, Any], source: Source, answer: Dict[str, Any]) -> Dict[str, Any]:
        connection = self.connect()
        try:
            sink = _Sink(connection, doing, message)
            copy(source, sink)
            return sink.end(answer)
        finally:
            connection.close()

    def _lines(self, doing: str, message: Dict[str, Any]) -> List[str]:
        source, size = self.open(doing, message)
        with source:
            if size > _LIST_LIMIT:
                raise RepositoryError(f"The list of {self.name} has {size} bytes, more than {_LIST_LIMIT}")
            return source.read().decode("ascii", "replace").splitlines()


class SshNewSet(NewSet):
    """A set that is being sent, on one connection until it is published."""

    def __init__(self, repository: SshRepository, set_id: str) -> None:
        self._repository = repository
        self._id = set_id
        self._sinks: Dict[str, _Sink] = {}
        self._connection, dummy = repository.ask_first("beginning a set", {"op": "begin", "set": set_id}, {})

    def __exit__(self, *exc: object) -> None:
        self._connection.close()

    def create(self, name: str) -> Sink:
        self._sinks[name] = _Sink(self._connection, f"sending {name}", {"op": "put", "name": name})
        return self._sinks[name]

    def stored(self, name: str) -> Stored:
        return _stored(self._sinks.pop(name).end(_STORED))

    def publish(self, manifest: str) -> Receipt:
        """As NewSet says; when the connection is lost it is made again, for two minutes, and asked again."""
        deadline = time.monotonic() + _PUBLISH_SECONDS
        pause = 1.0
        while True:
            try:
                return self._ask_publish(manifest)
            except RepositoryLost as lost:
                if time.monotonic() + pause > deadline:
                    raise RepositoryLost(
                        f"{lost.message}. Whether {self._id} was published there is not known",
                        "Look at: cadangan set list. If it is not there, have the agency agree to a new schedule.",
                    ) from lost
            time.sleep(pause)
            pause = min(2 * pause, 15.0)
            self._connection.close()
            with contextlib.suppress(RepositoryLost):
                self._connection = self._repository.connect()

    def _ask_publish(self, manifest: str) -> Receipt:
        doing = "publishing a set"
        message = {"op": "publish", "set": self._id, "manifest": manifest}
        receipt: Receipt = self._connection.ask(doing, message, {"receipt": _RECEIPT})["receipt"]
        if (receipt["set"], receipt["manifest"]) != (self._id, manifest):
            raise self._connection.abused(doing, f"its receipt is for {receipt['set']!a}")
        return receipt


class SshSet(StoredSet):
    """A published set on a repository host."""

    def __init__(self, repository: SshRepository, set_id: str) -> None:
        self.place = f"{repository.name}/{set_id}"
        self._repository = repository
        self._id = set_id

    def names(self) -> List[str]:
        answer = {"names": [shape.LINE]}
        return sorted(self._repository.ask("looking at a set", self._about("names"), answer)["names"])

    def open(self, name: str) -> Tuple[Source, int]:
        return self._repository.open(f"reading {name}", {**self._about("get"), "name": name})

    def measure(self, name: str) -> Stored:
        message = {**self._about("measure"), "name": name}
        return _stored(self._repository.ask(f"measuring {name}", message, _STORED))

    def _about(self, request: str) -> Dict[str, Any]:
        # A sender may read one set only, which the permit names.
        return {"op": request} if self._repository.fetches else {"op": request, "set": self._id}


class _Sink(io.RawIOBase):
    """Takes the data of a request that announces it."""

    def __init__(self, connection: Connection, doing: str, message: Dict[str, Any]) -> None:
        super().__init__()
        self._connection = connection
        self._doing = doing
        connection.tell(doing, message)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        with self._connection.watched(self._doing):
            return self._connection.link.send_piece(memoryview(data))

    def end(self, answer: Dict[str, Any]) -> Dict[str, Any]:
        """End the data, and give the answer."""
        with self._connection.watched(self._doing):
            self._connection.link.end_data()
        return self._connection.answer(self._doing, answer)


class _Source(io.RawIOBase):
    """The data that a repository host sends, which must be as much as it said."""

    def __init__(self, repository: SshRepository, connection: Connection, doing: str, size: int) -> None:
        super().__init__()
        self._repository = repository
        self._connection = connection
        self._doing = doing
        self._left = size
        self._ended = False
        self._given_up = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return self.readall()
        if self._ended or size == 0:
            return b""
        with self._connection.watched(self._doing):
            data = self._connection.link.receive_data(min(size, PIECE_LIMIT))
        self._left -= len(data)
        if self._left < 0 or (not data and self._left > 0):
            raise self._connection.abused(self._doing, "it sends more or less than it said")
        self._ended = not data
        return data

    def close(self) -> None:
        super().close()
        if self._given_up:
            return
        self._given_up = True
        if self._ended:
            self._repository.give_back(self._connection)
        else:
            self._connection.close()


def _stored(answer: Dict[str, Any]) -> Stored:
    return Stored(answer["bytes"], answer["sha256"])
