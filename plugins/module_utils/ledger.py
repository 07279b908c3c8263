"""What a target remembers of permitted work: an append-only file, one line of canonical JSON an event.

A line counts when `append` has returned: it is on the disk then. A line that a crash tore was never
acknowledged; readers overlook it, and the next `append` removes it.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import IO, Any, Iterator

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import sync_folder
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

_WORK = frozenset(("case", "permit", "schedule", "order", "item"))
_FIELDS = {
    "attempt": _WORK,
    "spent": _WORK,
    "outcome": _WORK | {"outcome"},
    "withdrawals": frozenset(("number",)),
}
_RULE = "A target takes work only while its ledger of what was done is whole."
_ONBOARD = "Onboard this asset again; that gives it a new ledger."


class Ledger:
    """The ledger in the file `path`; `id` is the name that onboarding gave it.

    Events are asked for by `schedule`: the digest of the text in which the agency agreed to the window. The
    digest of the permit would not do: signing again gives the same permission other bytes.
    """

    def __init__(self, path: str, ledger_id: str = "") -> None:
        self.path = path
        self.id = ledger_id
        self._events: list[dict[str, Any]] = []
        self._read_to = 0

    @staticmethod
    def create(path: str) -> None:
        """Make the empty ledger of a newly onboarded asset; `FileExistsError` if there is one."""
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        sync_folder(os.path.dirname(path))

    @property
    def last(self) -> int:
        """Number of the last event, 0 when there is none."""
        return len(self.events())

    def events(self) -> list[dict[str, Any]]:
        """Every event so far; only what was appended since the last call is read."""
        with self._open() as file:
            self._read(file)
        return self._events

    def append(self, kind: str, **fields: Any) -> int:
        """Write one event, on the disk when this returns, and give its number."""
        if _FIELDS[kind] != fields.keys():
            raise TypeError(f"an event of the kind {kind} has the fields {', '.join(sorted(_FIELDS[kind]))}")
        with self.locked(), self._open() as file:
            self._read(file)
            file.truncate(self._read_to)
            event = {"n": len(self._events) + 1, "at": moment.now(), "kind": kind, **fields}
            file.seek(self._read_to)
            file.write(canonical.dumps(event, canonical.MANIFEST_LIMIT))
            file.flush()
            os.fsync(file.fileno())
            self._read(file)
        return len(self._events)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from appending meanwhile. Held for moments only."""
        with self._lock_file("append") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def lock(self, case: str, item: str) -> IO[bytes]:
        """Take the work item until the returned file is closed; `Refused` if another process has it."""
        file = self._lock_file(f"{case}-{item}")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise Refused(
                f"Work item {item} of case {case} is being carried out right now.",
                "A work item is carried out once, by one run.",
                "Wait for the other run to end, then look at the case.",
            ) from None
        return file

    def attempts(self, schedule: str, item: str) -> int:
        """How many times work on the item was begun under this schedule."""
        return sum(1 for _event in self._of("attempt", schedule, item))

    def is_spent(self, schedule: str, item: str) -> bool:
        """Whether the item reached its point of no return under this schedule."""
        return any(True for _event in self._of("spent", schedule, item))

    def was_spent(self, case: str, item: str) -> bool:
        """Whether the item reached its point of no return, under whatever schedule of its case."""
        return any(
            event["kind"] == "spent" and event["case"] == case and event["item"] == item for event in self.events()
        )

    def outcome_of(self, schedule: str, item: str) -> dict[str, Any] | None:
        """The outcome that was kept for the item under this schedule, the latest if there are several."""
        outcomes = [event["outcome"] for event in self._of("outcome", schedule, item)]
        return outcomes[-1] if outcomes else None

    def is_done(self, case: str, item: str) -> bool:
        """Whether the item was carried out, under whatever schedule of its case."""
        return any(
            event["case"] == case and event["item"] == item and event["outcome"].get("result") == "done"
            for event in self.events()
            if event["kind"] == "outcome"
        )

    def highest_withdrawal(self) -> int:
        """Number of the newest list of withdrawals seen, 0 when none was."""
        return max((event["number"] for event in self.events() if event["kind"] == "withdrawals"), default=0)

    def _of(self, kind: str, schedule: str, item: str) -> Iterator[dict[str, Any]]:
        for event in self.events():
            if event["kind"] == kind and event["schedule"] == schedule and event["item"] == item:
                yield event

    def _read(self, file: IO[bytes]) -> None:
        if os.fstat(file.fileno()).st_size < self._read_to:
            raise Refused(f"The ledger {self.path} became shorter.", _RULE, _ONBOARD)
        file.seek(self._read_to)
        for line in file:
            if not line.endswith(b"\n"):
                break
            number = len(self._events) + 1
            try:
                event = canonical.loads(line, canonical.MANIFEST_LIMIT)
                whole = event["n"] == number and event.keys() == _FIELDS[event["kind"]] | {"n", "at", "kind"}
            except (canonical.CanonicalError, KeyError, TypeError):
                whole = False
            if not whole:
                raise Refused(f"The ledger {self.path} is damaged in line {number}.", _RULE, _ONBOARD)
            self._events.append(event)
            self._read_to += len(line)

    def _open(self) -> IO[bytes]:
        try:
            return open(self.path, "r+b")
        except FileNotFoundError:
            raise Refused(f"This host has no ledger: {self.path} is missing.", _RULE, _ONBOARD) from None
        except PermissionError:
            raise _not_ours(self.path) from None

    def _lock_file(self, name: str) -> IO[bytes]:
        folder = os.path.join(os.path.dirname(self.path), "locks")
        path = os.path.join(folder, name)
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            return open(path, "ab")
        except PermissionError:
            raise _not_ours(path) from None


def _not_ours(path: str) -> Refused:
    return Refused(f"{path} may not be written by this account.", _RULE, "Run as root (become).")
