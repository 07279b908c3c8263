# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Running programs: no shell, a minimal environment, another user, and their last complaints."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import signal
import subprocess
import threading
from typing import IO, List, Optional, Sequence, Union, cast

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import CHUNK, write_whole

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TAIL_LINES = 5
_TAIL_LINE_LENGTH = 300
_KEPT_STDERR = 8192
# Database clients quote rows and statements after the first ones; age's, and what mariadb-dump tells, helps nobody.
_NOT_TOLD = re.compile(r"\b(DETAIL|CONTEXT|STATEMENT|QUERY|LINE \d+|Command was|age/report)\b|^-- ")

Stream = Union[int, IO[bytes], None]


class ToolError(EngineError):
    """A program could not be run or ended badly; the message names it and ends with its last complaints."""


class Process:
    """One running program, in its own session so that all of it can be ended."""

    def __init__(self, command: Command, stdin: Stream, stdout: Stream, inherited: Sequence[int] = ()) -> None:
        self.name = os.path.basename(command.argv[0])
        self.advice = command.advice
        environment = {"PATH": PATH, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **command.env}
        become = {}
        if command.user is not None and os.geteuid() == 0:
            account = _account(command.user)
            environment.setdefault("HOME", account.pw_dir)
            become = {
                "user": account.pw_uid,
                "group": account.pw_gid,
                "extra_groups": os.getgrouplist(account.pw_name, account.pw_gid),
            }
        try:
            self._popen = subprocess.Popen(
                command.argv,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=subprocess.DEVNULL if stdout is None else stdout,
                stderr=subprocess.PIPE,
                env=environment,
                cwd="/",
                pass_fds=tuple(inherited),
                start_new_session=True,
                bufsize=0,
                **become,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ToolError(f"{self.name} could not be started: {error}", f"Install {self.name}.") from error
        # Our ends of the pipes that were asked for with subprocess.PIPE.
        self.stdin = cast(IO[bytes], self._popen.stdin)
        self.stdout = cast(IO[bytes], self._popen.stdout)
        self._killed = False
        self._complaints = b""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def complaints(self) -> bytes:
        """The last of what it wrote to its standard error."""
        return self._complaints

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._popen.poll() is not None

    @property
    def failed(self) -> bool:
        """Whether it has ended, and not well."""
        return self._popen.poll() not in (None, 0)

    def wait(self) -> int:
        """Wait for its end, open to an interruption; the exit status, negative for a signal."""
        while True:
            try:
                return self._popen.wait(0.2)
            except subprocess.TimeoutExpired:
                interruption.check()

    def end(self) -> None:
        """Kill it and wait until it has ended."""
        self.kill()
        self._popen.wait()

    def kill(self) -> None:
        """Kill it, with all that it started, unless it has ended by itself."""
        if self._popen.poll() is None:
            self._killed = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and close our ends of its pipes. No thread may be using them any more."""
        self.end()
        for stream in (self.stdin, self.stdout):
            if stream is not None:
                stream.close()

    def complaint(self) -> str:
        """How it failed, with its last lines about it; empty if it ended well or `end` ended it."""
        status = self._popen.wait()
        if status == 0 or (self._killed and status == -signal.SIGKILL):
            return ""
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        words = self.last_words()
        return f"{self.name} {how}: {words}" if words else f"{self.name} {how}"

    def last_words(self) -> str:
        """The last lines of its standard error, once it has ended, without what helps nobody."""
        self._listener.join(2)
        lines = [line.strip() for line in self._complaints.decode("utf-8", "replace").splitlines()]
        told = [line[:_TAIL_LINE_LENGTH] for line in lines if line and not _NOT_TOLD.search(line)]
        return " | ".join(told[-_TAIL_LINES:])

    def _listen(self) -> None:
        with cast(IO[bytes], self._popen.stderr) as stderr:
            while True:
                data = os.read(stderr.fileno(), 4096)
                if not data:
                    return
                self._complaints = (self._complaints + data)[-_KEPT_STDERR:]


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError as error:
        raise ToolError(f"There is no account {user} on this host", "Name an account that exists.") from error


def failure(processes: Sequence[Process], victims: bool = True) -> Optional[ToolError]:
    """The error of a pipeline whose processes have all ended; None if all ended well.

    A process that lost its reader or writer is only a victim: it is named if nothing else failed, and with `victims`.
    """
    failed = [(text, process) for text, process in ((process.complaint(), process) for process in processes) if text]
    causes = [(text, process) for text, process in failed if f"signal {int(signal.SIGPIPE)}" not in text]
    told = causes or (failed if victims else [])
    if not told:
        return None
    advice = next(filter(None, (process.advice(text) for text, process in told)), "")
    return ToolError("; ".join(text for text, _process in told), advice)


def run(command: Command, data: bytes = b"", inherited: Sequence[int] = (), limit: int = 64 << 20) -> bytes:
    """Run `command` with `data` as its input and return its output. Raises ToolError unless its status is 0.

    For small answers: more output than `limit` bytes is an error.
    """
    process = Process(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, inherited=inherited)
    output: List[bytes] = []

    def read() -> None:
        left = limit + 1
        while left > 0:
            chunk = process.stdout.read(min(CHUNK, left))
            if not chunk:
                return
            output.append(chunk)
            left -= len(chunk)
        process.end()

    reader = threading.Thread(target=read, daemon=True)
    writer = threading.Thread(target=write_all, args=(process.stdin, data), daemon=True)
    try:
        reader.start()
        writer.start()
        process.wait()
    finally:
        process.end()
        writer.join()
        reader.join()
        process.close()
    error = failure([process])
    answer = b"".join(output)
    if len(answer) > limit:
        raise ToolError(f"{process.name} answered with more than {limit} bytes")
    if error is not None:
        raise error
    return answer


def write_all(stream: IO[bytes], data: bytes) -> None:
    """Write all of `data` and close; that a reader is gone shows in its own exit status."""
    with contextlib.suppress(BrokenPipeError), stream:
        write_whole(stream.write, data)
