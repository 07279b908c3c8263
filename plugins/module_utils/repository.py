# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where backup sets are kept: a folder. A set that is listed is whole, since it gets its name last."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from typing import Iterator, List
from urllib.parse import quote

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError

PARTIAL = ".partial"
_DEPTH = 5
_NAME_LIMIT = 255 - len(PARTIAL)
# Dumps mostly shrink to a third or less. One that does not, and so fills the disk, is cleaned up.
_EXPECTED_SHRINKING = 2


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


class Repository:
    """The folder `root`. Raises EngineError, also for an OSError of the file system."""

    def __init__(self, root: str) -> None:
        self.root = root

    def check(self) -> None:
        """The folder must be there, be a folder and not a link to one, and be ours to write."""
        if not os.path.isabs(self.root):
            raise EngineError(f"The repository {self.root!a} is not an absolute path", "Mend the office's policy.")
        _check_folder(self.root)
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise EngineError(
                f"The repository {self.root} can not be written by this account",
                "Mount it writable, and give the account that runs the backup the right to write there.",
            )

    def check_space(self, plain_bytes: int) -> None:
        """There must be room for a dump of that many plain bytes, as dumps go."""
        usage = os.statvfs(self.root)
        free = usage.f_bavail * usage.f_frsize
        needed = plain_bytes // _EXPECTED_SHRINKING
        if free < needed:
            raise EngineError(
                f"The repository {self.root} has {free} bytes free, the backup needs about {needed}",
                "Make room in the repository.",
            )

    def path(self, set_id_: str) -> str:
        """The folder of a set, whether it is there or not. EngineError if it is no id of a set."""
        names = set_id_.split("/")
        if len(names) != _DEPTH or any(
            not name or name.startswith(".") or name != quote(name, safe="%") for name in names
        ):
            raise EngineError(f"{set_id_!a} is not the id of a backup set", "Look at: cadangan set list")
        return os.path.join(self.root, *names)

    def find(self, set_id_: str) -> str:
        """The folder of a published set. EngineError if there is none."""
        path = self.path(set_id_)
        self._check_way(path)
        if not os.path.isdir(path) or os.path.islink(path):
            raise EngineError(f"The repository {self.root} has no backup set {set_id_}", "Look at: cadangan set list")
        return path

    def begin(self, set_id_: str) -> str:
        """Make the folder in which a set is written, and give its path."""
        final = self.path(set_id_)
        partial = final + PARTIAL
        try:
            folder = self.root
            for name in os.path.dirname(os.path.relpath(final, self.root)).split(os.sep):
                parent, folder = folder, os.path.join(folder, name)
                with contextlib.suppress(FileExistsError):
                    os.mkdir(folder, 0o700)
                    sync_folder(parent)
                _check_folder(folder)
            if os.path.lexists(final):
                raise EngineError(f"There is a backup set {set_id_} already", "Run it again.")
            os.mkdir(partial, 0o700)
        except OSError as error:
            raise _failed(partial, error) from error
        return partial

    def publish(self, partial: str) -> str:
        """Give a finished set its final name, durably; all its files must be durable before."""
        final = partial[: -len(PARTIAL)]
        try:
            sync_folder(partial)
            os.rename(partial, final)
            sync_folder(os.path.dirname(final))
        except OSError as error:
            raise _failed(final, error) from error
        return final

    def sets(self) -> List[str]:
        """The ids of all published sets, sorted."""
        return [
            os.path.relpath(path, self.root) for path in self._folders(self.root, _DEPTH) if not path.endswith(PARTIAL)
        ]

    def sweep(self, agency: str, asset: str) -> List[str]:
        """Remove what crashed runs of this asset left, and name it. Only while no other run works here."""
        start = os.path.join(self.root, encode(agency), encode(asset))
        stale = [path for path in self._folders(start, _DEPTH - 2) if path.endswith(PARTIAL)]
        for path in stale:
            shutil.rmtree(path, ignore_errors=True)
        return [os.path.relpath(path, self.root) for path in stale]

    def _folders(self, start: str, depth: int) -> Iterator[str]:
        """The folders `depth` levels below `start`, sorted; links are not followed."""
        if depth == 0:
            yield start
            return
        try:
            with os.scandir(start) as entries:
                names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed(start, error) from error
        for name in names:
            yield from self._folders(os.path.join(start, name), depth - 1)

    def _check_way(self, path: str) -> None:
        folder = self.root
        for name in os.path.relpath(path, self.root).split(os.sep):
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
