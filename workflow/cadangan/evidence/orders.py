"""The executor's order: written out to be signed, and taken in with the permit that it executes."""

from __future__ import annotations

from datetime import timedelta

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.permit import check_order, check_permit, check_window
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.evidence.assets import ledgers_of
from cadangan.evidence.cases import append_to_case
from cadangan.evidence.decisions import read_signed
from cadangan.evidence.journal import Journal
from cadangan.evidence.signing import DECISION, verify_brought
from cadangan.evidence.trust_store import trust_chain
from cadangan.evidence.withdrawals import newest_withdrawals
from cadangan.procedure import moment
from cadangan.procedure.case import Case, Entry, Order
from cadangan.procedure.permit import order_text, permit_text, window_of
from cadangan.procedure.rules import check_act

LONGEST_ORDER = timedelta(hours=24)


def write_order(journal: Journal, case: Case, person: str, trust: TrustChain) -> bytes:
    """The text of the order for the executor to sign; `Refused` if the case may not be executed by them now."""
    now = moment.now()
    check_act(case, "execute", person, trust, now)
    permit = current_permit(journal, case)
    check_window(check_permit(permit, now, trust.serial1_digest), now)
    until = min(moment.read(now) + LONGEST_ORDER, moment.read(window_of(permit)["until"]))
    items = case.open_items
    return order_text(
        case,
        permit,
        person=person,
        items=[item["id"] for item in items],
        now=now,
        until=moment.stamp(until),
        trust_digest=trust.newest_digest,
        journal_head=journal.head().hash,
        ledgers=ledgers_of(journal, [item["asset"] for item in items]),
    )


def take_order(journal: Journal, text: bytes, signature: str, trust: TrustChain) -> Case:
    """Check a signed order against the permit as it stands, and write both to the journal."""
    content = read_signed(text, "order")

    def entry(case: Case) -> Entry:
        now = moment.now()
        check_act(case, "execute", content["person"], trust, now)
        permit = current_permit(journal, case)
        if canonical.digest(permit) != content["permit"]:
            raise Refused(
                f"the permit of case {case.id} has changed since this order was written",
                "an order names one exact permit",
                "write and sign the order again",
            )
        keys = trust.keys(content["person"])
        signed = {
            "text": text.decode("ascii"),
            "signature": verify_brought(text, signature, content["person"], keys, DECISION),
        }
        check_order(check_permit(permit, now, trust.serial1_digest), signed, now, None)
        return {"type": "order", **signed, "digest": canonical.digest(text), "permit": permit.decode("ascii")}

    return append_to_case(journal, content["case"], entry)


def current_permit(journal: Journal, case: Case) -> bytes:
    """The permit of the case over the newest trust and withdrawals."""
    return permit_text(case, trust_chain(journal), newest_withdrawals(journal))


def usable_order(journal: Journal, case: Case, person: str) -> Order | None:
    """An order that this person has signed already and that still covers the case as it stands."""
    if not case.orders:
        return None
    order = case.orders[-1]
    same = order.content["permit"] == canonical.digest(current_permit(journal, case))
    in_time = moment.read(order.content["until"]) > moment.read(moment.now())
    everything = set(order.content["items"]) >= {item["id"] for item in case.open_items}
    return order if same and in_time and everything and order.content["person"] == person else None
