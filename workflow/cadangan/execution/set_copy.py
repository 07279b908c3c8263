"""Copying backup sets to another repository or to a medium: whole or not at all, and read back before it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import (
    KEY,
    MANIFEST,
    SIGNATURE,
    DamagedPart,
    part_file,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import Folder
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    RECEIPT,
    NewSet,
    Repository,
    RepositoryLost,
    Stored,
    StoredSet,
    is_key_file,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK, write_whole

from cadangan.errors import CadanganError, WorkFailed
from cadangan.evidence.catalogue import Catalogue, KeptSet
from cadangan.evidence.journal import Journal
from cadangan.evidence.set_check import SetChecker
from cadangan.evidence.set_history import SetRecord
from cadangan.execution import medium

_LOCK = ".copying"

Tell = Callable[[int], None]
"""Is told of every so many bytes that were copied."""


@contextmanager
def exclusive(target: Repository) -> Iterator[None]:
    """Nobody else copies to the folder `target` meanwhile; `WorkFailed` if somebody does.

    A repository host sees to this itself.
    """
    if not isinstance(target, FolderRepository):
        yield
        return
    with Folder.open(target.name) as folder, folder.state_file(_LOCK) as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise WorkFailed(
                f"another copy to {target.name} is under way", advice="Wait for it, then run this again."
            ) from None
        yield


def settle(target: Repository) -> None:
    """Bring all that was written to a folder to the disk, so that it may be pulled out."""
    if isinstance(target, FolderRepository):
        medium.sync(Path(target.name))


class Copying:
    """From `source` to `target`, a repository or a medium with this `label`; the journal learns of each copy."""

    def __init__(
        self, journal: Journal, catalogue: Catalogue, source: Repository, target: Repository, label: str = ""
    ) -> None:
        self._journal = journal
        self._catalogue = catalogue
        self._source = source
        self._target = target
        self._label = label
        self._checker = SetChecker(journal, catalogue, target)

    def copy_all(self, records: Iterable[SetRecord], tell: Tell) -> Iterator[tuple[str, bool | str]]:
        """Each of the sets by its id: whether it is new there, or why it was not copied.

        One that is there already is read back. Of one that can not be copied nothing is left.
        """
        for record in records:
            try:
                yield record.id, self._copy_or_check(record, tell)
            except (CadanganError, EngineError) as error:
                yield record.id, str(error)

    def _copy_or_check(self, record: SetRecord, tell: Tell) -> bool:
        known = self._catalogue.get(record.id)
        try:
            stored = self._source.find(record.id)
            is_new = not self._is_there(known.id)
            if is_new:
                self._copy(known, stored, tell)
            else:
                self._check(known)
            self._add_keys(known.id, stored)
        except OSError as error:
            about = f": {error.filename}" if error.filename else ""
            raise WorkFailed(f"{error.strerror}{about}", advice="Look after the disk, then copy again.") from error
        told = {(copy.place, copy.label) for copy in record.copies} | {(record.home, "")}
        if (self._target.name, self._label) not in told:
            self._journal.append(
                {
                    "type": "copied",
                    "set": known.id,
                    "manifest": known.digest,
                    "place": self._target.name,
                    "label": self._label,
                }
            )
        return is_new

    def _is_there(self, set_id: str) -> bool:
        try:
            self._target.find(set_id)
        except RepositoryLost:
            raise
        except EngineError:
            return False
        return True

    def _copy(self, known: KeptSet, stored: StoredSet, tell: Tell) -> None:
        self._check_room(known)
        if isinstance(self._target, FolderRepository):
            _remove_unfinished(self._target, known.id)
        with self._target.begin(known.id) as new:
            for name in self._first_files(known, stored):
                _copy_file(stored, new, name, _expected(known, name), tell)
            settle(self._target)
            new.publish(known.digest)

    def _check(self, known: KeptSet) -> None:
        faults = self._checker.check(known.id)
        if faults:
            raise WorkFailed(
                f"it is in {self._target.name} already, but damaged: {'; '.join(faults)}",
                advice="Nothing in a repository is replaced. Take that folder away, then copy again.",
            )

    def _check_room(self, known: KeptSet) -> None:
        needed = sum(part["bytes"] for part in known.manifest["parts"]) + len(known.manifest_text)
        free = self._target.room()
        if free < needed:
            raise WorkFailed(
                f"{self._target.name} has {free} bytes free, the set has {needed}",
                advice="Make room, or use a larger disk.",
            )
        limit = medium.largest_file(Path(self._target.name)) if isinstance(self._target, FolderRepository) else None
        for part in known.manifest["parts"]:
            if limit is not None and part["bytes"] > limit:
                raise WorkFailed(
                    f"{part_file(part['name'])} has {part['bytes']} bytes; {self._target.name} is a FAT file system, "
                    "on which a file has less than 4 GiB",
                    advice="Format the disk with exFAT or ext4.",
                )

    def _first_files(self, known: KeptSet, stored: StoredSet) -> list[str]:
        """The files that a set is published with, the manifest last.

        A repository host takes what a set has when it is made, and keys that were wrapped again later; it writes a
        receipt of its own.
        """
        parts = [part_file(part["name"]) for part in known.manifest["parts"]]
        more = [name for name in stored.names() if name == RECEIPT or is_key_file(name)]
        return [*parts, KEY, *(more if isinstance(self._target, FolderRepository) else []), SIGNATURE, MANIFEST]

    def _add_keys(self, set_id: str, stored: StoredSet) -> None:
        """Add the keys that were wrapped again and are not there yet."""
        present = self._target.find(set_id).names()
        for name in stored.names():
            if is_key_file(name) and name not in present:
                self._target.add_key(set_id, name, _read(stored, name))


def _remove_unfinished(target: FolderRepository, set_id: str) -> None:
    """What a copy left that was killed, or whose disk was pulled out."""
    unfinished = target.resume(set_id)
    if unfinished is not None:
        with unfinished:
            pass


def _expected(known: KeptSet, name: str) -> Stored | None:
    """What the office knows of a file of the set; None if it knows nothing of it."""
    for part in known.manifest["parts"]:
        if part_file(part["name"]) == name:
            return Stored(part["bytes"], part["sha256"])
    content = known.copies.get(name)
    return None if content is None else Stored(len(content), hashlib.sha256(content).hexdigest())


def _copy_file(stored: StoredSet, new: NewSet, name: str, expected: Stored | None, tell: Tell) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        source, _ = stored.open(name)
    except FileNotFoundError:
        raise DamagedPart(name, "it is missing") from None
    with source:
        sink = new.create(name)
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            write_whole(sink.write, chunk)
            tell(len(chunk))
    read = Stored(size, digest.hexdigest())
    if expected not in (None, read):
        raise DamagedPart(name, "it is not what the office knows of it")
    if new.stored(name) != read:
        raise EngineError(
            f"{name} came back from the disk of the copy other than it was written",
            "Do not use that disk; copy to another one.",
        )


def _read(stored: StoredSet, name: str) -> bytes:
    source, size = stored.open(name)
    with source:
        content = b""
        while len(content) < size and (chunk := source.read(size - len(content))):
            content += chunk
    return content
