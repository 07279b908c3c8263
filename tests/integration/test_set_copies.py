"""Copies of real backup sets on disks of their own, and what an empty control host makes of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from support.office import EXECUTOR
from support.private_machine import PrivateOffice, content, fill, inventory, item
from support.set_desk import SetDesk, files
from support.signed_office import Keyring
from support.small_disk import exfat_disk, small_disk

LABEL = "BACKUP-07"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> SetDesk:
    return SetDesk.furnished(tmp_path_factory.mktemp("copies"), keyring)


@pytest.fixture
def desk(tmp_path: Path, made: SetDesk) -> SetDesk:
    return made.again(tmp_path / "all")


def test_a_disk_that_fills_up_gets_no_set_and_the_ones_that_fit(
    desk: SetDesk, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits, too_large = desk.make_set(1, size=500_000), desk.make_set(2, size=8_000_000)
    # As if somebody else took the room in the middle.
    monkeypatch.setattr(FolderRepository, "room", lambda repository: 1 << 40)
    said = desk.types("set", "copy", "--all", "--to", str(disk), "--label", LABEL, status=1)
    assert f"{too_large} was not copied: No space left on device" in said
    assert FolderRepository(str(disk)).sets() == [fits]
    assert list(disk.rglob("*.partial")) == []
    assert [entry["set"] for entry in desk.entries("copied")] == [fits]


def test_a_disk_as_one_buys_it(desk: SetDesk, tmp_path: Path) -> None:
    """exFAT has no permissions, and takes neither colons nor question marks in names."""
    disk = tmp_path / "disk"
    for number, database in enumerate(["/srv/Warga: data?*.db", "/srv/warga.", "/srv/%41.db"], start=1):
        desk.make_set(number, database=database)
    with exfat_disk(disk) as pull_out_and_put_in:
        desk.types("set", "copy", "--all", "--to", str(disk), "--label", LABEL)
        pull_out_and_put_in()
        assert dict(files(disk)) == dict(files(desk.store))
        assert "3 were there already" in desk.types("set", "copy", "--all", "--to", str(disk), "--label", LABEL)
        assert "3 sets checked, 0 damaged" in desk.types("set", "verify", "--repository", str(disk))


def test_a_disk_that_is_not_mounted_is_noticed(desk: SetDesk, tmp_path: Path) -> None:
    made = desk.make_set(1)
    (tmp_path / "empty").mkdir()
    said = desk.types("set", "copy", made, "--to", str(tmp_path / "empty"), "--label", LABEL, status=2)
    assert "Is the disk mounted?" in said
    assert list((tmp_path / "empty").iterdir()) == []


def test_an_empty_control_host_restores_from_a_disk_alone(tmp_path: Path, disk: Path) -> None:
    database = tmp_path / "warga.db"
    fill(database)
    old = PrivateOffice.on_this_machine(tmp_path / "old", [database])
    case = old.permitted("backup", [item(database)])
    made = old.cadangan("execute", case, "--as", EXECUTOR)["items"][0]["facts"]["set"]
    before = content(database)
    old.cadangan("set", "copy", "--newest", "--to", str(disk), "--label", LABEL)
    assert old.cadangan("set", "show", made)["copies"][0]["label"] == LABEL
    identity = shutil.copy(old.identity("kasi"), tmp_path / "kasi.age")
    shutil.rmtree(old.folder)
    database.unlink()

    PrivateOffice.bare(tmp_path / "new")
    servers = tmp_path / "new" / "servers.yml"
    servers.write_text(inventory([database]))
    new = PrivateOffice.create(tmp_path / "new", servers)
    assert isinstance(new, PrivateOffice)
    assert "no key of the server" in new.cadangan("set", "import", str(disk), fails=1)["stderr"]
    taken = new.cadangan("set", "import", str(disk), "--label", LABEL, "--unknown-keys", "--into-repository")
    assert taken["taken"] == [made] and len(taken["unknown_keys"]) == 1
    new.cadangan("onboard")
    assert new.cadangan("set", "verify")["faults"] == {}
    assert dict(files(new.folder / "repository")) == dict(files(disk))

    restore = new.permitted("restore", [item(database, mode="replace", set=made)])
    assert new.cadangan("execute", restore, "--as", EXECUTOR, "--identity", str(identity))["result"] == "done"
    assert content(database) == before
    new.finish(restore)
    (row,) = new.cadangan("set", "list")["databases"]
    assert row["newest_proven"] == made and row["restore_seconds"] is not None
