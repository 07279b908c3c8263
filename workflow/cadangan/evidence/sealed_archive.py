"""Files put together, compressed and encrypted for those who can open backup sets: tar, zstd, age, without a detour."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process, failure

from cadangan.errors import BadInput, WorkFailed


def seal(files: Iterable[tuple[str, Path]], recipients: Sequence[str], target: IO[bytes]) -> None:
    """Write files, each under the name it gets, to `target`; `WorkFailed` if that fails.

    What was written is worthless then.
    """
    argv = ["age"]
    for recipient in recipients:
        argv += ["--recipient", recipient]
    with ExitStack() as opened:
        zstd = _started(opened, ["zstd", "-q", "-c", "-T2"], subprocess.PIPE, subprocess.PIPE)
        age = _started(opened, argv, zstd.stdout, target)
        zstd.stdout.close()
        # `tarfile` does not look how much of a piece a pipe has taken.
        plain = io.BufferedWriter(cast(io.RawIOBase, zstd.stdin))
        with _told([zstd, age]), plain, tarfile.open(fileobj=plain, mode="w|") as archive:
            for name, path in files:
                archive.add(path, name, recursive=False, filter=_anonymous)


def unseal(source: IO[bytes], identity: Path, folder: Path) -> list[str]:
    """Write the files in `source`, which `seal` wrote, into the empty `folder`; their names.

    What is no plain file or would lie elsewhere is refused: nobody has signed an archive. Raises `BadInput` if it is
    none, or `identity` does not open it.
    """
    names = []
    with ExitStack() as opened:
        age = _started(opened, ["age", "--decrypt", "--identity", str(identity)], source, subprocess.PIPE)
        zstd = _started(opened, ["zstd", "-q", "-d", "-c"], age.stdout, subprocess.PIPE)
        age.stdout.close()
        with _told([age, zstd]):
            for name in _extracted(zstd.stdout, folder):
                names.append(name)
            # What follows the end of the archive, so that a cut-off one is found.
            while zstd.stdout.read(1 << 20):
                pass
    return names


def _extracted(stream: IO[bytes], folder: Path) -> Iterator[str]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if not member.isreg():
                raise BadInput(f"{member.name!a} in the archive is no plain file")
            archive.extract(_anonymous(member), folder, filter="data")
            yield member.name


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Readable for the owner, and nothing to execute: an inventory that is a program is no register."""
    return member.replace(mode=0o640, uid=0, gid=0, uname="", gname="", deep=False)


def _started(opened: ExitStack, argv: list[str], stdin: int | IO[bytes], stdout: int | IO[bytes]) -> Process:
    process = Process(Command(argv), stdin, stdout)
    opened.callback(process.close)
    return process


@contextmanager
def _told(processes: Sequence[Process]) -> Iterator[None]:
    """Wait for the processes; tell what failed among them rather than what that led to."""
    try:
        yield
    except (OSError, tarfile.TarError) as error:
        for process in reversed(processes):
            process.end()
        raise _failed(processes, error) from error
    for process in processes:
        process.wait()
    if failure(processes):
        raise _failed(processes, None)


def _failed(processes: Sequence[Process], error: Exception | None) -> WorkFailed:
    told = failure(processes)
    return WorkFailed(f"the archive can not be made or read: {told.message if told else error}")
