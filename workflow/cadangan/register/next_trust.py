"""The trust version that an office's files ask for, beside the one in force."""

from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.procedure.trust_document import compile_trust
from cadangan.procedure.trust_statements import differences
from cadangan.register.office import Office

TrustDocument = dict[str, Any]


def next_version(
    office: Office, journal_id: str, newest: TrustChain | None, at: str, restart: bool = False
) -> TrustDocument:
    """What the files say now, as the version after `newest` or as a new serial 1.

    Raises `BadInput` if the files do not suffice, or the policy's repository is none of the register.
    """
    office.repository_host()
    first = newest is None or restart
    return compile_trust(
        office.id,
        journal_id,
        office.officials,
        office.policy,
        1 if newest is None or first else newest.newest["serial"] + 1,
        "" if newest is None or first else newest.newest_digest,
        at,
        office.zone,
    )


def changes(newest: TrustChain | None, document: TrustDocument) -> list[str]:
    """What `document` says otherwise than the version in force, one line each."""
    return differences(newest.newest if newest else None, document)
