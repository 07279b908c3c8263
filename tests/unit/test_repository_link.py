"""Whatever comes over the wire to a repository host, in whatever pieces, it is understood or refused."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, interruption, repository_link
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_link import (
    MESSAGE_LIMIT,
    PIECE_LIMIT,
    Link,
    LinkAbused,
    LinkBroken,
)
from hypothesis import given
from hypothesis import strategies as st


class Far:
    """The other end of a wire, as bytes."""

    def __init__(self, silence: float = 10) -> None:
        incoming, self.write_end = os.pipe()
        self.read_end, outgoing = os.pipe()
        self._near = (incoming, outgoing)
        self.link = Link(incoming, outgoing, silence)

    def sends(self, *pieces: bytes, pause: float = 0) -> None:
        """Send these, from a thread of its own, and close."""

        def send() -> None:
            for piece in pieces:
                view = memoryview(piece)
                try:
                    while view:
                        view = view[os.write(self.write_end, view) :]
                except BrokenPipeError:
                    break
                time.sleep(pause)
            os.close(self.write_end)
            self.write_end = -1

        self._sender = threading.Thread(target=send)
        self._sender.start()

    def close(self) -> None:
        for descriptor in self._near:
            os.close(descriptor)
        if hasattr(self, "_sender"):
            self._sender.join()
        for descriptor in (self.write_end, self.read_end):
            if descriptor >= 0:
                os.close(descriptor)


@pytest.fixture
def far() -> Iterator[Far]:
    far = Far()
    yield far
    far.close()


def stream(*pieces: bytes) -> bytes:
    return b"".join(len(piece).to_bytes(4, "big") + piece for piece in pieces) + bytes(4)


def all_data(link: Link) -> bytes:
    data = b""
    while True:
        more = link.receive_data()
        if not more:
            return data
        data += more


@given(
    st.lists(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True), st.text() | st.integers(0, 99))),
    st.lists(st.binary(min_size=1, max_size=200), max_size=5),
    st.randoms(use_true_random=False),
)
def test_messages_and_data_arrive_however_they_are_cut(messages: list[dict[str, Any]], data: Any, chance: Any) -> None:
    far = Far()
    try:
        wire = b"".join(canonical.dumps(message) + stream(*data) for message in messages)
        cuts = sorted(chance.randrange(len(wire) + 1) for _ in range(4))
        far.sends(*(wire[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(wire)], strict=True)))
        for message in messages:
            assert far.link.receive() == message
            assert all_data(far.link) == b"".join(data)
        assert far.link.receive() is None
    finally:
        far.close()


@given(st.binary(max_size=3000), st.booleans())
def test_garbage_is_refused_and_nothing_worse(garbage: bytes, as_data: bool) -> None:
    far = Far()
    try:
        far.sends(garbage)
        try:
            while (far.link.receive_data() if as_data else far.link.receive()) not in (None, b""):
                pass
        except (LinkBroken, LinkAbused):
            pass
    finally:
        far.close()


def test_a_line_without_end_is_not_kept(far: Far) -> None:
    far.sends(b"x" * (3 * MESSAGE_LIMIT))
    with pytest.raises(LinkAbused, match="more than"):
        far.link.receive()


@pytest.mark.parametrize("line", [b"{}", b'{"op": "x"}\n', b'{"a":1,"a":2}\n', b"[1]\n", b"\n", b'{"op":"\xff"}\n'])
def test_what_is_no_message_is_refused(far: Far, line: bytes) -> None:
    far.sends(line)
    with pytest.raises((LinkAbused, LinkBroken)):
        far.link.receive()


@pytest.mark.parametrize("length", [PIECE_LIMIT + 1, 0xFFFFFFFF])
def test_a_piece_is_not_longer_than_agreed(far: Far, length: int) -> None:
    far.sends(length.to_bytes(4, "big"))
    with pytest.raises(LinkAbused, match="a piece of data has"):
        far.link.receive_data()


@pytest.mark.parametrize("cut", [1, 4, 6])
def test_data_that_ends_in_the_middle_is_no_data(far: Far, cut: int) -> None:
    far.sends(stream(b"data")[:cut])
    with pytest.raises(LinkBroken, match="middle of data"):
        all_data(far.link)


def test_a_piece_is_sent_as_it_is_taken(far: Far) -> None:
    data = os.urandom(3 * PIECE_LIMIT)
    received = bytearray()

    def receive() -> None:
        while len(received) < len(data) + 4 * 4:
            received.extend(os.read(far.read_end, 1 << 16))

    reader = threading.Thread(target=receive)
    reader.start()
    view = memoryview(data)
    while view:
        view = view[far.link.send_piece(view) :]
    far.link.end_data()
    reader.join()
    assert received == stream(*(data[at : at + PIECE_LIMIT] for at in range(0, len(data), PIECE_LIMIT)))


def test_silence_has_an_end() -> None:
    far = Far(silence=0.3)
    try:
        with pytest.raises(LinkBroken, match="silent"):
            far.link.receive()
        with pytest.raises(LinkBroken, match="silent"):
            for _ in range(100):
                far.link.send_piece(memoryview(bytes(PIECE_LIMIT)))
    finally:
        far.close()


def test_a_message_that_drips_is_not_waited_for(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository_link, "_MESSAGE_SECONDS", 0.5)
    far.sends(*[b"x"] * 20, pause=0.1)
    begun = time.monotonic()
    with pytest.raises(LinkBroken, match="silent"):
        far.link.receive()
    assert time.monotonic() - begun < 1.5


def test_whoever_waits_can_be_interrupted(far: Far) -> None:
    threading.Timer(0.3, interruption.end, ["enough"]).start()
    with interruption.Watch(), pytest.raises(interruption.Interrupted, match="enough"):
        far.link.receive()


def test_long_work_is_told_and_ends_when_nobody_listens(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository_link, "_WORKING_SECONDS", 0.05)
    with interruption.Watch():
        with far.link.working():
            time.sleep(0.2)
        assert os.read(far.read_end, 1 << 16).startswith(b'{"op":"working"}\n')
        os.close(far.read_end)
        far.read_end = -1
        with far.link.working():
            time.sleep(0.2)
        assert interruption.happened()
