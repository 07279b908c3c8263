"""Decisions on a case: written out to be signed, and taken in once they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.errors import BadInput
from cadangan.evidence.cases import append_to_case
from cadangan.evidence.journal import Journal
from cadangan.evidence.signing import DECISION, verify_brought
from cadangan.procedure import moment
from cadangan.procedure.case import Case, Entry
from cadangan.procedure.decision import decision_text, rests_on
from cadangan.procedure.rules import check_act, check_executors, check_window
from cadangan.procedure.signed_text import check_signed_text
from cadangan.procedure.steps import procedure


@dataclass(frozen=True)
class Intent:
    """What an official means to decide: the act, the verdict, and who is assigned (section head only)."""

    act: str
    verdict: str
    person: str
    note: str = ""
    executors: list[str] = field(default_factory=list)


def write_decision(journal: Journal, case: Case, intent: Intent, trust: TrustChain, valid_days: int) -> bytes:
    """The text of the decision for its official to sign; `Refused` if it may not be made."""
    act = procedure().acts[intent.act]
    if intent.verdict not in act.leads:
        raise BadInput(f"{intent.act} has no verdict {intent.verdict!r}", advice=f"It has: {', '.join(act.leads)}.")
    now = moment.now()
    role = check_act(case, act.id, intent.person, trust, now)
    text = decision_text(
        case,
        act,
        intent.verdict,
        person=intent.person,
        role=role,
        now=now,
        valid_days=valid_days,
        journal_head=journal.head().hash,
        note=intent.note,
        more=_more(case, intent),
    )
    _check_content(case, canonical.loads(text), trust, now)
    return text


def take_decision(journal: Journal, text: bytes, signature: str, trust: TrustChain) -> Case:
    """Check a signed decision as strictly as if it came from a stranger, and write it to the journal."""
    content = read_signed(text, "decision")

    def entry(case: Case) -> Entry:
        check_decision(case, content, trust, moment.now())
        armored = verify_brought(text, signature, content["person"], trust.keys(content["person"]), DECISION)
        return {
            "type": "decision",
            "text": text.decode("ascii"),
            "signature": armored,
            "digest": canonical.digest(text),
        }

    return append_to_case(journal, content["case"], entry)


def check_decision(case: Case, content: dict[str, Any], trust: TrustChain, now: str) -> None:
    """`Refused` unless this decision may be the next one on the case at the time `now`.

    `content` has the shape of a decision; its signature is not looked at.
    """
    act = procedure().act_of_decision(content)
    role = check_act(case, act.id, content["person"], trust, now)
    if content["role"] != role:
        raise Refused(f"this decision claims the role {content['role']}; it takes {role}")
    if content["verdict"] not in act.leads:
        raise Refused(f"{act.id} has no verdict {content['verdict']!a}; it has: {', '.join(act.leads)}")
    if moment.read(content["until"]) < moment.read(now):
        raise Refused(f"this decision lapsed at {content['until']}", "a decision lapses", "make it again")
    if content["work"] != canonical.digest(case.work) or content["after"] != rests_on(case, act):
        raise Refused(
            f"this decision was signed over another state of case {case.id}",
            "a decision covers the exact work, and the decision before it",
            "make it again",
        )
    _check_content(case, content, trust, now)


def read_signed(text: bytes, kind: str) -> dict[str, Any]:
    """The content of a text that was signed; `BadInput` if it is not a `kind` of text as they are written."""
    try:
        content: dict[str, Any] = canonical.loads(text)
        if content.get("type") == kind:
            check_signed_text(content)
    except (canonical.CanonicalError, Refused) as error:
        raise BadInput(
            f"this is not a text as it was written to be signed: {getattr(error, 'reason', error)}",
            advice="Bring back the file exactly as it was written; an editor or mail program may have changed it.",
        ) from error
    if content.get("type") != kind:
        raise BadInput(f"this is a {content.get('type')!a}, not a {kind}")
    return content


def propose(journal: Journal, case_id: str, window: dict[str, str], person: str, trust: TrustChain) -> Case:
    """Write a proposed schedule to the journal; the agency signs it afterwards."""

    def entry(case: Case) -> Entry:
        now = moment.now()
        check_act(case, "propose", person, trust, now)
        check_window(window["from"], window["until"], now)
        return {"type": "proposal", "window": window, "person": person}

    return append_to_case(journal, case_id, entry)


def _more(case: Case, intent: Intent) -> dict[str, Any]:
    if intent.act == "disposition_seksi":
        return {"executors": intent.executors}
    if intent.act == "agree":
        return {"window": case.window}
    if intent.act in ("report", "confirm", "acknowledge"):
        return {"outcome": case.runs[-1].ended_digest}
    return {}


def _check_content(case: Case, content: dict[str, Any], trust: TrustChain, now: str) -> None:
    """What the kinds of decision add: executors who may, a window ahead, a report that says what happened."""
    if "executors" in content and content["verdict"] == "accept":
        check_executors(content["executors"], trust, content["person"], now)
    if "window" in content and content["verdict"] == "agree":
        check_window(content["window"]["from"], content["window"]["until"], now)
        if content["window"] != case.window:
            raise Refused("this agreement is over another window than the one proposed", "SOP step 3: Jadwal")
    if "outcome" in content:
        if content["outcome"] != case.runs[-1].ended_digest:
            raise Refused("this decision is over another outcome than that of the last run", "SOP step 5: Laporan")
        if content["step"] == "report" and content["verdict"] == "done" and case.open_items:
            missing = ", ".join(item["id"] for item in case.open_items)
            raise Refused(
                f"item {missing} was not done, so the case can not be reported as done",
                "a report says what happened (SOP step 5)",
                "execute or schedule it again, or report it as failed"
                if any(act.id == "execute" for act in case.next_acts)
                else "report it as failed, with --failed",
            )
