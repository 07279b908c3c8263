"""Which process carries out a run, so that a run whose process is gone can be told from one that goes on."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def owner_of(pid: int) -> str:
    """`host boot pid start` of a process: unique over reboots and reused process numbers."""
    return f"{socket.gethostname()} {_boot()} {pid} {_start_time(pid)}"


def is_alive(owner: str) -> bool | None:
    """Whether that process still runs; None when it belongs to another host, where only that host can tell."""
    host, boot, pid, start = owner.rsplit(" ", 3)
    if host != socket.gethostname():
        return None
    if boot != _boot():
        return False
    return _start_time(int(pid)) == start


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _start_time(pid: int) -> str:
    """Field 22 of `/proc/<pid>/stat`, in clock ticks since boot; empty when no such process runs."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    state, *fields = stat.rpartition(")")[2].split()
    # A killed process whose parent is slow to collect it still has its entry.
    return "" if state in "ZX" else fields[18]


def parent() -> str:
    """The owner for an action plugin: the `ansible-playbook` that started this worker."""
    return owner_of(os.getppid())
