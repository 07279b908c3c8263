"""Making servers ready: what they are given, and what the journal keeps of it."""

from __future__ import annotations

import json
from typing import Any

from cadangan.errors import Missing
from cadangan.evidence.assets import known_ledgers, onboarded
from cadangan.evidence.journal import Journal
from cadangan.evidence.trust_store import trust_chain
from cadangan.procedure.case import Entry
from cadangan.register.office import Office


def trust_for_targets(office: Office, journal: Journal) -> dict[str, Any]:
    """For targets: the office, its journal's id, the trust chain, where sets are kept, and each asset's ledger."""
    chain = trust_chain(journal)
    if not chain:
        raise Missing(
            "the office has no signed trust document yet",
            advice="compile and sign it: cadangan trust compile, then cadangan trust sign --as TRUSTEE",
        )
    newest = json.loads(chain[-1]["text"])
    return {
        "office": office.id,
        "journal": journal.id,
        "chain": chain,
        "repository": newest["policy"]["repository"],
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
