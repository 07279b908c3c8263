"""A set is written whole or not at all, and every change of it is found and named."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import backup_set, canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet, DamagedPart, SetWriter
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError, Part
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository, FolderSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey

ID = "disdik/db-01/sqlite/a/20261125T020637Z-B-2026-0001-1"
MANIFEST: dict[str, Any] = {
    **dict.fromkeys(["office", "journal", "case", "item", "permit", "order", "head"], "x"),
    **dict.fromkeys(["agency", "asset", "engine", "instance", "database"], "x"),
    **dict.fromkeys(["started_at", "snapshot_at", "finished_at"], "2026-11-25T02:06:37Z"),
    "set": ID,
    "versions": [{"name": "server", "value": "1"}],
    "position": [],
    "proof": [{"kind": "table", "name": "a", "value": "1"}],
    "drilled": False,
}


@pytest.fixture(scope="module")
def asset_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asset") / "asset_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return path


@pytest.fixture
def store(tmp_path: Path) -> FolderRepository:
    (tmp_path / "sets").mkdir()
    return FolderRepository(str(tmp_path / "sets"))


@pytest.fixture(scope="module")
def holders() -> list[SetKey]:
    return [SetKey.new(), SetKey.new()]


def write(
    store: FolderRepository, holders: list[SetKey], asset_key: Path, parts: tuple[str, ...] = ("data", "globals")
) -> BackupSet:
    with SetWriter(store, ID, Progress(None)) as writer:
        for name in parts:
            writer.add(Part(name, "text", Command(["echo", f"the {name}"])), None, 3)
        writer.seal(MANIFEST, [holder.recipient for holder in holders], str(asset_key))
        writer.publish()
    return BackupSet(store.find(ID))


@pytest.fixture
def written(store: FolderRepository, holders: list[SetKey], asset_key: Path) -> BackupSet:
    return write(store, holders, asset_key)


def public(key: Path) -> str:
    return " ".join(key.with_suffix(".pub").read_text().split()[:2])


def test_a_whole_set_has_no_faults(written: BackupSet, asset_key: Path) -> None:
    assert list(written.faults()) == []
    assert written.check_signature([public(asset_key)]) == public(asset_key)
    assert canonical.digest(Path(written.place, "manifest.json").read_bytes()) == written.digest
    assert sorted(path.name for path in Path(written.place).iterdir()) == [
        "data.zst.age",
        "globals.zst.age",
        "key.age",
        "manifest.json",
        "manifest.json.sig",
    ]


@pytest.mark.parametrize("holder", [0, 1])
def test_each_holder_can_open_the_set(written: BackupSet, holders: list[SetKey], holder: int, tmp_path: Path) -> None:
    key = opened(written, holders[holder])
    copy = tmp_path / "copy"
    written.read(written.manifest["parts"][1], key, Command(["dd", f"of={copy}", "status=none"]), Progress(None))
    assert copy.read_text() == "the globals\n"


def test_the_private_key_is_in_no_file(store: FolderRepository, holders: list[SetKey], asset_key: Path) -> None:
    with SetWriter(store, ID, Progress(None)) as writer:
        writer.add(Part("data", "text", Command(["echo"])), None, 3)
        writer.seal(MANIFEST, [holders[0].recipient], str(asset_key))
        secret = writer.key.identity.encode()
        writer.publish()
    assert not any(secret in path.read_bytes() for path in Path(store.name, ID).iterdir())


def test_the_key_of_another_set_is_refused(written: BackupSet) -> None:
    with pytest.raises(EngineError, match="is not the key of backup set"):
        written.key(SetKey.new().identity)


def test_a_set_that_fails_leaves_nothing(store: FolderRepository) -> None:
    with pytest.raises(EngineError), SetWriter(store, ID, Progress(None)) as writer:
        writer.add(Part("data", "text", Command(["echo"])), None, 3)
        writer.add(Part("globals", "text", Command(["false"])), None, 3)
    assert store.sets() == [] and not list(Path(store.name).rglob("*.partial"))


def test_reading_back_finds_what_the_disk_changed(store: FolderRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    with SetWriter(store, ID, Progress(None)) as writer:
        monkeypatch.setattr(os, "fsync", lambda fd: os.pwrite(fd, b"X", 3))
        with pytest.raises(DamagedPart, match=r"data\.zst\.age"):
            writer.add(Part("data", "text", Command(["echo"])), None, 3)


def test_what_is_written_comes_back_to_whoever_checks(store: FolderRepository, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with SetWriter(store, ID, Progress(None)) as writer:
        check = Command(["dd", f"of={copy}", "status=none"])
        writer.add(Part("data", "text", Command(["echo", "the data"])), check, 3)
    assert copy.read_text() == "the data\n"


def opened(written: BackupSet, holder: SetKey) -> SetKey:
    with holder.identity_fd() as identity:
        unwrap = ["age", "-d", "-i", f"/dev/fd/{identity}", Path(written.place, "key.age")]
        done = subprocess.run(unwrap, check=True, stdout=subprocess.PIPE, text=True, pass_fds=[identity])
    return written.key(done.stdout)


def test_a_damaged_part_is_named_when_it_is_read(written: BackupSet, holders: list[SetKey]) -> None:
    key, part = opened(written, holders[0]), written.manifest["parts"][0]
    path = Path(written.place, "data.zst.age")
    data = bytearray(path.read_bytes())
    for position in range(len(data)):
        data[position] ^= 0x10
        path.write_bytes(data)
        data[position] ^= 0x10
        with pytest.raises(DamagedPart, match=r"data\.zst\.age"):
            written.read(part, key, None, Progress(None))
    path.write_bytes(data[:-1])
    with pytest.raises(DamagedPart, match=r"data\.zst\.age .* the manifest says"):
        written.read(part, key, None, Progress(None))
    path.unlink()
    with pytest.raises(DamagedPart, match="it is missing"):
        written.read(part, key, None, Progress(None))


@pytest.mark.parametrize("name", ["data.zst.age", "globals.zst.age"])
def test_any_changed_byte_of_a_part_is_named(written: BackupSet, name: str) -> None:
    path = Path(written.place, name)
    data = bytearray(path.read_bytes())
    for position in range(len(data)):
        data[position] ^= 1
        path.write_bytes(data)
        data[position] ^= 1
        (fault,) = written.faults()
        assert name in fault.message
    path.write_bytes(data)
    assert list(written.faults()) == []


def test_swapped_missing_and_strange_files_are_named(written: BackupSet) -> None:
    folder = Path(written.place)
    one, two = folder / "data.zst.age", folder / "globals.zst.age"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert [name in fault.message for fault, name in zip(written.faults(), ("data", "globals"), strict=True)]
    one.write_bytes(first)
    two.unlink()
    (folder / "key.age").unlink()
    (folder / "stray").touch()
    (folder / "key-20261126T000000Z.age").touch()
    messages = [fault.message for fault in written.faults()]
    assert len(messages) == 3
    for message, name in zip(messages, ("globals.zst.age", "key.age", "stray"), strict=True):
        assert name in message


def test_a_changed_manifest_loses_its_signature(written: BackupSet, asset_key: Path, tmp_path: Path) -> None:
    path = Path(written.place, "manifest.json")
    path.write_bytes(written.text.replace(b'"drilled":false', b'"drilled":true'))
    with pytest.raises(DamagedPart, match=r"manifest\.json\.sig"):
        BackupSet(FolderSet(written.place)).check_signature([public(asset_key)])
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    with pytest.raises(DamagedPart):
        written.check_signature([public(other)])


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text.replace(b'"drilled":false', b'"drilled":0'),
        lambda text: text.replace(b'"drilled":false,', b""),
        lambda text: text.replace(b'"format":1,"head"', b'"format":2,"head"'),
        lambda text: text.replace(b'"name":"data"', b'"name":"../data"'),
        lambda text: text.replace(b'"plain_bytes":9', b'"plain_bytes":-9'),
        lambda text: text[:-2],
        lambda text: b" " + text,
        lambda text: b"",
    ],
)
def test_what_is_no_manifest_is_refused(written: BackupSet, harm: Any) -> None:
    path = Path(written.place, "manifest.json")
    text = harm(written.text)
    assert text != written.text
    path.write_bytes(text)
    with pytest.raises(EngineError):
        BackupSet(FolderSet(written.place))


def test_an_incomplete_manifest_is_not_written(store: FolderRepository, holders: list[SetKey], asset_key: Path) -> None:
    with SetWriter(store, ID, Progress(None)) as writer:
        writer.add(Part("data", "text", Command(["echo"])), None, 3)
        incomplete = {key: value for key, value in MANIFEST.items() if key != "head"}
        with pytest.raises(EngineError, match="head"):
            writer.seal(incomplete, [holders[0].recipient], str(asset_key))


def test_the_texts_are_those_of_the_files(written: BackupSet) -> None:
    texts = written.texts()
    assert texts["manifest"].encode() == written.text
    assert texts["key_age"].startswith("-----BEGIN AGE ENCRYPTED FILE-----")
    assert texts["manifest_signature"].startswith("-----BEGIN SSH SIGNATURE-----")
    assert backup_set.part_file("data") == "data.zst.age"
