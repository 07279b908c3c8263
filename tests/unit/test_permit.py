"""Permits and orders: every rule has a document that breaks it alone, validly signed, and is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.permit import (
    Order,
    Permit,
    check_order,
    check_permit,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from support.signed_office import (
    AGENCY,
    ASSET,
    DAY,
    HOUR,
    LEDGER,
    MINUTE,
    SignedCase,
    SignedOffice,
    backup_item,
    drill_item,
    restore_item,
)


def permit_of(case: SignedCase, now: str | None = None) -> Permit:
    return check_permit(case.permit, now or case.office.now, case.office.pinned)


def refused(case: SignedCase, words: str, now: str | None = None) -> None:
    with pytest.raises(Refused, match=words):
        permit_of(case, now)


def order_of(case: SignedCase, order: dict[str, str], now: str | None = None, item: str = "1") -> Order:
    return check_order(permit_of(case), order, now or case.office.now, item)


def order_refused(case: SignedCase, words: str, order: dict[str, str], now: str | None = None) -> None:
    with pytest.raises(Refused, match=words):
        order_of(case, order, now)


def test_a_valid_permit_says_what_is_permitted(signed_office: SignedOffice) -> None:
    case = signed_office.case([backup_item(1), backup_item(2, asset="db-02")])
    permit = permit_of(case)
    assert (permit.office, permit.case, permit.agency) == ("diskominfo-contoh", "B-2026-0001", AGENCY)
    assert permit.items == case.items
    assert permit.item("2")["asset"] == "db-02"
    assert permit.executors == ["putra", "putri"]
    assert permit.digest == canonical.digest(case.permit)
    assert (permit.window_from, permit.window_until) == (
        signed_office.at(-30 * MINUTE),
        signed_office.at(4 * HOUR),
    )
    assert permit.withdrawals == 0
    with pytest.raises(Refused, match="no work item '3'"):
        permit.item("3")


def test_a_valid_order_says_who_orders_what(signed_office: SignedOffice) -> None:
    case = signed_office.case()
    order = order_of(case, case.order())
    assert (order.person, order.items) == ("putra", ["1"])
    assert order.ledgers == {ASSET: (LEDGER, 0)}


@pytest.mark.parametrize("item", [restore_item(), restore_item(mode="replace"), drill_item()])
def test_restores_and_drills_are_permitted_in_their_cases(signed_office: SignedOffice, item: dict[str, Any]) -> None:
    assert permit_of(signed_office.case([item])).items == [item]


def test_each_signature_is_checked_once(signed_office: SignedOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    case = signed_office.case(withdrawals=[signed_office.withdrawals(1, ["B-2026-0009"])])
    order = case.order()
    calls: list[str] = []
    real = sshsig.run_ssh_keygen
    monkeypatch.setattr(sshsig, "run_ssh_keygen", lambda *call: calls.append(call[1]) or real(*call))
    permit = check_permit(case.permit, signed_office.now, signed_office.pinned, known=signed_office.chain)
    check_order(permit, order, signed_office.now, "1")
    assert len(calls) == len(set(calls)) == 5


@pytest.mark.parametrize(
    ("items", "case", "words"),
    [
        ([backup_item()], "R-2026-0001", "is not restore or drill"),
        ([restore_item()], "B-2026-0001", "is not backup"),
        ([backup_item(), drill_item(2)], None, "is not backup"),
        ([backup_item()], "B-26-1", "case"),
        ([backup_item()], "B-2026-0001\n", "case"),
        ([backup_item(2)], None, "has the id 2"),
        ([backup_item(1), backup_item(1)], None, "has the id 1"),
        ([backup_item(1) | {"id": 1}], None, "id is not"),
        ([backup_item(agency="dinkes")], None, "dinkes"),
        ([backup_item(drill="yes")], None, "true or false"),
        ([backup_item(drill=1)], None, "true or false"),
        ([backup_item(target="x")], None, "target does not belong"),
        ([backup_item(action="drop")], "B-2026-0001", "is not backup"),
        ([backup_item(action=["backup"])], "B-2026-0001", "is not backup"),
        ([backup_item(asset="../db-01")], None, "asset is not a name"),
        ([backup_item(asset=".")], None, "asset is not a name"),
        ([backup_item(engine="sqlite\n")], None, "engine is not a name"),
        ([backup_item(instance="5432; reboot")], None, "instance is not"),
        ([backup_item(database="")], None, "database is not"),
        ([backup_item(database="a\0b")], None, "database is not"),
        ([restore_item(mode="overwrite")], None, "mode is not"),
        ([restore_item(target=None)], None, "target is not"),
        ([restore_item(manifest="cd")], None, "manifest is not"),
        ([restore_item(data_from="yesterday")], None, "data_from is not"),
        ([restore_item(set="../../../../etc/passwd")], None, "set is not"),
        ([restore_item(set=f"{AGENCY}/db-01/sqlite/../x")], None, "set is not"),
        ([restore_item(set="dinkes/db-01/sqlite/x/20260101T000000Z-B-2026-0002-1")], None, "another agency"),
        ([restore_item(set=f"{AGENCY}/db-01/mysql/x/20260101T000000Z-B-2026-0002-1")], None, "another agency"),
    ],
)
def test_work_that_breaks_a_rule_is_refused(
    signed_office: SignedOffice, items: list[dict[str, Any]], case: str | None, words: str
) -> None:
    refused(signed_office.case(items, case), words)


def test_empty_work_is_refused(signed_office: SignedOffice) -> None:
    refused(signed_office.case(work={"items": []}), "no work items")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"document": {"type": "order"}}, "type"),
        ({"document": {"format": 2}}, "format"),
        ({"document": {"format": True}}, "format"),
        ({"document": {"kind": "standing"}}, "kind"),
        ({"document": {"case": "B-2026-0002"}}, "another case"),
        ({"document": {"office": "other"}}, "another case"),
        ({"document": {"decisions": []}}, "0 decisions"),
        ({"document": {"trust": []}}, "empty"),
        ({"document": {"more": None}}, "more does not belong"),
        ({"work": {"case": "B-2026-0002"}}, "another case"),
        ({"work": {"agency": "dinkes"}}, "of the agency"),
        ({"work": {"more": None}}, "more does not belong"),
        ({"bidang": {"case": "B-2026-0002"}}, "decision of bidang is on another case"),
        ({"seksi": {"office": "other"}}, "decision of seksi is on another case"),
        ({"opd": {"case": "B-2026-0002"}}, "decision of opd is on another case"),
        ({"bidang": {"type": "note"}}, "type"),
        ({"bidang": {"verdict": "reject"}}, "verdict"),
        ({"seksi": {"verdict": "reject"}}, "verdict"),
        ({"opd": {"verdict": "decline"}}, "verdict"),
        ({"opd": {"step": "disposition"}}, "step"),
        ({"bidang": {"role": "seksi"}}, "role"),
        ({"bidang": {"work": "0" * 64}}, "other work"),
        ({"seksi": {"work": "0" * 64}}, "other work"),
        ({"opd": {"work": "0" * 64}}, "other work"),
        ({"seksi": {"after": "0" * 64}}, "rest on one another"),
        ({"opd": {"after": "0" * 64}}, "rest on one another"),
        ({"bidang": {"after": "request"}}, "after is not"),
        ({"bidang": {"at": "now"}}, "at is not"),
        ({"seksi": {"executors": []}}, "executors"),
        ({"seksi": {"executors": ["putra", "putra"]}}, "executors"),
        ({"seksi": {"executors": "putra"}}, "executors is not"),
        ({"opd": {"window": {"from": "2026-01-01T00:00:00Z"}}}, "until is missing"),
        ({"opd": {"window": 5}}, "window is not an object"),
        (
            {"opd": {"window": {"from": "2026-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}}},
            "ends before it begins",
        ),
        ({"bidang": {"person": "sari"}}, "One person"),
        ({"bidang": {"person": "nobody"}, "signers": {"bidang": "bayu"}}, "nobody is not a person"),
        ({"bidang": {"person": "putra"}}, "does not hold the role bidang"),
        ({"seksi": {"person": "putra"}}, "does not hold the role seksi"),
        ({"opd": {"person": "opi"}}, "does not hold the role opd of disdik"),
        ({"signers": {"bidang": "sari"}}, "not signed by bayu"),
        ({"signers": {"seksi": "bayu"}}, "not signed by sari"),
        ({"signers": {"opd": "sari"}}, "not signed by oki"),
    ],
)
def test_a_permit_that_breaks_a_rule_is_refused(
    signed_office: SignedOffice, changes: dict[str, Any], words: str
) -> None:
    refused(signed_office.case(**changes), words)


def test_the_trust_of_another_office_is_refused(signed_office: SignedOffice) -> None:
    other = {"office": "other"}
    case = signed_office.case(work=other, bidang=other, seksi=other, opd=other, document=other)
    refused(case, "of different offices")


def test_decisions_in_another_order_are_refused(signed_office: SignedOffice) -> None:
    case = signed_office.case()
    document = canonical.loads(case.permit)
    document["decisions"].reverse()
    refused(signed_office.case(document=document), "decision of bidang")


def test_decisions_of_two_cases_do_not_mix(signed_office: SignedOffice) -> None:
    mine = canonical.loads(signed_office.case(opd={"note": "mine"}).permit)
    other = canonical.loads(signed_office.case(bidang={"note": "other"}).permit)
    mine["decisions"][2] = other["decisions"][2]
    refused(signed_office.case(document=mine), "rest on one another")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seksi": {"at": -4 * HOUR}}, "older than the one before"),
        ({"opd": {"at": -150 * MINUTE}}, "older than the one before"),
        ({"bidang": {"until": -150 * MINUTE}}, "disposition of bidang lapsed"),
        ({"bidang": {"until": -90 * MINUTE}}, "disposition of bidang lapsed"),
        ({"seksi": {"until": -90 * MINUTE}}, "disposition of seksi lapsed"),
        ({"opd": {"at": 121}}, "dated"),
        ({"bidang": {"at": -61 * DAY}}, "does not hold the role bidang at"),
        ({"bidang": {"at": -31 * DAY, "until": DAY}}, "another key"),
    ],
)
def test_a_decision_out_of_its_time_is_refused(
    signed_office: SignedOffice, changes: dict[str, dict[str, int]], words: str
) -> None:
    times = {
        role: {key: signed_office.at(seconds) for key, seconds in times.items()} for role, times in changes.items()
    }
    if changes.get("bidang", {}).get("at", 0) < -14 * DAY:
        times["bidang"].setdefault("until", signed_office.at(0))
    refused(signed_office.case(**times), words)


def test_a_clock_that_is_120_seconds_ahead_is_tolerated(signed_office: SignedOffice) -> None:
    permit_of(signed_office.case(opd={"at": signed_office.at(120)}))


def test_a_role_that_ended_since_is_refused(signed_office: SignedOffice) -> None:
    refused(signed_office.case(), "does not hold the role bidang", signed_office.at(301 * DAY))


def _without(name: str, part: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        person = next(entry for entry in document["persons"] if entry["id"] == name)
        person[part] = []

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without("bayu", "roles"), "does not hold the role bidang"),
        (_without("oki", "roles"), "does not hold the role opd"),
        (_without("sari", "keys"), "not signed by sari"),
        (_without("putra", "keys"), ""),
    ],
)
def test_a_permit_is_judged_by_the_newest_trust(
    signed_office: SignedOffice, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    permit_of(signed_office.case())
    document = signed_office.trust_document(at=signed_office.at(-MINUTE))
    change(document)
    signed_office.chain.append(signed_office.countersign(document))
    case = signed_office.case()
    if words:
        refused(case, words)
    else:
        order_refused(case, "not signed by putra", case.order())


def test_a_key_that_was_added_later_cannot_sign_backdated(signed_office: SignedOffice) -> None:
    document = signed_office.trust_document(at=signed_office.at(-MINUTE))
    for person in document["persons"]:
        if person["id"] == "puja":
            person["keys"] = []
        if person["id"] == "oki":
            person["keys"].append(signed_office.keyring.public["puja"])
    signed_office.chain.append(signed_office.countersign(document))
    refused(signed_office.case(signers={"opd": "puja"}), "not signed by oki: .*another key")
    permit_of(signed_office.case(opd={"at": signed_office.at(-MINUTE)}, signers={"opd": "puja"}))


def test_another_first_trust_is_refused(signed_office: SignedOffice) -> None:
    with pytest.raises(Refused, match="pinned"):
        check_permit(signed_office.case().permit, signed_office.now, "0" * 64)


def test_withdrawals_are_counted_and_obeyed(signed_office: SignedOffice) -> None:
    other = signed_office.withdrawals(7, ["B-2026-0009"])
    assert permit_of(signed_office.case(withdrawals=[other])).withdrawals == 7
    mine = signed_office.withdrawals(8, ["B-2026-0009", "B-2026-0001"])
    refused(signed_office.case(withdrawals=[mine]), "was withdrawn")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": 0}, "number is not"),
        ({"cases": ["X"]}, "cases"),
        ({"office": "other"}, "another office"),
        ({"role": "opd", "person": "oki"}, "role is not"),
        ({"role": "seksi"}, "does not hold the role seksi"),
        ({"signer": "sari"}, "not signed by bayu"),
        ({"more": 1}, "more does not belong"),
    ],
)
def test_withdrawals_that_break_a_rule_are_refused(
    signed_office: SignedOffice, changes: dict[str, Any], words: str
) -> None:
    signed = signed_office.withdrawals(**{"number": 1, "cases": [], **changes})
    refused(signed_office.case(withdrawals=[signed]), words)


def test_two_lists_of_withdrawals_are_refused(signed_office: SignedOffice) -> None:
    signed = signed_office.withdrawals(1, [])
    refused(signed_office.case(withdrawals=[signed, signed]), "several lists")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "decision"}, "type"),
        ({"office": "other"}, "another permit"),
        ({"case": "B-2026-0002"}, "another permit"),
        ({"permit": "0" * 64}, "another permit"),
        ({"trust": "0" * 64}, "another trust"),
        ({"person": "puja"}, "not assigned"),
        ({"person": "nobody"}, "not assigned"),
        ({"signer": "putri"}, "not signed by putra"),
        ({"items": []}, "each once"),
        ({"items": ["1", "1"]}, "each once"),
        ({"items": ["1", "2"]}, "no work item '2'"),
        ({"items": [1]}, "items"),
        ({"occurrence": 1}, "occurrence"),
        ({"ledgers": []}, "ledger of db-01"),
        ({"ledgers": [{"asset": ASSET, "ledger": LEDGER, "last": 0}] * 2}, "twice"),
        ({"ledgers": [{"asset": ASSET, "ledger": LEDGER, "last": -1}]}, "last"),
        ({"ledgers": [{"asset": ASSET, "ledger": LEDGER, "last": False}]}, "last"),
        ({"journal": ""}, "journal"),
        ({"role": "personil"}, "role does not belong"),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused(
    signed_office: SignedOffice, changes: dict[str, Any], words: str
) -> None:
    case = signed_office.case()
    signer = changes.get("signer") or ("putra" if changes.get("person") == "nobody" else None)
    document = {key: value for key, value in changes.items() if key != "signer"}
    order_refused(case, words, case.order(signer, **document))


def test_an_order_is_a_signed_text(signed_office: SignedOffice) -> None:
    case = signed_office.case()
    for order in ({}, {"text": "{}"}, case.order() | {"more": ""}, case.order() | {"signature": None}):
        order_refused(case, "order", order)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "until", "now", "words"),
    [
        (-61 * MINUTE, HOUR, 0, "is of"),
        (121, HOUR, 0, "dated"),
        (-MINUTE, -MINUTE, 0, "holds from"),
        (-MINUTE, DAY, 0, "24 hours"),
        (-30 * MINUTE, -MINUTE, 0, "order ended"),
        (-MINUTE, 5 * HOUR, 4 * HOUR + 1, "window"),
        (-MINUTE, HOUR, -31 * MINUTE, "window"),
    ],
)
def test_an_order_out_of_its_time_is_refused(
    signed_office: SignedOffice, at: int, until: int, now: int, words: str
) -> None:
    case = signed_office.case()
    order = case.order(at=signed_office.at(at), until=signed_office.at(until))
    order_refused(case, words, order, signed_office.at(now))


def test_an_order_holds_24_hours_and_to_the_end_of_the_window(signed_office: SignedOffice) -> None:
    case = signed_office.case()
    order = case.order(at=signed_office.at(-MINUTE), until=signed_office.at(DAY - MINUTE))
    order_of(case, order, signed_office.at(4 * HOUR))


def test_an_order_names_the_item_that_is_carried_out(signed_office: SignedOffice) -> None:
    case = signed_office.case([backup_item(1), backup_item(2)])
    order = case.order(items=["2"])
    assert order_of(case, order, item="2").items == ["2"]
    assert check_order(permit_of(case), order, signed_office.now, None).items == ["2"]
    order_refused(case, "does not name work item '1'", order)


def test_who_decided_does_not_execute(signed_office: SignedOffice) -> None:
    """Also when the trust document gives them both roles and the section assigned them."""
    document = signed_office.trust_document()
    sari = next(person for person in document["persons"] if person["id"] == "sari")
    sari["qualified"] = True
    sari["roles"].append({**sari["roles"][0], "role": "personil"})
    signed_office.chain.append(signed_office.countersign(document))
    case = signed_office.case(seksi={"executors": ["sari"]})
    order_refused(case, "sari decided on case", case.order(person="sari"))


def test_an_unqualified_executor_is_refused(signed_office: SignedOffice) -> None:
    case = signed_office.case(seksi={"executors": ["puja"]})
    order_refused(case, "puja has no recorded qualification", case.order(person="puja"))


def test_an_executor_without_the_role_is_refused(signed_office: SignedOffice) -> None:
    document = signed_office.trust_document()
    next(person for person in document["persons"] if person["id"] == "putra")["roles"] = []
    signed_office.chain.append(signed_office.countersign(document))
    case = signed_office.case()
    order_refused(case, "does not hold the role personil", case.order())


def test_the_schedule_identifies_a_permission_whose_signatures_were_made_again(
    signed_office: SignedOffice,
) -> None:
    signed = signed_office.withdrawals(1, [])
    first = permit_of(signed_office.case())
    again = permit_of(signed_office.case(withdrawals=[signed]))
    later = permit_of(signed_office.case(opd={"note": "a new agreement"}))
    assert first.digest != again.digest
    assert first.schedule == again.schedule != later.schedule
