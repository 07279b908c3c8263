"""A repository host is used like a folder; what is wrong with it or on the way to it is told as that."""

from __future__ import annotations

import hashlib
import io
import os
import random
import sys
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    backup_set,
    canonical,
    repository_connection,
    repository_ssh,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet, DamagedPart
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    RepositoryError,
    RepositoryLost,
    Stored,
    key_file,
)
from support.repository_server import NAME, RepositoryServer, Wire, make_key
from support.sent_set import id_of, place, write_set
from support.signed_office import ASSET

pytestmark = pytest.mark.slow

KEY = key_file("2026-11-26T00:00:00Z")
EVIDENCE = "kudus/20261125T020637Z-0123456789ab.tar.zst.age"
MEGABYTE = ["head", "-c", "1000000", "/dev/urandom"]


@pytest.fixture(scope="module")
def asset_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asset") / "asset_key"
    make_key(path)
    return path


@pytest.fixture
def wire(tmp_path: Path, asset_key: Path, monkeypatch: pytest.MonkeyPatch) -> Wire:
    public = asset_key.with_suffix(".pub").read_text().strip()
    return Wire(RepositoryServer(tmp_path, {ASSET: [public], "db-02": [public]}), monkeypatch)


def speak(wire: Wire, *lines: str) -> None:
    """Put a program in the server's place that greets, and when it is asked does what the lines of Python say."""
    greeting = '{"clock":"2026-11-25T02:06:37Z","free":1000,"op":"ok","quota_left":null}'
    program = [
        "import os, sys, time",
        "def say(text): os.write(1, text.encode() + b'\\n')",
        "os.read(0, 9999)",
        f"say({greeting!r})",
    ]
    program.append("os.read(0, 9999)")
    wire.instead = [sys.executable, "-c", "\n".join([*program, *lines])]


def test_a_set_that_was_sent_is_whole_there(wire: Wire, asset_key: Path) -> None:
    sent = write_set(wire.sender(), asset_key)
    assert wire.server.repository.sets() == [sent.id]
    found = BackupSet(wire.operator().find(sent.id))
    assert list(found.faults()) == [] and found.digest == sent.digest
    assert sent.receipt == canonical.loads(found.small_file("receipt.json"))
    assert (sent.receipt["set"], sent.receipt["manifest"]) == (sent.id, sent.digest)
    assert (sent.receipt["repository"], sent.receipt["by"]) == (NAME, ASSET)
    kept = [name for name in wire.server.files() if not name.endswith("receipt.json")]
    assert sent.receipt["bytes"] == sum(len(wire.server.files()[name]) for name in kept)


def test_a_set_that_was_left_is_gone(wire: Wire) -> None:
    sender = wire.sender()
    with sender.begin(id_of(place())) as new:
        new.create("data.zst.age").write(b"half")
    # The next session waits until the last one has cleaned up.
    with sender.begin(id_of(place())):
        assert len(list(wire.server.root.rglob("*.partial"))) == 1
    assert wire.server.repository.sets() == []


def test_what_is_written_is_measured_over_there(wire: Wire) -> None:
    with wire.sender().begin(id_of(place())) as new:
        data = os.urandom(3_000_000)
        sink = new.create("data.zst.age")
        view = memoryview(data)
        while view:
            view = view[sink.write(view) :]
        assert new.stored("data.zst.age") == Stored(len(data), hashlib.sha256(data).hexdigest())


def test_the_operator_lists_reads_and_adds(wire: Wire, asset_key: Path) -> None:
    sent = [write_set(wire.sender(), asset_key, origin=place(item=item)) for item in ("1", "2")]
    operator = wire.operator()
    assert operator.sets() == sorted(one.id for one in sent)
    found = operator.find(sent[0].id)
    file, size = found.open("data.zst.age")
    with file:
        data = file.read()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (size, found.measure("data.zst.age").sha256)
    operator.add_key(sent[0].id, KEY, b"wrapped")
    assert BackupSet(found).small_file(KEY) == b"wrapped" and list(BackupSet(found).faults()) == []
    with pytest.raises(RepositoryError, match="already"):
        operator.add_key(sent[0].id, KEY, b"other")
    with pytest.raises(RepositoryError, match="has no backup set"):
        operator.find(id_of(place(item="3")))
    for ask in (found.open, found.measure):
        with pytest.raises(FileNotFoundError):
            ask("globals.zst.age")
    assert wire.connections == 2 + 1 + 2, "one for each set and key; all that only asks shares one"


def test_the_operator_keeps_evidence(wire: Wire) -> None:
    operator = wire.operator()
    assert operator.evidence() == []
    data = os.urandom(2_500_000)
    assert operator.put_evidence(EVIDENCE, io.BytesIO(data)) == Stored(len(data), hashlib.sha256(data).hexdigest())
    assert operator.evidence() == [EVIDENCE] and operator.sets() == []
    file, size = operator.open_evidence(EVIDENCE)
    with file:
        assert (file.read(), size) == (data, len(data))
    with pytest.raises(RepositoryError, match="already"):
        operator.put_evidence(EVIDENCE, io.BytesIO(b"other"))
    with pytest.raises(RepositoryError, match="not there"):
        operator.open_evidence(EVIDENCE.replace("kudus", "demak"))


def test_the_operator_puts_a_copy_of_an_old_set(wire: Wire, asset_key: Path, tmp_path: Path) -> None:
    copy = write_set(wire.operator(), asset_key, at="2020-01-01T00:00:00Z")
    assert copy.receipt["by"] == "operator" and wire.server.repository.sets() == [copy.id]


def test_damage_over_there_is_found_from_here(wire: Wire, asset_key: Path) -> None:
    sent = write_set(wire.sender(), asset_key)
    folder = wire.server.root / sent.id
    (folder / "data.zst.age").write_bytes(b"other")
    (folder / "key.age").unlink()
    (folder / "stray").touch()
    faults = "\n".join(str(fault) for fault in BackupSet(wire.operator().find(sent.id)).faults())
    assert "data.zst.age" in faults and "key.age" in faults and "stray" in faults


def test_room_is_what_disk_and_quota_leave(wire: Wire) -> None:
    sender = wire.sender()
    sender.check()
    wire.server.configure(daily_bytes=1 << 20)
    assert wire.sender().room() == 1 << 20
    with pytest.raises(EngineError, match="bytes free"):
        wire.sender().check_space(3 << 20)
    assert wire.operator().room() > 1 << 20


def test_a_refusal_in_mid_stream_is_told_as_such(wire: Wire, asset_key: Path) -> None:
    wire.server.configure(daily_bytes=1 << 19)
    with pytest.raises(RepositoryError, match="has sent its 524288 bytes of this day"):
        write_set(wire.sender(), asset_key, dump=["head", "-c", "50000000", "/dev/urandom"])
    assert wire.server.files() == {}


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_set_is_whole_or_not_there_wherever_the_wire_is_cut(
    wire: Wire, asset_key: Path, direction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository_ssh, "_PUBLISH_SECONDS", 0)
    chance = random.Random(os.environ.get("CADANGAN_SEED"))
    # What a whole session carries.
    total = 1_005_000 if direction == "up" else 1200
    places = [0, 1, *(chance.randrange(total) for _ in range(6))]
    for number, count in enumerate(places):
        print(direction, count)
        wire.cuts = [(direction, count)]
        try:
            write_set(wire.sender(), asset_key, MEGABYTE, place(item=str(number + 1)))
        except RepositoryLost as lost:
            assert NAME in lost.message and lost.advice
    for set_id in wire.server.repository.sets():
        assert list(BackupSet(wire.server.repository.find(set_id)).faults()) == []
    write_set(wire.sender(), asset_key)
    assert not [path for path in wire.server.root.rglob("*.partial") if not (path / "manifest.json").exists()]


@pytest.mark.parametrize("is_published", [False, True])
def test_publishing_is_asked_again_until_it_is_answered(
    wire: Wire, asset_key: Path, is_published: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = repository_ssh.SshNewSet._ask_publish
    asked = 0

    def cut_once(new: repository_ssh.SshNewSet, manifest: str) -> dict[str, object]:
        nonlocal asked
        asked += 1
        if asked == 1 and is_published:
            # The answer is lost.
            publish(new, manifest)
        if asked <= 2:
            new._connection._process.end()
        return publish(new, manifest)

    monkeypatch.setattr(repository_ssh.SshNewSet, "_ask_publish", cut_once)
    sent = write_set(wire.sender(), asset_key)
    assert asked == 3 and wire.server.repository.sets() == [sent.id]
    assert sent.receipt["manifest"] == sent.digest


def test_publishing_that_is_never_answered_is_told(
    wire: Wire, asset_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository_ssh, "_PUBLISH_SECONDS", 2)

    def lost(new: repository_ssh.SshNewSet, manifest: str) -> None:
        new._connection.close()
        wire.instead = ["false"]
        new._connection.ask("publishing a set", {"op": "publish"}, {})

    monkeypatch.setattr(repository_ssh.SshNewSet, "_ask_publish", lost)
    with pytest.raises(RepositoryLost, match="is not known"):
        write_set(wire.sender(), asset_key)


MAD_ANSWERS = {
    "garbage": ("os.write(1, b'garbage' * 1000 + b'\\n')", RepositoryError, "not canonical JSON"),
    "endless line": ("while True: os.write(1, b'x' * 65536)", RepositoryError, "more than"),
    "another object": ('say(\'{"op":"ok"}\')', RepositoryError, "names is missing"),
    "more than asked": ('say(\'{"names":[],"op":"ok","x":1}\')', RepositoryError, "does not belong"),
    "a number for a name": ('say(\'{"names":[1],"op":"ok"}\')', RepositoryError, "not text"),
    "another kind": ('say(\'{"op":"what"}\')', RepositoryError, "the answer"),
    "a refusal without a reason": ('say(\'{"op":"refused"}\')', RepositoryError, "reason is missing"),
    "a refusal in colour": (
        'say(\'{"advice":"","op":"refused","reason":"\\\\u001b[31m no","rule":""}\')',
        RepositoryError,
        r"refuses: \?\[31m no",
    ),
    "nothing": ("", RepositoryLost, "it was closed"),
    "last words": ("sys.exit('out of paper')", RepositoryLost, "out of paper"),
    "silence": ("time.sleep(60)", RepositoryLost, "silent"),
}


@pytest.mark.parametrize("case", MAD_ANSWERS)
def test_a_mad_answer_is_told(wire: Wire, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository_connection, "_SILENCE", 1.5)
    program, error, words = MAD_ANSWERS[case]
    speak(wire, program)
    with pytest.raises(error, match=words) as told:
        wire.operator().find(id_of(place()))
    assert (NAME in told.value.message and told.value.advice) or error is RepositoryError


MAD_DATA = {
    "more than it said": 'say(\'{"bytes":3,"op":"ok"}\')\nwhile True: os.write(1, b\'\\0\\0\\0\\1x\')',
    "less than it said": 'say(\'{"bytes":3,"op":"ok"}\')\nos.write(1, b\'\\0\\0\\0\\1x\\0\\0\\0\\0\')\ntime.sleep(9)',
    "huge pieces": 'say(\'{"bytes":3,"op":"ok"}\')\nos.write(1, b\'\\xff\' * 4)\ntime.sleep(9)',
}


@pytest.mark.parametrize("case", MAD_DATA)
def test_mad_data_is_told(wire: Wire, case: str) -> None:
    speak(wire, MAD_DATA[case])
    file, size = wire.operator().open_evidence(EVIDENCE)
    with file, pytest.raises(RepositoryError, match="as it should"):
        file.read()
    assert size == 3


def test_a_digest_that_is_not_ours_is_damage(wire: Wire, asset_key: Path) -> None:
    stored = '{"bytes":1,"op":"ok","sha256":"' + "0" * 64 + '"}'
    speak(wire, 'say(\'{"op":"ok"}\')', f"say({stored!r})", "time.sleep(9)")
    with pytest.raises(DamagedPart, match="not what was written"):
        write_set(wire.sender(), asset_key)


def test_a_receipt_for_another_set_is_none(wire: Wire) -> None:
    receipt = canonical.dumps(
        {
            "op": "ok",
            "receipt": {
                "type": "receipt",
                "repository": NAME,
                "set": id_of(place(item="2")),
                "manifest": "0" * 64,
                "bytes": 1,
                "received_at": "2026-11-25T02:06:37Z",
                "by": ASSET,
            },
        }
    ).decode()
    speak(wire, 'say(\'{"op":"ok"}\')', f"say({receipt.strip()!r})", "time.sleep(9)")
    with wire.sender().begin(id_of(place())) as new, pytest.raises(RepositoryError, match="its receipt is for"):
        new.publish("0" * 64)


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        ("Host key verification failed.", EngineError, "shows another key than the one that was pinned"),
        ("root@10.0.0.9: Permission denied (publickey).", EngineError, "does not let in the key"),
        ("ssh: connect to host 10.0.0.9 port 22: No route to host", RepositoryLost, "can not be reached: .*No route"),
    ],
)
def test_what_ssh_says_is_understood(wire: Wire, words: str, error: type[EngineError], told: str) -> None:
    wire.instead = [sys.executable, "-c", f"import sys; sys.exit({words!r})"]
    with pytest.raises(error, match=told) as found:
        wire.sender().check()
    assert type(found.value) is error and found.value.advice


def test_a_host_that_was_started_again_is_asked_again(wire: Wire) -> None:
    operator = wire.operator()
    operator.sets()
    operator._idle[0]._process.end()
    assert operator.sets() == []


def test_names_are_checked_before_anybody_is_asked(wire: Wire) -> None:
    for ask in (wire.sender().begin, wire.operator().find):
        with pytest.raises(EngineError, match="not the id of a backup set"):
            ask("../../../etc/passwd/x")
    assert wire.connections == 0


def test_ssh_reads_no_configuration_and_knows_pinned_keys_only() -> None:
    contact = {"asset": NAME, "address": "10.0.0.9", "port": 2222, "account": "a", "host_keys": []}
    command = repository_connection.ssh_command(contact, "/etc/key", "/tmp/known")
    assert command[:3] == ["/usr/bin/ssh", "-F", "/dev/null"]
    for option in ("StrictHostKeyChecking=yes", "UserKnownHostsFile=/tmp/known", "IdentityAgent=none", "BatchMode=yes"):
        assert option in command
    assert command[-3:-1] == ["--", "10.0.0.9"]
    assert backup_set.KEY not in command
