# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of a place where backup sets are kept, and how sets are named in it.

A set that is listed is whole, since it gets its name last.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import IO, List, Tuple
from urllib.parse import quote

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError

PARTIAL = ".partial"
DEPTH = 5
"""Folders from the repository to a set: agency, asset, engine, database, and the set's own."""

_NAME_LIMIT = 255 - len(PARTIAL)


@dataclass(frozen=True)
class Stored:
    """What the repository has of one file, as its own disk gives it back: size in bytes, and SHA-256."""

    bytes: int
    sha256: str


class NewSet(ABC):
    """A set that is being written. Leaving the context removes it, unless it was published."""

    def __enter__(self) -> NewSet:
        return self

    @abstractmethod
    def __exit__(self, *exc: object) -> None: ...

    @abstractmethod
    def create(self, name: str) -> IO[bytes]:
        """A new file of the set to write to, unbuffered; it counts once `stored` was asked."""

    @abstractmethod
    def stored(self, name: str) -> Stored:
        """Make the file `name` durable, and measure it by reading it back from the disk."""

    @abstractmethod
    def publish(self, manifest: str) -> None:
        """Give the set its name, durably; `manifest` is the digest of its manifest. Asked again it does no harm."""


class StoredSet(ABC):
    """A published set."""

    place: str
    """Where it is, for messages."""

    @abstractmethod
    def names(self) -> List[str]:
        """The names of its files, sorted."""

    @abstractmethod
    def open(self, name: str) -> Tuple[IO[bytes], int]:
        """A file of it to read from, unbuffered, and its size in bytes. FileNotFoundError if it has no such file."""

    @abstractmethod
    def measure(self, name: str) -> Stored:
        """Let the repository read a file and say what it is. FileNotFoundError if the set has no such file."""


class Repository(ABC):
    """Every method raises EngineError when the answer is no."""

    name: str
    """How people call it: a path, or the host that keeps it."""

    @abstractmethod
    def check(self) -> None:
        """It must be there, and be for us to write."""

    @abstractmethod
    def check_space(self, plain_bytes: int) -> None:
        """There must be room for a dump of that many plain bytes, as dumps go."""

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
    def dispose(self, set_id: str) -> None:
        """Remove a set for ever: it is no longer listed from one moment to the next, and then its files go."""

    @abstractmethod
    def sweep(self, agency: str, asset: str) -> List[str]:
        """Remove what crashed runs of this asset left, and name it. Only while no other run works here."""


def set_id(agency: str, asset: str, engine: str, database: str, at: str, case: str, item: str) -> str:
    """The id of a set begun at `at` (UTC, `2026-11-25T02:06:37Z`): five folder names with slashes between.

    Raises EngineError if a name is too long for a folder.
    """
    moment = at.replace("-", "").replace(":", "")
    names = [encode(name) for name in (agency, asset, engine, database, f"{moment}-{case}-{item}")]
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
        raise EngineError(f"{set_id_!a} is not the id of a backup set", "Look at: cadangan set list")
    return names


def check_room(where: str, free: int, plain_bytes: int) -> None:
    """EngineError unless `free` bytes are enough for a dump of that many plain bytes, as dumps go."""
    # They mostly shrink to a third or less. One that does not, and so fills the disk, is cleaned up.
    needed = plain_bytes // 2
    if free < needed:
        raise EngineError(
            f"The repository {where} has {free} bytes free, the backup needs about {needed}",
            "Make room in the repository.",
        )
