"""Signed decisions: their shape, how they rest on one another, and who may have signed them.

When a decision counts:
- It was made after the one that it rests on, before that one lapsed. Both dispositions still held when the
  agency agreed to the schedule, and its agreement when the order was signed.
- Its person held the role and had the key when it was made, and has both now.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.canonical import digest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

NAMESPACE = "decision@cadangan"
CLOCK_TOLERANCE = 120  # seconds between the clocks of control host, target and an official's machine
SEPARATION = "One person acts in one role only within a case."

DECISION = {
    "type": shape.constant("decision"),
    "office": shape.NAME,
    "case": shape.CASE,
    "person": shape.NAME,
    "at": shape.TIME,
    "until": shape.TIME,
    "work": shape.DIGEST,
    "after": shape.DIGEST,
    "journal": shape.DIGEST,
    "note": shape.TEXT,
}
_DISPOSITION = {**DECISION, "step": shape.constant("disposition"), "verdict": shape.constant("accept")}
_DECISIONS = {
    "bidang": {**_DISPOSITION, "role": shape.constant("bidang")},
    "seksi": {**_DISPOSITION, "role": shape.constant("seksi"), "executors": [shape.NAME]},
    "opd": {
        **DECISION,
        "step": shape.constant("schedule"),
        "verdict": shape.constant("agree"),
        "role": shape.constant("opd"),
        "window": {"from": shape.TIME, "until": shape.TIME},
    },
}
WITHDRAWALS = {
    "type": shape.constant("withdrawals"),
    "office": shape.NAME,
    "number": shape.NUMBER,
    "cases": [shape.CASE],
    "person": shape.NAME,
    "role": shape.one_of("bidang", "seksi"),
    "at": shape.TIME,
}


def read_decisions(signed_texts: list[dict[str, str]], office: str, case: str, work: str) -> list[dict[str, Any]]:
    """The three decisions in these signed texts: of bidang, of seksi, of the agency.

    `work` is the digest of the work that they must be about. `Refused` if they break a rule; their signatures
    are not looked at yet.
    """
    if len(signed_texts) != len(_DECISIONS):
        raise Refused(
            f"The permit holds {len(signed_texts)} decisions.",
            "A permit holds three: of bidang, of seksi and of the agency.",
        )
    decisions = []
    for signed, (role, wanted) in zip(signed_texts, _DECISIONS.items()):
        decision = shape.read(signed["text"], wanted, f"decision of {role}")
        if (decision["office"], decision["case"]) != (office, case):
            raise Refused(f"The decision of {role} is on another case.", "A permit holds the decisions on its case.")
        if decision["work"] != work:
            raise Refused(
                f"The decision of {role} is about other work than the permit's.",
                "Editing the work voids what was signed.",
                "Have the officials decide on the work as it is now.",
            )
        decisions.append(decision)
    _check_sequence(decisions, [digest(signed["text"].encode("ascii")) for signed in signed_texts])
    return decisions


def read_withdrawals(signed_texts: list[dict[str, str]], office: str, case: str) -> dict[str, Any] | None:
    """The list of withdrawals in these signed texts, None if there is none.

    `Refused` if `case` is on it. Its signature is not looked at yet.
    """
    if not signed_texts:
        return None
    if len(signed_texts) > 1:
        raise Refused("The permit holds several lists of withdrawals.", shape.RULE)
    withdrawals = shape.read(signed_texts[0]["text"], WITHDRAWALS, "list of withdrawals")
    if withdrawals["office"] != office:
        raise Refused("The list of withdrawals is of another office.", shape.RULE)
    if case in withdrawals["cases"]:
        raise Refused(f"Case {case} was withdrawn.", "A withdrawn case is not executed.", "Make a new request.")
    return withdrawals


def check_signed(
    trust: TrustChain,
    statement: dict[str, Any],
    signed: dict[str, str],
    now: str,
    where: str,
    agency: str | None,
) -> None:
    """`Refused` unless the person of `statement` may make it in its role, and signed it with a key of theirs.

    `agency` is the one whose data it is about: the role `opd` must be of it.
    """
    person, role, at = statement["person"], statement["role"], statement["at"]
    if moment.seconds(at) > moment.seconds(now) + CLOCK_TOLERANCE:
        raise Refused(
            f"The {where} is dated {at}, but it is {now}.",
            f"Clocks differ by {CLOCK_TOLERANCE} seconds at most.",
            "Set the clocks (NTP).",
        )
    trust.person(person)
    for time in (at, now):
        if not trust.holds_role(person, role, time, agency if role == "opd" else None):
            title = f"{role} of {agency}" if role == "opd" else role
            raise Refused(
                f"The {where} is by {person}, who does not hold the role {title} at {time}.",
                "A role is valid when it is used, and still when the permit is executed.",
                "Have someone who holds the role decide, or renew it in the trust document.",
            )
    try:
        sshsig.verify(signed["text"].encode("ascii"), signed["signature"], trust.keys_at(person, at), NAMESPACE)
    except sshsig.SignatureError as error:
        raise Refused(
            f"The {where} is not signed by {person}: {error}.",
            "It is signed with a key that was its person's when it was made, and is now.",
            f"Have {person} sign again.",
        ) from None


def _check_sequence(decisions: list[dict[str, Any]], digests: list[str]) -> None:
    bidang, seksi, opd = decisions
    if (seksi["after"], opd["after"]) != (digests[0], digests[1]):
        raise Refused("The decisions do not rest on one another.", "Each decision names the digest of the one before.")
    if len({bidang["person"], seksi["person"], opd["person"]}) != len(decisions):
        raise Refused("One person made two of the permit's decisions.", SEPARATION)
    if not bidang["at"] <= seksi["at"] <= opd["at"]:
        raise Refused(
            "A decision of the permit is older than the one before it.", "The steps are taken in their order."
        )
    for disposition, later in ((bidang, seksi), (bidang, opd), (seksi, opd)):
        if later["at"] > disposition["until"]:
            raise Refused(
                f"The disposition of {disposition['role']} lapsed at {disposition['until']}; "
                f"{later['role']} decided at {later['at']}.",
                "A disposition lapses when the case does not go on in time.",
                f"Have {disposition['role']} decide again.",
            )
    if not seksi["executors"] or len(set(seksi["executors"])) != len(seksi["executors"]):
        raise Refused("The decision of seksi does not assign executors, each once.", shape.RULE)
    if opd["window"]["from"] >= opd["window"]["until"]:
        raise Refused("The window ends before it begins.", shape.RULE)
