"""SIGKILL at random moments of a backup and of a replacement: no listed set is bad, no data are lost.

CADANGAN_KILLS says how often (4), CADANGAN_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from support.awkward_redis import fill
from support.redis_server import RedisServer
from support.redis_target import RedisTarget
from support.signed_office import Keyring, backup_item

KILLS = int(os.environ.get("CADANGAN_KILLS", "4"))
SEED = int(os.environ.get("CADANGAN_SEED", random.randrange(1 << 30)))


@pytest.fixture(params=["no", "yes"], ids=["rdb", "aof"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    with RedisServer(appendonly=request.param) as running:
        fill(running, value_size=1_000_000, keys=500)
        running.be_a_service(monkeypatch)
        yield running


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisTarget:
    return RedisTarget(tmp_path, keyring, server, monkeypatch)


def run_and_kill(target: RedisTarget, item: dict[str, Any], after: float, **arguments: Any) -> None:
    """Begin the work in a process of its own, and kill that `after` so many seconds."""
    case = target.case(item)
    child = os.fork()
    if child == 0:
        try:
            target.run(case, **arguments)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def moments(longest: float) -> Iterator[float]:
    print(f"CADANGAN_SEED={SEED}")
    chance = random.Random(SEED)
    return (chance.uniform(0, longest) for _ in range(KILLS))


def tidy(server: RedisServer) -> bool:
    return not [path.name for path in server.data.iterdir() if path.name.startswith(".cadangan-")]


def test_killed_backups_list_no_broken_set(target: RedisTarget, server: RedisServer) -> None:
    before = server.digest()
    begun = time.monotonic()
    target.back_up(drill=True)
    longest = time.monotonic() - begun
    for after in moments(longest):
        run_and_kill(target, backup_item(database="all", drill=True, **target.place), after)
        assert server.digest() == before
    backup = target.back_up()
    repository = FolderRepository(str(target.repository))
    for set_id in repository.sets():
        assert list(BackupSet(repository.find(set_id)).faults()) == []
    assert target.drill(backup)["result"] == "done"
    assert target.partials() == []
    assert tidy(server)


def test_killed_replacements_lose_nothing(target: RedisTarget, server: RedisServer) -> None:
    backup = target.back_up()
    key, whole = target.set_key(backup), server.digest()
    item = target.restore_item(backup, "all", "all", mode="replace", **target.place)
    begun = time.monotonic()
    assert target.run(target.case(item), set_key=key)["result"] == "done"
    longest = time.monotonic() - begun
    server.call("FLUSHDB")
    damaged = server.digest()
    for after in moments(longest):
        run_and_kill(target, item, after, set_key=key)
        # One that was told to stop needs a moment for it.
        time.sleep(0.3)
        if not server.is_up():
            server.start()
        # All old or all new, and old data that were replaced are kept.
        found = server.digest()
        assert found in (whole, damaged)
        server.call("FLUSHDB")
    outcome = target.run(target.case(item), set_key=key)
    assert outcome["result"] == "done", outcome
    assert server.digest() == whole
    assert tidy(server)
