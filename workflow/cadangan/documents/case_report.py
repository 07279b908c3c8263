"""From a case in the journal to the facts of its report."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.documents.facts import (
    FailedAttempt,
    Person,
    ReportFacts,
    SignedDecision,
    StepTime,
    TrustFacts,
    WorkResult,
)
from cadangan.documents.office_facts import UNKNOWN, letterhead, name_of, person
from cadangan.evidence.chain import Head
from cadangan.evidence.signing import DECISION
from cadangan.procedure import moment
from cadangan.procedure.case import Case, Decision, Entry, Order
from cadangan.procedure.clocks import StepClock
from cadangan.register.case_times import case_clocks, unknown_years
from cadangan.register.office import Office


def report_facts(office: Office, case: Case, trust: TrustChain, head: Head, language: str) -> ReportFacts:
    """Everything that the report on this case says, in `language` where it is in words (`id` or `en`)."""
    assert case.window is not None
    policy = trust.newest["policy"]
    report = case.latest("report")
    letter = case.request["letter"]
    disposition = case.latest("disposition_seksi")
    now = moment.now()
    clocks = case_clocks(office, case, now)
    executors = list(dict.fromkeys(order.content["person"] for order in case.orders))
    return ReportFacts(
        letterhead=letterhead(office),
        place=office.place,
        timezone=office.settings.timezone,
        number=_number(case.id),
        date=moment.read(report.content["at"] if report else now).astimezone(office.zone).date().isoformat(),
        kind=case.kind,
        case=case.id,
        agency=office.settings.agencies[case.agency].name,
        subject=case.request["subject"],
        letter_number=letter["number"],
        letter_date=letter["date"],
        window_from=case.window["from"],
        window_until=case.window["until"],
        executors=tuple(person(office, trust, executor, "personil") for executor in executors),
        steps=tuple(_step_times(office, case, clocks, language)),
        unknown_years=tuple(unknown_years(office, clocks, now)),
        results=tuple(_result(case, item, policy["repository"]) for item in case.items),
        failed_attempts=tuple(_failed_attempts(case)),
        remarks=(report.content["note"],) if report and report.content["note"] else (),
        decisions=tuple(_signed(office, trust, decision) for decision in _in_order(case)),
        reporter=_signer(office, trust, report, executors[-1] if executors else None, "personil"),
        confirmer=_signer(office, trust, case.latest("confirm") or disposition, None, "seksi"),
        acknowledger=_signer(office, trust, case.latest("acknowledge") or case.latest("agree"), None, "opd"),
        legal_basis=tuple(office.legal_basis),
        trust=TrustFacts(trust.newest["serial"], trust.serial1_digest, policy["trustees"]),
        journal_seq=head.seq,
        journal_head=head.hash,
    )


def _number(case_id: str) -> str:
    """The report's number, from that of its case: `0001/LAP-B/2026`, or `0001/BA-D/2026` for a disposal."""
    prefix, year, number = case_id.split("-")
    return f"{number}/{'BA' if prefix == 'D' else 'LAP'}-{prefix}/{year}"


def _signer(office: Office, trust: TrustChain, decision: Decision | None, person_id: str | None, role: str) -> Person:
    signer = decision.content["person"] if decision else person_id
    return person(office, trust, signer, role) if signer else UNKNOWN


def _step_times(office: Office, case: Case, clocks: tuple[StepClock, ...], language: str) -> Iterator[StepTime]:
    for clock in clocks:
        passed = [each for each in case.passed if each.act.step == clock.step.no]
        yield StepTime(
            no=clock.step.no,
            activity=clock.step.activity[language],
            who=tuple(dict.fromkeys(name_of(office, each.person) for each in passed)),
            limit_minutes=clock.step.limit_minutes,
            ended_at=clock.ended_at,
            taken_seconds=clock.actual_seconds,
            over_seconds=clock.over_seconds,
            outside_hours=clock.outside_hours,
            set_back=clock.set_back,
        )


def _result(case: Case, item: dict[str, Any], repository: str) -> WorkResult:
    outcomes = [run.outcomes[item["id"]] for run in case.runs if item["id"] in run.outcomes]
    outcome: Entry = next((each for each in outcomes if each["result"] == "done"), outcomes[-1] if outcomes else {})
    facts: dict[str, Any] = outcome.get("facts") or {}
    ground = case.grounds.get(item["id"], {})
    return WorkResult(
        id=item["id"],
        action=item["action"],
        asset=item["asset"],
        engine=item["engine"],
        instance=item["instance"],
        database=item["database"],
        result=outcome.get("result", "pending"),
        mode=item.get("mode", ""),
        target=item.get("target", ""),
        message="" if outcome.get("result") == "done" else outcome.get("message", ""),
        started_at=facts.get("started_at"),
        ended_at=facts.get("ended_at"),
        set=facts.get("set") or item.get("set", ""),
        manifest=facts.get("manifest") or item.get("manifest", ""),
        repository=repository,
        bytes_stored=facts.get("bytes"),
        bytes_plain=facts.get("plain_bytes"),
        data_from=item.get("data_from") or facts.get("snapshot_at"),
        proof_facts=facts.get("proof_facts"),
        differences=tuple(facts.get("differences", ())),
        drilled=bool(facts.get("drilled")),
        versions=tuple((each["name"], each["value"]) for each in facts.get("versions", ())),
        aside=facts.get("aside") or "",
        left_out=tuple(facts.get("left_out", ())),
        ground=ground.get("ground", ""),
        rule=tuple(sorted(ground.get("rule", {}).items())),
    )


def _failed_attempts(case: Case) -> Iterator[FailedAttempt]:
    done = case.done_items
    for run in case.runs:
        if run.ended is None:
            continue
        if run.result in ("interrupted", "unknown"):
            yield FailedAttempt(run.ended["at"], "", run.result)
        for item in run.ended["items"]:
            if item["result"] != "done" and item["item"] in done:
                yield FailedAttempt(run.ended["at"], item["item"], item["message"])


def _in_order(case: Case) -> list[Decision | Order]:
    signed: list[Decision | Order] = [*case.decisions, *case.orders]
    return sorted(signed, key=lambda each: str(each.content["at"]))


def _signed(office: Office, trust: TrustChain, signed: Decision | Order) -> SignedDecision:
    content = signed.content
    role = content.get("role", "personil")
    key = sshsig.verify(signed.text.encode("ascii"), signed.signature, trust.keys(content["person"]), DECISION)
    return SignedDecision(
        step=content.get("step", "order"),
        role=role,
        verdict=content.get("verdict", "execute"),
        person=person(office, trust, content["person"], role),
        at=content["at"],
        fingerprint=fingerprint(key),
        note=content.get("note", ""),
    )


def fingerprint(key: str) -> str:
    """The fingerprint of a public key as `ssh-keygen -l` shows it."""
    digest = hashlib.sha256(base64.b64decode(key.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
