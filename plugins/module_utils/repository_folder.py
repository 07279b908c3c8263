# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A repository that is a folder: a local disk, a mounted one, or a network share."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from typing import IO, Dict, Iterator, List, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    DEPTH,
    PARTIAL,
    NewSet,
    Repository,
    Stored,
    StoredSet,
    check_room,
    encode,
    folder_names,
)

_CHUNK = 1 << 20


class FolderSet(StoredSet):
    """The folder of a published set."""

    def __init__(self, folder: str) -> None:
        self.place = folder

    def names(self) -> List[str]:
        return sorted(os.listdir(self.place))

    def open(self, name: str) -> Tuple[IO[bytes], int]:
        fd = os.open(os.path.join(self.place, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return os.fdopen(fd, "rb", buffering=0), os.fstat(fd).st_size

    def measure(self, name: str) -> Stored:
        file, dummy = self.open(name)
        with file:
            return _measure(file)


class FolderNewSet(NewSet):
    """The folder in which a set is written, which gets its name when it is published."""

    def __init__(self, partial: str) -> None:
        self._partial = partial
        self._files: Dict[str, IO[bytes]] = {}
        self._published = False

    def __exit__(self, *exc: object) -> None:
        for file in self._files.values():
            file.close()
        if not self._published:
            shutil.rmtree(self._partial, ignore_errors=True)

    def create(self, name: str) -> IO[bytes]:
        path = os.path.join(self._partial, name)
        try:
            self._files[name] = open(path, "x+b", buffering=0)  # noqa: SIM115 - `stored` closes it
        except OSError as error:
            raise _failed(path, error) from error
        return self._files[name]

    def stored(self, name: str) -> Stored:
        try:
            with self._files.pop(name) as file:
                os.fsync(file.fileno())
                # So that what is read comes from the disk, not from memory.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                file.seek(0)
                return _measure(file)
        except OSError as error:
            raise _failed(os.path.join(self._partial, name), error) from error

    def publish(self, manifest: str) -> None:
        final = self._partial[: -len(PARTIAL)]
        try:
            sync_folder(self._partial)
            os.rename(self._partial, final)
            self._published = True
            sync_folder(os.path.dirname(final))
        except OSError as error:
            raise _failed(final, error) from error


class FolderRepository(Repository):
    """The folder `root`, an absolute path."""

    def __init__(self, root: str) -> None:
        self.name = root

    def check(self) -> None:
        if not os.path.isabs(self.name):
            raise EngineError(f"The repository {self.name!a} is not an absolute path", "Mend the office's policy.")
        _check_folder(self.name)
        if not os.access(self.name, os.R_OK | os.W_OK | os.X_OK):
            raise EngineError(
                f"The repository {self.name} can not be written by this account",
                "Mount it writable, and give the account that runs the backup the right to write there.",
            )

    def check_space(self, plain_bytes: int) -> None:
        usage = os.statvfs(self.name)
        check_room(self.name, usage.f_bavail * usage.f_frsize, plain_bytes)

    def begin(self, set_id: str) -> NewSet:
        final = os.path.join(self.name, *folder_names(set_id))
        partial = final + PARTIAL
        try:
            folder = self.name
            for name in os.path.dirname(os.path.relpath(final, self.name)).split(os.sep):
                parent, folder = folder, os.path.join(folder, name)
                with contextlib.suppress(FileExistsError):
                    os.mkdir(folder, 0o700)
                    sync_folder(parent)
                _check_folder(folder)
            if os.path.lexists(final):
                raise EngineError(f"There is a backup set {set_id} already", "Run it again.")
            os.mkdir(partial, 0o700)
        except OSError as error:
            raise _failed(partial, error) from error
        return FolderNewSet(partial)

    def find(self, set_id: str) -> StoredSet:
        names = folder_names(set_id)
        path = os.path.join(self.name, *names)
        self._check_way(names)
        if not os.path.isdir(path) or os.path.islink(path):
            raise EngineError(f"The repository {self.name} has no backup set {set_id}", "Look at: cadangan set list")
        return FolderSet(path)

    def sets(self) -> List[str]:
        return [os.path.relpath(path, self.name) for path in _folders(self.name, DEPTH) if not path.endswith(PARTIAL)]

    def dispose(self, set_id: str) -> None:
        path = self.find(set_id).place
        gone = path + PARTIAL
        try:
            # Whatever happens from here on, it is not listed, and swept at the latest.
            os.rename(path, gone)
            sync_folder(os.path.dirname(path))
            shutil.rmtree(gone)
            sync_folder(os.path.dirname(path))
        except OSError as error:
            raise _failed(gone, error) from error

    def sweep(self, agency: str, asset: str) -> List[str]:
        start = os.path.join(self.name, encode(agency), encode(asset))
        stale = [path for path in _folders(start, DEPTH - 2) if path.endswith(PARTIAL)]
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)
        return [os.path.relpath(path, self.name) for path in stale]

    def _check_way(self, names: List[str]) -> None:
        folder = self.name
        for name in names:
            _check_folder(folder)
            folder = os.path.join(folder, name)
            if not os.path.lexists(folder):
                return


def sync_folder(path: str) -> None:
    """Make the names in the folder durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _measure(file: IO[bytes]) -> Stored:
    digest, size = hashlib.sha256(), 0
    while True:
        chunk = file.read(_CHUNK)
        if not chunk:
            return Stored(size, digest.hexdigest())
        digest.update(chunk)
        size += len(chunk)
        interruption.check()


def _folders(start: str, depth: int) -> Iterator[str]:
    """The folders `depth` levels below `start`, sorted; links are not followed, hidden ones are none of ours."""
    if depth == 0:
        yield start
        return
    try:
        with os.scandir(start) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            )
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failed(start, error) from error
    for name in names:
        yield from _folders(os.path.join(start, name), depth - 1)


def _check_folder(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        raise EngineError(
            f"The repository folder {path} is not there", "Mount the repository, or make the folder."
        ) from None
    except OSError as error:
        raise _failed(path, error) from error
    if stat.S_ISLNK(mode):
        raise EngineError(f"The repository folder {path} is a symbolic link", "Name the real folder instead.")
    if not stat.S_ISDIR(mode):
        raise EngineError(f"The repository {path} is not a folder", "Name a folder.")


def _failed(path: str, error: OSError) -> EngineError:
    return EngineError(
        f"The repository can not be used: {path}: {error.strerror}", "Mend the repository's file system."
    )
