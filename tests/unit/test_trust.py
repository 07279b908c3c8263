"""The trust chain: who may sign the next version, and who may do what by the newest one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain
from support.signed_office import AGENCY, DAY, RECIPIENTS, SignedOffice

Document = dict[str, Any]


def person(document: Document, name: str) -> Document:
    return next(entry for entry in document["persons"] if entry["id"] == name)


def refused(chain: list[Document], words: str, pinned: str | None = None) -> None:
    with pytest.raises(Refused, match=words):
        TrustChain.check(chain, pinned)


def test_a_chain_of_three_is_accepted(signed_office: SignedOffice) -> None:
    signed_office.renew_trust()
    signed_office.renew_trust(at=signed_office.at(-DAY))
    trust = TrustChain.check(signed_office.chain, signed_office.pinned)
    assert trust.newest["serial"] == 3
    assert trust.serial1_digest == signed_office.pinned
    assert trust.newest_digest != trust.serial1_digest
    assert trust.keys("sari") == [signed_office.keyring.public["sari"]]
    assert trust.person("puja")["qualified"] is False
    refused(signed_office.chain[:1], "pinned", pinned="0" * 64)


def test_an_empty_chain_is_refused() -> None:
    refused([], "empty")


def test_roles_are_valid_from_their_first_to_their_last_second(signed_office: SignedOffice) -> None:
    trust = TrustChain.check(signed_office.chain, None)
    first, last = signed_office.at(-60 * DAY), signed_office.at(300 * DAY)
    for at, held in (
        (first, True),
        (last, True),
        (signed_office.at(-60 * DAY - 1), False),
        (signed_office.at(300 * DAY + 1), False),
    ):
        assert trust.holds_role("sari", "seksi", at) is held
    assert trust.holds_role("oki", "opd", first, AGENCY)
    assert not trust.holds_role("opi", "opd", first, AGENCY)
    assert not trust.holds_role("oki", "opd", first)
    assert not trust.holds_role("sari", "bidang", first)
    assert not trust.holds_role("nobody", "seksi", first)
    with pytest.raises(Refused, match="nobody"):
        trust.keys("nobody")


def test_a_new_key_was_not_there_before_its_version(signed_office: SignedOffice) -> None:
    document = signed_office.trust_document()
    puja = signed_office.keyring.public["puja"]
    person(document, "puja")["keys"] = []
    person(document, "sari")["keys"].append(puja)
    signed_office.chain.append(signed_office.countersign(document))
    trust = TrustChain.check(signed_office.chain, None)
    old = signed_office.keyring.public["sari"]
    assert trust.keys_at("sari", signed_office.at(-10 * DAY - 1)) == [old]
    assert trust.keys_at("sari", signed_office.at(-10 * DAY)) == [old, puja]
    assert trust.keys_at("sari", signed_office.at(-31 * DAY)) == []
    assert trust.keys_at("puja", signed_office.at(-20 * DAY)) == []


@pytest.mark.parametrize(
    ("signers", "words"),
    [
        ((), "signed by 0 of 2"),
        (("tri",), "signed by 1 of 2"),
        (("tri", "sari"), "sari, who is no trustee"),
        (("tri", "sari", "tuti"), "sari, who is no trustee"),
        (("tri", "lama"), "lama, who is no trustee"),
    ],
)
@pytest.mark.parametrize("serial", [1, 2])
def test_too_few_or_other_signers_are_refused(
    signed_office: SignedOffice, serial: int, signers: tuple[str, ...], words: str
) -> None:
    if serial == 1:
        signed_office.chain.clear()
    known = tuple(person for person in signers if person != "lama")
    bundle = signed_office.countersign(signed_office.trust_document(), known)
    if "lama" in signers:
        bundle["signatures"].insert(0, {**bundle["signatures"][0], "person": "lama"})
    refused([*signed_office.chain, bundle], words)


def test_one_trustee_twice_is_refused(signed_office: SignedOffice) -> None:
    bundle = signed_office.countersign(signed_office.trust_document(), ("tri",))
    bundle["signatures"] *= 2
    refused([*signed_office.chain, bundle], "each once")


def test_the_signature_of_another_under_a_trustees_name_is_refused(signed_office: SignedOffice) -> None:
    bundle = signed_office.countersign(signed_office.trust_document(), ("tri", "sari"))
    bundle["signatures"][0]["person"], bundle["signatures"][1]["person"] = "tri", "tuti"
    refused([*signed_office.chain, bundle], "another key")


def test_a_decision_is_no_trust_signature(signed_office: SignedOffice) -> None:
    bundle = signed_office.countersign(signed_office.trust_document())
    bundle["signatures"][0]["signature"] = signed_office.keyring.sign("tri", bundle["text"].encode())
    refused([*signed_office.chain, bundle], "trust@cadangan")


def test_a_new_trustee_cannot_sign_themselves_in(signed_office: SignedOffice) -> None:
    document = signed_office.trust_document()
    person(document, "sari")["trustee"] = True
    refused([*signed_office.chain, signed_office.countersign(document, ("sari", "tri"))], "sari")


def test_a_removed_trustee_signs_the_removal_and_then_no_more(signed_office: SignedOffice) -> None:
    document = signed_office.trust_document()
    person(document, "tri")["trustee"] = False
    person(document, "sari")["trustee"] = True
    signed_office.chain.append(signed_office.countersign(document))
    TrustChain.check(signed_office.chain, None)
    document = signed_office.trust_document()
    refused([*signed_office.chain, signed_office.countersign(document, ("tri", "tuti"))], "tri")
    TrustChain.check([*signed_office.chain, signed_office.countersign(document, ("sari", "tuti"))], None)


def test_an_office_may_set_one_trustee_but_two_must_agree_to_it(signed_office: SignedOffice) -> None:
    policy = {**signed_office.trust_document()["policy"], "trustees": 1}
    alone = signed_office.countersign(signed_office.trust_document(policy=policy), ("tri",))
    refused([*signed_office.chain, alone], "signed by 1 of 2")
    signed_office.renew_trust(policy=policy)
    alone = signed_office.countersign(signed_office.trust_document(policy=policy), ("tri",))
    TrustChain.check([*signed_office.chain, alone], None)


def _same_key(document: Document) -> None:
    person(document, "sari")["keys"].append(person(document, "bayu")["keys"][0])


def _key_twice(document: Document) -> None:
    person(document, "sari")["keys"] *= 2


def _with_comment(document: Document) -> None:
    person(document, "sari")["keys"][0] += " sari"


def _rsa(document: Document) -> None:
    person(document, "sari")["keys"] = ["ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQ=="]


def _trustee_without_key(document: Document) -> None:
    person(document, "tri")["keys"] = []


def _agency_of_bidang(document: Document) -> None:
    person(document, "bayu")["roles"][0]["agency"] = AGENCY


def _opd_without_agency(document: Document) -> None:
    person(document, "oki")["roles"][0]["agency"] = None


def _role_ends_first(document: Document) -> None:
    person(document, "oki")["roles"][0]["until"] = "2000-01-01T00:00:00Z"


def _other_role(document: Document) -> None:
    person(document, "oki")["roles"][0]["role"] = "root"


def _acting(document: Document) -> None:
    person(document, "oki")["roles"][0]["as"] = "Pj."


def _person_twice(document: Document) -> None:
    document["persons"].append({**person(document, "puja"), "keys": []})


def _more(document: Document) -> None:
    document["more"] = None


def _less(document: Document) -> None:
    del document["policy"]["repository"]


def _set(*path: Any, to: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_same_key, "key stands twice"),
        (_key_twice, "key stands twice"),
        (_with_comment, "public key"),
        (_rsa, "public key"),
        (_trustee_without_key, "1 trustees with a key"),
        (_agency_of_bidang, "agency belongs"),
        (_opd_without_agency, "agency belongs"),
        (_role_ends_first, "ends before"),
        (_other_role, "role is not one of"),
        (_acting, "Plh."),
        (_person_twice, "named twice"),
        (_more, "more does not belong"),
        (_less, "repository is missing"),
        (_set("serial", to=3), "does not follow"),
        (_set("serial", to=True), "serial is not"),
        (_set("before", to="0" * 64), "does not follow"),
        (_set("office", to="other"), "another office"),
        (_set("journal", to="other"), "another journal"),
        (_set("at", to="2000-01-01T00:00:00Z"), "older"),
        (_set("at", to="2026-02-30T00:00:00Z"), "at is not a time"),
        (_set("at", to="2026-01-01 00:00:00"), "at is not a time"),
        (_set("at", to="2026-01-01T00:00:60Z"), "at is not a time"),
        (_set("at", to="2026-01-01T24:00:00Z"), "at is not a time"),
        (_set("policy", "trustees", to=0), "1 or 2"),
        (_set("policy", "trustees", to=3), "1 or 2"),
        (_set("policy", "trustees", to=True), "1 or 2"),
        (_set("policy", "repository", to="srv/cadangan"), "absolute path"),
        (_set("policy", "repository", to="/srv/../etc"), "absolute path"),
        (_set("policy", "repository", to="ssh://a/b"), "ssh://NAME"),
        (_set("policy", "repository", to="ssh://-oProxyCommand=x"), "ssh://NAME"),
        (_set("policy", "recipients", to=[{"holder": "a", "key": RECIPIENTS[0]}]), "1 recipient"),
        (_set("policy", "recipients", 1, "key", to=RECIPIENTS[0]), "recipient stands twice"),
        (_set("policy", "recipients", 1, "key", to=RECIPIENTS[1][:-1] + "q"), "age public key"),
        (_set("policy", "recipients", 1, "key", to=RECIPIENTS[1].upper()), "age public key"),
        (_set("policy", "recipients", 1, "key", to="AGE-SECRET-KEY-1"), "age public key"),
        (_set("persons", 0, "qualified", to=1), "true or false"),
        (_set("persons", 0, "id", to="../bayu"), "id is not a name"),
    ],
)
def test_a_version_that_breaks_a_rule_is_refused_though_it_is_signed(
    signed_office: SignedOffice, change: Callable[[Document], None], words: str
) -> None:
    document = signed_office.trust_document()
    change(document)
    refused([*signed_office.chain, signed_office.countersign(document)], words)


def test_a_chain_that_lacks_its_beginning_is_refused(signed_office: SignedOffice) -> None:
    signed_office.renew_trust()
    refused(signed_office.chain[1:], "serial 1")


def test_a_known_chain_costs_no_second_check(signed_office: SignedOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    known = list(signed_office.chain)
    signed_office.renew_trust()
    calls: list[str] = []
    real = sshsig.run_ssh_keygen
    monkeypatch.setattr(sshsig, "run_ssh_keygen", lambda *call: calls.append(call[2]) or real(*call))
    TrustChain.check(signed_office.chain, None, known)
    assert len(calls) == 2


def test_a_forged_version_is_not_known(signed_office: SignedOffice) -> None:
    known = list(signed_office.chain)
    forged = signed_office.countersign(signed_office.trust_document(), ())
    with pytest.raises(Refused, match="signed by 0"):
        TrustChain.check([*signed_office.chain, forged], None, known)
