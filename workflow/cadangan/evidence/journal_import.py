"""A journal made anew from the rows of another: exactly the same rows, so that its chain goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from cadangan.errors import WorkFailed
from cadangan.evidence.chain import Row
from cadangan.evidence.journal_database import ENTRY, JournalDatabase

_AT_ONCE = 1000


def import_rows(rows: Iterable[Row], file: Path) -> None:
    """Write the rows of a journal into the new SQLite file `file`; verify it afterwards. `WorkFailed` without rows."""
    left = iter(rows)
    first = next(left, None)
    if first is None:
        raise WorkFailed("the copy of the journal is empty")
    database = JournalDatabase(f"sqlite:///{file}")
    database.create(asdict(first))
    with database.writing() as connection:
        while batch := [asdict(row) for row in islice(left, _AT_ONCE)]:
            connection.execute(ENTRY.insert(), batch)
