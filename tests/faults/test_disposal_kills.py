"""SIGKILL while sets are removed: what is listed is whole, and the next run of the same case removes the rest."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import work
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from support.kills import KILLS, SEED, run_and_kill, sets_of
from support.signed_office import Keyring
from support.target import RUN, Target


def test_killed_disposals_are_finished(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    print(f"CADANGAN_SEED={SEED}")
    chance, usual = random.Random(SEED), 0.0
    target = Target(tmp_path, keyring, SqliteEngine, monkeypatch)
    database = str(tmp_path / "siswa.db")
    sqlite3.connect(database).execute("CREATE TABLE siswa (id INTEGER PRIMARY KEY)").connection.close()
    doomed = [target.back_up(database) for _ in range(KILLS)]
    kept = target.back_up(database, drill=True)
    case = target.office.case([target.dispose_item(backup, n) for n, backup in enumerate(doomed, 1)], "D-2026-0001")
    for number, backup in enumerate(doomed, 1):

        def dispose(item: str = str(number)) -> dict[str, object]:
            return work.run(None, case.permit_b64, target.order(case), item, run=RUN)

        begun = time.monotonic()
        if usual:
            run_and_kill(dispose, usual, chance)
        for set_id in sets_of(target):
            assert list(BackupSet(FolderRepository(str(target.repository)).find(set_id)).faults()) == []
        assert dispose()["result"] == "done"
        usual = usual or time.monotonic() - begun
        assert backup["facts"]["set"] not in sets_of(target)
        assert target.partials() == []
    assert sets_of(target) == [kept["facts"]["set"]]
