"""A journal as a file for an auditor: one line of canonical JSON per row, which can be verified like the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.errors import BadInput, Missing, WorkFailed
from cadangan.evidence.chain import Row

# An entry has at most 1 MiB, and its quotes are escaped once more here.
_LINE_LIMIT = 4 << 20
_COLUMNS = {"seq": int, "entry": str, "prev": str, "hash": str}


def write_rows(rows: Iterable[Row], path: Path) -> int:
    """Write rows to a new file and return how many; `BadInput` if there is a file, `WorkFailed` if it fails."""
    count = 0
    try:
        with path.open("xb") as file:
            for row in rows:
                line = {"seq": row.seq, "entry": row.entry, "prev": row.prev, "hash": row.hash}
                file.write(canonical.dumps(line, _LINE_LIMIT))
                count += 1
    except FileExistsError as error:
        raise BadInput(f"{path} exists already", advice="Name a new file.") from error
    except (OSError, canonical.CanonicalError) as error:
        path.unlink(missing_ok=True)
        raise WorkFailed(f"{path} cannot be written: {error}") from error
    return count


def read_rows(path: Path) -> Iterator[Row]:
    """The rows in a file that `write_rows` wrote; `WorkFailed` at a line that is not one, `Missing` without a file."""
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(_LINE_LIMIT + 1):
                number += 1
                yield _row(line, f"line {number} of {path}")
    except FileNotFoundError as error:
        raise Missing(f"there is no file {path}") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def _row(line: bytes, where: str) -> Row:
    try:
        row = canonical.loads(line, _LINE_LIMIT)
    except canonical.CanonicalError as error:
        raise WorkFailed(f"{where} is not a row of a journal: {error}") from error
    if {name: type(value) for name, value in row.items()} != _COLUMNS:
        raise WorkFailed(f"{where} is not a row of a journal: it has not just seq, entry, prev and hash")
    return Row(**row)
