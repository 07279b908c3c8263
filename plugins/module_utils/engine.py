# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the shared code asks of every database engine: one class in one file answers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional

Fact = Dict[str, str]
"""One statement about a database's content: {kind, name, value}. Kind and name together are unique."""


class EngineError(Exception):
    """The engine can not do it: what is wrong, and what to do about it. Never holds rows or secrets."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


@dataclass
class Command:
    """A program to run, without a shell.

    `user` is the OS account to become (None: stay as we are); `env` is added to a minimal environment; `advice` gives
    what to do about a complaint with which it failed, or nothing.
    """

    argv: List[str]
    user: Optional[str] = None
    env: Dict[str, str] = field(default_factory=dict)
    advice: Callable[[str], str] = lambda complaint: ""


@dataclass
class Part:
    """One stream of a backup set. `name` matches [a-z]+; `command` writes the plain dump to its output."""

    name: str
    format: str
    command: Command


class Snapshot(ABC):
    """One consistent view of a database, from which parts and proof both come. Leaving the context ends it.

    `position` says where in the server's history the view is ({name, value}); `snapshot_at` is its UTC time.
    """

    position: List[Dict[str, str]]
    snapshot_at: str

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """End the view; never raises."""

    @abstractmethod
    def parts(self) -> List[Part]:
        """The streams that together hold the database, in the order in which they are to be loaded."""

    @abstractmethod
    def proof(self) -> List[Fact]:
        """The facts about the content in this view."""


class Engine(ABC):
    """One database on one instance. Every method raises EngineError when the answer is no.

    `name` is what work items call the engine.
    """

    name = ""

    def __init__(self, instance: str, database: str, options: Dict[str, object]) -> None:
        self.instance = instance
        self.database = database
        self.options = options

    @abstractmethod
    def versions(self) -> List[Dict[str, str]]:
        """The versions that matter for a later restore: `server` and `client`."""

    @abstractmethod
    def size(self) -> int:
        """Bytes of the plain database, roughly: for the space check and for progress."""

    @abstractmethod
    def check_backup(self) -> None:
        """Find out, changing nothing, whether a backup can succeed."""

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """Open one consistent view."""

    @abstractmethod
    def check_restore(self, manifest: dict, mode: str, target: str) -> None:
        """Find out, changing nothing, whether the set can be restored (`mode` copy, replace or drill).

        In mode copy `target` must not exist. In mode drill it is the database that was backed up, left alone.
        """

    @abstractmethod
    def scratch_name(self, target: str, tag: str) -> str:
        """The name of a new database beside `target` to restore into; `tag` ([a-z0-9-]+) marks the case."""

    @abstractmethod
    def aside_name(self, target: str, tag: str) -> str:
        """The name under which a replaced `target` is kept."""

    @abstractmethod
    def create(self, name: str) -> None:
        """Make the empty database `name`, which must not exist.

        Either `check_restore` said what will be loaded into it, or the snapshot that is open.
        """

    @abstractmethod
    def load(self, part: dict, name: str) -> Command:
        """The command that reads the plain dump of a manifest's part from its input into database `name`."""

    @abstractmethod
    def proof_of(self, name: str) -> List[Fact]:
        """The facts about the content of database `name`, comparable with a snapshot's."""

    def check_swap(self, target: str) -> None:  # noqa: B027 - optional, see below
        """Find out, changing nothing, whether `target` could be replaced now: asked just before the swap.

        An engine that has nobody to wait for need not answer.
        """

    @abstractmethod
    def swap(self, new: str, target: str, aside: str) -> Optional[int]:
        """Give `new` the name `target`, keeping what had that name as `aside`; or raise and do nothing.

        With an empty `aside` nothing may be replaced: raise if `target` exists.
        If `target` does not exist, nothing is kept.
        Gives the milliseconds in which applications saw neither, if it takes more than one step.
        """

    @abstractmethod
    def drop(self, name: str) -> None:
        """Remove a database that this code made; no error if it does not exist."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether there is a database of that name."""

    @abstractmethod
    def leftovers(self) -> List[str]:
        """Scratch databases of any run. Asked only while no other run works here: crashed runs left them."""
