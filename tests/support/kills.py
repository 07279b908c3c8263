"""SIGKILL at random moments of a run, and what is left of it.

CADANGAN_KILLS says how often (6), CADANGAN_SEED repeats the moments.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from support.target import Target

KILLS = int(os.environ.get("CADANGAN_KILLS", "6"))
SEED = int(os.environ.get("CADANGAN_SEED", random.randrange(1 << 30)))


def run_and_kill(work: Callable[[], dict[str, Any]], usual: float, chance: random.Random) -> None:
    """Begin the work in a process of its own, and kill that, alone or with all that it started, at some moment.

    `usual` is how long the work takes, in seconds.
    """
    after, alone = chance.uniform(0, usual * 1.1), chance.random() < 0.5
    print(f"kill {'alone' if alone else 'with children'} after {after:.3f} of {usual:.3f} s")
    run = _in_child(work)
    time.sleep(after)
    children = descendants(run)
    for pid in [run] if alone else [*children, run]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(run, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it was too late for the kill, and had failed"


def descendants(pid: int) -> list[int]:
    """All processes that it started, and that these started."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found = children.get(pid, [])
    return [*found, *(below for child in found for below in descendants(child))]


def sets_of(target: Target) -> list[str]:
    return FolderRepository(str(target.repository)).sets()


def as_backup(target: Target, set_id: str) -> dict[str, Any]:
    """A listed set, as the run that made it would have told it."""
    found = BackupSet(FolderRepository(str(target.repository)).find(set_id))
    facts = {"set": set_id, "manifest": found.digest, "snapshot_at": found.manifest["snapshot_at"]}
    return {"facts": facts, "key_age": found.texts()["key_age"]}


def _in_child(work: Callable[[], dict[str, Any]]) -> int:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if work()["result"] == "done" else 1
        finally:
            os._exit(status)
    return pid
