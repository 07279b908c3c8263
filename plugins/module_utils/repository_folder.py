# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A repository that is a folder: a local disk, a mounted one, or a network share.

No link inside is followed: everything is reached from an open folder, step by step.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import Folder
from ansible_collections.diskominfo.cadangan.plugins.module_utils.growing_file import GrowingFile
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    DEPTH,
    PARTIAL,
    RECEIPT,
    NewSet,
    Receipt,
    Repository,
    Stored,
    StoredSet,
    encode,
    evidence_names,
    folder_names,
    is_key_file,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK, Sink, Source, copy, write_whole

_EVIDENCE = ".evidence"
_DISPOSED = ".disposed" + PARTIAL


class FolderSet(StoredSet):
    """The folder of a published set: `root`, or what is reached from it by `names`."""

    def __init__(self, root: str, names: Sequence[str] = ()) -> None:
        self.place = os.path.join(root, *names)
        self._root = root
        self._names = names

    def names(self) -> List[str]:
        with self._folder() as folder:
            return [name for name in folder.names() if not name.endswith(PARTIAL)]

    def open(self, name: str) -> Tuple[Source, int]:
        with self._folder() as folder:
            return folder.file(name)

    def measure(self, name: str) -> Stored:
        file, dummy = self.open(name)
        with file:
            # So that what is read comes from the disk, not from memory.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return _measure(file)

    def _folder(self) -> Folder:
        return Folder.open(self._root, self._names)


class FolderNewSet(NewSet):
    """The folder in which a set is written, which gets its name `name` in `parent` when it is published."""

    def __init__(self, parent: Folder, name: str, partial: Folder) -> None:
        self._parent = parent
        self._name = name
        self._partial = partial
        self._files: Dict[str, GrowingFile] = {}
        self._stays = False

    def __exit__(self, *exc: object) -> None:
        for file in self._files.values():
            file.close()
        with self._parent, self._partial:
            if not self._stays:
                with contextlib.suppress(OSError):
                    self._parent.remove_folder(self._name + PARTIAL)

    def create(self, name: str) -> Sink:
        try:
            self._files[name] = GrowingFile(self._partial.new_file(name))
        except OSError as error:
            raise _failed(os.path.join(self._partial.path, name), error) from error
        return self._files[name]

    def stored(self, name: str) -> Stored:
        try:
            with self._files.pop(name) as file:
                return file.settle()
        except OSError as error:
            raise _failed(os.path.join(self._partial.path, name), error) from error

    def publish(self, manifest: str) -> Receipt:
        try:
            self._partial.sync()
            # Should what follows fail, the set is there all the same.
            self._stays = True
            self._parent.rename(self._name + PARTIAL, self._name)
        except OSError as error:
            raise _failed(os.path.join(self._parent.path, self._name), error) from error
        return {}

    def add_receipt(self, text: bytes) -> None:
        """Write the receipt of whoever keeps the set, in the place of one that it did not get published with."""
        try:
            self._partial.remove_file(RECEIPT)
            write_whole(self.create(RECEIPT).write, text)
        except OSError as error:
            raise _failed(os.path.join(self._partial.path, RECEIPT), error) from error
        self.stored(RECEIPT)

    def keep(self) -> None:
        """Leave what was written as it is, for `FolderRepository.resume`."""
        self._stays = True


class FolderRepository(Repository):
    """The folder `root`, an absolute path."""

    def __init__(self, root: str) -> None:
        self.name = root

    def check(self) -> None:
        if not os.path.isabs(self.name):
            raise EngineError(f"The repository {self.name!a} is not an absolute path", "Mend the office's policy.")
        with self._open():
            pass
        if not os.access(self.name, os.R_OK | os.W_OK | os.X_OK):
            raise EngineError(
                f"The repository {self.name} can not be written by this account",
                "Mount it writable, and give the account that runs the backup the right to write there.",
            )

    def room(self) -> int:
        try:
            usage = os.statvfs(self.name)
        except OSError as error:
            raise _failed(self.name, error) from error
        return usage.f_bavail * usage.f_frsize

    def begin(self, set_id: str) -> FolderNewSet:
        *way, name = folder_names(set_id)
        parent = self._open(way, make=True)
        try:
            if parent.has(name):
                raise EngineError(f"There is a backup set {set_id} already", "Run it again.")
            return FolderNewSet(parent, name, parent.new_folder(name + PARTIAL))
        except OSError as error:
            os.close(parent.fd)
            raise _failed(os.path.join(parent.path, name + PARTIAL), error) from error
        except EngineError:
            os.close(parent.fd)
            raise

    def resume(self, set_id: str) -> Optional[FolderNewSet]:
        """The set that an earlier process began and kept; None if there is none."""
        *way, name = folder_names(set_id)
        try:
            parent = Folder.open(self.name, way)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _failed(os.path.join(self.name, *way), error) from error
        try:
            return FolderNewSet(parent, name, parent.folder(name + PARTIAL))
        except OSError as error:
            os.close(parent.fd)
            if isinstance(error, FileNotFoundError):
                return None
            raise _failed(os.path.join(parent.path, name + PARTIAL), error) from error

    def find(self, set_id: str) -> FolderSet:
        names = folder_names(set_id)
        try:
            with Folder.open(self.name, names):
                return FolderSet(self.name, names)
        except FileNotFoundError:
            raise EngineError(
                f"The repository {self.name} has no backup set {set_id}", "Look at: cadangan set list --all"
            ) from None
        except OSError as error:
            raise _failed(os.path.join(self.name, *names), error) from error

    def sets(self) -> List[str]:
        with self._open() as root:
            return ["/".join(names) for names in _below(root, DEPTH) if not names[-1].endswith(PARTIAL)]

    def dispose(self, set_id: str) -> None:
        """Remove a set for ever: it is no longer listed from one moment to the next, and then its files go.

        Asked again, it finishes what was begun.
        """
        *way, name = folder_names(set_id)
        # Another name than that of a set that is being written: nobody shall go on writing it.
        going = name + _DISPOSED
        try:
            with Folder.open(self.name, way) as parent:
                if parent.has(name):
                    parent.rename(name, going)
                if parent.has(going):
                    parent.remove_folder(going)
                    parent.sync()
        except OSError as error:
            raise _failed(os.path.join(self.name, *way, going), error) from error

    def sweep(self, agency: str, asset: str) -> List[str]:
        return self.sweep_where([encode(agency), encode(asset)], lambda partial: True)

    def sweep_where(self, way: Sequence[str], stale: Callable[[Folder], bool]) -> List[str]:
        """Remove the unfinished sets below the folders `way` for which `stale` holds, and name them."""
        try:
            start = Folder.open(self.name, way)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _failed(os.path.join(self.name, *way), error) from error
        with start:
            found = [names for names in _below(start, DEPTH - len(way)) if names[-1].endswith(PARTIAL)]
            return ["/".join([*way, *names]) for names in found if _removed(start, names, stale)]

    def add_key(self, set_id: str, name: str, key_age: bytes) -> None:
        if not is_key_file(name):
            raise EngineError(f"{name!a} is not the name of a set's wrapped key", "Only keys are added to a set.")
        self.find(set_id)
        _add_file(lambda: self._open(folder_names(set_id)), name, io.BytesIO(key_age))

    def put_evidence(self, name: str, source: Source) -> Stored:
        office, file = evidence_names(name)
        return _add_file(lambda: self._open([_EVIDENCE, office], make=True), file, source)

    def evidence(self) -> List[str]:
        with self._open() as root:
            if not root.has(_EVIDENCE):
                return []
        with self._open([_EVIDENCE]) as kept:
            return [
                f"{office}/{name}"
                for office in kept.folders()
                for name in _names_in(kept, office)
                if not name.endswith(PARTIAL)
            ]

    def open_evidence(self, name: str) -> Tuple[Source, int]:
        office, file = evidence_names(name)
        try:
            with Folder.open(self.name, [_EVIDENCE, office]) as folder:
                return folder.file(file)
        except OSError as error:
            raise _failed(os.path.join(self.name, _EVIDENCE, name), error) from error

    def _open(self, way: Sequence[str] = (), make: bool = False) -> Folder:
        """The root, or the folder below it to which the names `way` lead, made on request."""
        try:
            return Folder.open(self.name, way, make)
        except OSError as error:
            raise _failed(self.name, error) from error


def _add_file(open_folder: Callable[[], Folder], name: str, source: Source) -> Stored:
    """Write a new file, durably, which has its name only when it is whole."""
    partial = name + PARTIAL
    with open_folder() as folder:
        path = os.path.join(folder.path, name)
        if folder.has(name):
            raise EngineError(f"There is {path} already", "Nothing in a repository is replaced.")
        try:
            folder.remove_file(partial)
            try:
                with GrowingFile(folder.new_file(partial)) as file:
                    copy(source, file)
                    stored = file.settle()
            except BaseException:
                folder.remove_file(partial)
                raise
            folder.rename(partial, name)
        except OSError as error:
            raise _failed(path, error) from error
    return stored


def _measure(file: Source) -> Stored:
    digest, size = hashlib.sha256(), 0
    while True:
        chunk = file.read(CHUNK)
        if not chunk:
            return Stored(size, digest.hexdigest())
        digest.update(chunk)
        size += len(chunk)
        interruption.check()


def _below(folder: Folder, depth: int) -> Iterator[List[str]]:
    """The names that lead to the folders `depth` levels below, sorted; links and hidden ones are none of ours."""
    try:
        names = folder.folders()
    except OSError as error:
        raise _failed(folder.path, error) from error
    for name in names:
        if depth == 1:
            yield [name]
            continue
        try:
            inner = folder.folder(name)
        except FileNotFoundError:
            # It was empty, and was swept meanwhile.
            continue
        except OSError as error:
            raise _failed(os.path.join(folder.path, name), error) from error
        with inner:
            for more in _below(inner, depth - 1):
                yield [name, *more]


def _names_in(folder: Folder, name: str) -> List[str]:
    with folder.folder(name) as inner:
        return inner.names()


def _removed(start: Folder, names: List[str], stale: Callable[[Folder], bool]) -> bool:
    """Remove one unfinished set if it is stale, and the folders on the way that are empty then."""
    *way, name = names
    try:
        with start.below(way) as parent:
            with parent.folder(name) as partial:
                if not stale(partial):
                    return False
            parent.remove_folder(name)
    except OSError:
        # The next sweep comes to it again.
        return False
    while way:
        *way, name = way
        with start.below(way) as parent:
            if not parent.remove_if_empty(name):
                break
    return True


def _failed(path: str, error: OSError) -> EngineError:
    """What to tell about an error with `path`, or with what it names itself."""
    path = error.filename or path
    if isinstance(error, FileNotFoundError):
        return EngineError(f"The repository folder {path} is not there", "Mount the repository, or make the folder.")
    if os.path.islink(path):
        return EngineError(f"The repository folder {path} is a symbolic link", "Name the real folder instead.")
    if isinstance(error, NotADirectoryError):
        return EngineError(f"The repository {path} is not a folder", "Name a folder.")
    return EngineError(
        f"The repository can not be used: {path}: {error.strerror}", "Mend the repository's file system."
    )
