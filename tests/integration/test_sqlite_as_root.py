"""What only root can try: disks that fill up, and databases of other accounts."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine
from support.signed_office import Keyring, backup_item
from support.small_disk import mounted, small_disk
from support.target import Target

ACCOUNT, GROUP = 33, 33  # www-data


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other accounts can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def target(place: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Target:
    return Target(place, keyring, SqliteEngine, monkeypatch)


@pytest.fixture
def database(place: Path) -> str:
    """A database of another account, with content that does not compress."""
    folder = place / "app"
    folder.mkdir()
    path = folder / "siswa.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE foto (id INTEGER PRIMARY KEY, isi BLOB)")
    connection.executemany("INSERT INTO foto (isi) VALUES (?)", [(os.urandom(100_000),) for _ in range(60)])
    connection.commit()
    connection.close()
    for name in (folder, path):
        os.chown(name, ACCOUNT, GROUP)
    path.chmod(0o640)
    return str(path)


@pytest.fixture
def disk(place: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    with small_disk(place / "small") as folder:
        yield folder


def listed(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def count(database: str) -> int:
    connection = sqlite3.connect(database)
    number: int = connection.execute("SELECT count(*) FROM foto").fetchone()[0]
    connection.close()
    return number


def test_a_repository_that_fills_up_gives_no_set(target: Target, database: str, disk: Path) -> None:
    target.repository.rmdir()
    target.repository.symlink_to(disk)
    case = target.case(backup_item(database=database))
    assert "symbolic link" in target.run(case)["message"]
    target.repository.unlink()
    with mounted(target.repository, "--bind", str(disk)):
        outcome = target.run(case)
        assert outcome["result"] == "failed" and "No space left on device" in outcome["message"], outcome
        assert listed(target.repository) == []


def test_a_place_for_the_copy_that_fills_up_is_told(
    target: Target, database: str, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = str(disk / "staging")
    case = target.case(backup_item(database=database))
    told = target.run(case, options={"staging": staging})
    assert told["result"] == "failed" and "needs" in told["message"] and "free" in told["message"]
    monkeypatch.setattr(SqliteEngine, "check_backup", lambda self: None)
    outcome = target.run(case, options={"staging": staging})
    assert outcome["result"] == "failed" and "full" in outcome["message"], outcome
    assert listed(disk) == [] and listed(target.repository) == []


def test_a_target_that_fills_up_leaves_the_original(
    target: Target, database: str, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = target.back_up(database)
    original = disk / "siswa.db"
    connection = sqlite3.connect(original)
    connection.execute("CREATE TABLE foto (id)")
    connection.commit()
    connection.close()
    before = original.read_bytes()
    monkeypatch.setattr(SqliteEngine, "check_restore", lambda *_args: None)
    item = target.restore_item(backup, database, str(original), mode="replace")
    outcome = target.run(target.case(item), set_key=target.set_key(backup))
    assert outcome["result"] == "failed" and "No space left on device" in outcome["message"], outcome
    assert original.read_bytes() == before and listed(disk) == ["siswa.db"]


def test_a_database_of_another_account_stays_theirs(target: Target, database: str) -> None:
    backup = target.back_up(database, drill=True)
    item = target.restore_item(backup, database, database, mode="replace")
    outcome = target.run(target.case(item), set_key=target.set_key(backup))
    assert outcome["result"] == "done", outcome
    for name in (database, outcome["facts"]["aside"]):
        status = Path(name).stat()
        assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (ACCOUNT, GROUP, 0o640)
    copy = database + "-salinan"
    outcome = target.run(target.case(target.restore_item(backup, database, copy)), set_key=target.set_key(backup))
    assert outcome["result"] == "done", outcome
    assert (Path(copy).stat().st_uid, Path(copy).stat().st_mode & 0o7777) == (ACCOUNT, 0o600)
    assert count(copy) == 60


def test_a_log_made_by_root_belongs_to_the_account(target: Target, database: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=wal")
    connection.close()
    target.back_up(database)
    for path in Path(database).parent.iterdir():
        assert path.stat().st_uid == ACCOUNT, path


def test_a_crashed_backup_can_be_swept_by_the_next(target: Target, database: str) -> None:
    backup = target.back_up(database)
    folder = Path(target.set(backup).place)
    shutil.copytree(folder, str(folder) + "0.partial")
    target.back_up(database)
    assert target.partials() == []
