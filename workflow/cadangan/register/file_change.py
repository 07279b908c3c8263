"""One proposed change of one file of the inventory: shown as a diff, and written when the register then still loads."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cadangan.errors import BadInput, CadanganError, WorkFailed
from cadangan.evidence.durable import write_durably
from cadangan.register.register import Register

_AROUND = 3
_HUNK = re.compile(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@\n")


@dataclass(frozen=True)
class FileChange:
    """`before` is what the file held when the change was made, None if there was none; `after` what it shall hold."""

    inventory: Path
    path: Path
    before: str | None
    after: str

    def diff(self) -> str:
        """A unified diff, empty if nothing changes."""
        before, after = (self.before or "").splitlines(keepends=True), self.after.splitlines(keepends=True)
        name = "/dev/null" if self.before is None else str(self.path)
        skipped, end = _alike(before, after)
        lines = difflib.unified_diff(
            before[skipped : len(before) - end], after[skipped : len(after) - end], name, str(self.path)
        )
        numbered = (_numbered(line, skipped) for line in lines)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in numbered)

    def write(self) -> None:
        """Write the file whole, with its mode and owner, as a register that loads.

        Nothing is changed otherwise: `BadInput` with what would be wrong with the register, `WorkFailed` if the file
        has changed in the meantime, or can not be written.
        """
        try:
            self._try()
            path = self.path.resolve()
            if _content(path) != self.before:
                raise WorkFailed(
                    "was changed by somebody else in the meantime",
                    where=str(self.path),
                    advice="Look at it and try again.",
                )
            self._replace(path)
        except OSError as error:
            raise WorkFailed(f"can not be written: {error}", where=str(self.path)) from error

    def _replace(self, path: Path) -> None:
        data = self.after.encode("utf-8")
        if self.before is None:
            write_durably(path, data)
            return
        status = path.stat()
        owner = (status.st_uid, status.st_gid) if os.geteuid() == 0 else None
        write_durably(path, data, mode=stat.S_IMODE(status.st_mode), owner=owner)

    def _try(self) -> None:
        """Load the register as it would be, from a copy."""
        with tempfile.TemporaryDirectory(prefix="cadangan-register-") as folder:
            trial = Path(folder) / self.inventory.name
            if self.inventory.is_dir():
                shutil.copytree(self.inventory, trial, ignore_dangling_symlinks=True)
                changed = trial / self.path.relative_to(self.inventory)
            else:
                changed = trial
            changed.write_bytes(self.after.encode("utf-8"))
            try:
                Register.load(trial)
            except CadanganError as error:
                raise BadInput(
                    f"the register would be wrong, so nothing was written:\n{error}".replace(
                        str(trial), str(self.inventory)
                    )
                ) from error


def _alike(before: list[str], after: list[str]) -> tuple[int, int]:
    """How many lines at the beginning and at the end are equal, without those that a diff shows around a change.

    In a large register each line is so common that difflib would not see which ones belong together.
    """
    shorter = min(len(before), len(after))
    start = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    end = next((n for n in range(shorter - start) if before[-n - 1] != after[-n - 1]), shorter - start)
    return max(start - _AROUND, 0), max(end - _AROUND, 0)


def _numbered(line: str, skipped: int) -> str:
    """A line of a diff; the head of a hunk with the numbers that it has when so many lines stand before."""
    found = _HUNK.fullmatch(line)
    if found is None:
        return line
    old, new = int(found[1]) + skipped, int(found[3]) + skipped
    return f"@@ -{old}{found[2] or ''} +{new}{found[4] or ''} @@\n"


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None
