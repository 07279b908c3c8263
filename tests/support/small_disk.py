"""File systems for tests about full disks and mount points; only root can mount them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[Path]:
    """What `mount` makes of these arguments, at `folder`."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", *arguments, folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def small_disk(folder: Path, options: str = "size=4m,mode=755") -> AbstractContextManager[Path]:
    """A file system in memory; `options` are those of tmpfs."""
    return mounted(folder, "-t", "tmpfs", "-o", options, "tmpfs")
