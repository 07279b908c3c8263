"""The trust document: what the files say, compiled exactly as FORMATS has it, and the gate takes it."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust_document import read_trust_document
from cadangan.errors import BadInput
from cadangan.procedure.officials import Officials
from cadangan.procedure.policy import Policy
from cadangan.procedure.trust_document import compile_trust
from cadangan.procedure.trust_statements import differences, statements
from support.signed_office import RECIPIENTS, Keyring

AT = "2026-11-25T02:06:37Z"
ZONE = ZoneInfo("Asia/Jakarta")
ALL_YEAR = {"from": date(2026, 1, 1), "until": date(2026, 12, 31)}


def people(keyring: Keyring, **changes: dict[str, Any]) -> Officials:
    """Two trustees and an executor; `changes` replaces fields of a person."""
    persons: dict[str, dict[str, Any]] = {
        "tuti": {"name": "Tuti", "position": "P", "trustee": True, "keys": [keyring.public["tuti"]]},
        "tri": {"name": "Tri", "position": "P", "nip": "1", "trustee": True, "keys": [keyring.public["tri"]]},
        "putra": {
            "name": "Putra",
            "position": "P",
            "phone": "0291",
            "email": "putra@contoh.example",
            "qualification": "S1",
            "keys": [keyring.public["putra"]],
            "roles": [{"role": "personil", **ALL_YEAR}],
        },
    }
    for person, fields in changes.items():
        persons[person] = persons[person] | fields
    return Officials.model_validate({"officials": persons})


def policy(**changes: Any) -> Policy:
    recipients = [{"holder": f"pemegang {number}", "key": key} for number, key in enumerate(RECIPIENTS)]
    return Policy.model_validate({"recipients": recipients} | changes)


def compiled(officials: Officials, **changes: Any) -> dict[str, Any]:
    return compile_trust("kudus", "j-1", officials, policy(**changes), 1, "", AT, ZONE)


def test_the_document_is_what_formats_says(keyring: Keyring) -> None:
    assert compiled(people(keyring)) == {
        "type": "trust",
        "office": "kudus",
        "journal": "j-1",
        "serial": 1,
        "before": "",
        "at": AT,
        "policy": {
            "trustees": 2,
            "recipients": [
                {"holder": "pemegang 0", "key": RECIPIENTS[0]},
                {"holder": "pemegang 1", "key": RECIPIENTS[1]},
            ],
            "repository": "/srv/cadangan",
        },
        "persons": [
            {
                "id": "putra",
                "trustee": False,
                "qualified": True,
                "keys": [keyring.public["putra"]],
                "roles": [
                    {
                        "role": "personil",
                        "agency": None,
                        "from": "2025-12-31T17:00:00Z",
                        "until": "2026-12-31T16:59:59Z",
                        "as": None,
                        "letter": None,
                    }
                ],
            },
            {"id": "tri", "trustee": True, "qualified": False, "keys": [keyring.public["tri"]], "roles": []},
            {"id": "tuti", "trustee": True, "qualified": False, "keys": [keyring.public["tuti"]], "roles": []},
        ],
    }


def test_the_gate_takes_the_document(keyring: Keyring) -> None:
    acting = {"role": "seksi", "as": "Plt.", "letter": "821.2/1", **ALL_YEAR}
    speaker = {"role": "opd", "agency": "disdik", **ALL_YEAR}
    document = compiled(people(keyring, tri={"roles": [acting, speaker]}))
    text = canonical.dumps(document).decode("ascii")
    assert read_trust_document(text, "test") == document


def test_no_personal_data_goes_in(keyring: Keyring) -> None:
    document = compiled(people(keyring))
    for person in document["persons"]:
        # Random letters can be anything.
        person["keys"] = []
    text = canonical.dumps(document).decode("ascii")
    for personal in ("Putra", "0291", "@contoh", "S1", "nip"):
        assert personal not in text


def test_an_executor_without_qualification_is_not_qualified(keyring: Keyring) -> None:
    document = compiled(people(keyring, putra={"qualification": None}))
    assert [person["qualified"] for person in document["persons"] if person["id"] == "putra"] == [False]


LACKING = {
    "one trustee": ({"tri": {"trustee": False}}, {}, "1 official(s) marked `trustee: true`"),
    "trustee without key": ({"tri": {"keys": []}}, {}, "trustee tri has no public key"),
    "no recipients": ({}, {"recipients": []}, "policy.recipients names 0"),
    "one recipient": ({}, {"recipients": [{"holder": "a", "key": RECIPIENTS[0]}]}, "policy.recipients names 1"),
}


@pytest.mark.parametrize(("persons", "rules", "says"), LACKING.values(), ids=LACKING)
def test_files_that_do_not_suffice_are_refused(
    keyring: Keyring, persons: dict[str, Any], rules: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput) as refused:
        compiled(people(keyring, **persons), **rules)
    assert says in str(refused.value)


def test_one_trustee_suffices_where_the_policy_says_so(keyring: Keyring) -> None:
    document = compiled(people(keyring, tri={"trustee": False}), trustees=1)
    assert document["policy"]["trustees"] == 1


@pytest.mark.parametrize("twice", ["holder", "key"])
def test_a_recipient_twice_is_refused(twice: str) -> None:
    recipients = [{"holder": str(number), "key": key} for number, key in enumerate(RECIPIENTS)]
    recipients[1][twice] = recipients[0][twice]
    with pytest.raises(ValueError, match=f"the {twice} .* is there twice"):
        policy(recipients=recipients)


def test_differences_name_what_changed_and_nothing_else(keyring: Keyring) -> None:
    old = compiled(people(keyring))
    new = compiled(people(keyring, putra={"qualification": None, "trustee": True}), repository="/mnt/cadangan")
    assert differences(old, new) == [
        "- policy: backup sets are kept in /srv/cadangan",
        "- putra: is qualified to execute",
        "+ policy: backup sets are kept in /mnt/cadangan",
        "+ putra: is a trustee",
    ]
    assert differences(old, old | {"serial": 2, "at": "2027-01-01T00:00:00Z"}) == []
    assert differences(None, old) == [f"+ {said}" for said in statements(old)]
