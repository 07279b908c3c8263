"""A case's permit and the order that executes it, as the gate on control host and target reads them."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.procedure.case import Case

PERMIT_ACTS = ("disposition_bidang", "disposition_seksi", "agree")


def permit_text(case: Case, trust: list[dict[str, Any]], withdrawals: list[dict[str, str]]) -> bytes:
    """The permit that the case's signed decisions make; `Refused` while one of them is missing."""
    decisions = [case.latest(act) for act in PERMIT_ACTS]
    missing = [act for act, decision in zip(PERMIT_ACTS, decisions, strict=True) if decision is None]
    if missing:
        raise Refused(
            f"case {case.id} has no permit yet: {', '.join(missing)} is missing",
            "a permit is the signed decisions of bidang, seksi and opd over the same work",
            f"see what is next with: cadangan case show {case.id}",
        )
    return canonical.dumps(
        {
            "type": "permit",
            "format": 1,
            "office": case.office,
            "case": case.id,
            "kind": "single",
            "work": case.work.decode("ascii"),
            "decisions": [decision.signed for decision in decisions if decision],
            "trust": trust,
            "withdrawals": withdrawals,
        }
    )


def order_text(
    case: Case,
    permit: bytes,
    *,
    person: str,
    items: list[str],
    now: str,
    until: str,
    trust_digest: str,
    journal_head: str,
    ledgers: list[dict[str, Any]],
) -> bytes:
    """The canonical text that the executor signs to have these items of the permit carried out until `until`."""
    return canonical.dumps(
        {
            "type": "order",
            "office": case.office,
            "case": case.id,
            "permit": canonical.digest(permit),
            "person": person,
            "items": items,
            "occurrence": None,
            "at": now,
            "until": until,
            "trust": trust_digest,
            "journal": journal_head,
            "ledgers": ledgers,
        }
    )


def window_of(permit: bytes) -> dict[str, str]:
    """The window that the agency agreed to in this permit."""
    agreed = json.loads(json.loads(permit)["decisions"][-1]["text"])
    window: dict[str, str] = agreed["window"]
    return window
