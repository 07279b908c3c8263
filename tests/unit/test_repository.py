"""A repository lists whole sets only, and no name leads out of it."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Stored, key_file, set_id
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository

ID = set_id("disdik", "db-01", "sqlite", "/srv/siswa.db", "2026-11-25T02:06:37Z", "B-2026-0001", "1")


@pytest.fixture
def store(tmp_path: Path) -> FolderRepository:
    (tmp_path / "sets").mkdir()
    return FolderRepository(str(tmp_path / "sets"))


def publish(store: FolderRepository, made: str) -> None:
    with store.begin(made) as new:
        new.publish("")


def test_a_set_id_says_what_it_is() -> None:
    assert ID == "disdik/db-01/sqlite/%2Fsrv%2Fsiswa.db/20261125T020637Z-B-2026-0001-1"


@pytest.mark.parametrize(
    "database", ["..", ".", "/../../etc", "a/b", "a\nb", "-rf", "é", "%2E%2E", "$(x)", "{{ x }}", "nama data", "\udce9"]
)
def test_a_name_becomes_one_folder(store: FolderRepository, database: str) -> None:
    made = set_id("disdik", "db-01", "postgresql", database, "2026-11-25T02:06:37Z", "B-2026-0001", "1")
    assert made.count("/") == 4 and made.isascii()
    publish(store, made)
    assert Path(store.find(made).place).resolve().relative_to(store.name)
    assert store.sets() == [made]


def test_names_stay_apart() -> None:
    names = ["a/b", "a%2Fb", "a b", "a+b", ".a", "%2Ea", "A/b"]
    assert len({repository.encode(name) for name in names}) == len(names)


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(EngineError, match="too long"):
        set_id("a", "b", "sqlite", "/" * 100, "2026-11-25T02:06:37Z", "B-2026-0001", "1")


@pytest.mark.parametrize("text", ["", "a/b/c/d", "a/b/c/d/e/f", "a/../c/d/e", "/a/b/c/d", "a//c/d/e", "a/b/c/d/e f"])
def test_what_is_no_set_id_is_refused(store: FolderRepository, text: str) -> None:
    with pytest.raises(EngineError, match="is not the id of a backup set"):
        store.find(text)


def test_only_published_sets_are_listed(store: FolderRepository) -> None:
    with store.begin(ID) as new:
        assert Path(store.name, ID + ".partial").stat().st_mode & 0o777 == 0o700
        assert store.sets() == []
        with pytest.raises(EngineError, match="has no backup set"):
            store.find(ID)
        new.publish("")
    assert store.sets() == [ID]


def test_what_was_not_published_is_gone(store: FolderRepository) -> None:
    with store.begin(ID) as new, new.create("data.zst.age") as file:
        file.write(b"x")
    assert list(Path(store.name).rglob("*.partial")) == []


def test_a_file_is_measured_from_the_disk(store: FolderRepository) -> None:
    with store.begin(ID) as new:
        new.create("data.zst.age").write(b"one")
        path = Path(store.name, ID + ".partial", "data.zst.age")
        path.write_bytes(b"other")
        stored = new.stored("data.zst.age")
        assert stored == Stored(5, hashlib.sha256(b"other").hexdigest())
        new.publish("")
    found = store.find(ID)
    assert found.names() == ["data.zst.age"] and found.measure("data.zst.age") == stored
    file, size = found.open("data.zst.age")
    with file:
        assert (file.read(), size) == (b"other", 5)
    with pytest.raises(FileNotFoundError):
        found.open("globals.zst.age")


def test_a_set_is_not_begun_twice(store: FolderRepository) -> None:
    with store.begin(ID) as new:
        with pytest.raises(EngineError, match="File exists"):
            store.begin(ID)
        new.publish("")
    with pytest.raises(EngineError, match="already"):
        store.begin(ID)


def test_what_crashed_runs_left_is_swept(store: FolderRepository) -> None:
    store.begin(ID).create("data.zst.age").close()
    mine = Path(store.name, ID + ".partial")
    whole = set_id("disdik", "db-01", "sqlite", "b", "2026-11-25T02:06:37Z", "B-2026-0001", "2")
    publish(store, whole)
    others = set_id("disdik", "db-02", "sqlite", "b", "2026-11-25T02:06:37Z", "B-2026-0001", "3")
    store.begin(others)
    other = Path(store.name, others + ".partial")
    assert store.sweep("disdik", "db-01") == [ID + ".partial"]
    assert not mine.exists() and other.exists() and store.sets() == [whole]
    assert store.sweep("disdik", "no-such-asset") == []


def test_the_folder_must_be_there_and_be_one(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="is not there"):
        FolderRepository(str(tmp_path / "none")).check()
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="is not a folder"):
        FolderRepository(str(tmp_path / "file")).check()
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(EngineError, match="is a symbolic link"):
        FolderRepository(str(tmp_path / "link")).check()
    with pytest.raises(EngineError, match="not an absolute path"):
        FolderRepository("sets").check()


@pytest.mark.parametrize("name", ["disdik", "disdik/db-01", "disdik/db-01/sqlite"])
def test_a_link_inside_is_not_followed(store: FolderRepository, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = Path(store.name, name)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere)
    with pytest.raises(EngineError, match="symbolic link"):
        store.begin(ID)
    assert list(elsewhere.iterdir()) == []
    with pytest.raises(EngineError, match="symbolic link"):
        store.find(ID)


def test_a_repository_that_can_not_be_written_is_told(store: FolderRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(EngineError, match="can not be written"):
        store.check()


def test_room_is_checked(store: FolderRepository) -> None:
    store.check_space(1000)
    with pytest.raises(EngineError, match="bytes free"):
        store.check_space(1 << 60)


def test_a_wrapped_key_is_added_and_nothing_is_replaced(store: FolderRepository) -> None:
    publish(store, ID)
    name = key_file("2026-11-26T00:00:00Z")
    store.add_key(ID, name, b"wrapped")
    with pytest.raises(EngineError, match="already"):
        store.add_key(ID, name, b"other")
    file, size = store.find(ID).open(name)
    with file:
        assert (file.read(), size) == (b"wrapped", 7)
    for other in ("key.age", "manifest.json", "../" + name):
        with pytest.raises(EngineError, match="not the name"):
            store.add_key(ID, other, b"other")


def test_evidence_is_kept_beside_the_sets_and_never_replaced(store: FolderRepository) -> None:
    publish(store, ID)
    assert store.evidence() == []
    stored = store.put_evidence("kudus/20261125T020637Z-ab.tar", io.BytesIO(b"journal"))
    assert stored == Stored(7, hashlib.sha256(b"journal").hexdigest())
    with pytest.raises(EngineError, match="already"):
        store.put_evidence("kudus/20261125T020637Z-ab.tar", io.BytesIO(b"other"))
    assert store.evidence() == ["kudus/20261125T020637Z-ab.tar"]
    file, size = store.open_evidence("kudus/20261125T020637Z-ab.tar")
    with file:
        assert (file.read(), size) == (b"journal", 7)
    assert store.sets() == [ID]


def test_evidence_that_was_cut_off_is_not_listed_and_does_not_stand_in_the_way(store: FolderRepository) -> None:
    class Cut(io.RawIOBase):
        def readinto(self, buffer: object) -> int:
            raise OSError(5, "Input/output error")

    with pytest.raises(EngineError, match="Input/output error"):
        store.put_evidence("kudus/a.tar", Cut())
    partial = Path(store.name, ".evidence", "kudus", "a.tar.partial")
    partial.write_bytes(b"killed")
    assert store.evidence() == []
    store.put_evidence("kudus/a.tar", io.BytesIO(b"journal"))
    assert store.evidence() == ["kudus/a.tar"]


@pytest.mark.parametrize("name", ["", "kudus", "../a", "kudus/..", "kudus/.a", "/kudus/a", "kudus/a/b", "kudus/a\n"])
def test_what_is_no_name_of_evidence_is_refused(store: FolderRepository, name: str) -> None:
    with pytest.raises(EngineError, match="not the name of a piece of evidence"):
        store.put_evidence(name, io.BytesIO(b""))
    with pytest.raises(EngineError, match="not the name of a piece of evidence"):
        store.open_evidence(name)
