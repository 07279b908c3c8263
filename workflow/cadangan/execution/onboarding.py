"""Making servers ready: what they are given, and what the journal keeps of it."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import host_of

from cadangan.errors import Missing
from cadangan.evidence.assets import known_ledgers, onboarded, repository_contacts
from cadangan.evidence.journal import Journal
from cadangan.evidence.trust_store import trust_chain
from cadangan.procedure.case import Entry
from cadangan.register.office import Office


def trust_for_targets(office: Office, journal: Journal) -> dict[str, Any]:
    """For targets: the office, its journal's id, the trust chain, where sets are kept, and each asset's ledger.

    `folder` is where sets are kept if that is a folder, otherwise empty; `repository_host` is then the name of the
    host that keeps them, and `repositories` says how it is reached, once it was made ready.
    """
    chain = trust_chain(journal)
    if not chain:
        raise Missing(
            "the office has no signed trust document yet",
            advice="compile and sign it: cadangan trust compile, then cadangan trust sign --as TRUSTEE",
        )
    place = json.loads(chain[-1]["text"])["policy"]["repository"]
    host = host_of(place)
    contact = repository_contacts(journal).get(host or "")
    return {
        "office": office.id,
        "journal": journal.id,
        "chain": chain,
        "folder": "" if host else place,
        "repository_host": host or "",
        "repositories": [contact] if contact else [],
        "ledgers": known_ledgers(journal),
    }


def write_onboarded(journal: Journal, asset: str, identity: dict[str, Any]) -> bool:
    """Keep an asset's key and ledger in the journal; False if it knows exactly these already."""
    entry: Entry = {
        "type": "onboarded",
        "asset": asset,
        "ledger": identity["ledger"],
        "last": identity["last"],
        "key": identity["public_key"],
        "trust": identity["trust_serial"],
    }
    known = onboarded(journal).get(asset)
    same = ("ledger", "key", "trust")
    if known is not None and all(known[key] == entry[key] for key in same):
        return False
    journal.append(entry)
    return True
