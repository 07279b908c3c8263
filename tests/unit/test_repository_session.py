"""A session answers whatever it is asked, and nobody gets anywhere with it but to whole sets of one's own."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_keeper as keeping
from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_receive as receiving
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Stored
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_keeper import Keeper
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_link import Link, LinkAbused, LinkBroken
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_session import Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.repository_server import NAME, make_key
from support.sent_set import id_of, place
from support.signed_office import ASSET

IDS = st.sampled_from(
    [
        id_of(place()),
        id_of(place(asset="db-02")),
        id_of(place(), at="2020-01-01T00:00:00Z"),
        "../../../../etc/20261125T020637Z-B-2026-0001-1",
        "a/b",
        "",
        ".senders/db-01/x/y/20261125T020637Z-B-2026-0001-1",
    ]
)
NAMES = st.sampled_from(["data.zst.age", "manifest.json", "key.age", "receipt.json", "../x", "/etc/passwd", "x\0y"])
OPS = st.sampled_from(
    ["hello", "begin", "put", "publish", "names", "get", "measure", "fetch", "list", "add_key", "put_evidence", "x"]
)
VALUES = IDS | NAMES | st.none() | st.integers(-1, 9) | st.just("0" * 64)
MESSAGES = st.one_of(
    st.builds(lambda set_id: {"op": "begin", "set": set_id}, IDS),
    st.builds(lambda name: {"op": "put", "name": name}, NAMES),
    st.builds(lambda set_id: {"op": "publish", "set": set_id, "manifest": "0" * 64}, IDS),
    st.builds(
        lambda op, more: {"op": op, **more},
        OPS | VALUES,
        st.dictionaries(st.sampled_from(["set", "name", "manifest", "permit", "order", "item", "path"]), VALUES),
    ),
)
STREAM = st.builds(lambda data: len(data).to_bytes(4, "big") + data + bytes(4), st.binary(min_size=1, max_size=50))
WIRE = st.lists(st.one_of(MESSAGES.map(canonical.dumps), STREAM, st.binary(max_size=20)), max_size=12)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sets").mkdir(mode=0o700)
    return tmp_path / "sets"


def keeper(root: Path, **config: Any) -> Keeper:
    keys = [make_key(root.parent / "asset_key")] if not (root.parent / "asset_key").exists() else []
    return Keeper(
        {
            "name": NAME,
            "root": str(root),
            "reserve_bytes": 0,
            "daily_bytes": 1 << 30,
            "assets": [{"asset": asset, "keys": keys} for asset in (ASSET, "db-02")],
            **config,
        }
    )


class Near(Link):
    """The end of whoever asks."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__(end.fileno(), end.fileno(), 10)
        self._end = end

    def hang_up(self) -> None:
        """Send no more, but go on to read."""
        self._end.shutdown(socket.SHUT_WR)

    def ask(self, **message: Any) -> dict[str, Any]:
        self.send(message)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        found = self.receive()
        assert found is not None
        return found

    def is_over(self) -> bool:
        """Whether the session has ended."""
        try:
            return self.receive() is None
        except LinkBroken:
            return True

    def put(self, name: str, data: bytes) -> dict[str, Any]:
        self.send({"op": "put", "name": name})
        self.send_piece(memoryview(data))
        self.end_data()
        return self.answer()


@contextmanager
def session(kept: Keeper, asset: str | None = ASSET) -> Iterator[Near]:
    """A session that has been greeted, and its other end."""
    here, there = socket.socketpair()
    near = Near(here)
    errors: list[BaseException] = []

    def serve() -> None:
        try:
            Session(kept, asset, Link(there.fileno(), there.fileno(), 10)).run()
        except (LinkBroken, LinkAbused, interruption.Interrupted):
            pass
        except BaseException as error:
            errors.append(error)
        finally:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        near.send({"op": "hello", "protocol": 1})
        yield near
    finally:
        here.close()
        thread.join()
        assert not errors, errors


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.sampled_from([ASSET, None]), WIRE)
def test_whatever_is_sent_nothing_is_published_and_nothing_lies_elsewhere(
    root: Path, asset: str | None, wire: list[bytes]
) -> None:
    kept = keeper(root)
    with session(kept, asset) as link:
        try:
            for part in wire:
                link._write(part)
            link.hang_up()
            while link.receive() is not None:
                pass
        except (LinkBroken, LinkAbused):
            pass
    assert kept.repository.sets() == []
    strays = [path for path in root.iterdir() if path.name not in (".senders", "disdik", ".evidence")]
    assert strays == [] and list(root.parent.iterdir()) in ([root], [root, *root.parent.glob("asset_key*")])


def begun(link: Near, item: str = "1") -> dict[str, Any]:
    assert link.answer()["op"] == "ok"
    return link.ask(op="begin", set=id_of(place(item=item)))


def test_what_was_sent_today_counts_also_when_it_was_for_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keeper(root, daily_bytes=100_000)
    for _ in range(2):
        with session(kept) as link:
            assert begun(link)["op"] == "ok"
            assert link.put("data.zst.age", bytes(30_000))["op"] == "ok"
    with session(kept) as link:
        assert link.answer()["quota_left"] == 100_000 - 2 * (30_000 + 2 * 4096)
        assert link.ask(op="begin", set=id_of(place()))["op"] == "ok"
        assert "has sent its 100000 bytes of this day" in link.put("data.zst.age", bytes(30_000))["reason"]
    with session(kept, "db-02") as link:
        assert link.answer()["quota_left"] == 100_000
    monkeypatch.setattr(keeping, "_today", lambda: "2026-11-26")
    with session(kept) as link:
        assert link.answer()["quota_left"] == 100_000


def test_a_count_that_is_damaged_is_begun_anew(root: Path) -> None:
    kept = keeper(root)
    with session(kept) as link:
        link.answer()
    (root / ".senders" / ASSET / "turn").write_bytes(b"\0" * 26)
    assert keeping.quota_left(kept, ASSET) == kept.daily_bytes


def test_the_reserve_stays_free_and_is_looked_at_while_data_comes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keeper(root)
    with session(kept) as link:
        assert begun(link)["op"] == "ok"
        link.send({"op": "put", "name": "data.zst.age"})
        link.send_piece(memoryview(bytes(1000)))
        monkeypatch.setattr(kept, "_reserve", 1 << 60)
        link.send_piece(memoryview(bytes(1000)))
        assert "full up to the disk's reserve" in link.answer()["reason"]
        assert link.is_over()
    assert list(root.rglob("*.age")) == []
    with session(kept, None) as link:
        assert link.answer()["free"] == 0
        assert "reserve" in link.ask(op="begin", set=id_of(place()))["reason"]


def test_an_asset_sends_one_set_at_a_time_and_others_meanwhile(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "_PATIENCE", 0.5)
    kept = keeper(root)
    with session(kept) as first, session(kept) as second, session(kept, "db-02") as other:
        assert begun(first)["op"] == "ok"
        assert "is sending another set" in begun(second, "2")["reason"]
        assert other.answer() and other.ask(op="begin", set=id_of(place("db-02")))["op"] == "ok"
        # Nor is there a way around it by publishing.
        reason = second.ask(op="publish", set=id_of(place()), manifest="0" * 64)["reason"]
        assert "is sending another set" in reason
        monkeypatch.setattr(receiving, "_PATIENCE", 10)
        threading.Timer(0.3, first.hang_up).start()
        assert second.ask(op="begin", set=id_of(place(item="2")))["op"] == "ok"


def test_an_asset_has_some_sessions_and_no_more(root: Path) -> None:
    kept = keeper(root)
    with session(kept, "db-02") as other:
        with ExitStack() as stack:
            links = [stack.enter_context(session(kept)) for _ in range(keeping.SESSIONS + 1)]
            answers = [link.answer() for link in links]
        assert sorted(found["op"] for found in answers) == ["ok"] * keeping.SESSIONS + ["refused"]
        assert other.answer()["op"] == "ok"


def test_what_crashed_sessions_left_goes_and_what_was_sent_whole_stays_a_day(root: Path) -> None:
    kept = keeper(root)
    half, whole, old = (root / f"{id_of(place(item=item))}.partial" for item in "567")
    foreign = root / f"{id_of(place(asset='db-02'))}.partial"
    for folder in (half, whole, old, foreign):
        folder.mkdir(parents=True)
    for folder in (whole, old):
        (folder / "manifest.json").touch()
    os.utime(old, (0, 0))
    with session(kept) as link:
        assert begun(link)["op"] == "ok"
        assert [half.exists(), whole.exists(), old.exists(), foreign.exists()] == [False, True, False, True]
        with session(kept, None) as operator:
            assert operator.answer() and operator.ask(op="list") == {"op": "ok", "bytes": 0}
        assert not foreign.exists() and whole.exists(), "the operator's list sweeps where nobody is sending"
        assert link.put("data.zst.age", b"x")["op"] == "ok"


def test_files_are_measured_and_never_written_twice(root: Path) -> None:
    kept = keeper(root)
    with session(kept) as link:
        assert begun(link)["op"] == "ok"
        stored = Stored(5, hashlib.sha256(b"hello").hexdigest())
        assert link.put("data.zst.age", b"hello") == {"op": "ok", **vars(stored)}
        assert "was sent already" in link.put("data.zst.age", b"other")["reason"]
        assert link.is_over()


def test_another_protocol_is_told(root: Path) -> None:
    with session(keeper(root)) as link:
        link.answer()
    here, there = socket.socketpair()
    with here, there:
        near = Near(here)
        near.send({"op": "hello", "protocol": 2})
        Session(keeper(root), ASSET, Link(there.fileno(), there.fileno(), 10)).run()
        assert "speaks protocol 1, not 2" in near.answer()["reason"]


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_folder_that_others_reach_is_not_used(root: Path, mode: int) -> None:
    root.chmod(mode)
    with pytest.raises(Refused, match="not the account's alone"):
        keeper(root)
    root.rmdir()
    with pytest.raises(Refused, match="is not there"):
        keeper(root)


def test_a_manifest_that_needs_too_much_memory_is_not_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(data: bytes, limit: int = 0) -> dict[str, Any]:
        raise MemoryError

    kept = keeper(root)
    set_id = id_of(place())
    receiver = receiving.Receiver(kept, ASSET, Link(*os.pipe(), 1))
    receiver.begin({"set": set_id})
    assert receiver._new is not None
    receiver._new.create("manifest.json").write(b"[[[[")
    receiver._files["manifest.json"] = receiver._new.stored("manifest.json")
    monkeypatch.setattr(canonical, "loads", load)
    with pytest.raises(MemoryError):
        receiver.publish({"set": set_id, "manifest": "0" * 64})
    assert list(root.rglob("*.partial")) == []
