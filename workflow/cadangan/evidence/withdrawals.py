"""Withdrawn cases: one cumulative, numbered, signed list; its newest text travels in every permit."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.evidence.cases import append_to_case
from cadangan.evidence.decisions import read_signed
from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Journal
from cadangan.evidence.signing import DECISION, verify_brought
from cadangan.procedure import moment
from cadangan.procedure.case import Case, Entry

WITHDRAWERS = ("bidang", "seksi")


def newest_withdrawals(journal: Journal) -> list[dict[str, str]]:
    """The newest signed list, as a permit carries it: none or one."""
    newest: list[dict[str, str]] = []
    for entry in entries_of(journal, "withdrawal"):
        newest = [{"text": entry["text"], "signature": entry["signature"]}]
    return newest


def write_withdrawal(journal: Journal, case: Case, person: str, trust: TrustChain) -> bytes:
    """The list with this case added, for a `bidang` or `seksi` to sign; `Refused` if the case is over or running."""
    now = moment.now()
    before = _content(newest_withdrawals(journal))
    check_withdrawable(case, person, trust, now)
    return canonical.dumps(
        {
            "type": "withdrawals",
            "office": case.office,
            "number": before["number"] + 1,
            "cases": [*before["cases"], case.id],
            "person": person,
            "role": _role(person, trust, now),
            "at": now,
        }
    )


def take_withdrawal(journal: Journal, text: bytes, signature: str, trust: TrustChain) -> Case:
    """Check a signed list and write it to the journal; it must add exactly one case to the newest list."""
    content = read_signed(text, "withdrawals")

    def entry(case: Case) -> Entry:
        person = content["person"]
        check_withdrawable(case, person, trust, moment.now())
        check_next_list(content, newest_withdrawals(journal), case.id)
        return {
            "type": "withdrawal",
            "number": content["number"],
            "text": text.decode("ascii"),
            "signature": verify_brought(text, signature, person, trust.keys(person), DECISION),
            "digest": canonical.digest(text),
        }

    return append_to_case(journal, content["cases"][-1], entry)


def check_next_list(content: dict[str, Any], before: list[dict[str, str]], case_id: str) -> None:
    """`Refused` unless the list adds just this case to the newest signed one, `before`."""
    known = _content(before)
    if content["number"] != known["number"] + 1 or content["cases"] != [*known["cases"], case_id]:
        raise Refused("another case was withdrawn meanwhile", "the list of withdrawals grows by one", "sign again")


def check_withdrawable(case: Case, person: str, trust: TrustChain, now: str) -> None:
    """`Refused` unless this person may withdraw the case, which is neither over nor begun."""
    if not case.next_acts or case.done_items:
        raise Refused(
            f"case {case.id} can not be withdrawn: it is {case.status}", "only what was not done is withdrawn"
        )
    _role(person, trust, now)


def _role(person: str, trust: TrustChain, now: str) -> str:
    for role in WITHDRAWERS:
        if trust.holds_role(person, role, now):
            return role
    raise Refused(f"{person} may not withdraw a case", "a case is withdrawn by bidang or seksi")


def _content(signed: list[dict[str, str]]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(signed[-1]["text"]) if signed else {"number": 0, "cases": []}
    return content
