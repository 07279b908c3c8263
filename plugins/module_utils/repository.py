# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of a place where backup sets are kept, and how sets are named in it.

A set that is listed is whole, since it gets its name last.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple
from urllib.parse import quote

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import Sink, Source

PARTIAL = ".partial"
RECEIPT = "receipt.json"
"""The file of a set that a repository host adds to it."""

DEPTH = 5
"""Folders from the repository to a set: agency, asset, engine, database, and the set's own."""

_KEY_AGAIN = re.compile(r"key-[0-9]{8}T[0-9]{6}Z\.age")
_NAME_LIMIT = 255 - len(PARTIAL)


class RepositoryError(EngineError):
    """The repository does not take or give the data. Raised in mid-stream it is the cause of all that fails then."""


class RepositoryLost(RepositoryError):
    """The repository can not be reached, or was lost on the way: it may be there again in a while."""


@dataclass(frozen=True)
class Stored:
    """What the repository has of one file, as its own disk gives it back: size in bytes, and SHA-256."""

    bytes: int
    sha256: str


Receipt = Dict[str, Any]
"""What a repository host says of a set that it took, by its own clock (FORMATS.md, "Backup set")."""


class NewSet(ABC):
    """A set that is being written. Leaving the context removes it, unless it was published."""

    def __enter__(self) -> NewSet:
        return self

    @abstractmethod
    def __exit__(self, *exc: object) -> None: ...

    @abstractmethod
    def create(self, name: str) -> Sink:
        """A new file of the set to write to, unbuffered; it counts once `stored` was asked."""

    @abstractmethod
    def stored(self, name: str) -> Stored:
        """Make the file `name` durable, and measure it by reading it back from the disk."""

    @abstractmethod
    def publish(self, manifest: str) -> Receipt:
        """Give the set its name, durably; `manifest` is the digest of its manifest.

        Gives the receipt of the host that keeps it, which is empty where nobody but us does.
        """


class StoredSet(ABC):
    """A published set."""

    place: str
    """Where it is, for messages."""

    @abstractmethod
    def names(self) -> List[str]:
        """The names of its files, sorted."""

    @abstractmethod
    def open(self, name: str) -> Tuple[Source, int]:
        """A file of it to read from, unbuffered, and its size in bytes. FileNotFoundError if it has no such file."""

    @abstractmethod
    def measure(self, name: str) -> Stored:
        """Let the repository read a file and say what it is. FileNotFoundError if the set has no such file."""


class Repository(ABC):
    """Every method raises EngineError when the answer is no."""

    name: str
    """How people call it: a path, or `ssh://` and the host that keeps it."""

    def close(self) -> None:  # noqa: B027 - a folder has nothing to close
        """End what is held open to reach it; it is opened again when it is needed."""

    @abstractmethod
    def check(self) -> None:
        """It must be there, and be for us to write."""

    @abstractmethod
    def room(self) -> int:
        """Bytes that it takes from us now."""

    def check_space(self, plain_bytes: int) -> None:
        """There must be room for a dump of that many plain bytes, as dumps go."""
        # They mostly shrink to a third or less. One that does not, and so fills the disk, is cleaned up.
        room, needed = self.room(), plain_bytes // 2
        if room < needed:
            raise EngineError(
                f"The repository {self.name} has {room} bytes free, the backup needs about {needed}",
                "Make room in the repository.",
            )

    @abstractmethod
    def begin(self, set_id: str) -> NewSet:
        """Begin a set; there must be none of this id."""

    @abstractmethod
    def find(self, set_id: str) -> StoredSet:
        """A published set. EngineError if there is none."""

    @abstractmethod
    def sets(self) -> List[str]:
        """The ids of all published sets, sorted."""

    @abstractmethod
    def add_key(self, set_id: str, name: str, key_age: bytes) -> None:
        """Add a wrapped key to a published set, durably; there must be no file of this name in it."""

    @abstractmethod
    def put_evidence(self, name: str, source: Source) -> Stored:
        """Keep a file of the control host beside the sets, durably, and measure it; nothing may have this name.

        `name` is `<office>/<file>`.
        """

    @abstractmethod
    def evidence(self) -> List[str]:
        """The names of all that control hosts keep here, sorted."""

    @abstractmethod
    def open_evidence(self, name: str) -> Tuple[Source, int]:
        """Something kept here to read from, unbuffered, and its size. EngineError if there is no such file."""

    @abstractmethod
    def sweep(self, agency: str, asset: str) -> List[str]:
        """Remove what crashed runs of this asset left, and name it. Only while no other run works here."""


def set_id(agency: str, asset: str, engine: str, database: str, at: str, case: str, item: str) -> str:
    """The id of a set begun at `at` (UTC, `2026-11-25T02:06:37Z`): five folder names with slashes between.

    Raises EngineError if a name is too long for a folder.
    """
    names = [encode(name) for name in (agency, asset, engine, database, f"{moment.compact(at)}-{case}-{item}")]
    for name in names:
        if len(name) > _NAME_LIMIT:
            raise EngineError(
                f"The name {name} is too long for a folder: more than {_NAME_LIMIT} characters when encoded",
                "Use a shorter name or path.",
            )
    return "/".join(names)


def encode(name: str) -> str:
    """A name as part of a path: all but letters, digits and `_.-~` percent-encoded, also a leading dot."""
    encoded = quote(name, safe="", errors="surrogateescape")
    return "%2E" + encoded[1:] if encoded.startswith(".") else encoded


def folder_names(set_id_: str) -> List[str]:
    """The five names in the id of a set. EngineError if it is no id of a set."""
    names = set_id_.split("/")
    if len(names) != DEPTH or any(
        not name or name.startswith(".") or name.endswith(PARTIAL) or name != quote(name, safe="%") for name in names
    ):
        raise EngineError(f"{set_id_!a} is not the id of a backup set", "Look at: cadangan set list --all")
    return names


def key_file(at: str) -> str:
    """The file of the set's key as it was wrapped again at the time `at`."""
    return f"key-{moment.compact(at)}.age"


def is_key_file(name: str) -> bool:
    """Whether a file of a set holds its key, wrapped again for others after the set was made."""
    return _KEY_AGAIN.fullmatch(name) is not None


def evidence_names(name: str) -> List[str]:
    """Office and file in the name of a piece of evidence. EngineError if it is no such name."""
    names = name.split("/")
    if len(names) != 2 or not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}", part) for part in names):
        raise EngineError(f"{name!a} is not the name of a piece of evidence", "Look at: cadangan journal sent")
    return names
