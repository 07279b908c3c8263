"""One proposed change of one file of the inventory: shown as a diff, and written when the register then still loads."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cadangan.errors import BadInput, CadanganError, WorkFailed
from cadangan.evidence.durable import write_durably
from cadangan.register.register import Register


@dataclass(frozen=True)
class FileChange:
    """`before` is what the file held when the change was made, None if there was none; `after` what it shall hold."""

    inventory: Path
    path: Path
    before: str | None
    after: str

    def diff(self) -> str:
        """A unified diff, empty if nothing changes."""
        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            "/dev/null" if self.before is None else str(self.path),
            str(self.path),
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def write(self) -> None:
        """Write the file whole, with its mode, as a register that loads.

        Nothing is changed otherwise: `BadInput` with what would be wrong with the register, `WorkFailed` if the file
        has changed in the meantime.
        """
        self._try()
        path = self.path.resolve()
        if _content(path) != self.before:
            raise WorkFailed(
                "was changed by somebody else in the meantime", where=str(self.path), advice="Look at it and try again."
            )
        if self.before is None:
            write_durably(path, self.after.encode("utf-8"))
        else:
            write_durably(path, self.after.encode("utf-8"), mode=path.stat().st_mode & 0o777)

    def _try(self) -> None:
        """Load the register as it would be, from a copy."""
        with tempfile.TemporaryDirectory(prefix="cadangan-register-") as folder:
            trial = Path(folder) / self.inventory.name
            if self.inventory.is_dir():
                shutil.copytree(self.inventory, trial)
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


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None
