"""A permit and the order that executes it.

A permit is the work of a case, the officials' signed decisions on it, and the trust that they are judged by.
Nothing is read here but what is passed in.
"""

from __future__ import annotations

from typing import Any, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.canonical import digest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import (
    SEPARATION,
    check_signed,
    read_decisions,
    read_withdrawals,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain
from ansible_collections.diskominfo.cadangan.plugins.module_utils.work_document import read_work

LONGEST = 24 * 3600  # seconds from signing to the end of an order

_PERMIT = {
    "type": shape.constant("permit"),
    "format": shape.constant(1),
    "office": shape.NAME,
    "case": shape.CASE,
    "kind": shape.constant("single"),
    "work": shape.LINE,
    "decisions": [shape.SIGNED_TEXT],
    "trust": [shape.Rule("a countersigned text", lambda value: isinstance(value, dict))],
    "withdrawals": [shape.SIGNED_TEXT],
}
ORDER = {
    "type": shape.constant("order"),
    "office": shape.NAME,
    "case": shape.CASE,
    "permit": shape.DIGEST,
    "person": shape.NAME,
    "items": [shape.LINE],
    "occurrence": shape.constant(None),
    "at": shape.TIME,
    "until": shape.TIME,
    "trust": shape.DIGEST,
    "journal": shape.DIGEST,
    "ledgers": [{"asset": shape.NAME, "ledger": shape.LINE, "last": shape.COUNT}],
}
_ORDER_AGAIN = "Have the executor sign a new order."


class Permit:
    """A permit that keeps the rules.

    `schedule` is the digest of the agency's agreement. Items are spent under it: unlike the permit's digest, no
    second signature changes it. `withdrawals` is the number of the list of withdrawals in the permit, or 0.
    """

    def __init__(
        self,
        text: bytes,
        document: dict[str, Any],
        items: list[dict[str, Any]],
        decisions: list[dict[str, Any]],
        trust: TrustChain,
        withdrawals: int,
    ) -> None:
        self.digest = digest(text)
        self.office: str = document["office"]
        self.case: str = document["case"]
        self.agency: str = items[0]["agency"]
        self.items = items
        self.bidang, self.seksi, self.opd = decisions
        self.executors: list[str] = self.seksi["executors"]
        self.window_from: str = self.opd["window"]["from"]
        self.window_until: str = self.opd["window"]["until"]
        self.schedule = digest(document["decisions"][2]["text"].encode("ascii"))
        self.trust = trust
        self.trust_bundles: list[dict[str, Any]] = document["trust"]
        self.withdrawals = withdrawals

    def item(self, item_id: str) -> dict[str, Any]:
        """The work item of this id; `Refused` if the permit has none."""
        for item in self.items:
            if item["id"] == item_id:
                return item
        raise Refused(
            f"Case {self.case} has no work item {item_id!a}.",
            "Only the work items of the permit are carried out.",
            f"See them with: cadangan case show {self.case}.",
        )


def check_permit(permit: bytes, now: str, pinned: str | None, known: Sequence[dict[str, Any]] = ()) -> Permit:
    """The permit in these bytes; `Refused` if it breaks a rule at the time `now`.

    `pinned` is the digest of the office's first trust version, None only where nothing is pinned yet; `known`
    is a trust chain that was checked before (see `TrustChain.check`).
    """
    document = shape.read(permit, _PERMIT, "permit")
    office, case = document["office"], document["case"]
    work = read_work(document["work"])
    if (work["office"], work["case"]) != (office, case):
        raise Refused("The work in the permit is of another case.", shape.RULE)
    agency = work["agency"]
    work_digest = digest(document["work"].encode("ascii"))
    decisions = read_decisions(document["decisions"], office, case, work_digest)
    withdrawals = read_withdrawals(document["withdrawals"], office, case)
    trust = TrustChain.check(document["trust"], pinned, known)
    if trust.newest["office"] != office:
        raise Refused("The permit and its trust are of different offices.", shape.RULE)
    for decision, signed in zip(decisions, document["decisions"]):
        check_signed(trust, decision, signed, now, f"decision of {decision['role']}", agency)
    if withdrawals:
        check_signed(trust, withdrawals, document["withdrawals"][0], now, "list of withdrawals", agency)
    return Permit(permit, document, work["items"], decisions, trust, withdrawals["number"] if withdrawals else 0)


def check_window(permit: Permit, now: str) -> None:
    """`Refused` unless the time `now` is within the window of the permit, both ends included."""
    if not permit.window_from <= now <= permit.window_until:
        late = now > permit.window_until
        raise Refused(
            f"It is {now}; the window is from {permit.window_from} until {permit.window_until}.",
            "Work is carried out within the window that the agency agreed to.",
            "Schedule it again: cadangan schedule propose." if late else "Wait for the window.",
        )


class Order:
    """An order that is valid for its permit.

    `ledgers` gives for each asset the id and the last number of its ledger as the journal knows them;
    `journal` is the head of the journal when the order was signed.
    """

    def __init__(self, document: dict[str, Any], digest_: str) -> None:
        self.digest = digest_
        self.person: str = document["person"]
        self.items: list[str] = document["items"]
        self.at: str = document["at"]
        self.until: str = document["until"]
        self.journal: str = document["journal"]
        self.ledgers: dict[str, tuple[str, int]] = {
            entry["asset"]: (entry["ledger"], entry["last"]) for entry in document["ledgers"]
        }


def check_order(permit: Permit, order: dict[str, str], now: str, item: str | None) -> Order:
    """The order in this signed text; `Refused` if it orders nothing in the permit at the time `now`.

    `item` is the work item that is about to be carried out, None to check the order as a whole.
    """
    shape.check(order, shape.SIGNED_TEXT, "order")
    document = shape.read(order["text"], ORDER, "order")
    _check_permit(document, permit)
    _check_items(document, permit, item)
    _check_times(document, permit, now)
    _check_executor(document, permit)
    check_signed(permit.trust, {**document, "role": "personil"}, order, now, "order", None)
    return Order(document, digest(order["text"].encode("ascii")))


def _check_permit(order: dict[str, Any], permit: Permit) -> None:
    wanted = (permit.office, permit.case, permit.digest)
    if (order["office"], order["case"], order["permit"]) != wanted:
        raise Refused("The order is for another permit.", "An order names one permit.", _ORDER_AGAIN)
    if order["trust"] != permit.trust.newest_digest:
        raise Refused("The order was signed under another trust version.", "An order names the trust.", _ORDER_AGAIN)


def _check_items(order: dict[str, Any], permit: Permit, item: str | None) -> None:
    if not order["items"] or len(set(order["items"])) != len(order["items"]):
        raise Refused("The order does not name work items, each once.", shape.RULE)
    if item is not None and item not in order["items"]:
        raise Refused(f"The order does not name work item {item!a}.", "Only ordered items are executed.", _ORDER_AGAIN)
    assets = [entry["asset"] for entry in order["ledgers"]]
    if len(set(assets)) != len(assets):
        raise Refused("The order names an asset's ledger twice.", shape.RULE)
    for ordered in order["items"]:
        asset = permit.item(ordered)["asset"]
        if asset not in assets:
            raise Refused(
                f"The order does not name the ledger of {asset}.",
                "An order says how far each ledger had come.",
                _ORDER_AGAIN,
            )


def _check_times(order: dict[str, Any], permit: Permit, now: str) -> None:
    if not permit.opd["at"] <= order["at"] <= permit.opd["until"]:
        raise Refused(
            f"The order is of {order['at']}, the schedule of {permit.opd['at']} until {permit.opd['until']}.",
            "An order is signed while the schedule holds.",
            "Have the agency agree to a new schedule.",
        )
    length = moment.seconds(order["until"]) - moment.seconds(order["at"])
    if not 0 < length <= LONGEST:
        raise Refused(
            f"The order holds from {order['at']} until {order['until']}.",
            f"An order holds for {LONGEST // 3600} hours at most.",
            _ORDER_AGAIN,
        )
    if now > order["until"]:
        raise Refused(f"The order ended at {order['until']}; it is {now}.", "An order has an end.", _ORDER_AGAIN)
    check_window(permit, now)


def _check_executor(order: dict[str, Any], permit: Permit) -> None:
    person = order["person"]
    if person not in permit.executors:
        raise Refused(
            f"{person} is not assigned to case {permit.case}; assigned are: {', '.join(permit.executors)}.",
            "The section assigns who executes.",
            "Have one of them sign the order.",
        )
    if person in (permit.bidang["person"], permit.seksi["person"], permit.opd["person"]):
        raise Refused(f"{person} decided on case {permit.case} and cannot execute it.", SEPARATION)
    if not permit.trust.person(person)["qualified"]:
        raise Refused(
            f"{person} has no recorded qualification.",
            "Who executes is qualified.",
            "Record the qualification in officials.yml and sign the next trust version.",
        )
