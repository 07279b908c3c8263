"""The gate on a target: lets a work item through or refuses it, and notes in the ledger what it let through.

The pinned trust, the asset's identity and the ledger lie in the folders of `places`; nothing can name others.
"""

from __future__ import annotations

import base64
import os
from contextlib import contextmanager, nullcontext
from typing import Any, Iterator

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment, pinned, places, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import CLOCK_TOLERANCE
from ansible_collections.diskominfo.cadangan.plugins.module_utils.ledger import Ledger
from ansible_collections.diskominfo.cadangan.plugins.module_utils.permit import (
    Order,
    Permit,
    check_order,
    check_permit,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

ATTEMPTS = 3

_TRUST = {
    "type": shape.constant("trust_chain"),
    "chain": [shape.Rule("a countersigned text", lambda value: isinstance(value, dict))],
}
_ONBOARDED = "Only an asset that was onboarded is backed up or restored."
_ONBOARD = "Onboard the asset: ansible-playbook diskominfo.cadangan.onboard."
_ONCE = "A work item is carried out once."
_ONBOARD_AGAIN = "Find out why; then onboard this asset again."


class Admission:
    """A work item that was let through.

    Call `attempt` before the work begins, `spend` before its point of no return, `finish` when it ended.
    """

    def __init__(
        self, permit: Permit, order: Order, item: dict[str, Any], asset: dict[str, Any], ledger: Ledger
    ) -> None:
        self.permit = permit
        self.order = order
        self.item = item
        self.asset = asset
        self.ledger = ledger

    def attempt(self) -> None:
        """Write to the ledger that work on the item begins."""
        self._append("attempt")

    def spend(self) -> None:
        """Write to the ledger that the item is not let through again under this schedule."""
        self._append("spent")

    def finish(self, outcome: dict[str, Any]) -> None:
        """Keep the outcome in the ledger; its `result` is `done` or `failed`."""
        self._append("outcome", outcome=outcome)

    def _append(self, kind: str, **more: Any) -> None:
        self.ledger.append(
            kind,
            case=self.permit.case,
            permit=self.permit.digest,
            schedule=self.permit.schedule,
            order=self.order.digest,
            item=self.item["id"],
            **more,
        )


@contextmanager
def admit(
    permit_b64: str,
    order_b64: str,
    item_id: str,
    now: str,
    controller_time: str | None = None,
    check: bool = False,
) -> Iterator[Admission]:
    """Let the work item through at the time `now` of this host, or raise `Refused`.

    `permit_b64` and `order_b64` are the bytes of the permit and of the order's signed text in base64;
    `controller_time` is what the control host's clock says. The item is held for this process until the context
    is left. With `check` nothing on this host is changed, and the item is not held.
    """
    _check_clock(now, controller_time)
    asset, permit = known_permit(permit_b64, now)
    order = read_order(order_b64, permit, now, item_id)
    item = permit.item(item_id)
    _check_asset(asset, item)
    ledger = Ledger(os.path.join(places.state_dir(), "ledger"), asset["ledger"])
    _check_ledger(ledger, order, permit, asset["asset"])
    with nullcontext() if check else ledger.lock(permit.case, item_id):
        _check_unspent(ledger, permit, item)
        if not check:
            _remember(ledger, permit)
        yield Admission(permit, order, item, asset, ledger)


def known_permit(permit_b64: str, now: str) -> tuple[dict[str, Any], Permit]:
    """What this host is (`asset.json`), and the permit if it holds at the time `now` by the trust that is kept here."""
    asset = _who_am_i()
    stored = _stored_trust()
    permit = check_permit(_decode(permit_b64, "permit"), now, asset["trust"], known=stored)
    _check_extends(permit.trust_bundles, stored)
    if (permit.office, permit.trust.newest["journal"]) != (asset["office"], asset["journal"]):
        raise Refused(
            f"The permit is of another office ({permit.office}) or journal than this host.",
            _ONBOARDED,
            _ONBOARD,
        )
    return asset, permit


def read_order(order_b64: str, permit: Permit, now: str, item_id: str) -> Order:
    """The order in base64, if it lets the work item of the permit be carried out at the time `now`."""
    signed = shape.read(_decode(order_b64, "order"), shape.SIGNED_TEXT, "order")
    return check_order(permit, signed, now, item_id)


def _check_clock(now: str, controller_time: str | None) -> None:
    if controller_time is None:
        return
    shape.check(controller_time, shape.TIME, "controller_time")
    apart = abs(moment.seconds(now) - moment.seconds(controller_time))
    if apart > CLOCK_TOLERANCE:
        raise Refused(
            f"It is {now} on this host and {controller_time} on the control host: {apart} seconds apart.",
            f"Clocks differ by {CLOCK_TOLERANCE} seconds at most.",
            "Set the clocks (NTP).",
        )


def _decode(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(f"The {where} did not arrive as base64.", shape.RULE) from None


def _who_am_i() -> dict[str, Any]:
    asset = pinned.read_asset()
    if asset is None:
        raise _not_onboarded(pinned.asset_file())
    return asset


def _stored_trust() -> list[dict[str, Any]]:
    """The countersigned texts in `trust.json`, which were checked when they were put there."""
    try:
        with open(pinned.trust_file(), "rb") as file:
            text = file.read()
    except FileNotFoundError:
        raise _not_onboarded(pinned.trust_file()) from None
    chain: list[dict[str, Any]] = shape.read(text, _TRUST, pinned.trust_file())["chain"]
    return chain


def _not_onboarded(missing: str) -> Refused:
    return Refused(f"This host was not onboarded: {missing} is missing.", _ONBOARDED, _ONBOARD)


def _check_extends(bundles: list[dict[str, Any]], stored: list[dict[str, Any]]) -> None:
    # Texts are compared, not signatures: a trustee may have signed the same version twice.
    texts = [bundle["text"] for bundle in bundles]
    known = [bundle["text"] for bundle in stored]
    if texts[: len(known)] == known:
        return
    if known[: len(texts)] == texts:
        raise Refused(
            f"The permit carries trust version {len(texts)}; this asset knows version {len(known)}.",
            "A permit carries the newest trust version.",
            "Have the executor sign a new order.",
        )
    raise Refused(
        "The permit's trust and the one that this asset knows have parted.",
        "There is one trust version of each number.",
        "Two versions of one number were signed: have the trustees find out why.",
    )


def _check_asset(asset: dict[str, Any], item: dict[str, Any]) -> None:
    if item["asset"] != asset["asset"]:
        raise Refused(
            f"Work item {item['id']} is for {item['asset']}; this host is {asset['asset']}.",
            "Work is carried out on the asset that the permit names.",
            "Correct ansible_host of the asset in the inventory.",
        )


def _check_ledger(ledger: Ledger, order: Order, permit: Permit, asset: str) -> None:
    wanted_id, wanted_last = order.ledgers[asset]
    if ledger.id != wanted_id:
        raise Refused(
            f"The ledger of this host is {ledger.id}; the journal knows {wanted_id}.",
            "A host that was cloned or onboarded elsewhere takes no work.",
            _ONBOARD_AGAIN,
        )
    if ledger.last < wanted_last:
        raise Refused(
            f"The ledger of this host ends with {ledger.last}; the journal knows of {wanted_last}.",
            "A host that was rolled back may have forgotten what it did, and takes no work.",
            _ONBOARD_AGAIN,
        )
    seen = ledger.highest_withdrawal()
    if permit.withdrawals < seen:
        raise Refused(
            f"The permit carries list {permit.withdrawals} of withdrawals; this asset knows list {seen}.",
            "A permit carries the newest list of withdrawn cases.",
            "Have the executor sign a new order.",
        )


def _check_unspent(ledger: Ledger, permit: Permit, item: dict[str, Any]) -> None:
    item_id = item["id"]
    if ledger.is_done(permit.case, item_id):
        raise Refused(f"Work item {item_id} of case {permit.case} was carried out.", _ONCE)
    # A set that was decided on and is half gone can only be removed to the end.
    if item["action"] != "dispose" and ledger.is_spent(permit.schedule, item_id):
        raise Refused(
            f"Work item {item_id} of case {permit.case} was spent: it had passed its point of no return.",
            _ONCE,
            "See what became of it, then have the agency agree to a new schedule.",
        )
    if ledger.attempts(permit.schedule, item_id) >= ATTEMPTS:
        raise Refused(
            f"Work item {item_id} of case {permit.case} was tried {ATTEMPTS} times.",
            f"A work item may be tried {ATTEMPTS} times under one schedule.",
            "Mend the cause, then have the agency agree to a new schedule.",
        )


def _remember(ledger: Ledger, permit: Permit) -> None:
    if permit.withdrawals > ledger.highest_withdrawal():
        ledger.append("withdrawals", number=permit.withdrawals)
    with ledger.locked():
        # Another work item may have brought an even newer trust meanwhile.
        if len(permit.trust_bundles) > len(_stored_trust()):
            pinned.write_trust(permit.trust_bundles)
