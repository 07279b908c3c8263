"""Comparing facts: every difference is told, in a line that can be read."""

from __future__ import annotations

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import proof
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Fact


def fact(kind: str, name: str, value: str) -> Fact:
    return {"kind": kind, "name": name, "value": value}


FACTS = [fact("table", "a", "1"), fact("table", "b", "2"), fact("view", "a", "3")]


def test_equal_facts_have_no_differences() -> None:
    assert proof.differences(FACTS, list(reversed(FACTS))) == []
    proof.compare(FACTS, FACTS)


def test_every_kind_of_difference_is_told() -> None:
    found = [fact("table", "a", "9"), fact("view", "a", "3"), fact("view", "new", "4")]
    assert proof.differences(FACTS, found) == [
        "changed: table 'a' (was 1, is 9)",
        "lost: table 'b'",
        "added: view 'new'",
    ]


def test_a_fact_that_is_there_twice_is_another() -> None:
    assert proof.differences(FACTS, [*FACTS, FACTS[0]]) == ["changed: table 'a' (was 1, is 1 and 1)"]


def test_nothing_is_not_equal_to_something() -> None:
    assert len(proof.differences(FACTS, [])) == 3
    assert len(proof.differences([], FACTS)) == 3


def test_a_name_stays_within_its_line() -> None:
    (line,) = proof.differences([fact("table", "a\nlost: table 'b'\u202e", "1")], [])
    assert "\n" not in line and line.isascii()


def test_many_differences_are_told_in_short() -> None:
    facts = [fact("table", f"t{number:03}", "1") for number in range(100)]
    with pytest.raises(proof.ProofFailed, match="and 80 more") as failed:
        proof.compare(facts, [])
    assert len(failed.value.differences) == 100
