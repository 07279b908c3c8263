"""The journal's side of a run: let it begin, write what each item came to, close it. Used by the action plugins."""

from __future__ import annotations

import shutil
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.permit import check_order, check_permit
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.evidence.cases import append_to_case, load_case
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.journal import Journal
from cadangan.evidence.trust_store import trust_pin
from cadangan.execution import owner
from cadangan.execution.handover import Handover, read_handover, write_handover
from cadangan.execution.late_texts import late_texts
from cadangan.procedure import moment
from cadangan.procedure.case import Case, Entry, Order, item_results
from cadangan.procedure.rules import check_order_of_steps
from cadangan.procedure.steps import procedure
from cadangan.procedure.work import Item
from cadangan.register.collection import check_engine
from cadangan.register.disposal import disposal_grounds
from cadangan.register.office import Office

REHEARSAL = "check-"
RESULTS = ("done", "failed", "refused", "unreachable")


@dataclass(frozen=True)
class Allowed:
    """A case that may be executed now, the order that says so, and the ordered items that are not done yet."""

    case: Case
    order: Order
    items: list[Item]

    def by_asset(self) -> dict[str, list[Item]]:
        """The items of each asset, in the order of the letter."""
        grouped: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            grouped[item["asset"]].append(item)
        return dict(grouped)


def check_case(office: Office, journal: Journal, case_id: str, kind: str) -> Allowed:
    """The work of the case, if it may be executed now; `Refused` with reason and rule otherwise."""
    case = load_case(journal, case_id)
    if case.kind != kind:
        raise Refused(
            f"case {case_id} is not a {kind} case",
            "a permit covers the action that was asked for",
            "use the playbook of its kind: backup for B-…, restore for R-…, disposal for D-…",
        )
    refuse_if_running(case)
    check_order_of_steps(case, procedure().acts["execute"])
    order = _order_of(case)
    now = moment.now()
    permit = check_permit(order.permit.encode("ascii"), now, trust_pin(journal))
    check_order(permit, order.signed, now, None)
    items = _ordered_items(case, order)
    check_work(office, journal, items)
    return Allowed(case, order, items)


def check_work(office: Office, journal: Journal, items: list[Item]) -> None:
    """`BadInput` unless there is a role for each item's engine, and its database is registered, in operation.

    A restored database must not take the place of one that is registered for another agency. A drill may also happen
    in a place that its server offers for drills. What is to be disposed of need not be in
    operation any more, but must be allowed to go: `Refused` otherwise.
    """
    if items and items[0]["action"] == "dispose":
        disposal_grounds(office, journal, items, moment.now())
        return
    for item in items:
        # Ansible would end with status 0 where a role is missing, and the run would never be closed.
        check_engine(item["engine"])
        place = (item["asset"], item["engine"], item["instance"], item["database"])
        if item["action"] != "drill" or not office.register.is_drill_place(*place):
            office.register.database(*place)
        if item["action"] == "restore":
            target = (item["asset"], item["engine"], item["instance"], item["target"])
            office.register.check_target(*target, item["agency"])


def role_of(item: Item) -> str:
    """The role of the collection that carries out an item: its engine's, or the repository's."""
    return "repository" if item["action"] == "dispose" else f"engine_{item['engine']}"


def begin(office: Office, journal: Journal, allowed: Allowed, run: str | None, owned_by: str) -> Handover:
    """Write `started` to the journal and hand out the work of the run.

    `run` is the id that `cadangan execute` gave; None when Ansible was started without it. Two runs of one case
    that begin together: the journal takes one, the other is refused.
    """
    run_id = run or str(uuid.uuid4())

    def started(current: Case) -> Entry:
        refuse_if_running(current)
        return {
            "type": "started",
            "run": run_id,
            "order": allowed.order.digest,
            "items": [item["id"] for item in allowed.items],
            "host": owned_by,
            "via": "cadangan" if run else "ansible-playbook",
        }

    append_to_case(journal, allowed.case.id, started)
    return write_handover(office.runs_dir, run_id, allowed.order.permit, allowed.order.signed)


def rehearse(office: Office, allowed: Allowed) -> Handover:
    """What `begin` hands out, for check mode: nothing is written to the journal."""
    run_id = f"{REHEARSAL}{uuid.uuid4()}"
    return write_handover(office.runs_dir, run_id, allowed.order.permit, allowed.order.signed)


def forget_rehearsal(office: Office, run: str) -> None:
    """Remove the folder that `rehearse` made."""
    if run.startswith(REHEARSAL):
        shutil.rmtree(read_handover(office.runs_dir, run).folder)


def refuse_if_running(case: Case) -> None:
    """`Refused` while a run of the case has begun and not ended."""
    if case.runs and case.runs[-1].ended is None:
        running = case.runs[-1]
        raise Refused(
            f"case {case.id} is being executed since {running.started_at} (run {running.id})",
            "SOP step 4: one execution at a time",
            f"if that run is gone: cadangan execute {case.id} finds out, and records it as unknown",
        )


def close_if_gone(journal: Journal, case: Case) -> Case:
    """If the last run's process is gone without an end, write that its end is unknown; the case as it then is."""
    if not case.runs or case.runs[-1].ended is not None or owner.is_alive(case.runs[-1].host) is not False:
        return case
    return close(journal, case.id, case.runs[-1].id, "unknown")


def write_outcome(
    office: Office, journal: Journal, case_id: str, run: str, item: Item, outcome: dict[str, Any]
) -> None:
    """Write what one item came to, and keep the manifest, signature and `key.age` of a new set in the catalogue."""
    facts = outcome.get("facts") or {}
    texts = outcome if outcome.get("manifest") else late_texts(office, journal, facts)
    if texts:
        Catalogue(office.sets_dir).keep(
            facts["set"],
            texts["manifest"].encode("ascii"),
            texts["manifest_signature"],
            texts["key_age"].encode("ascii"),
        )
    entry: Entry = {
        "type": "outcome",
        "run": run,
        "item": item["id"],
        "asset": item["asset"],
        "result": outcome["result"] if outcome.get("result") in RESULTS else "failed",
        "message": " ".join(str(outcome[key]) for key in ("message", "advice") if outcome.get(key)),
        "facts": facts,
        "ledger": outcome.get("ledger", ""),
        "last": outcome.get("last", 0),
    }

    def once(current: Case) -> Entry | None:
        known = next(found for found in current.runs if found.id == run)
        return None if item["id"] in known.outcomes else entry

    append_to_case(journal, case_id, once)


def close(journal: Journal, case_id: str, run: str, result: str | None = None) -> Case:
    """End a run: every item that did not report is named. `result` overrides what the items say."""

    def ended(current: Case) -> Entry | None:
        this = next(found for found in current.runs if found.id == run)
        if this.ended is not None:
            return None
        items = item_results(this)
        complete = all(item["result"] == "done" for item in items)
        return {
            "type": "ended",
            "run": run,
            "result": result or ("done" if complete else "failed"),
            "items": items,
        }

    return append_to_case(journal, case_id, ended)


def _order_of(case: Case) -> Order:
    if not case.orders:
        raise Refused(
            f"nobody has ordered the execution of case {case.id}",
            "the executor signs an order before a permit is executed",
            f"sign it with: cadangan execute {case.id} --as PERSON, or: cadangan order {case.id} --as PERSON",
        )
    return case.orders[-1]


def _ordered_items(case: Case, order: Order) -> list[Item]:
    """The items of the order that are not done yet."""
    wanted = set(order.content["items"])
    items = [item for item in case.open_items if item["id"] in wanted]
    if not items:
        raise Refused(
            f"every item of case {case.id} in this order has been done",
            "a work item is executed once",
            f"see it with: cadangan case show {case.id}",
        )
    return items
