# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQLite: a database is a file, named by its absolute path. The plain dump is the file itself, made consistent."""

from __future__ import annotations

import contextlib
import os
import pwd
import sqlite3
import stat
import tempfile
from typing import Dict, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    interruption,
    moment,
    places,
    sqlite_files,
    sqlite_proof,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    Engine,
    EngineError,
    Fact,
    Part,
    Snapshot,
)

_PAGES_PER_STEP = 10_000
_CHANGE_COUNTER = slice(24, 28)  # in the header of the file
_MARK = ".cadangan-"
_STAGED = ".staged"
_NAME_LIMIT = 255 - len("-journal")


class SqliteSnapshot(Snapshot):
    """A read transaction on the database, and a copy of the file made in it.

    A transaction, since the proof must be of the database and not only of our copy; a copy, since the pages of a
    database with a write-ahead log are in two files. Writers wait for its end, unless there is a write-ahead log.
    """

    def __init__(self, path: str, staging: str, timeout: float) -> None:
        self._path = path
        self._copy = _empty_file(staging)
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(sqlite_files.remove, self._copy)
            with sqlite_proof.readable_errors(path):
                self._source = sqlite_proof.connect(path, "mode=ro", timeout)
            on_failure.callback(self._source.close)
            with sqlite_proof.readable_errors(path):
                self._source.execute("BEGIN")
                self._source.execute("SELECT count(*) FROM sqlite_master").fetchone()
                self.snapshot_at = moment.now()
                self._make_copy()
            with open(self._copy, "rb") as file:
                counter = int.from_bytes(file.read(100)[_CHANGE_COUNTER], "big")
            on_failure.pop_all()
        self.position = [{"name": "file change counter", "value": str(counter)}]

    def close(self) -> None:
        self._source.close()
        sqlite_files.remove(self._copy)

    def parts(self) -> List[Part]:
        return [Part("data", "sqlite3", Command(["cat", self._copy]))]

    def proof(self) -> List[Fact]:
        with sqlite_proof.readable_errors(self._path):
            return sqlite_proof.content(self._source) + sqlite_proof.storage(self._copy)

    def _make_copy(self) -> None:
        with contextlib.closing(sqlite_proof.connect(self._copy, "mode=rw")) as copy:
            # Nobody needs a copy that a crash left unfinished.
            copy.execute("PRAGMA journal_mode=OFF")
            copy.execute("PRAGMA synchronous=OFF")
            self._source.backup(
                copy, pages=_PAGES_PER_STEP, progress=lambda _status, _remaining, _total: interruption.check()
            )


class SqliteEngine(Engine):
    """One SQLite file. Options: `lock_timeout` (seconds), `staging` (folder for the copy; empty: ours)."""

    name = "sqlite"

    def __init__(self, instance: str, database: str, options: Dict[str, object]) -> None:
        super().__init__(instance, database, options)
        self._timeout = float(str(options.get("lock_timeout", 30)))
        self._staging = str(options.get("staging") or os.path.join(places.state_dir(), "staging"))

    def versions(self) -> List[Dict[str, str]]:
        # There is no server: the library that reads the file is both.
        return [{"name": name, "value": sqlite3.sqlite_version} for name in ("server", "client")]

    def size(self) -> int:
        path = sqlite_files.check_path(self.database)
        files = [path] + [name for name in sqlite_files.present(path) if name.endswith("-wal")]
        return sum(os.stat(name).st_size for name in files)

    def check_backup(self) -> None:
        if self.instance:
            raise EngineError(f"SQLite has no instances, but one is named: {self.instance!a}", "Leave it empty.")
        sqlite_files.check_database(sqlite_files.check_path(self.database))
        folder = self._staging
        if not os.path.isabs(folder):
            raise EngineError(f"The folder {folder!a} for the copy is not an absolute path", "Name a whole path.")
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder)
        if not os.path.isdir(folder):
            raise EngineError(f"{folder!a} is not a folder", "Name another place for the copy.")
        _check_space(folder, self.size(), "The copy that is made of the database")

    def snapshot(self) -> SqliteSnapshot:
        path = sqlite_files.check_path(self.database)
        sqlite_files.check_database(path)
        return SqliteSnapshot(path, self._staging, self._timeout)

    def check_restore(self, manifest: dict, mode: str, target: str) -> None:
        path = sqlite_files.check_path(target)
        plain = sum(part["plain_bytes"] for part in manifest["parts"])
        _check_space(os.path.dirname(path), plain, "The restored database")
        if mode == "copy":
            if os.path.lexists(path):
                raise EngineError(f"{target!a} exists already", "Restore under another name, or as a replacement.")
            strays = sqlite_files.present(path)
            if strays:
                raise EngineError(
                    f"{strays[0]!a} is left of another database and would destroy the restored one", "Move it away."
                )
        elif mode == "replace" and os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
            raise EngineError(f"{target!a} is not a regular file", "Name the file of the database.")
        if os.geteuid() != 0 and not os.access(os.path.dirname(path), os.W_OK | os.X_OK):
            raise EngineError(
                f"The folder {os.path.dirname(path)!a} can not be written by this account", "Run it as its owner."
            )

    def scratch_name(self, target: str, tag: str) -> str:
        folder, name = os.path.split(sqlite_files.check_path(target))
        return os.path.join(folder, "." + _shortened(name, len(tag) + len(_MARK) + 1) + _MARK + tag)

    def aside_name(self, target: str, tag: str) -> str:
        folder, name = os.path.split(sqlite_files.check_path(target))
        before = ".before-" + tag
        return os.path.join(folder, _shortened(name, len(before)) + before)

    def create(self, name: str) -> None:
        owner = self._owner(name)
        try:
            fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                if os.geteuid() == 0:
                    os.fchown(fd, owner.st_uid, owner.st_gid)
            finally:
                os.close(fd)
        except OSError as error:
            raise EngineError(f"{name!a} can not be made: {error.strerror}", "Look at its folder.") from error

    def load(self, part: dict, name: str) -> Command:
        argv = ["dd", f"of={name}", "conv=nocreat,fsync", "bs=1M", "iflag=fullblock", "status=none"]
        # As its owner: in a folder of theirs, others could have made the name a link to what only root may write.
        return Command(argv, user=_account(os.lstat(name).st_uid))

    def proof_of(self, name: str) -> List[Fact]:
        with contextlib.ExitStack() as opened:
            opened.enter_context(sqlite_proof.readable_errors(name))
            connection = sqlite_proof.connect(name, "mode=ro&immutable=1")
            opened.callback(connection.close)
            return sqlite_proof.content(connection) + sqlite_proof.storage(name)

    def check_swap(self, target: str) -> None:
        path = sqlite_files.check_path(target)
        if os.path.lexists(path):
            sqlite_files.check_free(path, self._timeout)

    def swap(self, new: str, target: str, aside: str) -> None:
        target = sqlite_files.check_path(target)
        if aside and os.path.lexists(target):
            sqlite_files.replace(new, target, aside, self._timeout)
        else:
            sqlite_files.place(new, target, aside)

    def drop(self, name: str) -> None:
        if _MARK not in os.path.basename(name) and not name.endswith(_STAGED):
            raise EngineError(f"{name!a} is not a scratch database", "Report this as a fault of Cadangan.")
        sqlite_files.remove(name)

    def exists(self, name: str) -> bool:
        return os.path.lexists(name)

    def leftovers(self) -> List[str]:
        folder = os.path.dirname(sqlite_files.check_path(self.database))
        scratch = [name for name in _names(folder) if name.startswith(".") and _MARK in name]
        main = [name for name in scratch if not name.endswith(sqlite_files.SUFFIXES)]
        staged = [name for name in _names(self._staging) if name.endswith(_STAGED)]
        return [os.path.join(folder, name) for name in main] + [os.path.join(self._staging, name) for name in staged]

    def _owner(self, scratch: str) -> os.stat_result:
        """Whose the restored file shall be: as the database that was backed up, or else as the folder."""
        if os.path.isfile(self.database):
            return os.stat(self.database)
        return os.stat(os.path.dirname(scratch))


def _empty_file(folder: str) -> str:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        fd, path = tempfile.mkstemp(suffix=_STAGED, dir=folder)
    except OSError as error:
        raise EngineError(f"{folder!a} can not be written: {error.strerror}", "Look at that folder.") from error
    os.close(fd)
    return path


def _check_space(folder: str, needed: int, what: str) -> None:
    usage = os.statvfs(folder)
    free = usage.f_bavail * usage.f_frsize
    if free < needed:
        raise EngineError(f"{what} needs {needed} bytes, {folder!a} has {free} free", "Make room there.")


def _account(uid: int) -> Optional[str]:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _names(folder: str) -> List[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


def _shortened(name: str, room: int) -> str:
    """The name, cut so that `room` more bytes fit into a file name beside it."""
    data = os.fsencode(name)[: _NAME_LIMIT - room]
    return data.decode("utf-8", "ignore")
