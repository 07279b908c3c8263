"""Application files as root: owners, access lists, mounts, disks that fill up, and the comparison by other means."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import files_place, files_swap
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_files import FilesEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run
from support.awkward_files import differences, make_awkward
from support.files_target import PLACE, FilesTarget
from support.signed_office import Keyring, backup_item
from support.small_disk import mounted, small_disk

ACCOUNT = 33  # www-data
MANY = 20_000


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> FilesTarget:
    return FilesTarget(tmp_path, keyring, monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "app").mkdir()
    return make_awkward(tmp_path / "app" / "unggahan")


def beside(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).parent.iterdir())


def damage(folder: str) -> None:
    (Path(folder) / "foto.jpg").write_bytes(b"rusak")
    (Path(folder) / "hanya baca" / "isi").unlink()
    (Path(folder) / "kosong").chmod(0o700)


def test_files_come_back_as_they_were_by_other_means_too(target: FilesTarget, folder: str) -> None:
    backup = target.back_up(folder, drill=True, **PLACE)
    copy = folder + "-salinan"
    outcome = target.restore(backup, folder, "copy", copy)
    assert outcome["result"] == "done", outcome
    assert differences(folder, copy) == []
    assert os.getxattr(Path(copy) / "program", "security.capability")
    damage(folder)
    assert len(differences(folder, copy)) >= 3
    assert target.drill(backup, folder)["result"] == "done"
    outcome = target.restore(backup, folder, "replace")
    assert outcome["result"] == "done", outcome
    assert differences(folder, copy) == []
    aside = outcome["facts"]["aside"]
    assert (Path(aside) / "foto.jpg").read_bytes() == b"rusak"
    assert beside(folder) == ["unggahan", "unggahan-salinan", Path(aside).name]


def test_a_byte_changed_in_a_restored_copy_fails_the_drill(
    target: FilesTarget, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = target.back_up(folder, **PLACE)
    real = FilesEngine.proof_of

    def spoiled(self: FilesEngine, name: str) -> list[Fact]:
        path = Path(name) / files_swap.TREE / "dalam" / "-rf" / "-rf"
        time = path.stat().st_mtime_ns
        path.write_text("isI")
        os.utime(path, ns=(time, time))
        return real(self, name)

    monkeypatch.setattr(FilesEngine, "proof_of", spoiled)
    outcome = target.drill(backup, folder)
    assert outcome["result"] == "failed"
    (difference,) = outcome["facts"]["differences"]
    assert difference.startswith("changed: file 'dalam/-rf/-rf' (was ")
    assert beside(folder) == ["unggahan"]


def test_what_is_left_out_is_not_restored(target: FilesTarget, folder: str) -> None:
    case = target.case(backup_item(database=folder, drill=True, **PLACE))
    backup = target.run(case, options={"exclude": ["dalam/*", "foto*"]})
    assert backup["result"] == "done", backup
    assert {"name": "left out", "value": "dalam/*"} in target.set(backup).manifest["position"]
    outcome = target.restore(backup, folder, "replace")
    assert outcome["result"] == "done", outcome
    assert not (Path(folder) / "foto.jpg").exists() and list((Path(folder) / "dalam").iterdir()) == []
    assert (Path(outcome["facts"]["aside"]) / "foto.jpg").exists()


def test_a_change_during_the_backup_gives_no_set(
    target: FilesTarget, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = FilesEngine.snapshot

    def disturbed(self: FilesEngine) -> object:
        snapshot = real(self)
        (Path(folder) / "foto.jpg").write_bytes(b"baru")
        return snapshot

    monkeypatch.setattr(FilesEngine, "snapshot", disturbed)
    outcome = target.run(target.case(backup_item(database=folder, **PLACE)))
    assert outcome["result"] == "failed" and "'foto.jpg'" in outcome["message"], outcome
    assert "leave out" in outcome["advice"]
    assert target.partials() == [] and list(target.repository.rglob("*.age")) == []


def test_twenty_thousand_files(target: FilesTarget, tmp_path: Path) -> None:
    folder = tmp_path / "banyak"
    for number in range(MANY):
        if number % 200 == 0:
            below = folder / f"{number // 2000}" / f"bulan {number // 200 % 10}"
            below.mkdir(parents=True)
        (below / f"surat {number}.pdf").write_bytes(b"%d" % number * (number % 50))
    backup = target.back_up(str(folder), **PLACE)
    assert backup["facts"]["proof_facts"] > MANY
    copy = str(folder) + "-salinan"
    assert target.restore(backup, str(folder), "copy", copy)["result"] == "done"
    assert differences(folder, copy) == []


@pytest.mark.parametrize("kind", ["file system", "bind"])
def test_mounts_are_refused(target: FilesTarget, folder: str, tmp_path: Path, kind: str) -> None:
    backup = target.back_up(folder, **PLACE)
    (tmp_path / "lain").mkdir()
    arguments = ["-t", "tmpfs", "tmpfs"] if kind == "file system" else ["--bind", str(tmp_path / "lain")]
    inner = Path(folder) / "titik kait\n"
    with mounted(inner, *arguments):
        for outcome in (
            target.run(target.case(backup_item(database=folder, **PLACE))),
            target.restore(backup, folder, "replace"),
        ):
            assert outcome["result"] == "failed" and "holds the mount point" in outcome["message"]
            assert "titik kait\\n" in outcome["message"]
        outcome = target.run(target.case(backup_item(database=str(inner), **PLACE)))
        assert outcome["result"] == "failed" and "is a mount point" in outcome["message"]


def test_another_file_system_is_not_entered(target: FilesTarget, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_place, "_mount_points", lambda: [])
    with small_disk(Path(folder) / "lain"):
        outcome = target.run(target.case(backup_item(database=folder, **PLACE)))
    assert outcome["result"] == "failed" and "'lain' is on another file system" in outcome["message"]


def test_a_target_that_fills_up_leaves_the_original(
    target: FilesTarget, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (Path(folder) / "besar").write_bytes(os.urandom(6 << 20))
    backup = target.back_up(folder, **PLACE)
    with small_disk(tmp_path / "kecil") as disk:
        original = disk / "unggahan"
        original.mkdir()
        (original / "isi").write_text("asli")
        told = target.restore(backup, folder, "replace", str(original))
        assert told["result"] == "failed" and "The restored folder needs" in told["message"]
        monkeypatch.setattr(FilesEngine, "check_restore", lambda *_arguments: None)
        outcome = target.restore(backup, folder, "replace", str(original))
        assert outcome["result"] == "failed" and "No space left on device" in outcome["message"], outcome
        assert (original / "isi").read_text() == "asli" and beside(str(original)) == ["unggahan"]


def test_a_repository_that_fills_up_gives_no_set(target: FilesTarget, folder: str, tmp_path: Path) -> None:
    (Path(folder) / "besar").write_bytes(os.urandom(6 << 20))
    with small_disk(tmp_path / "kecil", "size=4m,mode=700") as disk, mounted(target.repository, "--bind", str(disk)):
        outcome = target.run(target.case(backup_item(database=folder, drill=True, **PLACE)))
        assert outcome["result"] == "failed" and "No space left on device" in outcome["message"], outcome
        assert [path for path in disk.rglob("*") if path.is_file()] == []
    assert beside(folder) == ["unggahan"]


def test_a_target_without_inodes_is_told_before_anything_begins(
    target: FilesTarget, folder: str, tmp_path: Path
) -> None:
    backup = target.back_up(folder, **PLACE)
    with small_disk(tmp_path / "kecil", "size=200m,nr_inodes=20") as disk:
        outcome = target.restore(backup, folder, "copy", str(disk / "unggahan"))
        assert outcome["result"] == "failed" and "inodes" in outcome["message"]


def test_a_target_that_can_not_be_written_is_told(target: FilesTarget, folder: str, tmp_path: Path) -> None:
    backup = target.back_up(folder, **PLACE)
    with small_disk(tmp_path / "kecil", "ro") as disk:
        outcome = target.restore(backup, folder, "copy", str(disk / "unggahan"))
        assert outcome["result"] == "failed" and "can not be written" in outcome["message"]


def test_files_restored_to_another_file_system_equal_their_proof(
    target: FilesTarget, folder: str, tmp_path: Path
) -> None:
    backup = target.back_up(folder, **PLACE)
    with small_disk(tmp_path / "lain", "size=200m,mode=2777") as disk:
        subprocess.run(["setfacl", "-d", "-m", "u:4321:rwx", disk], check=True)
        copy = str(disk / "unggahan")
        outcome = target.restore(backup, folder, "copy", copy)
        assert outcome["result"] == "done", outcome
        assert differences(folder, copy) == []


def test_a_folder_of_another_account_is_no_way_out(folder: str, tmp_path: Path) -> None:
    """The account that owns the folder above moves our scratch folder away and puts a link in its place."""
    outside = tmp_path / "luar"
    outside.mkdir()
    os.chown(Path(folder).parent, ACCOUNT, ACCOUNT)
    engine = FilesEngine("", folder, {})
    with engine.snapshot() as snapshot:
        data = run(snapshot.parts()[0].command)
    name = engine.scratch_name(folder, "r-2026-0001-1")
    engine.create(name)
    command = engine.load({"name": "data"}, name)
    Path(name).rename(tmp_path / "dipindah")
    Path(name).symlink_to(outside)
    run(command, data)
    assert list(outside.iterdir()) == []
    with pytest.raises(EngineError):
        engine.proof_of(name)
    with pytest.raises(EngineError):
        engine.swap(name, folder, engine.aside_name(folder, "r-2026-0001-1"))
    with pytest.raises(EngineError):
        engine.drop(name)
    assert (tmp_path / "dipindah" / files_swap.TREE / "foto.jpg").exists()
