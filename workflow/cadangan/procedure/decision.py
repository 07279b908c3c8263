"""The exact text of a decision that an official is to sign."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.procedure import moment
from cadangan.procedure.case import Case
from cadangan.procedure.steps import Act, procedure


def decision_text(
    case: Case,
    act: Act,
    verdict: str,
    *,
    person: str,
    role: str,
    now: str,
    valid_days: int,
    journal_head: str,
    note: str = "",
    more: dict[str, Any] | None = None,
) -> bytes:
    """The canonical text of one decision; `more` holds what this kind of decision adds (executors, window, outcome).

    A decision lapses `valid_days` after `now`; an agreed schedule lapses with its window.
    """
    more = more or {}
    until = more["window"]["until"] if "window" in more else _days_later(now, valid_days)
    return canonical.dumps(
        {
            "type": "decision",
            "office": case.office,
            "case": case.id,
            "step": act.decision,
            "verdict": verdict,
            "person": person,
            "role": role,
            "at": now,
            "until": until,
            "work": canonical.digest(case.work),
            "after": rests_on(case, act),
            "journal": journal_head,
            "note": unicodedata.normalize("NFC", note),
            **more,
        }
    )


def rests_on(case: Case, act: Act) -> str:
    """Digest of the text that a decision of this act rests on: the act before it in the procedure, or the request."""
    before = case.request_digest
    for earlier in procedure().acts.values():
        if earlier.id == act.id:
            break
        decision = case.latest(earlier.id)
        if decision is not None:
            before = decision.digest
    return before


def _days_later(now: str, days: int) -> str:
    return moment.stamp(moment.read(now) + timedelta(days=days))
