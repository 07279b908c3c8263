# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Application files: a database is a folder, named by its absolute path. The plain dump is an archive of GNU tar."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from typing import Dict, Iterator, List, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    files_place,
    files_proof,
    files_swap,
    files_tree,
    interruption,
    moment,
    places,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    Engine,
    EngineError,
    Fact,
    Part,
    Snapshot,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import PATH, ToolError, run

_LIST = ".files"
_PAUSES = (0.2, 1, 2, 4)  # seconds to watch for files that are just being written, look after look
_ENTRY_BYTES = 1024  # of an entry in the archive, beside its content
_METADATA = ["--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*", "--xattrs-exclude=security.selinux"]
_PACK = ["--create", "--file=-", "--format=posix", "--sparse", *_METADATA]
_UNPACK = ["--extract", "--file=-", "--same-owner", "--same-permissions", "--delay-directory-restore", *_METADATA]


class FilesSnapshot(Snapshot):
    """The entries that were there at one moment; whatever happens to one of them until the end is noticed.

    What is added later is not part of the view. The list of names in `staging` is what tar goes by.
    """

    def __init__(self, path: str, left_out: Sequence[str], staging: str) -> None:
        self.position = [{"name": "left out", "value": pattern} for pattern in left_out]
        with contextlib.ExitStack() as opened:
            self._top = files_tree.open_folder(path)
            opened.callback(os.close, self._top)
            self._list_at_rest(left_out)
            files_proof.check_amount(self._entries)
            self._list = _write_list(staging, self._entries)
            opened.callback(_unlink, self._list)
            self._opened = opened.pop_all()

    def __exit__(self, *exc: object) -> None:
        try:
            # tar ends at the first changes, and tells only some of them.
            if isinstance(exc[1], ToolError):
                with _readable_errors():
                    files_proof.check_unchanged(self._top, self._entries)
        finally:
            self.close()

    def close(self) -> None:
        self._opened.close()

    def parts(self) -> List[Part]:
        names = ["--no-recursion", "--null", "--no-unquote", f"--files-from={self._list}"]
        return [Part("data", "tar", Command(["tar", *_PACK, f"--directory={_reached(self._top)}", *names]))]

    def proof(self) -> List[Fact]:
        with _readable_errors():
            return files_proof.facts(self._top, self._entries)

    def _list_at_rest(self, left_out: Sequence[str]) -> None:
        """List everything at a moment when nothing is just being written; after some looks, name what never rests."""
        for pause in _PAUSES:
            self.snapshot_at = moment.now()
            self._entries = list(files_tree.listing(self._top, left_out))
            time.sleep(pause)
            interruption.check()
            with contextlib.suppress(files_tree.Changed):
                files_proof.check_unchanged(self._top, self._entries)
                return
        files_proof.check_unchanged(self._top, self._entries)


class FilesEngine(Engine):
    """One folder of files. Option: `exclude` (patterns of what to leave out of a backup)."""

    name = "files"

    def __init__(self, instance: str, database: str, options: Dict[str, object]) -> None:
        super().__init__(instance, database, options)
        self._left_out: Sequence[str] = options.get("exclude") or []  # type: ignore[assignment]
        self._staging = os.path.join(places.state_dir(), "staging")
        # The descriptor by which tar reaches the folder that it fills, open until that is read or dropped.
        self._held = contextlib.ExitStack()

    def versions(self) -> List[Dict[str, str]]:
        # There is no server: the program that reads the files is both.
        return [{"name": name, "value": _tar_version()} for name in ("server", "client")]

    def size(self) -> int:
        return sum(_ENTRY_BYTES + _stored(entry.status) for entry in self._listed())

    def check_backup(self) -> None:
        if self.instance:
            raise EngineError(f"Files have no instances, but one is named: {self.instance!a}", "Leave it empty.")
        _tar_version()
        files_tree.check_patterns(self._left_out)
        entries = self._listed()
        files_proof.check_amount(entries)
        if os.geteuid() != 0:
            _check_readable(self.database, entries)

    def snapshot(self) -> FilesSnapshot:
        path = files_place.check_path(self.database)
        files_place.check_folder(path)
        with _readable_errors():
            return FilesSnapshot(path, self._left_out, self._staging)

    def check_restore(self, manifest: dict, mode: str, target: str) -> None:
        _tar_version()
        path = files_place.check_path(target)
        above = os.path.dirname(path)
        _check_room(above, manifest)
        if os.path.lexists(path):
            if mode == "copy":
                raise EngineError(f"{target!a} exists already", "Restore under another name, or as a replacement.")
            if mode == "replace":
                files_place.check_folder(path)
        if not os.access(above, os.W_OK | os.X_OK):
            raise EngineError(f"The folder {above!a} can not be written by this account", "Run it as its owner.")

    def scratch_name(self, target: str, tag: str) -> str:
        return files_place.scratch_name(files_place.check_path(target), tag)

    def aside_name(self, target: str, tag: str) -> str:
        return files_place.aside_name(files_place.check_path(target), tag)

    def create(self, name: str) -> None:
        try:
            files_swap.make_scratch(name)
        except OSError as error:
            raise EngineError(f"{name!a} can not be made: {error.strerror}", "Look at its folder.") from error

    def load(self, part: dict, name: str) -> Command:
        with _readable_errors():
            fd = _tree(name)
        self._held.callback(os.close, fd)
        return Command(["tar", *_UNPACK, f"--directory={_reached(fd)}"])

    def proof_of(self, name: str) -> List[Fact]:
        self._held.close()
        with _readable_errors():
            fd = _tree(name)
            try:
                # What is compared shall survive a power cut that comes after the swap.
                run(Command(["sync", "--file-system", _reached(fd)]))
                return files_proof.facts(fd, list(files_tree.listing(fd)))
            finally:
                os.close(fd)

    def check_swap(self, target: str) -> None:
        path = files_place.check_path(target)
        if os.path.lexists(path):
            files_place.check_folder(path)
            files_place.check_unused(path)

    def swap(self, new: str, target: str, aside: str) -> None:
        target = files_place.check_path(target)
        if aside and os.path.lexists(target):
            self.check_swap(target)
            files_swap.replace(new, target, aside)
        else:
            files_swap.place(new, target)

    def drop(self, name: str) -> None:
        self._held.close()
        if name.startswith(self._staging) and name.endswith(_LIST):
            _unlink(name)
        elif files_place.is_scratch(name):
            files_swap.remove(name)
        else:
            raise EngineError(f"{name!a} is not a scratch folder", "Report this as a fault of Cadangan.")

    def exists(self, name: str) -> bool:
        return os.path.lexists(name)

    def leftovers(self) -> List[str]:
        above = os.path.dirname(files_place.check_path(self.database))
        scratch = [name for name in _names(above) if files_place.is_scratch(name)]
        lists = [name for name in _names(self._staging) if name.endswith(_LIST)]
        return [os.path.join(above, name) for name in scratch] + [os.path.join(self._staging, name) for name in lists]

    def _listed(self) -> List[files_tree.Entry]:
        path = files_place.check_path(self.database)
        files_place.check_folder(path)
        with _readable_errors(), files_swap.opened(path) as top:
            return list(files_tree.listing(top, self._left_out))


def _tree(scratch: str) -> int:
    """A descriptor of the folder that is being filled."""
    with files_swap.scratch(scratch) as inside:
        return os.open(files_swap.TREE, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=inside)


def _reached(fd: int) -> str:
    """The path by which a program that we start reaches a folder that we have open, whatever others rename."""
    return f"/proc/{os.getpid()}/fd/{fd}"


def _write_list(staging: str, entries: Sequence[files_tree.Entry]) -> str:
    try:
        os.makedirs(staging, mode=0o700, exist_ok=True)
        fd, path = tempfile.mkstemp(suffix=_LIST, dir=staging)
        with open(fd, "wb") as file:
            file.writelines(b"./" + os.fsencode(entry.path) + b"\0" for entry in entries)
    except OSError as error:
        raise EngineError(f"{staging!a} can not be written: {error.strerror}", "Make room there.") from error
    return path


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _stored(status: os.stat_result) -> int:
    """Bytes of a file's content without the holes in it."""
    return min(status.st_size, status.st_blocks * 512) if stat.S_ISREG(status.st_mode) else 0


def _check_readable(path: str, entries: Sequence[files_tree.Entry]) -> None:
    with files_swap.opened(path) as top:
        for entry in entries:
            if entry.kind == "file" and not os.access(entry.path, os.R_OK, dir_fd=top):
                raise EngineError(f"{entry.path!a} can not be read by this account", "Run it as root, or leave it out.")


def _check_room(above: str, manifest: dict) -> None:
    usage = os.statvfs(above)
    needed = sum(part["plain_bytes"] for part in manifest["parts"])
    free = usage.f_bavail * usage.f_frsize
    if free < needed:
        raise EngineError(f"The restored folder needs {needed} bytes, {above!a} has {free} free", "Make room there.")
    entries = len(manifest["proof"])
    # Some file systems have no table of inodes to run out of.
    if usage.f_files and usage.f_favail < entries:
        raise EngineError(
            f"The restored folder needs {entries} inodes, {above!a} has {usage.f_favail} free", "Remove files there."
        )


def _tar_version() -> str:
    if shutil.which("tar", path=PATH) is None:
        raise EngineError("Not installed on this host: tar", "Install GNU tar.")
    told = run(Command(["tar", "--version"])).decode("utf-8", "replace")
    found = re.match(r"tar \(GNU tar\) (\d+(\.\d+)+)", told)
    if found is None:
        raise EngineError("The tar of this host is not GNU tar", "Install GNU tar.")
    return found.group(1)


def _names(folder: str) -> List[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


@contextlib.contextmanager
def _readable_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EngineError(
            f"{error.filename!a} can not be read: {error.strerror}", "Mend that, or name it among what to leave out."
        ) from error
