# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of an SQLite database: the main one, and those beside it without which, or with which, it is another."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import stat
import time
from typing import Iterator, List

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption, sqlite_proof
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import sync_folder

HEADER = b"SQLite format 3\x00"
# The write-ahead log and the rollback journal belong to the content; the shared memory file is only an index.
CONTENT_SUFFIXES = ("-wal", "-journal")
SUFFIXES = (*CONTENT_SUFFIXES, "-shm")

# Where SQLite takes its POSIX locks on the main file; all of it locked is its EXCLUSIVE (os_unix.c).
_LOCK_START = 0x40000000
_LOCK_LENGTH = 512


def check_path(path: str) -> str:
    """The path with links among its folders resolved.

    EngineError unless it is absolute, plain and not itself a link: what is backed up or replaced must be what was
    named in the permit, and not what somebody made of it since.
    """
    if not os.path.isabs(path) or os.path.normpath(path) != path or "\0" in path:
        raise EngineError(f"{path!a} is not a plain absolute path", "Register it without '.', '..' or doubled '/'.")
    if path.endswith(SUFFIXES):
        raise EngineError(f"{path!a} is a file beside a database, not a database", "Name the database itself.")
    if os.path.islink(path):
        raise EngineError(
            f"{path!a} is a symbolic link to {os.path.realpath(path)!a}", "Register the file that it points to."
        )
    folder, name = os.path.split(path)
    resolved = os.path.realpath(folder)
    if not os.path.isdir(resolved):
        raise EngineError(f"The folder {folder!a} is not there", "Make it, or name another place.")
    return os.path.join(resolved, name)


def check_database(path: str) -> None:
    """EngineError unless `path` is a readable regular file that is empty or begins as SQLite's files do."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise EngineError(f"There is no database {path!a}", "Check the path in the asset register.") from None
    except OSError as error:
        raise EngineError(
            f"{path!a} can not be read: {error.strerror}", "Let the account that runs this read it."
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise EngineError(f"{path!a} is not a regular file", "Name the file of an SQLite database.")
        header = os.read(fd, len(HEADER))
    finally:
        os.close(fd)
    if header not in (b"", HEADER):
        raise EngineError(
            f"{path!a} is not an SQLite database", "Name the file of one; an encrypted one can not be backed up."
        )


def present(path: str) -> List[str]:
    """Those of the files beside the database that are there."""
    return [path + suffix for suffix in SUFFIXES if os.path.lexists(path + suffix)]


def remove(path: str) -> None:
    """Remove the database and the files beside it, as far as they are there."""
    for name in (path, *(path + suffix for suffix in SUFFIXES)):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def place(new: str, target: str, aside: str) -> None:
    """Give `new` the name `target`, which must not exist; a log or journal without its database goes `aside`."""
    try:
        for name in present(target):
            if not aside:
                raise FileExistsError
            os.rename(name, aside + name[len(target) :])
        os.link(new, target)
        os.unlink(new)
        sync_folder(os.path.dirname(target))
    except FileExistsError:
        raise EngineError(f"{target!a} exists already", "Restore under another name.") from None
    except OSError as error:
        raise _failed(target, error) from error


def check_free(path: str, timeout: float) -> None:
    """EngineError if anyone has the database open for `timeout` seconds."""
    with _exclusive(path, timeout):
        _check_unused(path)


def replace(new: str, target: str, aside: str, timeout: float) -> None:
    """Put `new` in the place of `target` in one step, keeping the old content as `aside`, with its journal if any.

    EngineError, and everything is as before, if anyone has `target` open for `timeout` seconds.
    """
    _fold(target, timeout)
    with _exclusive(target, timeout):
        _check_unused(target)
        _dress(new, target)
        _exchange(new, target, aside)


def _fold(path: str, timeout: float) -> None:
    """Let SQLite finish what a crash left and move its write-ahead log into the main file, if it is healthy.

    What is damaged is not shown to SQLite: it might throw away a log from which something can still be saved.
    """
    try:
        check_database(path)
    except EngineError:
        return
    connection = sqlite_proof.connect(path, "mode=rw", timeout)
    with contextlib.closing(connection), contextlib.suppress(sqlite3.Error):
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


@contextlib.contextmanager
def _exclusive(path: str, timeout: float) -> Iterator[None]:
    """Hold SQLite's EXCLUSIVE lock without SQLite, for the database may be too damaged for it to open."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_LENGTH, _LOCK_START)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise EngineError(
                        f"{path!a} is in use: it stayed locked for {timeout:g} seconds",
                        "Stop the application that uses it, then run it again.",
                    ) from None
            interruption.check()
            time.sleep(0.1)
        yield
    finally:
        os.close(fd)


def _check_unused(path: str) -> None:
    """EngineError if another process has the file open, locked or not: it would go on with the old content."""
    wanted = os.stat(path)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        # Processes end meanwhile, and those of others can not be looked into without being root.
        with contextlib.suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(FileNotFoundError):
                    found = os.stat(f"/proc/{pid}/fd/{fd}")
                    if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
                        raise EngineError(
                            f"{path!a} is in use by process {pid} ({_program(pid)})",
                            "Stop the application that uses it, then run it again.",
                        )


def _program(pid: str) -> str:
    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
        return ascii(file.read().strip())[1:-1]


def _dress(new: str, target: str) -> None:
    """Give `new` owner, mode and extended attributes (access lists, security labels) of `target`."""
    try:
        old = os.stat(target)
        if (os.stat(new).st_uid, os.stat(new).st_gid) != (old.st_uid, old.st_gid):
            os.chown(new, old.st_uid, old.st_gid, follow_symlinks=False)
        os.chmod(new, stat.S_IMODE(old.st_mode))
        for name in os.listxattr(target):
            value = os.getxattr(target, name)
            if name not in os.listxattr(new) or os.getxattr(new, name) != value:
                os.setxattr(new, name, value)
        fd = os.open(new, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise _failed(new, error) from error


def _exchange(new: str, target: str, aside: str) -> None:
    """The step itself. First the old content gets its second name, so that it has one at every moment.

    A log or journal that could not be folded goes with the old content: beside the new one it would destroy it.
    """
    kept = [suffix for suffix in CONTENT_SUFFIXES if os.path.lexists(target + suffix)]
    linked: List[str] = []
    removed: List[str] = []
    try:
        for suffix in ("", *kept):
            os.link(target + suffix, aside + suffix)
            linked.append(suffix)
        sync_folder(os.path.dirname(target))
        for suffix in SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(target + suffix)
                removed.append(suffix)
        os.rename(new, target)
        sync_folder(os.path.dirname(target))
    except OSError as error:
        for suffix in removed:
            if suffix in linked:
                os.link(aside + suffix, target + suffix)
        for suffix in linked:
            os.unlink(aside + suffix)
        raise _failed(target, error) from error


def _failed(path: str, error: OSError) -> EngineError:
    return EngineError(f"{path!a} can not be changed: {error.strerror}", "Mend that, then run it again.")
