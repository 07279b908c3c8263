"""File systems for tests about full disks and mount points; only root can mount them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

_UMOUNT_SECONDS = 30


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[Path]:
    """What `mount` makes of these arguments, at `folder`."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", *arguments, folder], check=True)
    try:
        yield folder
    finally:
        _umount(folder)


def small_disk(folder: Path, options: str = "size=4m,mode=755") -> AbstractContextManager[Path]:
    """A file system in memory; `options` are those of tmpfs."""
    return mounted(folder, "-t", "tmpfs", "-o", options, "tmpfs")


@contextmanager
def exfat_disk(folder: Path) -> Iterator[Callable[[], None]]:
    """A disk as one buys it, at `folder`; call what this gives to pull it out and put it in again."""
    image = folder.with_name(f"{folder.name}.img")
    with image.open("wb") as file:
        file.truncate(32 << 20)
    subprocess.run(["mkfs.exfat", image], check=True, stdout=subprocess.DEVNULL)
    losetup = ["losetup", "--find", "--show", image]
    device = subprocess.run(losetup, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    try:
        folder.mkdir()
        _mount_exfat(device, folder)

        def again() -> None:
            _umount(folder)
            _mount_exfat(device, folder)

        try:
            yield again
        finally:
            _umount(folder)
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)


def _mount_exfat(device: str, folder: Path) -> None:
    subprocess.run(["mount.exfat-fuse", device, folder], check=True, stdout=subprocess.DEVNULL)


def _umount(folder: Path) -> None:
    """Waits for processes that were killed, and their children that save: they hold files until they have ended."""
    for _ in range(_UMOUNT_SECONDS * 10):
        if subprocess.run(["umount", folder], check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(0.1)
    subprocess.run(["umount", folder], check=True)
