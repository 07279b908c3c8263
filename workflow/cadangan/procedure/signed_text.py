"""The shape of the texts that officials sign in a case: decisions, orders, and lists of withdrawals."""

from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import DECISION, WITHDRAWALS
from ansible_collections.diskominfo.cadangan.plugins.module_utils.permit import ORDER
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

_WINDOW = {"window": {"from": shape.TIME, "until": shape.TIME}}
_OUTCOME = {"outcome": shape.DIGEST}

# What a decision holds beside the keys of every decision, by its step and role.
_MORE: dict[tuple[str, str], dict[str, Any]] = {
    ("disposition", "bidang"): {},
    ("disposition", "seksi"): {"executors": [shape.NAME]},
    ("schedule", "opd"): _WINDOW,
    ("report", "personil"): _OUTCOME,
    ("confirm", "seksi"): _OUTCOME,
    ("acknowledge", "opd"): _OUTCOME,
}


def check_signed_text(content: dict[str, Any]) -> None:
    """`Refused`, naming the key, unless `content` has the shape of its type."""
    if content.get("type") == "order":
        shape.check(content, ORDER, "order")
    elif content.get("type") == "withdrawals":
        shape.check(content, WITHDRAWALS, "list of withdrawals")
        if not content["cases"]:
            raise Refused("list of withdrawals.cases is empty.", shape.RULE)
    else:
        _check_decision(content)


def _check_decision(content: dict[str, Any]) -> None:
    step, role = content.get("step"), content.get("role")
    more = _MORE.get((str(step), str(role)))
    if more is None:
        raise Refused("decision.step and decision.role are not those of a step.", shape.RULE)
    decided = {"step": shape.constant(step), "role": shape.constant(role), "verdict": shape.LINE}
    shape.check(content, {**DECISION, **decided, **more}, "decision")
