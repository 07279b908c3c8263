"""`cadangan set import`: sets of a medium, by the keys that the journal knows, or knowingly without."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.holder_desk import ASSET
from support.repository_server import make_key
from support.set_desk import SetDesk, files, flip_a_bit
from support.signed_office import Keyring

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> SetDesk:
    return SetDesk.furnished(tmp_path_factory.mktemp("imports"), keyring)


@pytest.fixture
def desk(tmp_path: Path, made: SetDesk) -> SetDesk:
    return made.again(tmp_path / "all")


@pytest.fixture
def disk(desk: SetDesk, tmp_path: Path) -> Path:
    """A disk with two sets that the office has never heard of."""
    for number in (1, 2):
        desk.make_set(number, told=False)
    shutil.move(desk.store, tmp_path / "disk")
    desk.store.mkdir(mode=0o700)
    return tmp_path / "disk"


@pytest.fixture
def empty(disk: Path, made: SetDesk, tmp_path: Path, keyring: Keyring) -> SetDesk:
    """Another office, whose journal knows no server."""
    desk = SetDesk(tmp_path / "empty", keyring, tmp_path / "store")
    desk.store.mkdir(mode=0o700)
    desk.furnish({holder: made.public(holder) for holder in ("kabid", "kasi")})
    desk.changes("office.yml", "repository: /srv/cadangan", f"repository: {desk.store}")
    desk.renew_trust()
    return desk


def sets(root: Path) -> list[str]:
    return sorted(str(path.parent.relative_to(root)) for path in root.rglob("manifest.json"))


def test_sets_of_a_known_server_are_taken_in(desk: SetDesk, disk: Path) -> None:
    first, second = sets(disk)
    (disk / first / "key-20261126T000000Z.age").write_bytes(b"wrapped again")
    said = desk.types("set", "import", str(disk), "--label", "BACKUP-07")
    assert "2 sets of" in said and "NOT KNOWN" not in said
    assert desk.catalogue.get(first).keys["key-20261126T000000Z.age"] == b"wrapped again"
    entry = desk.entries("imported")[0]
    assert (entry["set"], entry["label"], entry["key_known"]) == (first, "BACKUP-07", True)
    rows = {row["set"]: row["copies"] for row in desk.asks("set", "list")["sets"]}
    assert [copy["label"] for copy in rows[second]] == ["BACKUP-07"]

    said = desk.types("set", "import", str(disk))
    assert "0 sets of" in said and "2 were known already" in said
    assert len(desk.entries("imported")) == 2


def test_they_are_copied_into_the_repository_on_request(desk: SetDesk, disk: Path) -> None:
    desk.types("set", "import", str(disk), "--into-repository")
    assert dict(files(desk.store)) == dict(files(disk))
    assert "2 sets checked, 0 damaged" in desk.types("set", "verify")
    shutil.rmtree(desk.store / sets(disk)[0])
    desk.types("set", "import", str(disk), "--into-repository")
    assert dict(files(desk.store)) == dict(files(disk))


def test_a_stray_of_the_repository_is_taken_in(desk: SetDesk) -> None:
    """Its run was lost before it told of it."""
    stray = desk.make_set(1, told=False)
    assert desk.asks("set", "list")["repositories"][0]["unknown"] == [stray]
    assert desk.asks("set", "import", desk.repository.name)["taken"] == [stray]
    assert desk.asks("set", "list")["repositories"][0]["unknown"] == []


def test_an_empty_control_host_takes_nothing_on_trust_unless_it_is_told_to(empty: SetDesk, disk: Path) -> None:
    said = empty.types("set", "import", str(disk), status=1)
    assert f"the journal knows no key of the server {ASSET}" in said and "cadangan office recover" in said
    assert empty.catalogue.ids() == [] and empty.entries("imported") == []

    said = empty.types("set", "import", str(disk), "--unknown-keys", "--into-repository")
    assert f"NOT KNOWN HERE: whether the sets of {ASSET} come from that server" in said
    assert [entry["key_known"] for entry in empty.entries("imported")] == [False, False]
    assert "ssh-ed25519 AAAA" in said and empty.entries("imported")[0]["key"] in said
    assert empty.catalogue.ids() == sets(disk)
    assert "2 sets checked, 0 damaged" in empty.types("set", "verify")


def test_a_set_signed_by_a_key_that_its_server_never_had_is_refused_also_then(desk: SetDesk, tmp_path: Path) -> None:
    genuine = desk.make_set(1, told=False)
    desk.asset_key.unlink()
    make_key(desk.asset_key)
    forged = desk.make_set(2, told=False)
    said = desk.types("set", "import", desk.repository.name, "--unknown-keys", status=1)
    assert f"{forged}: Part manifest.json.sig of the backup set is damaged" in said
    assert desk.catalogue.ids() == [genuine]


@pytest.mark.parametrize("name", ["data.zst.age", "manifest.json", "manifest.json.sig", "key.age"])
def test_a_damaged_set_is_not_taken_in_and_the_other_is(desk: SetDesk, disk: Path, name: str) -> None:
    damaged, whole = sets(disk)
    if name == "key.age":
        # The manifest does not know its content, since it may be wrapped again: who opens it finds out.
        (disk / damaged / name).unlink()
    else:
        flip_a_bit(disk / damaged / name)
    said = desk.types("set", "import", str(disk), status=1)
    assert f"{damaged}: Part manifest.json" in said or f"{damaged}: Part {name}" in said
    assert desk.catalogue.ids() == [whole]


def test_another_set_under_a_known_name_is_refused(desk: SetDesk, disk: Path) -> None:
    first, second = sets(disk)
    shutil.rmtree(disk / first)
    (disk / second).rename(disk / first)
    said = desk.types("set", "import", str(disk), status=1)
    assert f"{first}: Part manifest.json of the backup set is damaged: it is that of {second}" in said
    assert desk.catalogue.ids() == []


def test_a_set_that_lies_where_another_servers_would_is_refused(desk: SetDesk) -> None:
    """A server that was taken over signs as itself, under the name of another."""
    made = desk.make_set(1, told=False, claims="db-02")
    said = desk.types("set", "import", str(desk.store), status=1)
    assert f"{made}: Part manifest.json" in said and "comes from elsewhere than its id says" in said
    assert desk.catalogue.ids() == []


def test_folders_that_a_fat_disk_spells_otherwise(desk: SetDesk, disk: Path) -> None:
    agency = disk / "disdukcapil"
    agency.rename(disk / "DISDUKCAPIL")
    taken = desk.asks("set", "import", str(disk))["taken"]
    assert taken and all(set_id.startswith("disdukcapil/") for set_id in taken)


def test_links_on_a_disk_lead_nowhere(desk: SetDesk, disk: Path, tmp_path: Path) -> None:
    first, _ = sets(disk)
    part = disk / first / "data.zst.age"
    outside = tmp_path / "outside"
    part.rename(outside)
    part.symlink_to(outside)
    (disk / "lain").symlink_to(disk / "disdukcapil")
    said = desk.types("set", "import", str(disk), status=1)
    assert f"{first}: Part data.zst.age" in said
    assert len(desk.catalogue.ids()) == 1


def test_a_folder_without_sets_is_told(desk: SetDesk, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    assert "there is no backup set in" in desk.types("set", "import", str(tmp_path / "bare"), status=4)
