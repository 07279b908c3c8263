"""The trust document: who may sign what, compiled from the officials and the policy of an office."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from typing import Any

from cadangan.errors import BadInput
from cadangan.procedure import moment
from cadangan.procedure.officials import Official, Officials, Role
from cadangan.procedure.policy import FEWEST_RECIPIENTS, Policy


def compile_trust(
    office_id: str,
    journal_id: str,
    officials: Officials,
    policy: Policy,
    serial: int,
    before: str,
    at: str,
    zone: tzinfo,
) -> dict[str, Any]:
    """The next trust document (FORMATS, "Trust"), to be signed by the trustees of the one before it.

    `before` is the digest of version `serial - 1`, empty for serial 1; `zone` says when the day of a role
    begins and ends. No personal data goes in: persons are ids. Raises `BadInput` if the files do not suffice.
    """
    found = lacks(officials, policy)
    if found:
        raise BadInput("\n".join(found))
    return {
        "type": "trust",
        "office": office_id,
        "journal": journal_id,
        "serial": serial,
        "before": before,
        "at": at,
        "policy": {
            "trustees": policy.trustees,
            "recipients": [{"holder": each.holder, "key": each.key} for each in policy.recipients],
            "repository": policy.repository,
        },
        "persons": [_person(official, zone) for official in sorted(officials, key=lambda each: each.id)],
    }


def lacks(officials: Officials, policy: Policy) -> list[str]:
    """What the files still lack for a trust document, one sentence each; empty if nothing."""
    found = []
    trustees = [official for official in officials if official.trustee]
    if len(trustees) < policy.trustees:
        found.append(
            f"officials.yml: {len(trustees)} official(s) marked `trustee: true`; "
            f"policy.trustees in office.yml asks for {policy.trustees}"
        )
    keyless = [official.id for official in trustees if not official.keys]
    if len(trustees) - len(keyless) < policy.trustees:
        found += [f"officials.yml: trustee {person} has no public key" for person in keyless]
    if len(policy.recipients) < FEWEST_RECIPIENTS:
        found.append(
            f"office.yml: policy.recipients names {len(policy.recipients)}; "
            "two at least must be able to open backup sets"
        )
    return found


def _person(official: Official, zone: tzinfo) -> dict[str, Any]:
    return {
        "id": official.id,
        "trustee": official.trustee,
        "qualified": official.qualification is not None,
        "roles": [_role(role, zone) for role in official.roles],
        "keys": list(official.keys),
    }


def _role(role: Role, zone: tzinfo) -> dict[str, Any]:
    return {
        "role": role.role,
        "agency": role.agency,
        "from": _moment(role.first_day, time.min, zone),
        "until": _moment(role.last_day, time(23, 59, 59), zone),
        "as": role.acting,
        "letter": role.letter,
    }


def _moment(day: date, clock: time, zone: tzinfo) -> str:
    return moment.stamp(datetime.combine(day, clock, zone))
