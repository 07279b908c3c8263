"""A case: what the journal's entries about one request add up to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.procedure.steps import Act, procedure
from cadangan.procedure.work import Item, work_text

Entry = dict[str, Any]

KINDS = {"B": "backup", "D": "disposal", "R": "restore"}


@dataclass(frozen=True)
class Decision:
    """A signed decision as it stands in the journal."""

    act: Act
    text: str
    signature: str
    digest: str
    content: dict[str, Any]

    @property
    def signed(self) -> dict[str, str]:
        return {"text": self.text, "signature": self.signature}


@dataclass(frozen=True)
class Order:
    """An executor's signed order, with the permit that it executes."""

    text: str
    signature: str
    digest: str
    permit: str
    content: dict[str, Any]

    @property
    def signed(self) -> dict[str, str]:
        return {"text": self.text, "signature": self.signature}


@dataclass
class Run:
    """One execution: `ended` is missing while it runs, and for ever when it crashed."""

    id: str
    order: str
    host: str
    via: str
    started_at: str
    items: list[str]
    outcomes: dict[str, Entry] = field(default_factory=dict)
    ended: Entry | None = None
    ended_digest: str = ""

    @property
    def result(self) -> str:
        """`running`, or what the `ended` entry says: `done`, `failed`, `interrupted`, `unknown`."""
        return self.ended["result"] if self.ended else "running"


@dataclass
class Passed:
    """An act that was done: by whom, when, with which verdict.

    `at` is the time in what was signed, `entered_at` when the journal took it in: it may have been signed elsewhere.
    `window` is the one that was agreed with it.
    """

    act: Act
    person: str
    at: str
    verdict: str
    entered_at: str
    window: dict[str, str] | None = None


@dataclass
class Case:
    """Everything about one request, in the order in which it happened."""

    id: str
    office: str
    agency: str
    request_text: str
    request_digest: str
    request: dict[str, Any]
    opened_at: str
    passed: list[Passed] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    window: dict[str, str] | None = None
    orders: list[Order] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    documents: list[Entry] = field(default_factory=list)
    withdrawn: Entry | None = None

    @property
    def kind(self) -> str:
        """`backup`, `restore` or `disposal`: what was asked for, and the name of the playbook that does it."""
        return KINDS[self.id[0]]

    @property
    def items(self) -> list[Item]:
        items: list[Item] = self.request["items"]
        return items

    @property
    def grounds(self) -> dict[str, Entry]:
        """Why the set of each work item of a disposal could go when it was asked for, and the rule of that day."""
        return {ground["item"]: ground for ground in self.request.get("retention", ())}

    @property
    def work(self) -> bytes:
        return work_text(self.office, self.id, self.agency, self.items)

    def latest(self, act_id: str) -> Decision | None:
        """The last decision of an act, if there is one."""
        return next((d for d in reversed(self.decisions) if d.act.id == act_id), None)

    @property
    def done_items(self) -> set[str]:
        """Ids of the work items that were carried out with success, in any run."""
        return {
            outcome["item"] for run in self.runs for outcome in run.outcomes.values() if outcome["result"] == "done"
        }

    @property
    def open_items(self) -> list[Item]:
        return [item for item in self.items if item["id"] not in self.done_items]

    @property
    def next_acts(self) -> list[Act]:
        """What may be done next, the usual act first; nothing when the case is over."""
        if self.withdrawn or (self.runs and self.runs[-1].ended is None):
            return []
        last = self.passed[-1]
        return [procedure().acts[name] for name in last.act.leads[last.verdict]]

    @property
    def status(self) -> str:
        """`open`, `running`, `rejected`, `withdrawn`, `failed` (over, without success) or `confirmed`."""
        if self.withdrawn:
            return "withdrawn"
        if self.runs and self.runs[-1].ended is None:
            return "running"
        if self.next_acts:
            return "open"
        if self.passed[-1].verdict == "reject":
            return "rejected"
        return "failed" if self.open_items else "confirmed"

    @property
    def waiting_since(self) -> str:
        return self.passed[-1].at


def item_results(run: Run) -> list[dict[str, str]]:
    """What each item of a run came to; one that did not report is `missing`."""
    return [
        {
            "item": item,
            "result": run.outcomes[item]["result"] if item in run.outcomes else "missing",
            "message": run.outcomes[item]["message"] if item in run.outcomes else "the host did not report",
        }
        for item in run.items
    ]


def fold(entries: Iterable[Entry]) -> Case:
    """Add up a case's entries, in the order of the journal; the first one is its request.

    `ValueError` if they are not the entries of one case.
    """
    rows = iter(entries)
    case = _open(next(rows))
    for entry in rows:
        fold_on(case, entry)
    return case


def fold_on(case: Case, entry: Entry) -> None:
    """Add the next entry to a case."""
    _FOLDS.get(entry["type"], _ignore)(case, entry)


def _open(entry: Entry) -> Case:
    if entry["type"] != "request":
        raise ValueError(f"the first entry of a case is a {entry['type']}, not a request")
    request = json.loads(entry["request"])
    case = Case(
        id=request["case"],
        office=request["office"],
        agency=request["agency"],
        request_text=entry["request"],
        request_digest=entry["digest"],
        request=request,
        opened_at=request["at"],
    )
    case.passed.append(Passed(procedure().first, request["applicant"], request["at"], "filed", entry["at"]))
    return case


def _fold_decision(case: Case, entry: Entry) -> None:
    content = json.loads(entry["text"])
    act = procedure().act_of_decision(content)
    case.decisions.append(Decision(act, entry["text"], entry["signature"], entry["digest"], content))
    window = content["window"] if content["verdict"] == "agree" else None
    case.passed.append(Passed(act, content["person"], content["at"], content["verdict"], entry["at"], window))
    if act.id == "agree":
        case.window = content["window"]


def _fold_proposal(case: Case, entry: Entry) -> None:
    case.window = entry["window"]
    case.passed.append(Passed(procedure().acts["propose"], entry["person"], entry["at"], "proposed", entry["at"]))


def _fold_order(case: Case, entry: Entry) -> None:
    content = json.loads(entry["text"])
    case.orders.append(Order(entry["text"], entry["signature"], entry["digest"], entry["permit"], content))


def _fold_started(case: Case, entry: Entry) -> None:
    case.runs.append(Run(entry["run"], entry["order"], entry["host"], entry["via"], entry["at"], entry["items"]))


def _fold_outcome(case: Case, entry: Entry) -> None:
    _run(case, entry).outcomes[entry["item"]] = entry


def _fold_ended(case: Case, entry: Entry) -> None:
    run = _run(case, entry)
    run.ended = entry
    run.ended_digest = canonical.digest(canonical.dumps(entry))
    executor = next(order.content["person"] for order in case.orders if order.digest == run.order)
    verdict = "failed" if entry["result"] == "done" and case.open_items else entry["result"]
    case.passed.append(Passed(procedure().acts["execute"], executor, entry["at"], verdict, entry["at"]))


def _fold_document(case: Case, entry: Entry) -> None:
    case.documents.append(entry)


def _fold_withdrawal(case: Case, entry: Entry) -> None:
    case.withdrawn = entry


def _ignore(case: Case, entry: Entry) -> None:
    """An entry that says nothing about where the case stands."""


def _run(case: Case, entry: Entry) -> Run:
    return next(run for run in case.runs if run.id == entry["run"])


_FOLDS = {
    "decision": _fold_decision,
    "proposal": _fold_proposal,
    "order": _fold_order,
    "started": _fold_started,
    "outcome": _fold_outcome,
    "ended": _fold_ended,
    "document": _fold_document,
    "withdrawal": _fold_withdrawal,
}


def summarise(entries: Iterable[Entry]) -> dict[str, Any]:
    """A case in one row, for lists, from its entries."""
    return summary_of(fold(entries))


def summary_of(case: Case) -> dict[str, Any]:
    """A case in one row, for lists."""
    nexts = case.next_acts
    return {
        "case": case.id,
        "status": case.status,
        "agency": case.agency,
        "subject": case.request["subject"],
        "opened": case.opened_at,
        "since": case.waiting_since,
        "next": nexts[0].id if nexts else None,
        "by": list(nexts[0].by) if nexts else [],
        "step": nexts[0].step if nexts else 6,
    }
