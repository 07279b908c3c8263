# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this host must have before a dump is made or restored: room, memory, and a free place for a copy."""

from __future__ import annotations

import os

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError


def check_new(path: str) -> str:
    """The folder in which a copy is going to be; EngineError unless its path is plain, absolute and free."""
    folder = os.path.dirname(path)
    if not os.path.isabs(path) or os.path.normpath(path) != path or "\0" in path:
        raise EngineError(
            f"{path!a} is not a plain absolute path", "A copy is a folder: name one, without '.', '..' or doubled '/'."
        )
    if os.path.lexists(path):
        raise EngineError(f"{path!a} exists already", "Restore under another name.")
    if not os.path.isdir(folder):
        raise EngineError(f"The folder {folder!a} is not there", "Make it, or name another place.")
    return folder


def check_space(folder: str, needed: int) -> None:
    """EngineError unless the file system of a folder has room for a dump of `needed` bytes."""
    usage = os.statvfs(folder)
    free = usage.f_bavail * usage.f_frsize
    if free < needed:
        raise EngineError(
            f"The dump needs about {needed} bytes in {folder!a}, where {free} are free", "Make room there."
        )


def check_memory(needed: int) -> None:
    """EngineError unless this host has `needed` bytes of memory for the second server by which all is proven."""
    with open("/proc/meminfo", encoding="ascii") as file:
        free = {name: int(value.split()[0]) * 1024 for name, value in (told.split(":", 1) for told in file)}
    if free["MemAvailable"] < needed:
        raise EngineError(
            f"To prove the data needs about {needed} bytes of memory, and {free['MemAvailable']} are available",
            "Make memory available on this host, or add swap space.",
        )
