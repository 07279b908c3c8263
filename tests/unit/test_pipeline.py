"""The pipeline: what it stores comes back, and no failure of any tool, file or key goes unnoticed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption, pipeline, processes
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.pipeline import Measure
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Stored
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey

SILENT = Progress(None)
PLAIN = os.urandom(3_000_000) + bytes(3_000_000)


@pytest.fixture(scope="module")
def key() -> SetKey:
    return SetKey.new()


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain"
    path.write_bytes(PLAIN)
    return path


def store(
    command: Command, key: SetKey, path: Path, check: Command | None = None, progress: Progress = SILENT
) -> Measure:
    with path.open("xb", buffering=0) as sink:
        return pipeline.store(command, key, sink, check, progress)


def read(path: Path, key: SetKey, plain_sha256: str, command: Command | None = None) -> Stored:
    with path.open("rb", buffering=0) as source:
        return pipeline.read(source, key, plain_sha256, command, SILENT)


@pytest.fixture
def part(tmp_path: Path, plain: Path, key: SetKey) -> tuple[Path, Measure]:
    """A stored part, and what was measured."""
    path = tmp_path / "data.zst.age"
    return path, store(Command(["cat", str(plain)]), key, path)


def python(script: str) -> Command:
    return Command([sys.executable, "-c", f"import os, signal, sys, time\n{script}"])


def _children() -> dict[str, str]:
    """Process id and name of each process that this one started and that still runs."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if lines["PPid"] == str(os.getpid()):
            found[lines["Pid"]] = lines["Name"]
    return found


_earlier: set[str] = set()


@pytest.fixture(autouse=True)
def of_other_tests() -> None:
    """Processes that tests of other things left are none of ours."""
    _earlier.clear()
    _earlier.update(_children())


def children() -> list[str]:
    """Names of the processes that this test started and that still run."""
    return [name for pid, name in _children().items() if pid not in _earlier]


def test_what_is_stored_comes_back(tmp_path: Path, part: tuple[Path, Measure], key: SetKey) -> None:
    path, measure = part
    stored = Stored(path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    assert measure == Measure(stored.bytes, stored.sha256, len(PLAIN), hashlib.sha256(PLAIN).hexdigest())
    copy = tmp_path / "copy"
    assert read(path, key, measure.plain_sha256, Command(["dd", f"of={copy}", "status=none"])) == stored
    assert copy.read_bytes() == PLAIN
    assert children() == []


def test_what_is_stored_is_read_again_on_the_way(tmp_path: Path, plain: Path, key: SetKey) -> None:
    copy = tmp_path / "copy"
    check = Command(["dd", f"of={copy}", "status=none"])
    measure = store(Command(["cat", str(plain)]), key, tmp_path / "x", check)
    assert copy.read_bytes() == PLAIN and measure.plain_bytes == len(PLAIN)
    assert children() == []


def test_nothing_is_stored_as_nothing(tmp_path: Path, key: SetKey) -> None:
    path = tmp_path / "data.zst.age"
    measure = store(Command(["true"]), key, path)
    assert measure.plain_bytes == 0
    read(path, key, measure.plain_sha256)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sys.stdout.buffer.write(bytes(9_000_000)); sys.exit('oops')", "ended with status 1: oops"),
        ("sys.stdout.buffer.write(bytes(9)); sys.exit(3)", "ended with status 3"),
        ("sys.stdout.buffer.write(bytes(9)); sys.stdout.flush(); os.kill(os.getpid(), 9)", "ended by signal 9"),
        ("os.close(1); time.sleep(0.3); os._exit(4)", "ended with status 4"),
    ],
    ids=["at the end", "at once", "killed", "after its output"],
)
def test_a_failing_dump_is_named(tmp_path: Path, key: SetKey, script: str, told: str) -> None:
    with pytest.raises(EngineError, match=told) as failed:
        store(python(script), key, tmp_path / "x")
    assert failed.value.message.startswith("python")
    assert children() == []


@pytest.mark.parametrize("tool", ["zstd", "age"])
@pytest.mark.parametrize("way", ["store", "read"])
def test_a_failing_tool_is_named(
    tmp_path: Path,
    part: tuple[Path, Measure],
    key: SetKey,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
    way: str,
) -> None:
    fake = tmp_path / "bin" / tool
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nhead -c 100000 >/dev/null\necho broken >&2\nexit 7\n")
    fake.chmod(0o755)
    monkeypatch.setattr(processes, "PATH", f"{fake.parent}:{processes.PATH}")
    monkeypatch.setenv("PATH", f"{fake.parent}:{processes.PATH}")
    with pytest.raises(EngineError, match=f"{tool} ended with status 7: broken"):
        if way == "store":
            store(Command(["cat", "/dev/urandom"]), key, tmp_path / "x")
        else:
            read(part[0], key, part[1].plain_sha256)
    assert children() == []


def test_a_program_that_is_not_there_is_named(tmp_path: Path, key: SetKey) -> None:
    with pytest.raises(EngineError, match="no-such-dump could not be started"):
        store(Command(["no-such-dump"]), key, tmp_path / "x")


def test_a_full_disk_is_told(key: SetKey) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(EngineError, match="No space left on device"):
        pipeline.store(Command(["cat", "/dev/urandom"]), key, full, None, SILENT)
    assert children() == []


def test_a_program_that_changes_what_it_compresses_is_found(
    tmp_path: Path, key: SetKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "zstd"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\ncase "$*" in *-d*) exec /usr/bin/zstd "$@";; esac\ntr a b | /usr/bin/zstd "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setattr(processes, "PATH", f"{fake.parent}:{processes.PATH}")
    monkeypatch.setenv("PATH", f"{fake.parent}:{processes.PATH}")
    with pytest.raises(EngineError, match="not what went into it"):
        store(Command(["echo", "data"]), key, tmp_path / "x")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sys.stdin.buffer.read(); sys.exit('it does not load')", "it does not load"),
        ("sys.exit(5)", "ended with status 5"),
        ("os.close(0); time.sleep(0.5); sys.exit('no room')", "no room"),
        ("sys.stdin.buffer.read(10)", "could not be moved"),
    ],
)
def test_a_failing_load_is_named(part: tuple[Path, Measure], key: SetKey, script: str, told: str) -> None:
    with pytest.raises(EngineError, match=told):
        read(part[0], key, part[1].plain_sha256, python(script))
    assert children() == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sys.stdin.buffer.read(); sys.exit('it does not load')", "it does not load"),
        ("sys.exit(5)", "ended with status 5"),
    ],
)
def test_a_load_that_fails_on_the_way_fails_the_storing(
    tmp_path: Path, plain: Path, key: SetKey, script: str, told: str
) -> None:
    with pytest.raises(EngineError, match=told):
        store(Command(["cat", str(plain)]), key, tmp_path / "x", python(script))
    assert children() == []


def test_any_flipped_byte_is_noticed(part: tuple[Path, Measure], key: SetKey) -> None:
    path, measure = part
    data = bytearray(path.read_bytes())
    for position in [0, 30, 100, 250, *range(300, len(data), len(data) // 10), len(data) - 1]:
        data[position] ^= 0x10
        path.write_bytes(data)
        data[position] ^= 0x10
        # age need not look at all of its header, and zstd not at all of its frame: the digest does.
        with contextlib.suppress(EngineError):
            assert read(path, key, measure.plain_sha256).sha256 != measure.sha256


def test_another_key_does_not_open_it(part: tuple[Path, Measure]) -> None:
    with pytest.raises(EngineError, match="no identity matched"):
        read(part[0], SetKey.new(), part[1].plain_sha256)


def test_data_that_differs_never_ends_for_the_load(tmp_path: Path, part: tuple[Path, Measure], key: SetKey) -> None:
    done = tmp_path / "done"
    load = python(f"sys.stdin.buffer.read(); open({str(done)!r}, 'w')")
    with pytest.raises(EngineError, match="not what went into it"):
        read(part[0], key, "0" * 64, load)
    assert not done.exists() and children() == []


def test_an_interruption_ends_every_process(tmp_path: Path, key: SetKey) -> None:
    with interruption.Watch():
        timer = threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGTERM))
        timer.start()
        begun = time.monotonic()
        with pytest.raises(interruption.Interrupted, match="SIGTERM"):
            store(python("time.sleep(60)"), key, tmp_path / "x")
    assert time.monotonic() - begun < 5 and children() == []


def test_a_lost_controller_is_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    monkeypatch.setattr(interruption, "_STDOUT", writer)
    with interruption.Watch():
        interruption.check()
        os.close(reader)
        deadline = time.monotonic() + 5
        with pytest.raises(interruption.Interrupted, match="control host was lost"):
            while time.monotonic() < deadline:
                time.sleep(0.05)
                interruption.check()
    os.close(writer)
    interruption.check()


def test_a_command_gets_a_minimal_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    printed = processes.run(Command(["env"], env={"PGPORT": "5432"})).decode().splitlines()
    names = {line.split("=")[0] for line in printed}
    assert names == {"PATH", "LANG", "LC_ALL", "PGPORT"}


def test_complaints_are_bounded_and_tell_no_data() -> None:
    script = (
        "print('x' * 100000, file=sys.stderr)\n"
        "print('ERROR: duplicate key\\nDETAIL: Key (nik)=(3319) exists.\\nCONTEXT: COPY warga, line 7',"
        " file=sys.stderr)\nsys.exit(1)"
    )
    with pytest.raises(EngineError) as failed:
        processes.run(python(script))
    assert "duplicate key" in failed.value.message
    assert "3319" not in failed.value.message and "warga" not in failed.value.message
    assert len(failed.value.message) < 2000


def test_an_answer_may_not_be_endless() -> None:
    with pytest.raises(EngineError, match="more than 1000 bytes"):
        processes.run(Command(["cat", "/dev/zero"]), limit=1000)


def test_an_unknown_account_is_named() -> None:
    if os.geteuid() != 0:
        assert processes.run(Command(["true"], user="no-such-account")) == b""
        return
    with pytest.raises(EngineError, match="no account no-such-account"):
        processes.run(Command(["true"], user="no-such-account"))


@pytest.mark.parametrize("text", ["", "x", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1ABC\n# x", "age1abc"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(EngineError):
        SetKey.of(text)


def test_a_key_is_not_shown(key: SetKey) -> None:
    assert key.identity not in repr(key)


def test_progress_counts_plain_bytes_and_holds_nothing_else(tmp_path: Path, plain: Path, key: SetKey) -> None:
    path = tmp_path / "progress" / "run-1.json"
    progress = Progress(str(path))
    progress.stage("dump data")
    store(Command(["cat", str(plain)]), key, tmp_path / "x", progress=progress)
    progress.stage("next")
    told = json.loads(path.read_text())
    assert told.keys() == {"stage", "bytes", "started_at"} and told["stage"] == "next"
    assert path.stat().st_mode & 0o777 == 0o644
    progress.close()
    assert list(path.parent.iterdir()) == []


def test_progress_that_can_not_be_written_is_no_failure() -> None:
    progress = Progress("/proc/no/such/place.json")
    progress.stage("dump")
    progress.add(1)
    progress.close()
