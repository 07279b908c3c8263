"""The journal's entries of some types."""

from __future__ import annotations

from collections.abc import Iterator

from cadangan.evidence.journal import Entry, Reader


def entries_of(journal: Reader, *types: str) -> Iterator[Entry]:
    """Every entry that has one of these types, in order."""
    for row in journal.of_types(types):
        yield row.content
