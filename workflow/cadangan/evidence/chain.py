"""The hashes that tie every journal entry to the one before it. Pure: rows in, hashes and faults out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, Literal, NamedTuple

from cadangan.errors import WorkFailed

GENESIS = "0" * 64
SEE_ALL_FAULTS = "See everything that is wrong with: cadangan journal verify"

# How far from its place a row is still recognised as a moved one rather than called edited.
_NEAR = 64
_HEAD = re.compile(r"(?:(?P<seq>[1-9][0-9]{0,17}):)?(?P<hash>[0-9a-f]{16,64})")

FaultKind = Literal["edited", "removed", "inserted", "reordered", "foreign", "damaged", "cut", "unsound"]


class Head(NamedTuple):
    """The newest entry: its number and its hash, which stands for the whole journal up to there."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True)
class Row:
    """One row of the journal; `entry` is canonical JSON as it was hashed."""

    seq: int
    entry: str
    prev: str
    hash: str

    @cached_property
    def content(self) -> dict[str, Any]:
        """The entry as an object; `WorkFailed` if somebody has damaged it."""
        try:
            content = json.loads(self.entry)
        except (TypeError, ValueError):
            content = None
        if not isinstance(content, dict):
            raise WorkFailed(f"entry {self.seq} of the journal is damaged", advice=SEE_ALL_FAULTS)
        return content


@dataclass(frozen=True)
class Fault:
    """What is wrong with the entries numbered `first` to `last`, which is often one entry."""

    kind: FaultKind
    first: int
    last: int
    message: str

    def __str__(self) -> str:
        return f"{entries_named(self.first, self.last)}: {self.message}"


def entries_named(first: int, last: int) -> str:
    return f"entry {first}" if first == last else f"entries {first} to {last}"


def entry_hash(seq: int, prev: str, entry: str) -> str:
    """The hash of an entry: over its number, the hash before it, and its bytes."""
    # A damaged file can hold bytes that are no text; they reach us escaped and must hash, not crash.
    text = f"cadangan-journal-1\n{seq}\n{prev}\n{entry}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def follow(head: Head, entry: str) -> Row:
    """The row that `entry` makes after `head`."""
    seq = head.seq + 1
    return Row(seq, entry, head.hash, entry_hash(seq, head.hash, entry))


def read_head(text: str) -> tuple[int | None, str]:
    """Number (if given) and hash, or its beginning, of a head as it is printed: `hash` or `seq:hash`.

    `ValueError` if `text` is not one.
    """
    match = _HEAD.fullmatch("".join(text.split()).lower())
    if match is None:
        raise ValueError("a journal head is 64 hexadecimal digits (the first 16 suffice), or NUMBER:HASH")
    return (int(match["seq"]) if match["seq"] else None), match["hash"]


@dataclass
class _Stretch:
    """Neighbouring rows in equal state; `shift`: the number they were hashed with, less the one they have."""

    first: int
    last: int
    shift: int
    sound: bool

    @property
    def numbers(self) -> range:
        return range(self.first + self.shift, self.last + self.shift + 1)

    def cut(self, seqs: range) -> list[_Stretch]:
        """What is left without the rows numbered `seqs`, which lie inside."""
        parts = (
            _Stretch(self.first, seqs.start - 1, self.shift, self.sound),
            _Stretch(seqs.stop, self.last, self.shift, self.sound),
        )
        return [part for part in parts if part.first <= part.last]


class ChainCheck:
    """Takes rows in the order of their numbers and names what is wrong; small in memory while nothing is."""

    def __init__(self) -> None:
        self.count = 0
        self.head = Head(0, GENESIS)
        self._stretches: list[_Stretch] = []
        self._seen_at_once: list[Fault] = []
        self._previous: Row | None = None

    def take(self, row: Row) -> None:
        previous = self._stretches[-1] if self._stretches else _Stretch(0, 0, 0, True)
        shift = _shift(row, previous.shift)
        stretch = _Stretch(row.seq, row.seq, previous.shift if shift is None else shift, shift is not None)
        self._check_link(row, stretch, previous)
        if self._previous and row.seq < self._previous.seq:
            self._seen_at_once.append(Fault("reordered", row.seq, row.seq, "moved behind a later entry"))
        same = (stretch.shift, stretch.sound) == (previous.shift, previous.sound)
        if self._stretches and same and row.seq == previous.last + 1:
            previous.last = row.seq
        else:
            self._stretches.append(stretch)
        self.count += 1
        self.head = Head(row.seq, row.hash)
        self._previous = row

    def _check_link(self, row: Row, stretch: _Stretch, before: _Stretch) -> None:
        follows = before.numbers.stop == stretch.numbers.start
        expected = self._previous.hash if self._previous else GENESIS
        if not (before.sound and stretch.sound and follows) or row.prev == expected:
            return
        if self._previous is None:
            fault = Fault("edited", row.seq, row.seq, "its hash fits, but it is not the beginning of a journal")
        else:
            seq = self._previous.seq
            fault = Fault("edited", seq, seq, f"edited together with its hash: entry {row.seq} follows another one")
        self._seen_at_once.append(fault)

    def faults(self) -> list[Fault]:
        """Everything that is wrong with the rows taken so far, in the order of their numbers."""
        stretches, inserted = _take_out_inserted(self._stretches)
        foreign = {seq for fault in inserted for seq in range(fault.first, fault.last + 1)}
        faults = inserted + _removed(stretches) + _reordered(stretches)
        faults += [_edited(stretch) for stretch in stretches if not stretch.sound]
        # A row put in breaks the links on both its sides; it is named already.
        faults += [fault for fault in self._seen_at_once if not foreign & {fault.first, fault.first + 1}]
        return sorted(faults, key=lambda fault: fault.first)


def _shift(row: Row, likely: int) -> int | None:
    """How far from its number the one lies that the row was hashed with; None if none near fits."""
    if row.seq < 1 or not all(isinstance(value, str) for value in (row.entry, row.prev, row.hash)):
        return None
    near = (distance for step in range(1, _NEAR + 1) for distance in (likely + step, likely - step))
    for shift in chain((0, likely), near):
        if entry_hash(row.seq + shift, row.prev, row.entry) == row.hash:
            return shift
    return None


def _take_out_inserted(stretches: list[_Stretch]) -> tuple[list[_Stretch], list[Fault]]:
    """Without the rows whose number another row claims, as when one was put in and the rest renumbered."""
    faults: list[Fault] = []
    kept: list[_Stretch] = []
    for later in sorted(stretches, key=lambda stretch: stretch.numbers.start):
        earlier = kept[-1] if kept else None
        if earlier is None or later.numbers.start >= earlier.numbers.stop:
            kept.append(later)
            continue
        if later.first < earlier.first:
            earlier, later = later, earlier
        twice = range(max(earlier.numbers.start, later.numbers.start), min(earlier.numbers.stop, later.numbers.stop))
        seqs = range(twice.start - earlier.shift, twice.stop - earlier.shift)
        # The rest goes on from the later ones, unless the doubles stand somewhere else: copies.
        copied = later.first != seqs.stop
        blamed, other = (later, earlier) if copied else (earlier, later)
        if copied:
            seqs = range(twice.start - later.shift, twice.stop - later.shift)
        faults.append(Fault("inserted", seqs.start, seqs.stop - 1, "inserted: what follows was written without it"))
        kept.pop()
        kept += sorted([*blamed.cut(seqs), other], key=lambda stretch: stretch.numbers.start)
    return sorted(kept, key=lambda stretch: stretch.first), faults


def _removed(stretches: list[_Stretch]) -> list[Fault]:
    """The numbers that no row was written with."""
    faults = []
    expected = 1
    for stretch in sorted(stretches, key=lambda stretch: stretch.numbers.start):
        if stretch.numbers.start > expected:
            renumbered = "" if stretch.shift == 0 else "; the entries after it were renumbered"
            faults.append(Fault("removed", expected, stretch.numbers.start - 1, f"removed{renumbered}"))
        expected = max(expected, stretch.numbers.stop)
    return faults


def _reordered(stretches: list[_Stretch]) -> list[Fault]:
    """Rows out of order; a shift that only comes from removed or inserted rows keeps the order."""
    pairs = pairwise(stretches)
    if all(before.numbers.stop <= after.numbers.start for before, after in pairs):
        return []
    faults = []
    for stretch in stretches:
        if stretch.shift:
            said = f"moved: written as {entries_named(stretch.numbers.start, stretch.numbers.stop - 1)}"
            faults.append(Fault("reordered", stretch.first, stretch.last, said))
    return faults


def _edited(stretch: _Stretch) -> Fault:
    return Fault("edited", stretch.first, stretch.last, "edited: the hash does not fit")


def find_faults(rows: Iterable[Row]) -> list[Fault]:
    """What is wrong with a whole journal, given in the order of the numbers; empty if nothing is."""
    check = ChainCheck()
    for row in rows:
        check.take(row)
    return check.faults()
