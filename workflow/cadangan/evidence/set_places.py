"""What a repository has, beside what it should have by the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cadangan.evidence.set_history import SetRecord


@dataclass(frozen=True)
class Comparison:
    """A repository and what is in it: `lacks` is missing there; `unknown` and `disposed` should not be there.

    `unknown`: neither journal nor catalogue know them, as with a set whose run was lost before it told of it.
    `error` says why nobody could look.
    """

    place: str
    sets: int = 0
    lacks: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    disposed: tuple[str, ...] = ()
    error: str = ""


def compare(place: str, there: Iterable[str], records: Mapping[str, SetRecord]) -> Comparison:
    """Compare the ids of the sets that are `there` with what is known."""
    found = set(there)
    expected = {record.id for record in records.values() if place in record.places and not record.disposed_in}
    return Comparison(
        place,
        len(found),
        tuple(sorted(expected - found)),
        tuple(sorted(found - records.keys())),
        tuple(sorted(each for each in found & records.keys() if records[each].disposed_in)),
    )


def missing_sets(found: Iterable[Comparison], records: Mapping[str, SetRecord]) -> list[str]:
    """The sets that are nowhere, though somebody looked at every repository that should have them."""
    looked = {each.place: set(each.lacks) for each in found if not each.error}
    return sorted(
        record.id
        for record in records.values()
        if not record.disposed_in
        and record.places
        and all(record.id in looked.get(place, ()) for place in record.places)
    )
