# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is in a folder: every entry below it with its metadata, and which of them are left out."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Dict, Iterator, List, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError

KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link", stat.S_IFIFO: "pipe"}
ITSELF = "."
# The host's own policy labels what is restored.
NOT_KEPT = ("security.selinux",)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_TOLD = 20


@dataclass(frozen=True)
class Entry:
    """One name in a tree: its path below the top (`.` for the top itself), what it links to, and its metadata.

    Names and link targets that are not UTF-8 hold surrogates, as everywhere in Python.
    """

    path: str
    status: os.stat_result
    link: str
    attributes: Dict[str, bytes]

    @property
    def kind(self) -> str:
        return KINDS[stat.S_IFMT(self.status.st_mode)]

    def is_as(self, before: Entry) -> bool:
        """Whether nothing happened to it since `before`.

        A folder to which others were added meanwhile is still the same: they came too late.
        """
        return self._state() == before._state()

    def _state(self) -> List[object]:
        now = self.status
        state: List[object] = [now.st_dev, now.st_ino, now.st_mode, now.st_uid, now.st_gid, self.link, self.attributes]
        if not stat.S_ISDIR(now.st_mode):
            state += [now.st_size, now.st_mtime_ns, now.st_ctime_ns]
        return state


class Changed(EngineError):
    """What changed while it was read, by name."""

    def __init__(self, paths: Sequence[str]) -> None:
        told = ", ".join(f"{path!a}" for path in paths[:_TOLD])
        more = f" and {len(paths) - _TOLD} more" if len(paths) > _TOLD else ""
        super().__init__(
            f"Changed while they were read: {told}{more}",
            "Run it again when the application is quiet, or name what always changes among the patterns to leave out.",
        )


def check_patterns(patterns: Sequence[str]) -> None:
    """EngineError unless each is a pattern for names, or for paths below the folder."""
    for pattern in patterns:
        if "\0" in pattern or any(part in ("", ".", "..") for part in pattern.split("/")):
            raise EngineError(
                f"{pattern!a} is not a pattern of what to leave out",
                "Write names such as '*.log', or paths below the folder such as 'cache/*', without '/' at the ends.",
            )


def open_folder(path: str) -> int:
    """A descriptor of the folder `path`, which must not be a link."""
    return os.open(path, _FOLDER)


def listing(top: int, left_out: Sequence[str] = ()) -> Iterator[Entry]:
    """Every entry of the tree whose folder `top` is open, folders before what is in them, always in the same order.

    EngineError if something can not be backed up as it is.
    """
    yield Entry(ITSELF, os.fstat(top), "", _attributes(f"/proc/self/fd/{top}/."))
    device = os.fstat(top).st_dev
    pending = [(ITSELF, os.fstat(top))]
    while pending:
        above, expected = pending.pop()
        interruption.check()
        folders = []
        for entry in _children(top, above, expected):
            if is_left_out(entry.path, left_out):
                continue
            _check(entry, device)
            yield entry
            if entry.kind == "folder":
                folders.append((entry.path, entry.status))
        pending += reversed(folders)


def look(folder: int, name: str, path: str) -> Entry:
    """The entry `name` (also a path) of an open folder, called `path`; FileNotFoundError if there is none."""
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    link = os.readlink(name, dir_fd=folder) if stat.S_ISLNK(status.st_mode) else ""
    return Entry(path, status, link, _attributes(f"/proc/self/fd/{folder}/{name}"))


def _children(top: int, above: str, expected: os.stat_result) -> Iterator[Entry]:
    folder = os.open(above, _FOLDER, dir_fd=top)
    try:
        found = os.fstat(folder)
        # Somebody who may write here could have put a link to elsewhere in the place of a folder on the way.
        if (found.st_dev, found.st_ino) != (expected.st_dev, expected.st_ino):
            raise Changed([above])
        for name in sorted(os.listdir(folder), key=os.fsencode):
            with contextlib.suppress(FileNotFoundError):
                yield look(folder, name, name if above == ITSELF else f"{above}/{name}")
    finally:
        os.close(folder)


def _check(entry: Entry, device: int) -> None:
    if stat.S_IFMT(entry.status.st_mode) not in KINDS:
        raise EngineError(
            f"{entry.path!a} is a socket or a device, which a backup can not hold", "Name it among what to leave out."
        )
    if entry.status.st_dev != device:
        raise EngineError(f"{entry.path!a} is on another file system", "Leave it out and register it on its own.")


def is_left_out(path: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern fits: one without a slash the name, one with slashes the whole path."""
    names = path.split("/")
    for pattern in patterns:
        wanted = pattern.split("/")
        compared = names[-1:] if len(wanted) == 1 else names
        if len(wanted) == len(compared) and all(map(fnmatchcase, compared, wanted)):
            return True
    return False


def _attributes(path: str) -> Dict[str, bytes]:
    """Extended attributes, among them access lists and capabilities."""
    try:
        names = os.listxattr(path, follow_symlinks=False)
        kept = sorted(name for name in names if name not in NOT_KEPT)
        return {name: os.getxattr(path, name, follow_symlinks=False) for name in kept}
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENODATA):
            return {}
        raise
