# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The data files of a server, changed only by programs that run as their owner.

What owns the data could put links into its own folder; as its owner, nothing that it may not write is ever reached.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import subprocess
from typing import Iterable, List, Optional, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import Process, failure, run
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_server import RedisServer
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import write_whole

DUMP = "dump.rdb"
"""Name of the RDB in a folder of ours, whatever a server calls its own."""

_LISTED = re.compile(r"^file ([^\s/]+) seq ([0-9]+) type [bih]", re.MULTILINE)


def make_folder(path: str, account: Optional[str]) -> None:
    """A new folder of the account, with an empty dump in it; EngineError if it is there already."""
    try:
        os.mkdir(path, 0o700)
        with contextlib.ExitStack() as opened:
            # By descriptors: the account may rename in the folder above, and put links in the place of what is there.
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            opened.callback(os.close, folder)
            if os.fstat(folder).st_uid != os.geteuid():
                raise EngineError(f"{path!a} is not the folder that was made", "Find out who changed it.")
            dump = os.open(DUMP, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640, dir_fd=folder)
            opened.callback(os.close, dump)
            if account is not None:
                owner = pwd.getpwnam(account)
                for fd in (dump, folder):
                    os.fchown(fd, owner.pw_uid, owner.pw_gid)
    except OSError as error:
        raise EngineError(f"{path!a} can not be made: {error.strerror}", "Look at the folder that it is in.") from error


def writing(path: str, account: Optional[str]) -> Command:
    """The command that writes its input to a file."""
    return Command(["dd", f"of={path}", "conv=fsync", "bs=1M", "iflag=fullblock", "status=none"], account)


def write(path: str, account: Optional[str], chunks: Iterable[bytes]) -> None:
    """Write a file as the account; EngineError if it can not, or whatever `chunks` raises."""
    process = Process(writing(path, account), subprocess.PIPE, None)
    try:
        try:
            for chunk in chunks:
                write_whole(process.stdin.write, chunk)
            process.stdin.close()
        except BrokenPipeError:
            pass  # Its own complaint says why.
        process.wait()
    finally:
        process.close()
    error = failure([process])
    if error is not None:
        raise error


class DataFiles:
    """The files that a server reads when it starts: an RDB, and the parts of an append-only file."""

    def __init__(self, server: RedisServer) -> None:
        self._account = server.account
        self._is_append_on = server.settings["appendonly"] == "yes"
        self._append_name = server.settings["appendfilename"]
        self._append = os.path.join(server.directory, server.settings["appenddirname"])
        self._rdb = os.path.join(server.directory, server.settings["dbfilename"])
        self._undo: List[Sequence[str]] = []

    def replace(self, folder: str, aside: str) -> None:
        """Put the dump in `folder` in the place of all that the server would read, keeping that in `aside`.

        The server must not run. First everything old gets a second name in `aside`; then each of the two forms of the
        data changes in one step. So whenever this is cut short, what a server reads is all old or all new.
        """
        dump, kept = os.path.join(folder, DUMP), os.path.join(aside, DUMP)
        self._run("mkdir", "--mode=700", "--", aside)
        self._undo = [("rm", "--recursive", "--force", "--", aside)]
        had_rdb = os.path.lexists(self._rdb)
        if had_rdb:
            self._run("ln", "--", self._rdb, kept)
        if os.path.isdir(self._append):
            self._run("cp", "--archive", "--link", "--", self._append, aside)
        self._sync(aside)
        if os.path.isdir(self._append):
            self._exchange_append(folder, os.path.join(aside, os.path.basename(self._append)))
        elif self._is_append_on:
            self._add_append(folder)
        self._run("mv", "--no-target-directory", "--", dump, self._rdb)
        back = ("mv", "--no-target-directory", "--", kept, self._rdb)
        self._undo.insert(0, back if had_rdb else ("rm", "--force", "--", self._rdb))
        self._sync(os.path.dirname(self._rdb))

    def put_back(self) -> None:
        """Undo `replace`, as far as it went. The server must not run."""
        for argv in self._undo:
            self._run(*argv)
        self._sync(os.path.dirname(self._rdb))

    def _exchange_append(self, folder: str, kept: str) -> None:
        """Make the dump all that the append-only file consists of, which is what its manifest lists."""
        name = f"{self._append_name}.manifest"
        manifest = os.path.join(self._append, name)
        listed = []
        if os.path.lexists(manifest):
            lines = run(Command(["cat", "--", manifest], self._account)).decode("utf-8", "surrogateescape")
            listed = _LISTED.findall(lines)
        # Numbers of their own, so that no file that is also kept aside is ever written to again.
        number = 1 + max((int(number) for _file, number in listed), default=0)
        self._write_append(folder, self._append, number, os.path.join(folder, name))
        self._run("mv", "--no-target-directory", "--", os.path.join(folder, name), manifest)
        back = ("mv", "--no-target-directory", "--", os.path.join(kept, name), manifest)
        self._undo.insert(0, back if listed else ("rm", "--force", "--", manifest))
        for file, _number in listed:
            path = os.path.join(self._append, file)
            self._run("rm", "--force", "--", path)
            self._undo.insert(0, ("ln", "--", os.path.join(kept, file), path))

    def _add_append(self, folder: str) -> None:
        """An append-only file where there is none: without one a server that keeps one would start empty."""
        built = os.path.join(folder, "append")
        self._run("mkdir", "--mode=750", "--", built)
        self._write_append(folder, built, 1, os.path.join(built, f"{self._append_name}.manifest"))
        self._run("mv", "--no-target-directory", "--", built, self._append)
        self._undo.insert(0, ("rm", "--recursive", "--force", "--", self._append))

    def _write_append(self, folder: str, place: str, number: int, manifest: str) -> None:
        """Write the parts of an append-only file into `place`, and what lists them as `manifest`."""
        base = f"{self._append_name}.{number}.base.rdb"
        increment = f"{self._append_name}.{number}.incr.aof"
        self._undo.insert(0, ("rm", "--force", "--", os.path.join(place, base), os.path.join(place, increment)))
        # What a killed run left under this name is listed nowhere.
        self._run("ln", "--force", "--", os.path.join(folder, DUMP), os.path.join(place, base))
        self._write(os.path.join(place, increment), b"")
        lines = f"file {base} seq {number} type b\nfile {increment} seq {number} type i\n"
        self._write(manifest, lines.encode())
        self._sync(place)

    def _write(self, path: str, data: bytes) -> None:
        run(writing(path, self._account), data)

    def _sync(self, path: str) -> None:
        self._run("sync", "--file-system", path)

    def _run(self, *argv: str) -> None:
        run(Command(list(argv), self._account))
