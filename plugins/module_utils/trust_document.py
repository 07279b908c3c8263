"""One version of the trust document: who may sign what, and the office's policy. No signatures here."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_host, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.age_recipient import is_recipient
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused


def _is_repository(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    is_path = value.startswith("/") and "\0" not in value and os.path.normpath(value) == value
    return is_path or repository_host.host_of(value) is not None


def _is_public_key(value: Any) -> bool:
    try:
        return isinstance(value, str) and sshsig.check_public_key(value) == value
    except sshsig.SignatureError:
        return False


_SHAPE = {
    "type": shape.constant("trust"),
    "office": shape.NAME,
    "journal": shape.LINE,
    "serial": shape.NUMBER,
    "before": shape.TEXT,
    "at": shape.TIME,
    "policy": {
        "trustees": shape.Rule("1 or 2", lambda value: shape.is_integer(value) and value in (1, 2)),
        "recipients": [{"holder": shape.LINE, "key": shape.Rule("an age public key", is_recipient)}],
        "repository": shape.Rule("an absolute path or ssh://NAME", _is_repository),
    },
    "persons": [
        {
            "id": shape.NAME,
            "trustee": shape.FLAG,
            "qualified": shape.FLAG,
            "roles": [
                {
                    "role": shape.one_of("opd", "bidang", "seksi", "personil"),
                    "agency": shape.nullable(shape.NAME),
                    "from": shape.TIME,
                    "until": shape.TIME,
                    "as": shape.nullable(shape.one_of("Plh.", "Plt.")),
                    "letter": shape.nullable(shape.TEXT),
                }
            ],
            "keys": [shape.Rule("a public key of an accepted type, without comment", _is_public_key)],
        }
    ],
}


def read_trust_document(text: str, where: str) -> dict[str, Any]:
    """The trust document in the canonical JSON `text`; `Refused` if it breaks a rule by itself."""
    document = shape.read(text, _SHAPE, where)
    persons = document["persons"]
    _check_unique([person["id"] for person in persons], f"{where}: a person is named twice")
    _check_unique(
        [key for person in persons for key in person["keys"]],
        f"{where}: a key stands twice",
        "No key is shared: its owner could sign as two persons.",
    )
    for person in persons:
        for role in person["roles"]:
            _check_role(role, f"{where}: {person['id']}")
    _check_policy(document["policy"], persons, where)
    return document


def _check_role(role: dict[str, Any], where: str) -> None:
    if (role["role"] == "opd") != (role["agency"] is not None):
        raise Refused(f"{where}: an agency belongs to the role opd, and to no other.", shape.RULE)
    if role["from"] > role["until"]:
        raise Refused(f"{where}: the role {role['role']} ends before it begins.", shape.RULE)


def _check_policy(policy: dict[str, Any], persons: list[dict[str, Any]], where: str) -> None:
    able = sum(1 for person in persons if person["trustee"] and person["keys"])
    if able < policy["trustees"]:
        raise Refused(
            f"{where} has {able} trustees with a key and needs {policy['trustees']}.",
            "The next trust version is signed by trustees of this one.",
            "Name more trustees in officials.yml.",
        )
    recipients = [recipient["key"] for recipient in policy["recipients"]]
    _check_unique(recipients, f"{where}: an age recipient stands twice")
    if len(recipients) < 2:
        raise Refused(
            f"{where} names {len(recipients)} recipient of backup sets.",
            "Two recipients at least can open a backup set.",
            "Name another one in office.yml, policy.recipients.",
        )


def _check_unique(values: list[str], reason: str, rule: str = shape.RULE) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise Refused(f"{reason}: {value}", rule)
        seen.add(value)
