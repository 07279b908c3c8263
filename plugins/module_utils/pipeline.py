# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of the data: plain dump -> zstd -> age -> file, and back. Constant memory, every status checked."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import threading
from dataclasses import dataclass
from typing import IO, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import CHUNK, Process, failure
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey

LEVEL = 3
"""zstd's compression level: hardly slower than 1 on dumps, and noticeably smaller."""

_F_SETPIPE_SZ = 1031  # The fcntl module names it from Python 3.10 on.


class DamagedPart(EngineError):
    """What is stored is not what was stored: cut, changed, another part, or gone."""

    def __init__(self, path: str, how: str) -> None:
        super().__init__(
            f"Part {os.path.basename(path)} of the backup set is damaged: {how}",
            "Do not use this set; restore from another copy of it or from another set.",
        )


@dataclass(frozen=True)
class Measure:
    """Size in bytes and SHA-256 of a part, as it is stored and as it is plain."""

    bytes: int
    sha256: str
    plain_bytes: int
    plain_sha256: str


def store(command: Command, key: SetKey, path: str, progress: Progress, level: int = LEVEL) -> Measure:
    """Write what `command` prints, compressed and encrypted, to the new file `path`, and make it durable.

    Raises EngineError naming what failed; the file is then worthless. Raises Interrupted.
    """
    with contextlib.ExitStack() as opened:
        file = opened.enter_context(open(path, "xb", buffering=0))
        processes: List[Process] = []
        opened.callback(_close, processes)
        dump = _started(processes, command, None, subprocess.PIPE)
        compress = Command(["zstd", "-q", "-c", f"-{level}", "-T2"])
        zstd = _started(processes, compress, subprocess.PIPE, subprocess.PIPE)
        age = _started(processes, Command(["age", "-r", key.recipient]), zstd.stdout, subprocess.PIPE)
        zstd.stdout.close()
        plain = _Pump(dump.stdout, zstd.stdin, progress)
        stored = _Pump(age.stdout, file, None, closes=False)
        _drive(processes, [plain, stored])
        os.fsync(file.fileno())
        # So that what is read back comes from the disk, not from memory.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return Measure(stored.bytes, stored.sha256, plain.bytes, plain.sha256)


def read(path: str, key: SetKey, expected: Measure, command: Optional[Command], progress: Progress) -> None:
    """Decrypt and decompress `path` into the input of `command` (None: only compare it with `expected`).

    `command` sees the end of its input only after the plain digest was found right.
    Raises DamagedPart, another EngineError, or Interrupted.
    """
    with contextlib.ExitStack() as opened:
        file = opened.enter_context(open_part(path, expected))
        processes: List[Process] = []
        opened.callback(_close, processes)
        with key.identity_fd() as identity:
            argv = ["age", "-d", "-i", f"/dev/fd/{identity}"]
            age = _started(processes, Command(argv), subprocess.PIPE, subprocess.PIPE, identity)
        zstd = _started(processes, Command(["zstd", "-q", "-d", "-c"]), age.stdout, subprocess.PIPE)
        age.stdout.close()
        load = None
        if command is not None:
            load = _started(processes, command, subprocess.PIPE, None)
        stored = _Pump(file, age.stdin, None)
        plain = _Pump(zstd.stdout, load.stdin if load else None, progress, expects=expected.plain_sha256)
        try:
            _drive(processes, [stored, plain])
        except EngineError:
            check_stored(path, expected)
            raise
    if stored.sha256 != expected.sha256:
        raise DamagedPart(path, "its SHA-256 is not the one in the manifest")


def open_part(path: str, expected: Measure) -> IO[bytes]:
    """Open a stored part whose size is right; DamagedPart if it is not there or not of that size."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise DamagedPart(path, "it is missing") from None
    except OSError as error:
        raise DamagedPart(path, f"it can not be opened ({error.strerror})") from error
    file = os.fdopen(fd, "rb", buffering=0)
    size = os.fstat(fd).st_size
    if size != expected.bytes:
        file.close()
        raise DamagedPart(path, f"it has {size} bytes, the manifest says {expected.bytes}")
    return file


def check_stored(path: str, expected: Measure) -> None:
    """Compare size and SHA-256 of a stored part, without decrypting it; raises DamagedPart."""
    digest = hashlib.sha256()
    with open_part(path, expected) as file:
        while True:
            chunk = file.read(CHUNK)
            if not chunk:
                break
            digest.update(chunk)
            interruption.check()
    if digest.hexdigest() != expected.sha256:
        raise DamagedPart(path, "its SHA-256 is not the one in the manifest")


class _Pump(threading.Thread):
    """Moves bytes from `source` to `sink` (None: nowhere), counting and hashing them; hashing frees the GIL.

    At the end, if the digest is the one that is expected, the sink is closed, unless it is not ours to close.
    """

    def __init__(
        self,
        source: IO[bytes],
        sink: Optional[IO[bytes]],
        progress: Optional[Progress],
        expects: Optional[str] = None,
        closes: bool = True,
    ) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self.error: Optional[Exception] = None
        self._source = source
        self._sink = sink
        self._progress = progress
        self._expects = expects
        self._closes = closes
        self._digest = hashlib.sha256()
        for pipe in (source, sink):
            if pipe is not None:
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
                if self._sink is not None:
                    view = memoryview(chunk)
                    while view:
                        view = view[self._sink.write(view) :]
                if self._progress is not None:
                    self._progress.add(len(chunk))
            if self._expects not in (None, self.sha256):
                raise EngineError(
                    "What came out of the backup set is not what went into it: its SHA-256 differs",
                    "Do not use this set; restore from another one.",
                )
            if self._sink is not None and self._closes:
                self._sink.close()
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
    errors.sort(key=lambda error: isinstance(error, BrokenPipeError))
    if errors and isinstance(errors[0], OSError) and not isinstance(errors[0], BrokenPipeError):
        raise _not_moved(errors[0]) from errors[0]
    complaint = failure(processes)
    if complaint is not None:
        raise complaint
    if errors:
        raise _not_moved(errors[0]) if isinstance(errors[0], OSError) else errors[0]


def _not_moved(error: OSError) -> EngineError:
    return EngineError(
        f"The data could not be moved: {error.strerror}", "Make room, or mend the file system, and run it again."
    )
