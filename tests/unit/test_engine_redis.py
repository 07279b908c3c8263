"""Redis without a server: its protocol, the frame of a dump, periods of keys that end, versions, files, services."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import redis_connection, redis_proof
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_redis import RedisEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, RedisError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_proof import Item, Summary
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_replication import Dump
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_server import Version
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_service import Service
from hypothesis import given
from hypothesis import strategies as st

RDB = b"REDIS0010" + bytes(range(256)) * 3000 + b"\r\n$EOF:"
MARK = b"0123456789abcdef0123456789abcdef01234567"


@contextmanager
def answering(folder: Path, *answers: bytes, piece: int = 1 << 20) -> Iterator[Connection]:
    """A connection to something that gives these answers, `piece` bytes at a time, and then closes."""
    path = str(folder / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def serve() -> None:
            peer, _ = listener.accept()
            data = b":0\r\n" + b"".join(answers)
            # Whoever has heard enough may go.
            with peer, suppress(OSError):
                for start in range(0, len(data), piece):
                    peer.sendall(data[start : start + piece])
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(1 << 16):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with Connection(path) as connection:
            yield connection
        thread.join()


def received(folder: Path, frame: bytes, piece: int = 1 << 20) -> bytes:
    answers = (b"+OK\r\n+OK\r\n", b"\n\n+FULLRESYNC abc 17\r\n\n\n", frame)
    with answering(folder, *answers, piece=piece) as connection:
        dump = Dump(connection)
        assert [entry["value"] for entry in dump.position] == ["abc", "17"]
        return b"".join(dump.chunks())


class TestProtocol:
    @pytest.mark.parametrize("piece", [1, 3, 1 << 20])
    def test_answers(self, tmp_path: Path, piece: int) -> None:
        data = b"*5\r\n$3\r\n\r\n\x00\r\n$-1\r\n:-7\r\n*-1\r\n*0\r\n-ERR no\r\n+OK\r\n"
        with answering(tmp_path, data, piece=piece) as connection:
            first, second, third = connection.pipeline([("A",), ("B",), ("C",)])
        assert first == [b"\r\n\x00", None, -7, None, []]
        assert isinstance(second, RedisError)
        assert (second.message, third) == ("The server refused B: ERR no", b"OK")

    def test_what_is_no_redis(self, tmp_path: Path) -> None:
        with answering(tmp_path, b"HTTP/1.1 400\r\n") as connection, pytest.raises(EngineError, match="protocol"):
            connection.call("INFO")

    def test_nobody_there(self, tmp_path: Path) -> None:
        with pytest.raises(EngineError, match="No server answers"):
            Connection(str(tmp_path / "s"))

    def test_silence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / "s"))
            listener.listen()
            monkeypatch.setattr(redis_connection, "TIMEOUT", 0.2)
            with pytest.raises(EngineError, match="said nothing for"):
                Connection(str(tmp_path / "s"))


class TestDump:
    @pytest.mark.parametrize("piece", [7, 39, 40, 41, 4096, 1 << 20])
    def test_of_unknown_length(self, tmp_path: Path, piece: int) -> None:
        assert received(tmp_path, b"$EOF:" + MARK + b"\r\n" + RDB + MARK, piece) == RDB

    @pytest.mark.parametrize("piece", [9, 4096])
    def test_of_known_length(self, tmp_path: Path, piece: int) -> None:
        # What follows is the stream of commands, which is none of ours.
        assert received(tmp_path, b"$%d\r\n" % len(RDB) + RDB + b"*1\r\n$4\r\nPING\r\n", piece) == RDB

    @pytest.mark.parametrize(
        ("frame", "message"),
        [
            (b"$EOF:" + MARK + b"\r\n" + RDB, "closed the connection"),
            (b"$EOF:" + MARK + b"\r\n" + RDB + MARK[:-1], "closed the connection"),
            (b"$%d\r\n" % (len(RDB) + 1) + RDB, "closed the connection"),
            (b"-ERR fork failed\r\n", "refused PSYNC: ERR fork failed"),
        ],
    )
    def test_that_is_not_whole(self, tmp_path: Path, frame: bytes, message: str) -> None:
        with pytest.raises(EngineError, match=message):
            received(tmp_path, frame)


class TestPeriods:
    SINCE = 1_800_000_000_000

    @given(st.integers(0, 1 << 62))
    def test_begin_before_what_lies_in_them_and_are_short(self, ahead: int) -> None:
        begin = redis_proof.period(self.SINCE + ahead, self.SINCE)
        assert self.SINCE <= begin <= self.SINCE + ahead
        assert self.SINCE + ahead - begin <= max(1024, ahead // 16)

    def test_are_few(self) -> None:
        ends = [self.SINCE + ahead * 60_000 for ahead in range(525_600)]
        assert len({redis_proof.period(end, self.SINCE) for end in ends}) < 700

    def test_are_left_out_once_they_have_begun(self) -> None:
        summary = Summary()
        for end in (-1, self.SINCE + 5000, self.SINCE + 50_000):
            item = Item(0, b"k", "string", end, bytes(16))
            summary.add(item.group(self.SINCE), item)
        facts = summary.facts()
        kept = [len(redis_proof.standing(facts, self.SINCE + at)) for at in (0, 10_000, 100_000)]
        assert kept == [3, 2, 1]

    def test_the_order_of_keys_does_not_matter_but_each_counts(self) -> None:
        items = [Item(0, b"%d" % n, "string", -1, bytes([n]) * 16) for n in range(9)]

        def facts(order: list[Item]) -> list:
            summary = Summary()
            for item in order:
                summary.add(item.group(0), item)
            return summary.facts()

        assert facts(items) == facts(items[::-1])
        assert facts(items) != facts([*items, items[0]])
        assert redis_proof.databases(facts(items)) == {0}


@pytest.mark.parametrize(
    ("target", "source", "reads"),
    [
        (("Redis", "7.0.15", "7.0.15"), ("Redis", "7.0.20", "7.0.20"), True),
        (("Redis", "8.0.2", "8.0.2"), ("Redis", "7.0.15", "7.0.15"), True),
        (("Redis", "7.0.15", "7.0.15"), ("Redis", "7.2.0", "7.2.0"), False),
        (("Valkey", "8.1.1", "7.2.4"), ("Redis", "7.2.5", "7.2.5"), True),
        (("Valkey", "8.1.1", "7.2.4"), ("Redis", "7.4.0", "7.4.0"), False),
        (("Valkey", "8.0.1", "7.2.4"), ("Valkey", "8.1.1", "7.2.4"), False),
        (("Redis", "10.0.0", "10.0.0"), ("Redis", "9.9.9", "9.9.9"), True),
    ],
)
def test_which_release_reads_which(target: tuple, source: tuple, reads: bool) -> None:
    assert Version(*target).reads(Version(*source)) is reads


class TestPassword:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        file = tmp_path / "password"
        file.write_bytes(b"rahasia \xc3\xa9\n")
        file.chmod(0o600)
        return file

    def test_is_the_one_line_of_a_protected_file(self, file: Path) -> None:
        assert redis_connection.read_password(str(file)) == b"rahasia \xc3\xa9"
        assert redis_connection.read_password("") == b""

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda file: file.chmod(0o640), "is not protected"),
            (lambda file: file.write_text("a\nb\n"), "does not hold one line"),
            (lambda file: file.write_text("\n"), "does not hold one line"),
            (lambda file: file.unlink(), "can not be read: No such file"),
        ],
        ids=["readable", "two lines", "empty", "missing"],
    )
    def test_in_another_file_is_refused(self, file: Path, change: Callable[[Path], object], message: str) -> None:
        change(file)
        with pytest.raises(EngineError, match=message) as error:
            redis_connection.read_password(str(file))
        assert "rahasia" not in str(error.value)


def test_an_instance_that_is_no_port() -> None:
    with pytest.raises(EngineError, match="is no port"):
        RedisEngine("utama", "all", {}).check_backup()


def test_the_instance_in_a_path(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"redis-6380\.sock"):
        RedisEngine("6380", "all", {"socket": str(tmp_path / "redis-%i.sock")}).check_backup()


def test_a_process_of_no_service() -> None:
    with pytest.raises(EngineError, match="not run by a service"):
        Service.of(2**22)
