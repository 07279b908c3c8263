"""SIGKILL at random moments of a backup and of a replacement of files: no listed set is bad, no original is lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from support.awkward_files import differences, make_awkward
from support.files_target import PLACE, FilesTarget
from support.kills import KILLS, SEED, as_backup, run_and_kill, sets_of
from support.signed_office import Keyring, backup_item


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> FilesTarget:
    return FilesTarget(tmp_path, keyring, monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """An awkward folder with some weight, in a folder of its own."""
    (tmp_path / "app").mkdir()
    folder = make_awkward(tmp_path / "app" / "unggahan")
    for number in range(300):
        Path(folder, f"berkas-{number}").write_bytes(os.urandom(20_000))
    return folder


@pytest.fixture
def chance() -> random.Random:
    print(f"CADANGAN_SEED={SEED}")
    return random.Random(SEED)


def beside(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).parent.iterdir())


def test_killed_backups(target: FilesTarget, folder: str, chance: random.Random) -> None:
    begun = time.monotonic()
    target.back_up(folder, drill=True, **PLACE)
    usual = time.monotonic() - begun
    for _ in range(KILLS):
        known = set(sets_of(target))
        case = target.case(backup_item(database=folder, drill=True, **PLACE))
        run_and_kill(lambda case=case: target.run(case), usual, chance)
        for set_id in set(sets_of(target)) - known:
            assert target.drill(as_backup(target, set_id), folder)["result"] == "done"
    outcome = target.back_up(folder, **PLACE)
    assert target.drill(outcome, folder)["result"] == "done"
    assert target.partials() == [] and beside(folder) == ["unggahan"]
    assert list((target.state / "staging").iterdir()) == []


def test_killed_replacements(target: FilesTarget, folder: str, tmp_path: Path, chance: random.Random) -> None:
    backup = target.back_up(folder, **PLACE)
    key = target.set_key(backup)
    whole, damaged = str(tmp_path / "utuh"), str(tmp_path / "rusak")
    copy(folder, whole)
    (Path(folder) / "foto.jpg").unlink()
    (Path(folder) / "kosong.txt").write_text("rusak")
    copy(folder, damaged)
    begun = time.monotonic()
    assert target.restore(backup, folder, "replace")["result"] == "done"
    usual = time.monotonic() - begun
    swapped = 0
    for _ in range(KILLS):
        put_back(folder, damaged)
        case = target.case(target.restore_item(backup, folder, folder, mode="replace", **PLACE))
        run_and_kill(lambda case=case: target.run(case, set_key=key), usual, chance)
        # Either nothing happened, or all of it: the old folder is there under one name or the other.
        kept = asides(folder)
        assert differences(whole if kept else damaged, folder) == []
        assert [differences(damaged, name) for name in kept] == [[]] * len(kept)
        assert len(kept) < 2
        swapped += len(kept)
    print(f"{swapped} of {KILLS} kills came after the swap")
    put_back(folder, damaged)
    assert target.restore(backup, folder, "replace")["result"] == "done"
    assert differences(whole, folder) == []
    put_back(folder, damaged)
    assert beside(folder) == ["unggahan"]


def asides(folder: str) -> list[Path]:
    return list(Path(folder).parent.glob("unggahan.before-*"))


def put_back(folder: str, damaged: str) -> None:
    """Undo a replacement, if there was one."""
    for kept in asides(folder):
        shutil.rmtree(folder)
        kept.rename(folder)
    assert differences(damaged, folder) == []


def copy(folder: str, other: str) -> None:
    subprocess.run(["cp", "--archive", "--", folder, other], check=True)
