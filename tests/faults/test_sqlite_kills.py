"""SIGKILL at random moments: no listed set that is not whole, no original lost, and the next run tidies up."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from support.kills import KILLS, SEED, run_and_kill
from support.signed_office import Keyring, backup_item
from support.target import Target

WHOLE, DAMAGED = 3000, 10


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Target:
    return Target(tmp_path, keyring, SqliteEngine, monkeypatch)


@pytest.fixture
def database(tmp_path: Path) -> str:
    (tmp_path / "app").mkdir()
    path = str(tmp_path / "app" / "siswa.db")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("CREATE TABLE siswa (id INTEGER PRIMARY KEY, foto BLOB)")
    connection.executemany("INSERT INTO siswa (foto) VALUES (?)", [(os.urandom(1000),) for _ in range(WHOLE)])
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def chance() -> random.Random:
    print(f"CADANGAN_SEED={SEED}")
    return random.Random(SEED)


def kill(target: Target, item: dict[str, Any], usual: float, chance: random.Random, **arguments: Any) -> None:
    """Begin the item, and kill the run at some moment of the `usual` seconds that it takes."""
    case = target.case(item)
    run_and_kill(lambda: target.run(case, **arguments), usual, chance)


def count(database: str) -> int:
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    number: int = connection.execute("SELECT count(*) FROM siswa").fetchone()[0]
    connection.close()
    return number


def duration(action: Any) -> float:
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def test_killed_backups_list_no_broken_set(target: Target, database: str, chance: random.Random) -> None:
    longest = duration(lambda: target.back_up(database, drill=True))
    for _ in range(KILLS):
        kill(target, backup_item(database=database, drill=True), longest, chance)
        assert count(database) == WHOLE
    repository = FolderRepository(str(target.repository))
    last = target.back_up(database)
    for set_id in repository.sets():
        assert list(BackupSet(repository.find(set_id)).faults()) == []
    assert last["facts"]["set"] in repository.sets()
    assert target.partials() == []
    assert [path.name for path in Path(database).parent.iterdir() if "cadangan" in path.name] == []
    assert list((target.state / "staging").iterdir()) == []


def test_killed_replacements_lose_nothing(target: Target, database: str, chance: random.Random) -> None:
    backup = target.back_up(database)
    key = target.set_key(backup)
    folder = Path(database).parent
    item = target.restore_item(backup, database, database, mode="replace")
    longest = duration(lambda: target.run(target.case(item), set_key=key))
    for _ in range(KILLS):
        connection = sqlite3.connect(database)
        connection.execute("DELETE FROM siswa WHERE id > ?", (DAMAGED,))
        connection.commit()
        connection.close()
        known = set(folder.glob("*.before-*"))
        kill(target, item, longest, chance, set_key=key)
        found = count(database)
        assert found in (WHOLE, DAMAGED)
        if found == WHOLE:
            # The old content has another name: it was replaced, not overwritten.
            (aside,) = [path for path in set(folder.glob("*.before-*")) - known if path.suffix != ".db-wal"]
            assert count(str(aside)) == DAMAGED
    outcome = target.run(target.case(item), set_key=key)
    assert outcome["result"] == "done", outcome
    assert count(database) == WHOLE
    assert [path.name for path in folder.iterdir() if ".cadangan-" in path.name] == []
