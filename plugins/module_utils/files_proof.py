# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof of a folder of files: one fact for every entry, about its metadata and its content."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
from typing import Dict, Iterator, List, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.files_tree import Changed, Entry, look
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK

_UNUSUAL = re.compile("[%\udc80-\udcff]")
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FACT_BYTES = 260  # of a fact in the manifest, without its name
_ATTRIBUTE_BYTES = 110

Identity = Tuple[int, int]


def shown(name: str) -> str:
    """A name as text: bytes that are not UTF-8, and `%`, percent-encoded, so that no two names look the same."""
    text = os.fsencode(name).decode("utf-8", "surrogateescape")
    return _UNUSUAL.sub(lambda match: "%%%02X" % match.group().encode("utf-8", "surrogateescape")[0], text)


def check_amount(entries: Sequence[Entry]) -> None:
    """EngineError if the facts about so many entries do not fit into a manifest."""
    needed = sum(
        _FACT_BYTES + len(ascii(entry.path)) + len(ascii(entry.link)) + _ATTRIBUTE_BYTES * len(entry.attributes)
        for entry in entries
    )
    if needed > canonical.MANIFEST_LIMIT:
        raise EngineError(
            f"There are {len(entries)} files and folders, too many for the proof of one backup set",
            "Register the folders in it one by one.",
        )


def facts(top: int, entries: Sequence[Entry]) -> List[Fact]:
    """The facts about the entries of the tree whose folder `top` is open.

    `Changed` names those that are not as they were when they were listed.
    """
    first = _first_names(entries)
    digests: Dict[Identity, str] = {}
    found: List[Fact] = []
    stale: List[str] = []
    for entry in entries:
        interruption.check()
        identity = (entry.status.st_dev, entry.status.st_ino)
        try:
            if entry.kind == "file" and identity not in digests:
                digests[identity] = _digest(top, entry)
            _check(top, entry)
        except _Stale:
            stale.append(entry.path)
            continue
        value = " ".join(_words(entry, digests.get(identity, ""), first.get(identity, entry.path)))
        found.append({"kind": entry.kind, "name": shown(entry.path), "value": value})
    if stale:
        raise Changed(stale)
    return found


def check_unchanged(top: int, entries: Sequence[Entry]) -> None:
    """`Changed` names the entries that are not as they were when they were listed, without reading them."""
    stale = []
    for entry in entries:
        try:
            _check(top, entry)
        except _Stale:
            stale.append(entry.path)
    if stale:
        raise Changed(stale)


class _Stale(Exception):
    """The entry is not as it was, or another one has its name now."""


@contextlib.contextmanager
def _noticing() -> Iterator[None]:
    """What can only be because somebody removed or replaced it is a change, and no other fault."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
            raise _Stale from error
        raise


def _check(top: int, entry: Entry) -> None:
    with _noticing():
        if not look(top, entry.path, entry.path).is_as(entry):
            raise _Stale


def _first_names(entries: Sequence[Entry]) -> Dict[Identity, str]:
    """For every file the first of its names in this tree: by it hard links are told."""
    first: Dict[Identity, str] = {}
    for entry in entries:
        if entry.kind == "file":
            first.setdefault((entry.status.st_dev, entry.status.st_ino), entry.path)
    return first


def _words(entry: Entry, digest: str, first: str) -> Iterator[str]:
    status = entry.status
    yield f"owner={status.st_uid}:{status.st_gid}"
    if entry.kind != "link":
        yield f"mode={stat.S_IMODE(status.st_mode):04o}"
    # A folder's time tells only when something was added to it, which may have come too late for the backup.
    if entry.kind != "folder":
        yield f"mtime={status.st_mtime_ns // 10**9}.{status.st_mtime_ns % 10**9:09}"
    if entry.kind == "file":
        yield f"size={status.st_size}"
        yield f"sha256={digest}"
    for name, value in entry.attributes.items():
        yield f"{shown(name)}={hashlib.sha256(value).hexdigest()}"
    if first != entry.path:
        yield f"same file as {shown(first)}"
    if entry.kind == "link":
        yield f"to {shown(entry.link)}"


def _digest(top: int, entry: Entry) -> str:
    """SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with contextlib.ExitStack() as opened:
        with _noticing():
            fd = os.open(entry.path, _FILE, dir_fd=top)
        opened.callback(os.close, fd)
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) != (entry.status.st_dev, entry.status.st_ino):
            raise _Stale
        while True:
            chunk = os.read(fd, CHUNK)
            if not chunk:
                return digest.hexdigest()
            digest.update(chunk)
            interruption.check()
