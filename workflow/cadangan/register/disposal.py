"""Which backup sets of the office may be disposed of now, by its rules, its holds and its journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.errors import BadInput, Missing
from cadangan.evidence.cases import list_summaries, load_case
from cadangan.evidence.holds import Hold, standing_holds
from cadangan.evidence.journal import Journal, Reader
from cadangan.evidence.set_history import Place, SetRecord, set_records
from cadangan.procedure import moment
from cadangan.procedure.retention import Candidate, Retention, Verdict, decide
from cadangan.procedure.work import Item
from cadangan.register.office import Office

RULE = "Sets are disposed of by the retention rule, while enough proven ones remain, and never while they are held."


@dataclass(frozen=True)
class DatabasePlan:
    """The sets of one database, the oldest first, with the rule and its verdict on each."""

    place: Place
    rule: Retention
    sets: tuple[tuple[SetRecord, Verdict], ...]


def plan(office: Office, journal: Journal, now: str) -> list[DatabasePlan]:
    """The verdict on every set that there is, by database; `Refused` if the clock is behind the journal."""
    _check_clock(journal, now)
    today = moment.read(now).astimezone(office.zone).date()
    holds = standing_holds(journal)
    wanted = _sets_to_restore(journal)
    grouped: dict[Place, list[SetRecord]] = defaultdict(list)
    for record in set_records(journal).values():
        grouped[record.place].append(record)
    plans = []
    for place, records in sorted(grouped.items()):
        rule = rule_for(office, place)
        candidates = [
            Candidate(
                record.id,
                moment.read(record.made_at),
                record.proven,
                _held([hold for hold in holds if hold.covers(record.id, today)], wanted[record.id]),
                bool(record.disposed_in),
            )
            for record in records
        ]
        known = {record.id: record for record in records}
        verdicts = decide(candidates, rule, office.zone, moment.read(now))
        plans.append(DatabasePlan(place, rule, tuple((known[verdict.set], verdict) for verdict in verdicts)))
    return plans


def rule_for(office: Office, place: Place) -> Retention:
    """The database's own rule, or the office's; a database that left the register has the office's."""
    _agency, asset, engine, instance, name = place
    try:
        databases = office.register.asset(asset).databases
    except BadInput:
        return office.settings.retention
    return next(
        (
            each.retention
            for each in databases
            if (each.engine, each.instance, each.name) == (engine, instance, name) and each.retention
        ),
        office.settings.retention,
    )


def check_present(journal: Reader, items: list[Item]) -> None:
    """`Missing` if a set that these work items restore was disposed of."""
    records = set_records(journal)
    for item in items:
        record = records.get(item.get("set", ""))
        if record is not None and record.disposed_in:
            raise Missing(
                f"the set {record.id} was disposed of in case {record.disposed_in}",
                advice="see those that are there with: cadangan set list --all",
            )


def disposal_grounds(office: Office, journal: Journal, items: list[Item], now: str) -> list[dict[str, Any]]:
    """Why the set of each of these work items may go, by which rule; `Refused` unless every one may go now."""
    verdicts = {record.id: (verdict, each.rule) for each in plan(office, journal, now) for record, verdict in each.sets}
    grounds = []
    for item in items:
        if item["set"] not in verdicts:
            raise Refused(f"the journal knows no set {item['set']} that is still there", RULE)
        verdict, rule = verdicts[item["set"]]
        if verdict.kept:
            raise Refused(f"the set {item['set']} is kept: {'; '.join(verdict.reasons)}", RULE)
        grounds.append({"item": item["id"], "ground": verdict.ground, "rule": rule.model_dump()})
    return grounds


def disposal_lines(going: Iterable[SetRecord]) -> list[dict[str, str]]:
    """The lines of a letter that asks to dispose of these sets."""
    names = ("asset", "engine", "instance", "database")
    return [dict(zip(names, record.place[1:], strict=True)) | {"set": record.id} for record in going]


def _held(holds: list[Hold], cases: list[str]) -> str:
    reasons = [f"{hold.reason} (hold {hold.number} by {hold.person})" for hold in holds]
    return "; ".join([*reasons, *(f"case {case}, which is open, restores it" for case in cases)])


def _sets_to_restore(journal: Journal) -> dict[str, list[str]]:
    """The sets that open cases are about to restore, with these cases."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for summary in list_summaries(journal):
        if summary["case"].startswith("R") and summary["status"] in ("open", "running"):
            for item in load_case(journal, summary["case"]).open_items:
                wanted[item["set"]].append(summary["case"])
    return wanted


def _check_clock(journal: Reader, now: str) -> None:
    head = journal.head()
    newest = next(journal.entries(head.seq), None)
    if newest is not None and newest.content.get("at", "") > now:
        raise Refused(
            f"the clock says {now}, but the journal has an entry of {newest.content['at']}",
            "nothing is disposed of by a clock that is behind",
            "set the clock right, best by NTP",
        )
