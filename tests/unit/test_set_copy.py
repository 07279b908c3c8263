"""`cadangan set copy`: whole or not at all, read back before it counts, and known to the journal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_connection
from ansible_collections.diskominfo.cadangan.plugins.module_utils.growing_file import GrowingFile
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Stored
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from cadangan.evidence.assets import all_asset_keys
from cadangan.execution import medium, set_copy
from support.holder_desk import ASSET
from support.repository_server import NAME, OPERATOR, RepositoryServer, contact
from support.set_desk import AGENCY, SetDesk, files, flip_a_bit
from support.signed_office import Keyring

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> SetDesk:
    return SetDesk.furnished(tmp_path_factory.mktemp("copies"), keyring)


@pytest.fixture
def desk(tmp_path: Path, made: SetDesk) -> SetDesk:
    return made.again(tmp_path / "all")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


def copy(desk: SetDesk, disk: Path, *arguments: str, status: int = 0) -> str:
    return desk.types("set", "copy", "--to", str(disk), "--same-disk", *arguments, status=status)


def listed(folder: Path) -> list[str]:
    return FolderRepository(str(folder)).sets()


def test_everything_that_a_set_needs_is_copied_and_the_journal_knows_it(desk: SetDesk, disk: Path) -> None:
    first, second = desk.make_set(1), desk.make_set(2)
    desk.repository.add_key(first, "key-20261126T000000Z.age", b"wrapped again")
    (desk.store / first / "receipt.json").write_bytes(b"{}\n")
    said = copy(desk, disk, "--all", "--label", "BACKUP-07")
    assert "2 sets copied" in said and "unmount it, then take it away" in said
    assert dict(files(disk)) == dict(files(desk.store))
    (entry,) = (entry for entry in desk.entries("copied") if entry["set"] == first)
    assert entry == entry | {
        "manifest": desk.catalogue.get(first).digest,
        "place": str(disk),
        "label": "BACKUP-07",
    }
    assert f"{disk} (BACKUP-07)" in desk.types("set", "show", first)
    assert "1 copies" in desk.types("set", "list", "--all")

    said = copy(desk, disk, "--all", "--label", "BACKUP-07")
    assert "0 sets copied" in said and "2 were there already and are whole" in said
    assert len(desk.entries("copied")) == 2
    assert desk.asks("set", "list", "--repository", str(disk))["repositories"][0]["sets"] == 2
    assert second in listed(disk)


def test_an_office_can_be_recovered_from_a_copy_alone(desk: SetDesk, disk: Path, tmp_path: Path) -> None:
    made = desk.make_set(1)
    copy(desk, disk, made)
    shutil.rmtree(desk.store / made)
    new = tmp_path / "new"
    desk.types("office", "recover", str(new), "--from", str(disk), "--identity", desk.identity("kasi"))
    anew = desk.anew(new)
    assert "1 sets checked, 0 damaged" in anew.types("set", "verify", "--repository", str(disk))


def test_the_newest_of_each_database_of_an_agency(desk: SetDesk, disk: Path) -> None:
    desk.make_set(1, snapshot_at="2026-11-01T00:00:00Z")
    wanted = sorted([desk.make_set(2), desk.make_set(3, database="/srv/lain.db")])
    assert "there is no backup set to copy" in copy(desk, disk, "--newest", "--agency", "dpmptsp", status=4)
    copy(desk, disk, "--newest", "--agency", AGENCY)
    assert listed(disk) == wanted


def test_it_must_be_clear_what_to_copy(desk: SetDesk, disk: Path) -> None:
    made = desk.make_set(1)
    for arguments in ([], ["--newest", "--all"], [made, "--all"], [made, "--agency", AGENCY]):
        assert "name the sets, or say --newest or --all" in copy(desk, disk, *arguments, status=2)
    assert listed(disk) == []


def test_a_copy_on_the_same_disk_is_refused(desk: SetDesk, disk: Path) -> None:
    made = desk.make_set(1)
    said = desk.types("set", "copy", made, "--to", str(disk), status=2)
    assert "on the same file system as the repository" in said and "--same-disk" in said
    assert listed(disk) == [] and desk.entries("copied") == []


def test_a_place_that_is_not_there_is_missing(desk: SetDesk, disk: Path) -> None:
    made = desk.make_set(1)
    assert "/nowhere" in desk.types("set", "copy", made, "--to", "/nowhere", status=4)
    assert "there is no backup set" in copy(desk, disk, made.replace("0001", "0009"), status=4)


def test_a_damaged_set_is_not_copied_and_the_others_are(desk: SetDesk, disk: Path) -> None:
    damaged, cut, whole = (desk.make_set(number) for number in (1, 2, 3))
    flip_a_bit(desk.part(damaged))
    desk.part(cut).write_bytes(desk.part(cut).read_bytes()[:-1])
    said = copy(desk, disk, "--all", status=1)
    assert f"{damaged} was not copied: Part data.zst.age of the backup set is damaged" in said
    assert f"{cut} was not copied: Part data.zst.age" in said
    assert listed(disk) == [whole] and [entry["set"] for entry in desk.entries("copied")] == [whole]
    assert list(disk.rglob("*.partial")) == []


def test_a_bit_that_flipped_on_the_disk_is_found_when_copying_again(desk: SetDesk, disk: Path) -> None:
    made = desk.make_set(1)
    copy(desk, disk, made)
    flip_a_bit(desk.part(made, disk))
    said = copy(desk, disk, made, status=1)
    assert "already, but damaged: Part data.zst.age" in said
    assert "SHA-256" in desk.types("set", "verify", "--repository", str(disk), status=1)
    assert desk.asks("set", "verify", "--repository", desk.repository.name)["checked"] == 1


def test_a_disk_that_gives_back_other_bytes_gets_no_set(
    desk: SetDesk, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.make_set(1)
    settle = GrowingFile.settle

    def broken(file: GrowingFile) -> Stored:
        return Stored(settle(file).bytes, "ab" * 32)

    monkeypatch.setattr(GrowingFile, "settle", broken)
    assert "came back from the disk of the copy other than it was written" in copy(desk, disk, made, status=1)
    assert dict(files(disk)) == {} and desk.entries("copied") == []


def test_what_a_killed_copy_left_is_taken_away(desk: SetDesk, disk: Path) -> None:
    made = desk.make_set(1)
    left = disk / f"{made}.partial"
    left.mkdir(parents=True)
    (left / "data.zst.age").write_bytes(b"half")
    assert listed(disk) == []
    copy(desk, disk, made)
    assert dict(files(disk)) == dict(files(desk.store))


def test_a_key_that_was_wrapped_since_is_added_and_an_untold_copy_told(desk: SetDesk, disk: Path) -> None:
    made = desk.make_set(1)
    shutil.copytree(desk.store, disk, dirs_exist_ok=True)
    desk.repository.add_key(made, "key-20261126T000000Z.age", b"wrapped again")
    assert "1 were there already" in copy(desk, disk, made)
    assert dict(files(disk)) == dict(files(desk.store))
    assert [entry["set"] for entry in desk.entries("copied")] == [made]


def test_two_copies_to_one_place_at_once(desk: SetDesk, disk: Path) -> None:
    made = desk.make_set(1)
    with set_copy.exclusive(FolderRepository(str(disk))):
        assert "another copy" in copy(desk, disk, made, status=1)
    assert listed(disk) == []
    copy(desk, disk, made)


def test_a_file_that_fat_can_not_hold_is_told_before_anything_is_written(
    desk: SetDesk, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.make_set(1)
    mounts = disk.parent / "mounts"
    mounts.write_text(
        "22 1 0:21 / / rw shared:1 - ext4 /dev/vda rw\n"
        f"80 22 7:0 / {disk} rw,relatime shared:5 - vfat /dev/loop0 rw,utf8\n"
    )
    monkeypatch.setattr(medium, "_MOUNTS", mounts)
    assert medium.largest_file(disk) == (4 << 30) - 1
    assert medium.largest_file(disk.parent) is None
    monkeypatch.setattr(medium, "_FAT_FILE", 1000)
    said = copy(desk, disk, made, status=1)
    assert "is a FAT file system, on which a file has less than 4 GiB" in said and "exFAT" in said
    assert dict(files(disk)) == {}


def test_no_room_is_told_before_anything_is_written(desk: SetDesk, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk.make_set(1)
    monkeypatch.setattr(FolderRepository, "room", lambda repository: 1000)
    assert f"{disk} has 1000 bytes free, the set has" in copy(desk, disk, made, status=1)
    assert dict(files(disk)) == {}


def test_what_was_disposed_of_is_not_copied(desk: SetDesk, disk: Path) -> None:
    made, gone = desk.make_set(1), desk.make_set(2)
    desk.disposed(1, gone)
    assert "was disposed of by case D-2026-0001" in copy(desk, disk, gone, status=2)
    copy(desk, disk, "--all")
    assert listed(disk) == [made]


def test_to_a_repository_host_and_what_it_has_then(
    desk: SetDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = RepositoryServer(tmp_path, all_asset_keys(desk.journal))
    monkeypatch.setattr(repository_connection, "ssh_command", lambda *arguments: server.command(OPERATOR))
    desk.journal.append({"type": "repository", **contact()})
    first, second = desk.make_set(1), desk.make_set(2)
    desk.repository.add_key(first, "key-20261126T000000Z.age", b"wrapped again")
    place = f"ssh://{NAME}"
    assert "2 sets copied" in desk.types("set", "copy", "--all", "--to", place)
    assert "2 were there already" in desk.types("set", "copy", "--all", "--to", place)
    kept = {name: content for name, content in server.files().items() if not name.startswith(".evidence")}
    receipts = {f"{made}/receipt.json" for made in (first, second)}
    assert {name: content for name, content in kept.items() if name not in receipts} == dict(files(desk.store))

    found = {row["place"]: row["sets"] for row in desk.asks("set", "list", "--check")["repositories"]}
    assert found == {desk.repository.name: 2, place: 2}
    assert desk.asks("set", "verify")["checked"] == 4
    flip_a_bit(desk.part(second, server.root))
    for arguments in ([], ["--download"]):
        said = desk.types("set", "verify", "--repository", place, *arguments, status=1)
        assert f"{second}: Part data.zst.age of the backup set is damaged" in said
    shutil.rmtree(server.root / first)
    row = next(row for row in desk.asks("set", "list")["repositories"] if row["place"] == place)
    assert row["lacks"] == [first]
    assert ASSET in first
