# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of the data: plain dump -> zstd -> age -> file, and back. Constant memory, every status checked."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import IO, Callable, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process, failure
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import RepositoryError, Stored
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK, Sink, Source, write_whole

LEVEL = 3
"""zstd's compression level: hardly slower than 1 on dumps, and noticeably smaller."""

_LAST_WORDS_SECONDS = 2
_F_SETPIPE_SZ = 1031  # The fcntl module names it from Python 3.10 on.


@dataclass(frozen=True)
class Measure:
    """Size in bytes and SHA-256 of a part, as it is stored and as it is plain."""

    bytes: int
    sha256: str
    plain_bytes: int
    plain_sha256: str


def store(
    command: Command,
    key: SetKey,
    sink: Sink,
    check: Optional[Command],
    progress: Progress,
    level: int = LEVEL,
) -> Measure:
    """Write what `command` prints, compressed and encrypted, to `sink`, and prove on the way that it can be read.

    What goes to `sink` is also decrypted and decompressed at once, compared, and given to `check` (None: to nobody),
    which sees the end of its input only after all was found equal.
    Raises EngineError naming what failed; what was written is then worthless. Raises Interrupted.
    """
    with contextlib.ExitStack() as opened:
        processes: List[Process] = []
        opened.callback(_close, processes)
        dump = _started(processes, command, None, subprocess.PIPE)
        compress = Command(["zstd", "-q", "-c", f"-{level}", "-T2"])
        zstd = _started(processes, compress, subprocess.PIPE, subprocess.PIPE)
        age = _started(processes, Command(["age", "-r", key.recipient]), zstd.stdout, subprocess.PIPE)
        zstd.stdout.close()
        opening = _opening(processes, key, check)
        plain = _Pump(dump.stdout, [zstd.stdin], progress)
        stored = _Pump(age.stdout, [opening.stored], keeps=sink)
        again = _Pump(opening.plain, opening.taken, expects=lambda: plain.sha256)
        _drive(processes, [plain, stored, again])
    return Measure(stored.bytes, stored.sha256, plain.bytes, plain.sha256)


def read(source: Source, key: SetKey, plain_sha256: str, command: Optional[Command], progress: Progress) -> Stored:
    """Decrypt and decompress `source` into the input of `command` (None: only compare it).

    `command` sees the end of its input only after the plain digest was found right.
    `plain_sha256` is what must come out; gives what was read from `source`. Raises EngineError, or Interrupted.
    """
    with contextlib.ExitStack() as opened:
        processes: List[Process] = []
        opened.callback(_close, processes)
        opening = _opening(processes, key, command)
        stored = _Pump(source, [opening.stored])
        plain = _Pump(opening.plain, opening.taken, progress, expects=lambda: plain_sha256)
        _drive(processes, [stored, plain])
    return Stored(stored.bytes, stored.sha256)


@dataclass(frozen=True)
class _Opening:
    """The way back: what is stored goes in at `stored`, comes out of `plain`, and is taken by `taken`."""

    stored: IO[bytes]
    plain: IO[bytes]
    taken: List[IO[bytes]]


def _opening(processes: List[Process], key: SetKey, command: Optional[Command]) -> _Opening:
    with key.identity_fd() as identity:
        argv = ["age", "-d", "-i", f"/dev/fd/{identity}"]
        age = _started(processes, Command(argv), subprocess.PIPE, subprocess.PIPE, identity)
    zstd = _started(processes, Command(["zstd", "-q", "-d", "-c"]), age.stdout, subprocess.PIPE)
    age.stdout.close()
    taken = [] if command is None else [_started(processes, command, subprocess.PIPE, None).stdin]
    return _Opening(age.stdin, zstd.stdout, taken)


class _Pump(threading.Thread):
    """Moves bytes from `source` to all `sinks` and to `keeps`, counting and hashing them; hashing frees the GIL.

    At the end, if the digest is the one that is expected, the sinks are closed; `keeps` is not ours to close.
    """

    def __init__(
        self,
        source: Source,
        sinks: List[IO[bytes]],
        progress: Optional[Progress] = None,
        expects: Optional[Callable[[], str]] = None,
        keeps: Optional[Sink] = None,
    ) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self.error: Optional[Exception] = None
        self._source = source
        self._sinks = sinks
        self._progress = progress
        self._expects = expects
        self._written: List[Sink] = [*sinks] if keeps is None else [*sinks, keeps]
        self._digest = hashlib.sha256()
        for pipe in (source, *sinks):
            # Fewer, larger steps; a limit of the system on pipe sizes is no obstacle.
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, CHUNK)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def run(self) -> None:
        try:
            while True:
                chunk = self._source.read(CHUNK)
                if not chunk:
                    break
                self.bytes += len(chunk)
                self._digest.update(chunk)
                for sink in self._written:
                    write_whole(sink.write, chunk)
                if self._progress is not None:
                    self._progress.add(len(chunk))
            if self._expects is not None and self._expects() != self.sha256:
                raise EngineError(
                    "What came out of the backup set is not what went into it: its SHA-256 differs",
                    "Do not use this set; restore from another one.",
                )
            for sink in self._sinks:
                sink.close()
        except Exception as error:
            self.error = error


def _started(processes: List[Process], command: Command, stdin: object, stdout: object, *inherited: int) -> Process:
    process = Process(command, stdin, stdout, inherited)  # type: ignore[arg-type]
    processes.append(process)
    return process


def _close(processes: List[Process]) -> None:
    for process in processes:
        process.close()


def _drive(processes: List[Process], pumps: List[_Pump]) -> None:
    """Run the pipeline to its end; raises what went wrong first and foremost, leaving no process behind."""
    try:
        for pump in pumps:
            pump.start()
        while any(pump.is_alive() for pump in pumps) and not any(pump.error for pump in pumps):
            pumps[0].join(0.1)
            pumps[-1].join(0.1)
            interruption.check()
        if not any(pump.error for pump in pumps):
            for process in processes:
                process.wait()
        elif any(isinstance(pump.error, BrokenPipeError) for pump in pumps):
            _await_failure(processes)
    finally:
        # Readers before writers, so that none of them complains about the end of another.
        for process in reversed(processes):
            process.kill()
        for process in processes:
            process.end()
        for pump in pumps:
            pump.join()
    errors = [pump.error for pump in pumps if pump.error is not None]
    # A lost reader is mostly a consequence: what ended it is the cause.
    errors.sort(key=lambda error: (not isinstance(error, RepositoryError), isinstance(error, BrokenPipeError)))
    if errors and isinstance(errors[0], RepositoryError):
        raise errors[0]
    if errors and isinstance(errors[0], OSError) and not isinstance(errors[0], BrokenPipeError):
        raise _not_moved(errors[0]) from errors[0]
    complaint = failure(processes, victims=not errors)
    if complaint is not None:
        raise complaint
    if errors:
        raise _not_moved(errors[0]) if isinstance(errors[0], OSError) else errors[0]


def _await_failure(processes: List[Process]) -> None:
    """Give whoever takes nothing more a moment to say why."""
    deadline = time.monotonic() + _LAST_WORDS_SECONDS
    while time.monotonic() < deadline and not any(process.failed for process in processes):
        interruption.check()
        time.sleep(0.01)


def _not_moved(error: OSError) -> EngineError:
    return EngineError(
        f"The data could not be moved: {error.strerror}", "Make room, or mend the file system, and run it again."
    )
