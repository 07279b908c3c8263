"""Disposal on the server that keeps the sets: what goes, what stays whatever was signed, and what a kill leaves."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, pinned, work
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import Folder
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from support.signed_office import ASSET, Keyring, SignedCase
from support.target import RUN, Target

Backup = dict[str, Any]


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Target:
    return Target(tmp_path, keyring, SqliteEngine, monkeypatch)


@pytest.fixture
def database(tmp_path: Path) -> str:
    (tmp_path / "app").mkdir()
    path = str(tmp_path / "app" / "siswa.db")
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE siswa (id INTEGER PRIMARY KEY)")
    connection.close()
    return path


@pytest.fixture
def sets(target: Target, database: str) -> list[Backup]:
    """Two drilled ones of one database, the oldest first."""
    return [target.back_up(database, drill=True) for _ in range(2)]


def disposal(target: Target, *doomed: Backup, **changes: Any) -> SignedCase:
    items = [target.dispose_item(backup, number, **changes) for number, backup in enumerate(doomed, 1)]
    return target.office.case(items, "D-2026-0001")


def dispose(target: Target, case: SignedCase, item: str = "1", **arguments: Any) -> dict[str, Any]:
    return work.run(None, case.permit_b64, target.order(case), item, run=RUN, **arguments)


def listed(target: Target) -> list[str]:
    return FolderRepository(str(target.repository)).sets()


def ids(*backups: Backup) -> list[str]:
    return sorted(backup["facts"]["set"] for backup in backups)


def folder(target: Target, backup: Backup) -> Path:
    return target.repository / str(backup["facts"]["set"])


def test_a_set_goes_and_nothing_else(target: Target, sets: list[Backup]) -> None:
    case = disposal(target, sets[0])
    assert dispose(target, case, check=True)["result"] == "checked"
    assert listed(target) == ids(*sets)
    outcome = dispose(target, case)
    assert outcome["result"] == "done"
    assert outcome["facts"]["bytes"] == sets[0]["facts"]["bytes"]
    assert outcome["facts"]["manifest"] == sets[0]["facts"]["manifest"]
    assert listed(target) == ids(*sets[1:])
    assert not folder(target, sets[0]).exists() and target.partials() == []
    # The journal may not have heard of it.
    again = dispose(target, case)
    assert (again["result"], again["changed"]) == ("done", False)


def test_the_last_drilled_set_stays(target: Target, sets: list[Backup], database: str) -> None:
    case = disposal(target, *sets, target.back_up(database))
    assert dispose(target, case, "1")["result"] == "done"
    outcome = dispose(target, case, "2")
    assert outcome["result"] == "failed" and "is the last whole drilled set" in outcome["message"]
    # One that is not drilled may go for one that is.
    assert dispose(target, case, "3")["result"] == "done"
    assert listed(target) == ids(sets[1])


def test_a_lone_set_stays_even_if_not_drilled(target: Target, database: str) -> None:
    only = target.back_up(database)
    outcome = dispose(target, disposal(target, only))
    assert outcome["result"] == "failed" and "is the last whole set" in outcome["message"]


@pytest.mark.parametrize("how", ["cut", "changed", "no manifest", "another database's", "a copy of the one that goes"])
def test_what_is_not_whole_does_not_count_as_remaining(
    target: Target, sets: list[Backup], database: str, how: str
) -> None:
    part, manifest = folder(target, sets[1]) / "data.zst.age", folder(target, sets[1]) / "manifest.json"
    if how == "cut":
        os.truncate(part, 10)
    elif how == "changed":
        data = part.read_bytes()
        part.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif how == "no manifest":
        manifest.unlink()
    elif how == "another database's":
        shutil.copytree(folder(target, sets[1]), folder(target, sets[1]).parent.parent / "other" / "set")
        shutil.rmtree(folder(target, sets[1]))
    else:
        shutil.rmtree(folder(target, sets[1]))
        shutil.copytree(folder(target, sets[0]), folder(target, sets[1]))
    outcome = dispose(target, disposal(target, sets[0]))
    assert outcome["result"] == "failed" and "is the last whole drilled set" in outcome["message"]
    assert folder(target, sets[0]).exists()


def test_a_damaged_set_may_go(target: Target, sets: list[Backup]) -> None:
    (folder(target, sets[0]) / "data.zst.age").unlink()
    assert dispose(target, disposal(target, sets[0]))["result"] == "done"
    assert listed(target) == ids(*sets[1:])


def test_a_changed_manifest_is_refused(target: Target, sets: list[Backup]) -> None:
    manifest = folder(target, sets[0]) / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"drilled":true', '"drilled":false'))
    outcome = dispose(target, disposal(target, sets[0]))
    assert outcome["result"] == "failed" and "is not the one that was decided on" in outcome["message"]
    assert listed(target) == ids(*sets)


def test_a_set_that_went_otherwise_is_not_called_disposed_of(target: Target, sets: list[Backup]) -> None:
    """As if another disk were mounted there, or none."""
    shutil.move(target.repository, target.folder / "unmounted")
    target.repository.mkdir()
    case = disposal(target, sets[0])
    for check in (True, False):
        outcome = dispose(target, case, check=check)
        assert outcome["result"] == "failed" and "and not by this case" in outcome["message"]
    target.repository.rmdir()
    shutil.move(target.folder / "unmounted", target.repository)
    assert dispose(target, case)["result"] == "done"


@pytest.mark.parametrize("moment", ["renamed", "half of the files gone", "gone"])
def test_what_was_begun_is_finished(
    target: Target, sets: list[Backup], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A run that died on the way, and never told its outcome."""
    remove_file, remove_folder = Folder.remove_file, Folder.remove_folder

    def dying(self: Folder, name: str) -> None:
        if moment == "half of the files gone" and len(self.names()) == 2:
            raise Killed
        remove_file(self, name)

    def removing(self: Folder, name: str) -> None:
        if moment != "renamed":
            remove_folder(self, name)
        raise Killed

    case = disposal(target, sets[0])
    with monkeypatch.context() as killed, pytest.raises(Killed):
        killed.setattr(Folder, "remove_file", dying)
        killed.setattr(Folder, "remove_folder", removing)
        dispose(target, case)
    assert listed(target) == ids(*sets[1:])
    assert len(target.partials()) == (0 if moment == "gone" else 1)
    outcome = dispose(target, case)
    assert outcome["result"] == "done"
    assert target.partials() == [] and not folder(target, sets[0]).exists()


def test_an_unfinished_removal_is_not_published_again(target: Target, sets: list[Backup]) -> None:
    repository = FolderRepository(str(target.repository))
    name = sets[0]["facts"]["set"]
    with Folder.open(str(folder(target, sets[0]).parent)) as parent:
        parent.rename(folder(target, sets[0]).name, folder(target, sets[0]).name + ".disposed.partial")
    assert repository.resume(name) is None
    agency, asset, *_ = name.split("/")
    assert len(repository.sweep(agency, asset)) == 1 and target.partials() == []


def test_a_repository_host_removes_from_its_own_folder(target: Target, sets: list[Backup]) -> None:
    target.office.renew_trust(policy={**target.office.policy, "repository": f"ssh://{ASSET}"})
    case = disposal(target, sets[0])
    outcome = dispose(target, case)
    assert outcome["result"] == "refused" and f"not the repository host {ASSET}" in outcome["message"]
    kept = {
        "type": "repository",
        "name": ASSET,
        "root": str(target.repository),
        "reserve_bytes": 0,
        "daily_bytes": 1,
        "assets": [],
    }
    Path(pinned.kept_file()).write_bytes(canonical.dumps(kept))
    assert dispose(target, case)["result"] == "done"
    assert listed(target) == ids(*sets[1:])


def test_the_modules_are_not_mixed_up(target: Target, sets: list[Backup]) -> None:
    case = disposal(target, sets[0])
    outcome = target.run(case)
    assert outcome["result"] == "failed" and "is for no engine" in outcome["message"]


class Killed(BaseException):
    """As little as a SIGKILL is to be handled."""
