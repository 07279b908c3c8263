"""The trust chain as the journal keeps it."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.errors import Missing
from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Entry, Reader

Bundle = dict[str, Any]


def trust_chain(journal: Reader) -> list[Bundle]:
    """The countersigned texts from the last serial 1 on; empty if no trust was signed yet. Not checked."""
    entries = trust_entries(journal)
    starts = [number for number, entry in enumerate(entries) if entry["serial"] == 1]
    current = entries[starts[-1] :] if starts else entries
    return [canonical.loads(entry["bundle"].encode("ascii")) for entry in current]


def trust_entries(journal: Reader) -> list[Entry]:
    """Every `trust` entry of the journal, in order; a second one of serial 1 is a new root."""
    return list(entries_of(journal, "trust"))


def trust_pin(journal: Reader) -> str | None:
    """The digest of serial 1, which targets pin; None if no trust was signed yet."""
    chain = trust_chain(journal)
    return canonical.digest(chain[0]["text"].encode("ascii")) if chain else None


def newest_trust(journal: Reader, pinned: str | None = None) -> TrustChain:
    """The checked chain; `Missing` if no trust was signed yet, `Refused` if a rule is broken in it.

    `pinned` is the digest that serial 1 must have, where it is known from elsewhere.
    """
    chain = trust_chain(journal)
    if not chain:
        raise Missing(
            "the office has no signed trust document yet",
            advice="Make it with `cadangan trust compile`, then `cadangan trust sign --as TRUSTEE`.",
        )
    return TrustChain.check(chain, pinned)


def trust_entry(view: Reader, bundle: Bundle) -> Entry:
    """The journal entry that puts a countersigned version in force; `Refused` if it may not be."""
    document = json.loads(bundle["text"])
    if document["journal"] != view.id:
        raise Refused("this trust document is for another journal", advice="Compile it again: cadangan trust compile")
    chain = [] if document["serial"] == 1 else trust_chain(view)
    TrustChain.check([*chain, bundle], None, known=chain)
    return {
        "type": "trust",
        "serial": document["serial"],
        "digest": canonical.digest(bundle["text"].encode("ascii")),
        "bundle": canonical.dumps(bundle).decode("ascii"),
    }
