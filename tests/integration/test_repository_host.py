"""A repository host over real SSH: what a hostile server tries there, and what a large stream costs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    canonical,
    repository_connection,
    repository_keeper,
    sshsig,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import RepositoryError, RepositoryLost
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_connection import Connection, ssh_command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import SshRepository
from support.repository_server import RepositoryServer, contact, make_key
from support.sent_set import MANIFEST, id_of, place, write_set
from support.signed_office import ASSET
from support.small_disk import small_disk
from support.ssh_server import SshServer

OTHER = "db-02"
HERE = Path(__file__).parents[1]


class Host:
    """A repository host with a set of each of two assets, reached over SSH with the key of the first."""

    def __init__(self, folder: Path, ssh: SshServer) -> None:
        self.folder, self.ssh = folder, ssh
        self.keys = {asset: make_key(folder / asset) for asset in (ASSET, OTHER)}
        self.server = RepositoryServer(folder, {asset: [key] for asset, key in self.keys.items()})
        for asset, key in self.keys.items():
            ssh.let_in(key, self.server.command("sender", asset))
        self.mine = write_set(self.repository(ASSET), self.key(ASSET))
        self.others = write_set(self.repository(OTHER), self.key(OTHER), origin=place(OTHER))

    def key(self, asset: str) -> Path:
        return self.folder / asset

    def repository(self, asset: str = ASSET) -> SshRepository:
        return SshRepository(self.ssh.contact(), str(self.key(asset)))

    def wait_for_the_turn(self) -> None:
        """Until nobody receives for the first asset: what was begun is cleaned up then."""
        with (self.server.root / ".senders" / ASSET / "turn").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

    def ssh_argv(self, *options: str, command: list[str] | None = None) -> list[str]:
        """ssh as the first asset, for whatever it might try."""
        known_hosts = self.folder / "known_hosts"
        known_hosts.write_text(f"{self.ssh.contact()['asset']} {self.ssh.host_key}\n")
        *argv, dash, address, usual = ssh_command(self.ssh.contact(), str(self.key(ASSET)), str(known_hosts))
        return [argv[0], *options, *argv[1:], dash, address, *(command if command is not None else [usual])]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("repository-host")
    with SshServer(folder / "ssh") as ssh:
        yield Host(folder, ssh)


class Hostile:
    """A session of an asset that was taken over: it says what it likes."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.connection = Connection(host.ssh.contact(), str(host.key(ASSET)))
        self.link = self.connection.link

    def ask(self, **message: Any) -> dict[str, Any]:
        """Ask; RepositoryError if that is refused."""
        self.connection.tell("trying", message)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        message: dict[str, Any] | None = {"op": "working"}
        while message and message["op"] == "working":
            with self.connection.watched("trying"):
                message = self.link.receive()
        assert message is not None
        if message["op"] == "refused":
            raise RepositoryError(f"{message['reason']} {message['rule']}", message["advice"])
        return message

    def begin(self, set_id: str | None = None) -> str:
        set_id = set_id or id_of(place(item="9"))
        self.ask(op="begin", set=set_id)
        return set_id

    def put(self, name: str, data: bytes) -> dict[str, Any]:
        self.connection.tell("trying", {"op": "put", "name": name})
        view = memoryview(data)
        with self.connection.watched("trying"):
            while view:
                view = view[self.link.send_piece(view) :]
            self.link.end_data()
        return self.answer()

    def send_set(self, changes: dict[str, Any] | None = None, signer: str = ASSET, **files: bytes) -> None:
        """A set with one part whose manifest is changed, and is published; more `files` go with it."""
        set_id = self.begin()
        data = b"the data"
        part = {"name": "data", "format": "text", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        plain = {"plain_bytes": 1, "plain_sha256": "0" * 64}
        manifest = {"type": "manifest", "format": 1, **MANIFEST, **place(item="9"), "set": set_id, "recipient": "x"}
        text = canonical.dumps({**manifest, "parts": [part | plain], **(changes or {})})
        signature = sshsig.sign(text, self.host.key(signer), "manifest@cadangan")
        self.put("data.zst.age", data)
        for name, content in files.items():
            self.put(name + ".zst.age", content)
        self.put("key.age", b"wrapped")
        self.put("manifest.json.sig", signature.encode())
        self.put("manifest.json", text)
        self.ask(op="publish", set=set_id, manifest=canonical.digest(text))


def endless(hostile: Hostile) -> None:
    hostile.host.server.configure(daily_bytes=8 << 20)
    bounded = Hostile(hostile.host)
    try:
        bounded.begin()
        bounded.put("data.zst.age", bytes(1 << 30))
    finally:
        bounded.connection.close()
        hostile.host.server.configure()


def endless_description(hostile: Hostile) -> None:
    hostile.begin()
    hostile.put("manifest.json.sig", bytes(100 << 20))


def huge_piece(hostile: Hostile) -> None:
    hostile.begin()
    hostile.connection.tell("trying", {"op": "put", "name": "data.zst.age"})
    hostile.link._write(b"\xff\xff\xff\xff")
    hostile.answer()


def half(hostile: Hostile) -> None:
    hostile.begin()
    hostile.connection.tell("trying", {"op": "put", "name": "data.zst.age"})
    hostile.link._write(b"\0\0\1\0half")
    hostile.connection.close()
    raise RepositoryError("it was cut off")


def half_message(hostile: Hostile) -> None:
    hostile.link._write(b'{"op":"beg')
    hostile.connection.close()
    raise RepositoryError("it was cut off")


def garbage(hostile: Hostile) -> None:
    hostile.link._write(b"GET / HTTP/1.1\n")
    hostile.answer()


def too_many_sessions(hostile: Hostile) -> None:
    more = []
    try:
        for _ in range(repository_keeper.SESSIONS):
            more.append(Hostile(hostile.host))
    finally:
        for one in more:
            one.connection.close()


def twice(hostile: Hostile) -> None:
    hostile.begin()
    hostile.put("data.zst.age", b"one")
    hostile.put("data.zst.age", b"two")


def many_files(hostile: Hostile) -> None:
    hostile.begin()
    for number in range(100):
        hostile.put("a" * (number + 1) + ".zst.age", b"")


def id_at(at: str) -> str:
    return id_of(place(), at=at)


LATER = "2036-01-01T00:00:00Z"
OTHER_DIGEST = {"parts": [{**dict.fromkeys(("name", "format"), "data"), "bytes": 8, "sha256": "0" * 64}]}
PART = {
    "format": "text",
    "bytes": 0,
    "sha256": hashlib.sha256().hexdigest(),
    "plain_bytes": 0,
    "plain_sha256": "0" * 64,
}

HOSTILE: dict[str, tuple[Callable[[Hostile], object], str]] = {
    "a set of another asset": (lambda it: it.begin(id_of(place(OTHER))), "is not a set of db-01"),
    "an asset that nobody knows": (lambda it: it.begin(id_of(place("db-99"))), "is not a set of db-01"),
    "an id that leads out": (lambda it: it.begin(f"../../{ASSET}/x/y/20261125T000000Z-B-2026-0001-1"), "not the id"),
    "an absolute id": (lambda it: it.begin(f"/etc/{ASSET}/x/y/20261125T000000Z-B-2026-0001-1"), "not the id"),
    "a hidden folder": (lambda it: it.begin(f".senders/{ASSET}/x/y/20261125T000000Z-B-2026-0001-1"), "not the id"),
    "an id with NUL": (lambda it: it.begin(f"a\0b/{ASSET}/x/y/20261125T000000Z-B-2026-0001-1"), "not text"),
    "an id without a case": (lambda it: it.begin(f"disdik/{ASSET}/x/y/z"), "ends with time, case"),
    "a folder name that is too long": (
        lambda it: it.begin(id_of({**place(), "database": "x"}).replace("/x/", "/" + "x" * 300 + "/")),
        "too long",
    ),
    "a set of long ago": (lambda it: it.begin(id_at("2020-01-01T00:00:00Z")), "Clocks differ"),
    "a set of the future": (lambda it: it.begin(id_at(LATER)), "Clocks differ"),
    "a time that is none": (lambda it: it.begin(id_at("2026-99-99T00:00:00Z")), "Clocks differ"),
    "the id of a set that is there": (lambda it: it.begin(it.host.mine.id), "There is a backup set|Clocks differ"),
    "a part with slashes": (lambda it: (it.begin(), it.put("../../../x.zst.age", b"x")), "no file of a backup set"),
    "an absolute part": (lambda it: (it.begin(), it.put("/etc/cron.d/x", b"x")), "no file of a backup set"),
    "a hidden part": (lambda it: (it.begin(), it.put(".zst.age", b"x")), "no file of a backup set"),
    "a receipt of its own": (lambda it: (it.begin(), it.put("receipt.json", b"x")), "no file of a backup set"),
    "a key for others": (lambda it: (it.begin(), it.put("key-20261125T000000Z.age", b"x")), "no file of a backup"),
    "a part with NUL": (lambda it: (it.begin(), it.put("a\0.zst.age", b"x")), "not text"),
    "a part twice": (twice, "was sent already"),
    "very many parts": (many_files, "too many files|no file"),
    "a part without a set": (lambda it: it.put("data.zst.age", b"x"), "No set was begun"),
    "data without end": (endless, "has sent its 8388608 bytes of this day"),
    "a signature without end": (endless_description, "more than 65536 bytes"),
    "a huge piece": (huge_piece, "a piece of data has"),
    "half a part": (half, "cut off"),
    "half a message": (half_message, "cut off"),
    "another protocol": (garbage, "Nothing like this is spoken here"),
    "a set without a manifest": (
        lambda it: it.ask(op="publish", set=it.begin(), manifest="0" * 64),
        "manifest.json of the backup set is damaged",
    ),
    "a set that was never sent": (
        lambda it: it.ask(op="publish", set=id_of(place(item="8")), manifest="0" * 64),
        "was not sent whole",
    ),
    "the manifest of another set": (lambda it: it.send_set({"set": id_of(place(item="8"))}), "not of disdik"),
    "the manifest of another asset": (lambda it: it.send_set({"asset": OTHER}), "is that of"),
    "the manifest of another database": (lambda it: it.send_set({"database": "x"}), "is that of"),
    "the manifest of another case": (lambda it: it.send_set({"case": "B-2026-0002"}), "another case or work item"),
    "a manifest that is none": (lambda it: it.send_set({"proof": "x"}), "not of the known form"),
    "a manifest signed by another": (lambda it: it.send_set(signer=OTHER), "made with another key"),
    "other data than the manifest's": (
        lambda it: it.send_set({"parts": [{"name": "data", **PART, "bytes": 8}]}),
        "SHA-256 is not the one",
    ),
    "other sizes than the manifest's": (
        lambda it: it.send_set({"parts": [{"name": "data", **PART, "bytes": 9}]}),
        "it has 8 bytes, the manifest says 9",
    ),
    "a part that the manifest lacks": (lambda it: it.send_set(stray=b"x"), "the manifest does not know it"),
    "a part that only the manifest has": (lambda it: it.send_set({"parts": [{"name": "x", **PART}]}), "it is missing"),
    "the list of sets": (lambda it: it.ask(op="list"), "nothing that a sender may ask"),
    "reading its own set": (lambda it: it.ask(op="get", name="data.zst.age"), "No set was permitted"),
    "reading another's set": (lambda it: it.ask(op="get", set=it.host.others.id, name="key.age"), "does not belong"),
    "another's receipt": (
        lambda it: it.ask(op="publish", set=it.host.others.id, manifest=it.host.others.digest),
        "is not a set of db-01",
    ),
    "another manifest for its own set": (
        lambda it: it.ask(op="publish", set=it.host.mine.id, manifest="0" * 64),
        "another set",
    ),
    "a key for its set": (lambda it: it.ask(op="add_key", set=it.host.mine.id, name="x"), "nothing that a sender"),
    "evidence": (lambda it: it.ask(op="put_evidence", name="kudus/x"), "nothing that a sender may ask"),
    "deleting": (lambda it: it.ask(op="delete", set=it.host.mine.id), "nothing that a sender may ask"),
    "a permit that is none": (lambda it: it.ask(op="fetch", permit="e30K", order="e30K", item="1"), "asset.json"),
    "greeting twice": (lambda it: it.ask(op="hello", protocol=1), "nothing that a sender may ask"),
    "more than a request says": (lambda it: it.ask(op="begin", set="x", root="/"), "does not belong there"),
    "a request without a name": (lambda it: it.ask(set="x"), "nothing that a sender may ask"),
    "a request that is a list": (lambda it: it.ask(op=["begin"]), "nothing that a sender may ask"),
    "all the sessions": (too_many_sessions, "sessions already"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_server_that_was_taken_over_gets_nowhere(host: Host, name: str) -> None:
    attack, words = HOSTILE[name]
    before = host.server.files()
    hostile = Hostile(host)
    try:
        with pytest.raises(RepositoryError, match=words):
            attack(hostile)
    finally:
        hostile.connection.close()
    host.wait_for_the_turn()
    assert host.server.files() == before
    assert not (host.folder / "x.zst.age").exists()


@pytest.mark.parametrize("command", [[], ["id"], ["cat", "/etc/passwd"], ["-s", "sftp"]])
def test_whatever_is_asked_of_sshd_it_is_the_one_program_that_runs(host: Host, command: list[str]) -> None:
    options, command = (["-s"], command[1:]) if command[:1] == ["-s"] else ([], command)
    hello = canonical.dumps({"op": "hello", "protocol": 1})
    done = subprocess.run(host.ssh_argv(*options, command=command), input=hello, stdout=subprocess.PIPE, check=False)
    if command != ["sftp"]:
        assert canonical.loads(done.stdout)["op"] == "ok"
    assert b"root:" not in done.stdout and b"uid=" not in done.stdout and b"sftp" not in done.stdout


def test_sshd_forwards_nothing(host: Host) -> None:
    for options in (
        ["-W", "127.0.0.1:22"],
        ["-o", "ClearAllForwardings=no", "-o", "ExitOnForwardFailure=yes", "-R", "0"],
    ):
        argv = host.ssh_argv(*options, command=[])
        done = subprocess.run(argv, input=b"", capture_output=True, timeout=60, check=False)
        assert done.returncode != 0 and not done.stdout.startswith(b"SSH-"), options


def test_a_key_that_is_not_let_in_is_told(host: Host, tmp_path: Path) -> None:
    make_key(tmp_path / "stranger")
    with pytest.raises(EngineError, match="does not let in the key") as told:
        SshRepository(host.ssh.contact(), str(tmp_path / "stranger")).check()
    assert not isinstance(told.value, RepositoryLost)


def test_another_host_key_than_the_pinned_one_is_told(host: Host, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other")
    with pytest.raises(EngineError, match="shows another key than the one that was pinned") as told:
        SshRepository({**host.ssh.contact(), "host_keys": [other]}, str(host.key(ASSET))).check()
    assert not isinstance(told.value, RepositoryLost)


def test_a_host_that_does_not_listen_is_told(host: Host) -> None:
    with pytest.raises(RepositoryLost, match=r"can not be reached: .*refused"):
        SshRepository({**host.ssh.contact(), "port": 1}, str(host.key(ASSET))).check()


@pytest.mark.parametrize("name", ["disdik", f"disdik/{ASSET}", f".senders/{ASSET}", "root"])
def test_a_link_that_somebody_planted_leads_nowhere(tmp_path: Path, name: str) -> None:
    """Over there, where only root could: the program still goes nowhere else."""
    key = make_key(tmp_path / "key")
    server = RepositoryServer(tmp_path, {ASSET: [key]})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    link = server.root if name == "root" else server.root / name
    link.parent.mkdir(parents=True, exist_ok=True)
    if name == "root":
        server.root.rmdir()
    link.symlink_to(elsewhere)
    asking = b"".join(map(canonical.dumps, ({"op": "hello", "protocol": 1}, {"op": "begin", "set": id_of(place())})))
    done = subprocess.run(server.command("sender", ASSET), input=asking, stdout=subprocess.PIPE, check=False)
    assert canonical.loads(done.stdout.splitlines(keepends=True)[-1])["op"] == "refused"
    assert list(elsewhere.iterdir()) == []


def test_a_file_that_is_a_link_or_a_pipe_is_not_read(host: Host, tmp_path: Path) -> None:
    operator = make_key(tmp_path / "operator")
    host.ssh.let_in(operator, host.server.command("operator"))
    found = SshRepository(host.ssh.contact(), str(tmp_path / "operator")).find(host.others.id)
    folder = host.server.root / host.others.id
    (folder / "link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    try:
        for name in ("link", "pipe", "folder", "..", "../key.age", "/etc/passwd", "."):
            with pytest.raises(EngineError, match="operating system says"):
                found.open(name)
    finally:
        for name in ("link", "pipe"):
            (folder / name).unlink()
        (folder / "folder").rmdir()


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key")
    server = RepositoryServer(tmp_path, {ASSET: [key]})
    with small_disk(server.root, "size=20m,mode=0700"):
        wire = server.command("sender", ASSET)
        patched = SshRepository(contact(), "")
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(repository_connection, "ssh_command", lambda *_: wire)
            with pytest.raises(RepositoryError, match="No space left on device"):
                write_set(patched, tmp_path / "key", ["head", "-c", "60000000", "/dev/urandom"])
            assert server.files() == {}
            write_set(patched, tmp_path / "key", origin=place(item="2"))


def peak(status: str) -> int:
    """The most memory that a process had, in KiB, by its /proc/…/status."""
    return int(status.partition("VmHWM:")[2].split()[0])


def test_a_large_stream_needs_no_more_memory_than_a_small_one(host: Host) -> None:
    size = 400_000_000
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from support.sent_set import send_random; print(send_random(sys.argv[2], sys.argv[3], int(sys.argv[4])));"
        "print(open('/proc/self/status').read())"
    )
    told = canonical.dumps(host.ssh.contact()).decode("ascii")
    sender, receiver = {}, {}
    for count in (1, size):
        for old in host.server.config.glob("peak-*"):
            old.unlink()
        argv = [sys.executable, "-c", script, str(HERE), told, str(host.key(ASSET)), str(count)]
        set_id, _, status = subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True).stdout.partition("\n")
        host.wait_for_the_turn()
        # The id of a set names its second.
        time.sleep(1)
        sender[count] = peak(status)
        receiver[count] = max(peak(path.read_text()) for path in host.server.config.glob("peak-*"))
    assert BackupSet(host.server.repository.find(set_id)).manifest["parts"][0]["bytes"] >= size
    print(sender, receiver)
    assert sender[size] < 80_000 and receiver[size] < 60_000, "KiB"
    assert sender[size] - sender[1] < 20_000 and receiver[size] - receiver[1] < 20_000, "KiB"
