# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folders that are held open: what lies in them is named relative to them, and reached without following a link."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import IO, Iterator, List, Sequence, Tuple

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Folder:
    """An open folder; `path` is for messages. Every method raises OSError when the answer is no.

    Names are single ones: no slashes, no dots alone.
    """

    def __init__(self, fd: int, path: str) -> None:
        self.fd = fd
        self.path = path

    @staticmethod
    def open(path: str, names: Sequence[str] = (), make: bool = False) -> Folder:
        """The folder `path`, or what is reached from it by `names`, one after the other; with `make` these are made."""
        with Folder(os.open(path, _FOLDER), path) as root:
            return root.below(names, make)

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *exc: object) -> None:
        os.close(self.fd)

    def folder(self, name: str) -> Folder:
        """A folder in it."""
        return Folder(self._open(name, _FOLDER), os.path.join(self.path, name))

    def below(self, names: Sequence[str], make: bool = False) -> Folder:
        """What is reached from it by `names`, one after the other; with `make` these are made."""
        folder = Folder(os.dup(self.fd), self.path)
        for name in names:
            with folder:
                folder = folder.made_folder(name) if make else folder.folder(name)
        return folder

    def new_folder(self, name: str) -> Folder:
        """A folder that it did not have, for this account only."""
        with self._named(name):
            os.mkdir(_single(name), 0o700, dir_fd=self.fd)
        return self.folder(name)

    def made_folder(self, name: str) -> Folder:
        """A folder in it, made durably if there was none."""
        with self._named(name), contextlib.suppress(FileExistsError):
            os.mkdir(_single(name), 0o700, dir_fd=self.fd)
            self.sync()
        return self.folder(name)

    def new_file(self, name: str) -> IO[bytes]:
        """A file that it did not have, to write and to read, unbuffered."""
        return os.fdopen(self._open(name, _FILE | os.O_RDWR | os.O_CREAT | os.O_EXCL), "w+b", buffering=0)

    def state_file(self, name: str) -> IO[bytes]:
        """A file in it to write and to read, unbuffered, made if there was none."""
        return os.fdopen(self._open(name, _FILE | os.O_RDWR | os.O_CREAT), "r+b", buffering=0)

    def file(self, name: str) -> Tuple[IO[bytes], int]:
        """A file in it to read, unbuffered, and its size in bytes."""
        fd = self._open(name, _FILE | os.O_RDONLY)
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            raise OSError(errno.EINVAL, "It is no plain file", os.path.join(self.path, name))
        return os.fdopen(fd, "rb", buffering=0), status.st_size

    def has(self, name: str) -> bool:
        """Whether something of this name is in it."""
        try:
            os.lstat(_single(name), dir_fd=self.fd)
        except FileNotFoundError:
            return False
        return True

    def modified(self) -> float:
        """When a name in it last came or went, in seconds since 1970."""
        return os.fstat(self.fd).st_mtime

    def names(self) -> List[str]:
        """The names of all that is in it, sorted."""
        return sorted(os.listdir(self.fd))

    def folders(self) -> List[str]:
        """The names of the folders in it, sorted, without hidden ones."""
        with os.scandir(self.fd) as entries:
            return sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            )

    def rename(self, old: str, new: str) -> None:
        """Give something in it another name, durably."""
        os.rename(_single(old), _single(new), src_dir_fd=self.fd, dst_dir_fd=self.fd)
        self.sync()

    def remove_file(self, name: str) -> None:
        """Remove a file in it; no error if there is none."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_single(name), dir_fd=self.fd)

    def remove_folder(self, name: str) -> None:
        """Remove a folder in it that holds files only."""
        with self.folder(name) as folder:
            for inner in folder.names():
                folder.remove_file(inner)
        os.rmdir(_single(name), dir_fd=self.fd)

    def remove_if_empty(self, name: str) -> bool:
        """Remove a folder in it if nothing is in that; whether it did."""
        try:
            os.rmdir(_single(name), dir_fd=self.fd)
        except OSError:
            return False
        return True

    def sync(self) -> None:
        """Make the names in it durable."""
        os.fsync(self.fd)

    def _open(self, name: str, flags: int) -> int:
        with self._named(name):
            return os.open(_single(name), flags, 0o600, dir_fd=self.fd)

    @contextlib.contextmanager
    def _named(self, name: str) -> Iterator[None]:
        """Have an error name the whole path, not what is relative to this folder."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, os.path.join(self.path, name)) from error


def sync_folder(path: str) -> None:
    """Make the names in the folder `path` durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _single(name: str) -> str:
    if "/" in name or "\0" in name or name in ("", ".", ".."):
        raise OSError(errno.EINVAL, "It is no name of a file", name)
    return name
