"""Which sets the office may dispose of, as its journal, its register and its holds have it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from cadangan.errors import BadInput, Missing
from cadangan.evidence.holds import place_hold, release_hold, standing_holds
from cadangan.evidence.journal import Journal
from cadangan.evidence.set_history import disposed_sets
from cadangan.procedure import moment
from cadangan.procedure.retention import Retention
from cadangan.register.disposal import check_present, disposal_grounds, plan

NOW = "2026-11-25T02:00:00Z"
RULE = Retention(last=1, daily=0, weekly=0, monthly=0, yearly=0, minimum=1)
PLACE = {"agency": "disdik", "asset": "db-01", "engine": "postgresql", "instance": "5432", "database": "siak"}


class History:
    """A journal of which only what retention looks at is genuine."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._cases = 0

    def request(self, kind: str, **item: Any) -> str:
        """A case's request alone: it is open."""
        self._cases += 1
        case = f"{kind}-2026-{self._cases:04}"
        request = {
            "case": case,
            "office": "kantor",
            "agency": "disdik",
            "at": NOW,
            "applicant": "oki",
            "subject": "Permohonan",
            "items": [{"id": "1", **PLACE, **item}],
        }
        self._append("request", case, request=json.dumps(request), digest="d")
        return case

    def outcome(self, case: str, at: str = NOW, result: str = "done", **facts: Any) -> None:
        order = json.dumps({"person": "p", "items": ["1"]})
        self._append("order", case, text=order, signature="", digest="o", permit="")
        self._append("started", case, run=case, order="o", items=["1"], host="h", via="cadangan")
        more = {"asset": "db-01", "message": "", "ledger": "l", "last": 1}
        facts |= dict.fromkeys(("snapshot_at", "started_at", "ended_at"), at)
        self._append("outcome", case, at=at, run=case, item="1", result=result, facts=facts, **more)

    def backup(self, at: str, *, drilled: bool = True, says: str = "20200101T000000Z", **place: str) -> str:
        """A set that the journal learnt of at `at`, whatever its own name `says`."""
        case = self.request("B", action="backup", **place)
        where = {**PLACE, **place}
        set_id = f"{where['agency']}/{where['asset']}/{where['engine']}/{where['database']}/{says}-{case}-1"
        self.outcome(case, at, set=set_id, manifest="m", bytes=7, drilled=drilled)
        return set_id

    def _append(self, kind: str, case: str, **more: Any) -> None:
        self.journal.append({"type": kind, "case": case, "at": NOW, **more})


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setattr(moment, "now", lambda: NOW)
    return History(Journal.open(f"sqlite:///{tmp_path / 'journal.db'}", "kantor"))


def office(**own: Retention) -> Any:
    """An office with the rule RULE in Jakarta, and rules of their `own` for databases by name."""

    def asset(host: str) -> Any:
        if host != "db-01":
            raise BadInput("not in the register")
        return SimpleNamespace(
            databases=[
                SimpleNamespace(engine="postgresql", instance="5432", name=name, retention=rule)
                for name, rule in own.items()
            ]
        )

    register = SimpleNamespace(asset=asset)
    return SimpleNamespace(zone=ZoneInfo("Asia/Jakarta"), settings=SimpleNamespace(retention=RULE), register=register)


def going(history: History, now: str = NOW, **own: Retention) -> set[str]:
    plans = plan(office(**own), history.journal, now)
    return {record.id for each in plans for record, verdict in each.sets if not verdict.kept}


def test_the_journals_time_counts_and_not_what_a_set_says(history: History) -> None:
    old = history.backup("2026-11-01T00:00:00Z", says="20261124T000000Z")
    history.backup("2026-11-02T00:00:00Z", says="20261101T000000Z")
    assert going(history) == {old}


def test_each_database_is_judged_alone_and_by_its_own_rule(history: History) -> None:
    siak = [history.backup(f"2026-11-0{day}T00:00:00Z") for day in (1, 2)]
    ppdb = [history.backup(f"2026-11-0{day}T00:00:00Z", database="ppdb") for day in (1, 2)]
    history.backup("2026-11-03T00:00:00Z", instance="5433")
    gone_server = [history.backup(f"2026-11-0{day}T00:00:00Z", asset="db-09") for day in (1, 2)]
    assert going(history) == {siak[0], ppdb[0], gone_server[0]}
    assert going(history, ppdb=RULE.model_copy(update={"last": 2})) == {siak[0], gone_server[0]}


def test_a_later_restore_proves_a_set_and_a_failed_one_does_not(history: History) -> None:
    first, second = (history.backup(f"2026-11-0{day}T00:00:00Z", drilled=False) for day in (1, 2))
    assert going(history) == set()
    history.outcome(history.request("R", action="drill", set=second), result="failed", set=second)
    assert going(history) == set()
    history.outcome(history.request("R", action="drill", set=second), set=second)
    assert going(history) == {first}


def test_what_went_is_gone_and_asked_for_in_vain(history: History) -> None:
    old = history.backup("2026-11-01T00:00:00Z")
    history.backup("2026-11-02T00:00:00Z")
    case = history.request("D", action="dispose", set=old)
    items = [{"id": "1", "set": old}]
    assert disposal_grounds(office(), history.journal, items, NOW) == [
        {"item": "1", "ground": "no_rule", "rule": RULE.model_dump()}
    ]
    check_present(history.journal, items)
    history.outcome(case, set=old)
    assert (going(history), disposed_sets(history.journal)) == (set(), {old})
    with pytest.raises(Refused, match="knows no set"):
        disposal_grounds(office(), history.journal, items, NOW)
    with pytest.raises(Missing, match=f"was disposed of in case {case}"):
        check_present(history.journal, items)


def test_what_an_open_case_restores_stays(history: History) -> None:
    old = history.backup("2026-11-01T00:00:00Z")
    history.backup("2026-11-02T00:00:00Z")
    case = history.request("R", action="restore", set=old)
    with pytest.raises(Refused, match=f"case {case}, which is open, restores it"):
        disposal_grounds(office(), history.journal, [{"id": "1", "set": old}], NOW)
    history.outcome(case, set=old)
    assert going(history) == {old}


@pytest.mark.parametrize("scope", ["disdik", "disdik/db-01", "disdik/db-01/postgresql/siak", "the set"])
def test_a_hold_keeps_what_it_covers(history: History, scope: str) -> None:
    old = history.backup("2026-11-01T00:00:00Z")
    history.backup("2026-11-02T00:00:00Z")
    hold = place_hold(history.journal, old if scope == "the set" else scope, "pemeriksaan", "kadin", None)
    with pytest.raises(Refused, match=rf"pemeriksaan \(hold {hold.number} by kadin\)"):
        disposal_grounds(office(), history.journal, [{"id": "1", "set": old}], NOW)
    release_hold(history.journal, hold.number, "selesai", "kadin")
    assert going(history) == {old}
    with pytest.raises(Missing):
        release_hold(history.journal, hold.number, "selesai", "kadin")


@pytest.mark.parametrize("scope", ["disdi", "disdik/db-01/postgresql/sia", "dinkes"])
def test_a_hold_on_a_like_name_holds_nothing(history: History, scope: str) -> None:
    old = history.backup("2026-11-01T00:00:00Z")
    history.backup("2026-11-02T00:00:00Z")
    place_hold(history.journal, scope, "pemeriksaan", "kadin", None)
    assert going(history) == {old}


def test_a_hold_lasts_to_the_end_of_its_day_where_the_office_is(history: History) -> None:
    old = history.backup("2026-11-01T00:00:00Z")
    history.backup("2026-11-02T00:00:00Z")
    place_hold(history.journal, "disdik", "sengketa", "kadin", date(2026, 11, 25))
    assert going(history, "2026-11-25T16:59:59Z") == set()
    assert going(history, "2026-11-25T17:00:00Z") == {old}


@pytest.mark.parametrize("reason", ["", "a\nb", "a\x1b[2J", "a\u202eb", "x" * 501])
def test_a_reason_is_a_line_that_can_be_read(history: History, reason: str) -> None:
    with pytest.raises(BadInput, match="reason"):
        place_hold(history.journal, "disdik", reason, "kadin", None)
    assert standing_holds(history.journal) == []


def test_a_clock_behind_the_journal_decides_nothing(history: History) -> None:
    history.request("B", action="backup")
    with pytest.raises(Refused, match="the clock says 2026-11-25T01:59:59Z"):
        plan(office(), history.journal, "2026-11-25T01:59:59Z")
