"""A folder that sets are copied to: on which file system it is, what that can hold, and bringing it to the disk."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cadangan.errors import BadInput, WorkFailed

_MOUNTS = Path("/proc/self/mountinfo")
_FAT_FILE = (1 << 32) - 1
_FAT = {"vfat", "msdos"}
_OCTAL = re.compile(r"\\([0-7]{3})")


def check_apart(folder: Path, others: Mapping[str, Path]) -> None:
    """`BadInput` if the folder is on the same file system as one of the `others`, which are named by their keys.

    One that is not there is apart.
    """
    if not folder.exists():
        return
    device = folder.stat().st_dev
    for what, other in others.items():
        if other.exists() and other.stat().st_dev == device:
            raise BadInput(
                f"{folder} is on the same file system as {what} ({other}): one broken disk takes both",
                advice="Is the disk mounted? Name a folder on another one, or say --same-disk if it must be.",
            )


def largest_file(folder: Path) -> int | None:
    """How many bytes a file may have on the folder's file system; None if there is no limit to speak of."""
    return _FAT_FILE if _file_system(folder) in _FAT else None


def sync(folder: Path) -> None:
    """Bring everything on the folder's file system to the disk, so that it may be pulled out."""
    done = subprocess.run(
        ["sync", "--file-system", str(folder)],
        env={"LC_ALL": "C", "PATH": os.defpath},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise WorkFailed(
            f"{folder} could not be brought to the disk: {done.stderr.decode('utf-8', 'replace').strip()}",
            advice="Look after the disk, and copy again.",
        )


def _file_system(folder: Path) -> str:
    """The type of the file system that the folder is on, as the kernel calls it."""
    path = str(folder.resolve())
    found, depth = "", -1
    for line in _MOUNTS.read_text("utf-8", "surrogateescape").splitlines():
        fields, _, rest = line.partition(" - ")
        point = _OCTAL.sub(lambda octal: chr(int(octal[1], 8)), fields.split()[4])
        # What was mounted last lies on top.
        if (path == point or path.startswith(point.rstrip("/") + "/")) and len(point) >= depth:
            found, depth = rest.split()[0], len(point)
    return found
