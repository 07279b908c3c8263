"""Retention: only what a rule lets go, and by no accident of clocks anything more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from cadangan.procedure.retention import Candidate, Retention, Verdict, decide
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
JAKARTA = ZoneInfo("Asia/Jakarta")
NOTHING = Retention(last=0, daily=0, weekly=0, monthly=0, yearly=0, minimum=1)

rules = st.builds(
    Retention,
    **{name: st.integers(0, 5) for name in ("last", "daily", "weekly", "monthly", "yearly")},
    minimum=st.integers(1, 5),
)
zones = st.sampled_from([UTC, JAKARTA, ZoneInfo("America/New_York"), timezone(timedelta(hours=14))])


@st.composite
def histories(draw: st.DrawFn) -> list[Candidate]:
    """Sets as a journal has them: mostly one after the other, now and then by a clock that was wrong."""
    at, found = NOW - timedelta(days=draw(st.integers(0, 900))), []
    for number in range(draw(st.integers(0, 25))):
        at += timedelta(hours=draw(st.integers(0, 400)))
        wrong = timedelta(days=draw(st.sampled_from([0] * 8 + [-400, 400])))
        found.append(
            Candidate(
                f"set {number}",
                at + wrong,
                draw(st.booleans()),
                draw(st.sampled_from([""] * 5 + ["an investigation"])),
            )
        )
    return found


def going(verdicts: list[Verdict]) -> set[str]:
    return {verdict.set for verdict in verdicts if not verdict.kept}


def nightly(count: int, proven: bool = True) -> list[Candidate]:
    return [Candidate(f"set {number}", NOW - timedelta(days=count - number), proven) for number in range(count)]


@given(histories(), rules, zones)
def test_what_is_held_stays(history: list[Candidate], rule: Retention, zone: timezone) -> None:
    held = {each.set for each in history if each.held}
    assert not held & going(decide(history, rule, zone, NOW))


@given(histories(), rules, zones)
def test_never_fewer_proven_ones_than_the_minimum(history: list[Candidate], rule: Retention, zone: timezone) -> None:
    gone = going(decide(history, rule, zone, NOW))
    proven = {each.set for each in history if each.proven}
    assert len(proven - gone) >= min(rule.minimum, len(proven))


@given(histories(), rules, zones)
def test_what_remains_all_stays(history: list[Candidate], rule: Retention, zone: timezone) -> None:
    gone = going(decide(history, rule, zone, NOW))
    later = [replace(each, gone=each.set in gone) for each in history]
    verdicts = decide(later, rule, zone, NOW)
    assert {verdict.set for verdict in verdicts} == {each.set for each in history} - gone
    assert going(verdicts) == set()


@given(histories(), rules, zones, st.timedeltas(timedelta(0), timedelta(days=3000)))
def test_no_clock_lets_anything_go_early(
    history: list[Candidate], rule: Retention, zone: timezone, wrong: timedelta
) -> None:
    """What goes by a clock that is ahead or behind, goes by the right one too, as long as no set is from the future."""
    present = [each for each in history if each.made_at <= NOW]
    right = going(decide(present, rule, zone, NOW))
    assert going(decide(present, rule, zone, NOW + wrong)) == right
    straight = sorted(present, key=lambda each: each.made_at)
    assert going(decide(straight, rule, zone, NOW - wrong)) <= going(decide(straight, rule, zone, NOW))


@given(histories(), rules, zones)
def test_an_unproven_set_pushes_nothing_out(history: list[Candidate], rule: Retention, zone: timezone) -> None:
    before = going(decide(history, rule, zone, NOW))
    more = [*history, Candidate("broken", NOW, proven=False)]
    assert going(decide(more, rule, zone, NOW)) == before


@given(histories(), rules, zones)
def test_every_verdict_says_why(history: list[Candidate], rule: Retention, zone: timezone) -> None:
    verdicts = decide(history, rule, zone, NOW)
    assert [verdict.set for verdict in verdicts] == [each.set for each in history]
    assert all(verdict.reasons for verdict in verdicts)


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ({"last": 3}, {"set 27", "set 28", "set 29"}),
        ({"daily": 2}, {"set 28", "set 29"}),
        ({"minimum": 2}, {"set 28", "set 29"}),
    ],
    ids=["last", "daily", "minimum"],
)
def test_a_rule_keeps_the_newest(rule: dict[str, int], kept: set[str]) -> None:
    verdicts = decide(nightly(30), NOTHING.model_copy(update=rule), JAKARTA, NOW)
    assert {verdict.set for verdict in verdicts if verdict.kept} == kept


def test_weeks_months_and_years_are_those_of_the_office() -> None:
    times = {
        "old year": "2025-12-31T16:59:00+00:00",  # 23.59 in Jakarta
        "new year": "2025-12-31T17:01:00+00:00",  # 00.01 in Jakarta
        "sunday": "2026-11-22T16:00:00+00:00",
        "monday": "2026-11-22T18:00:00+00:00",
    }
    history = [Candidate(name, datetime.fromisoformat(at), proven=True) for name, at in times.items()]

    def kept(zone: ZoneInfo | timezone, **rule: int) -> set[str]:
        return set(times) - going(decide(history, NOTHING.model_copy(update=rule), zone, NOW))

    assert kept(JAKARTA, yearly=2) == {"old year", "monday"}
    assert kept(UTC, yearly=2) == {"new year", "monday"}
    assert kept(JAKARTA, weekly=2) == {"sunday", "monday"}
    assert kept(UTC, weekly=2) == {"new year", "monday"}
    assert kept(JAKARTA, monthly=2) == {"new year", "monday"}


def test_without_a_proven_one_nothing_goes() -> None:
    assert going(decide(nightly(30, proven=False), NOTHING, UTC, NOW)) == set()


def test_an_unproven_one_goes_once_a_newer_one_is_proven() -> None:
    history = [*nightly(3, proven=False), Candidate("good", NOW, proven=True)]
    assert going(decide(history, NOTHING, UTC, NOW)) == {"set 0", "set 1", "set 2"}


def test_a_set_of_doubtful_time_stays_and_counts_for_nothing() -> None:
    future = Candidate("future", NOW + timedelta(days=400), proven=True)
    past = Candidate("past", NOW - timedelta(days=4000), proven=True)
    verdicts = {verdict.set: verdict for verdict in decide([*nightly(4), future, past], NOTHING, UTC, NOW)}
    assert verdicts["future"].reasons == ("its time lies in the future",)
    assert verdicts["past"].reasons == ("its time contradicts the journal's order",)
    assert verdicts["set 3"].kept and not verdicts["set 2"].kept
