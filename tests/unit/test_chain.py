"""A journal in which anything was changed is found, and what was changed is named."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from cadangan.evidence.chain import GENESIS, Fault, Head, Row, entry_hash, find_faults, follow, read_head
from hypothesis import given
from hypothesis import strategies as st


def journal(length: int) -> list[Row]:
    rows: list[Row] = []
    head = Head(0, GENESIS)
    for number in range(1, length + 1):
        rows.append(follow(head, f'{{"n":{number}}}\n'))
        head = Head(number, rows[-1].hash)
    return rows


def renumbered(rows: list[Row]) -> list[Row]:
    return [replace(row, seq=number) for number, row in enumerate(rows, start=1)]


def named(faults: list[Fault], kind: str | None = None) -> set[int]:
    return {seq for fault in faults if kind in (None, fault.kind) for seq in range(fault.first, fault.last + 1)}


lengths = st.integers(3, 150)
positions = st.data()


def test_a_hash_is_over_number_hash_before_and_entry() -> None:
    text = "cadangan-journal-1\n7\n" + "a" * 64 + '\n{"type":"x"}\n'
    assert entry_hash(7, "a" * 64, '{"type":"x"}\n') == hashlib.sha256(text.encode()).hexdigest()


@given(st.integers(0, 150))
def test_an_untouched_journal_has_no_faults(length: int) -> None:
    assert find_faults(journal(length)) == []


@given(lengths, positions, st.sampled_from(["entry", "prev", "hash"]))
def test_an_edited_entry_is_named(length: int, data: st.DataObject, column: str) -> None:
    rows = journal(length)
    place = data.draw(st.integers(0, length - 1))
    rows[place] = replace(rows[place], **{column: "f" * 64})
    assert named(find_faults(rows), "edited") == {place + 1}
    assert named(find_faults(rows)) == {place + 1}


@given(lengths, positions)
def test_an_entry_edited_together_with_its_hash_is_named(length: int, data: st.DataObject) -> None:
    rows = journal(length)
    place = data.draw(st.integers(0, length - 2))
    before = Head(place, rows[place].prev)
    rows[place] = follow(before, '{"n":0}\n')
    assert named(find_faults(rows)) == {place + 1}


@given(lengths, positions)
def test_removed_entries_are_named(length: int, data: st.DataObject) -> None:
    rows = journal(length)
    first = data.draw(st.integers(0, length - 2))
    last = data.draw(st.integers(first, min(first + 20, length - 2)))
    rest = rows[:first] + rows[last + 1 :]
    removed = set(range(first + 1, last + 2))
    for left in (rest, renumbered(rest)):
        assert named(find_faults(left), "removed") == removed
        assert named(find_faults(left)) == removed


@given(lengths, positions, st.booleans())
def test_an_inserted_entry_is_named(length: int, data: st.DataObject, well_made: bool) -> None:
    rows = journal(length)
    place = data.draw(st.integers(0, length - 2))
    forged = follow(Head(place, rows[place].prev), '{"n":0}\n')
    if not well_made:
        forged = replace(forged, hash="f" * 64)
    forged_in = renumbered([*rows[:place], forged, *rows[place:]])
    assert named(find_faults(forged_in), "inserted") == {place + 1}
    assert named(find_faults(forged_in)) == {place + 1}


@given(lengths, positions)
def test_an_entry_repeated_elsewhere_is_named(length: int, data: st.DataObject) -> None:
    rows = journal(length)
    source = data.draw(st.integers(0, length - 3))
    place = data.draw(st.integers(source + 2, length - 1))
    repeated = renumbered([*rows[:place], rows[source], *rows[place:]])
    assert place + 1 in named(find_faults(repeated), "inserted")
    assert named(find_faults(repeated)) == {place + 1}


@given(lengths, positions)
def test_swapped_entries_are_named(length: int, data: st.DataObject) -> None:
    rows = journal(length)
    one = data.draw(st.integers(0, length - 2))
    other = data.draw(st.integers(one + 1, length - 1))
    rows[one], rows[other] = rows[other], rows[one]
    faults = find_faults(renumbered(rows))
    assert named(faults) == {one + 1, other + 1}
    if other - one <= 64:
        assert named(faults, "reordered") == {one + 1, other + 1}


@given(lengths, positions)
def test_entries_whose_texts_were_swapped_are_named(length: int, data: st.DataObject) -> None:
    rows = journal(length)
    one = data.draw(st.integers(0, length - 2))
    other = data.draw(st.integers(one + 1, length - 1))
    mine, theirs = rows[one].entry, rows[other].entry
    rows[one], rows[other] = replace(rows[one], entry=theirs), replace(rows[other], entry=mine)
    assert named(find_faults(rows), "edited") == {one + 1, other + 1}


def test_lines_of_a_file_in_another_order_are_named() -> None:
    rows = journal(9)
    rows[3], rows[4] = rows[4], rows[3]
    assert named(find_faults(rows), "reordered") == {4}


@given(lengths, st.data())
def test_several_changes_are_all_found(length: int, data: st.DataObject) -> None:
    rows = journal(length)
    removed = data.draw(st.integers(1, length - 2))
    edited = data.draw(st.integers(0, length - 1).filter(lambda place: place != removed))
    rows[edited] = replace(rows[edited], entry="{}\n")
    faults = find_faults(rows[:removed] + rows[removed + 1 :])
    assert named(faults, "edited") == {edited + 1}
    assert named(faults, "removed") == {removed + 1}


@pytest.mark.parametrize("seq", [0, -5])
def test_an_entry_before_the_first_is_named(seq: int) -> None:
    rows = [Row(seq, "{}\n", GENESIS, entry_hash(seq, GENESIS, "{}\n")), *journal(3)]
    assert named(find_faults(rows)) == {seq}


def test_a_first_entry_that_follows_another_one_is_named() -> None:
    head = Head(0, "a" * 64)
    first = follow(head, "{}\n")
    assert named(find_faults([first, follow(Head(1, first.hash), "{}\n")])) == {1}


def test_an_entry_far_behind_the_end_is_named_quickly() -> None:
    rows = journal(3)
    far = 10**18
    rows.append(Row(far, "{}\n", rows[-1].hash, entry_hash(far, rows[-1].hash, "{}\n")))
    assert [(fault.kind, fault.first, fault.last) for fault in find_faults(rows)] == [("removed", 4, far - 1)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ab" * 32, (None, "ab" * 32)),
        ("AB" * 32, (None, "ab" * 32)),
        (f"12:{'ab' * 32}", (12, "ab" * 32)),
        ("0123456789abcdef", (None, "0123456789abcdef")),
        ("0123 4567 89ab cdef\n", (None, "0123456789abcdef")),
    ],
)
def test_a_head_is_read_as_it_is_printed(text: str, read: tuple[int | None, str]) -> None:
    assert read_head(text) == read


@pytest.mark.parametrize("text", ["", "abc", "x" * 64, "0:" + "a" * 64, "a" * 65, "1:", "12"])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        read_head(text)
