# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a folder of files lies: its path, the names beside it, and the mounts and processes that are in the way."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import Iterator

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError

# Not ".cadangan-", by which other engines know their scratch databases in the same folder.
MARK = ".cadangan_files-"
_ASIDE = ".before-"
_NAME_LIMIT = 255
_ESCAPED = re.compile(rb"\\([0-7]{3})")


def check_path(path: str) -> str:
    """The path with links among the folders above it resolved.

    EngineError unless it is absolute, plain and not itself a link: what is backed up or replaced must be what was
    named in the permit, and not what somebody made of it since.
    """
    if not os.path.isabs(path) or os.path.normpath(path) != path or "\0" in path:
        raise EngineError(f"{path!a} is not a plain absolute path", "Register it without '.', '..' or doubled '/'.")
    if os.path.islink(path):
        raise EngineError(
            f"{path!a} is a symbolic link to {os.path.realpath(path)!a}", "Register the folder that it points to."
        )
    above, name = os.path.split(path)
    resolved = os.path.realpath(above)
    if not os.path.isdir(resolved):
        raise EngineError(f"The folder {above!a} is not there", "Make it, or name another place.")
    return os.path.join(resolved, name)


def check_folder(path: str) -> None:
    """EngineError unless `path` is a folder that can be swapped: no mount point, and none in it."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        raise EngineError(f"There is no folder {path!a}", "Check the path in the asset register.") from None
    if not stat.S_ISDIR(mode):
        raise EngineError(f"{path!a} is not a folder", "Name a folder of files.")
    points = sorted(_mount_points())
    if path in points:
        raise EngineError(
            f"{path!a} is a mount point: it could not be replaced in one step", "Register the folders in it."
        )
    for point in points:
        if point.startswith(path + "/"):
            raise EngineError(
                f"{path!a} holds the mount point {point!a}", "Register the folders beside it, or unmount it."
            )


def check_unused(path: str) -> None:
    """EngineError if a process works in the folder or has a file in it open: it would go on with the old files."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        # Processes end meanwhile, and those of others can not be looked into without being root.
        with contextlib.suppress(OSError):
            for place in _places(pid):
                if place == path or place.startswith(path + "/"):
                    raise EngineError(
                        f"{path!a} is in use by process {pid} ({_program(pid)}): {place!a}",
                        "Stop the application that uses it, then run it again.",
                    )


def scratch_name(path: str, tag: str) -> str:
    """The folder beside `path` in which a new one is made."""
    above, name = os.path.split(path)
    return os.path.join(above, "." + _shortened(name, len(tag) + len(MARK) + 1) + MARK + tag)


def is_scratch(path: str) -> bool:
    """Whether `scratch_name` made this name."""
    name = os.path.basename(path)
    return name.startswith(".") and MARK in name


def aside_name(path: str, tag: str) -> str:
    """The name under which a replaced `path` is kept."""
    above, name = os.path.split(path)
    return os.path.join(above, _shortened(name, len(tag) + len(_ASIDE)) + _ASIDE + tag)


def _shortened(name: str, room: int) -> str:
    """The name, cut so that `room` more bytes fit into a file name beside it."""
    return os.fsencode(name)[: _NAME_LIMIT - room].decode("utf-8", "ignore")


def _mount_points() -> Iterator[str]:
    with open("/proc/self/mountinfo", "rb") as file:
        for line in file:
            point = _ESCAPED.sub(lambda match: bytes([int(match.group(1), 8)]), line.split(b" ")[4])
            yield os.fsdecode(point)


def _places(pid: str) -> Iterator[str]:
    yield os.readlink(f"/proc/{pid}/cwd")
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            yield os.readlink(f"/proc/{pid}/fd/{fd}")


def _program(pid: str) -> str:
    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
        return ascii(file.read().strip())[1:-1]
