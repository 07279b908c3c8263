# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Putting a new folder in the place of another in one step, so that a crash at any moment loses neither.

The new one is made as `tree` in a scratch folder that only we can enter. A note beside it says what is about to be
swapped; with it, whoever clears up after a crash can tell the old folder from the new one.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import stat
from typing import Iterator, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.files_tree import open_folder

TREE = "tree"
_NOTE = "swap.json"
_NEW_NOTE = "swap.json.new"
_NOREPLACE, _EXCHANGE = 1, 2
_NOT_OFFERED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def make_scratch(path: str) -> None:
    """Make the scratch folder, with an empty tree in it."""
    os.mkdir(path, 0o700)
    os.mkdir(os.path.join(path, TREE), 0o700)


@contextlib.contextmanager
def opened(path: str) -> Iterator[int]:
    """A descriptor of the folder `path`."""
    fd = open_folder(path)
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def scratch(path: str) -> Iterator[int]:
    """A descriptor of a scratch folder, by which it can be used whatever others rename above it."""
    with opened(path) as fd:
        status = os.fstat(fd)
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            raise EngineError(f"{path!a} is not the folder that was made", "Find out who changed it.")
        yield fd


def place(new: str, target: str) -> None:
    """Give the tree in the scratch folder `new` the name `target`, which must not exist."""
    above, name = os.path.split(target)
    try:
        with opened(above) as folder, scratch(new) as inside:
            _move(inside, TREE, folder, name)
            os.fsync(folder)
    except OSError as error:
        raise _failed(target, error) from error
    _clear(new)


def replace(new: str, target: str, aside: str) -> None:
    """Put the tree in the scratch folder `new` in the place of `target`, keeping what was there as `aside`."""
    above, name = os.path.split(target)
    kept = os.path.basename(aside)
    try:
        with opened(above) as folder, scratch(new) as inside:
            _write_note(inside, name, kept)
            try:
                _exchange(inside, TREE, folder, name)
            except OSError as error:
                if error.errno not in _NOT_OFFERED:
                    raise
                _replace_in_two_steps(inside, folder, name, kept)
            else:
                _keep(inside, folder, name, kept)
            os.fsync(folder)
    except OSError as error:
        raise _failed(target, error) from error
    _clear(new)


def remove(path: str) -> None:
    """Remove a scratch folder, after finishing or undoing a swap in which a crash left it."""
    if not os.path.lexists(path):
        return
    try:
        with scratch(path) as inside, opened(os.path.dirname(path)) as folder:
            _recover(inside, folder)
        if os.geteuid() != 0:
            _open_all(path)
        shutil.rmtree(path)
    except OSError as error:
        raise _failed(path, error) from error


def _keep(inside: int, folder: int, name: str, kept: str) -> None:
    """The exchange is done: name the old folder, or undo it."""
    try:
        _move(inside, TREE, folder, kept)
    except OSError:
        _exchange(inside, TREE, folder, name)
        raise


def _replace_in_two_steps(inside: int, folder: int, name: str, kept: str) -> None:
    """Where the file system can not exchange. Between the steps nothing has the name."""
    _move(folder, name, folder, kept)
    try:
        _move(inside, TREE, folder, name)
    except OSError:
        _move(folder, kept, folder, name)
        raise


def _recover(inside: int, folder: int) -> None:
    """Do what a swap that was cut off left to do: keep the old folder, or give it its name back."""
    try:
        with open(os.open(_NOTE, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=inside), encoding="ascii") as file:
            note = json.load(file)
    except FileNotFoundError:
        return
    tree = _inode(inside, TREE)
    if tree is not None and tree != note["new"]:
        _move(inside, TREE, folder, note["aside"])
    elif tree is not None and _inode(folder, note["target"]) is None and _inode(folder, note["aside"]) is not None:
        _move(folder, note["aside"], folder, note["target"])
    os.fsync(folder)


def _write_note(inside: int, target: str, aside: str) -> None:
    note = {"new": _inode(inside, TREE), "target": target, "aside": aside}
    fd = os.open(_NEW_NOTE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600, dir_fd=inside)
    with open(fd, "w", encoding="ascii") as file:
        json.dump(note, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(_NEW_NOTE, _NOTE, src_dir_fd=inside, dst_dir_fd=inside)
    os.fsync(inside)


def _inode(folder: int, name: str) -> Optional[int]:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_ino
    except FileNotFoundError:
        return None


def _move(source: int, name: str, folder: int, new_name: str) -> None:
    """Rename, replacing nothing."""
    try:
        _renameat2(source, name, folder, new_name, _NOREPLACE)
    except OSError as error:
        if error.errno not in _NOT_OFFERED:
            raise
        if _inode(folder, new_name) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=folder)


def _exchange(one: int, name: str, other: int, other_name: str) -> None:
    _renameat2(one, name, other, other_name, _EXCHANGE)


def _renameat2(source: int, name: str, folder: int, new_name: str, flags: int) -> None:
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if call(source, os.fsencode(name), folder, os.fsencode(new_name), flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _clear(new: str) -> None:
    """Remove a scratch folder whose tree is gone; what stays is swept by the next run."""
    with contextlib.suppress(OSError):
        shutil.rmtree(new)


def _open_all(path: str) -> None:
    """Let us remove what is in folders that not even their owner may write to."""
    for folder, names, _files in os.walk(path):
        for name in names:
            below = os.path.join(folder, name)
            if not os.path.islink(below):
                os.chmod(below, 0o700)


def _failed(path: str, error: OSError) -> EngineError:
    return EngineError(f"{path!a} can not be changed: {error.strerror}", "Mend that, then run it again.")
