"""Reconciling the register with reality: the servers are asked, and the result is kept and written to the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.evidence.journal import Entry, Journal
from cadangan.evidence.verification import Progress
from cadangan.execution.asset_facts import ask_servers
from cadangan.procedure import moment
from cadangan.register.asset import Asset
from cadangan.register.comparison import results
from cadangan.register.facts import Facts
from cadangan.register.last_facts import KnownFacts, LastFacts
from cadangan.register.office import Office
from cadangan.register.reconcile import Reconciliation
from cadangan.register.reconciliations import Reconciliations


def reconcile(
    office: Office, journal: Journal, assets: Sequence[Asset], progress: Progress | None = None
) -> tuple[Reconciliation, Path]:
    """Compare entries of the register with their servers; the result, and the file in which it is kept."""
    at = moment.now()
    last_facts = LastFacts(office.facts_dir)
    known = {asset.host: facts for asset in assets if (facts := last_facts.of(asset.host))}
    answers = ask_servers([asset.host for asset in assets], [office.inventory], office.root, progress)
    for host, answer in answers.items():
        if isinstance(answer, Facts):
            last_facts.keep(host, KnownFacts(at=at, facts=answer))
    compared, unregistered = results(assets, answers, known)
    reconciliation = Reconciliation(at, compared, unregistered)
    file = Reconciliations(office.reconcile_dir).keep(reconciliation)
    journal.append(_entry(reconciliation))
    return reconciliation, file


def _entry(reconciliation: Reconciliation) -> Entry:
    """What the journal has of it: how many of each, and the digest of the whole."""
    states = Counter(asset.state for asset in reconciliation.assets)
    return {
        "type": "reconciled",
        "result": canonical.digest(reconciliation.to_bytes()),
        "fits": states["fits"],
        "differs": states["differs"],
        "unreachable": states["unreachable"],
        "unseen": sum(bool(asset.unseen) for asset in reconciliation.assets),
        "unregistered_databases": len(reconciliation.unregistered_databases),
        "unregistered_hosts": len(reconciliation.unregistered_hosts),
        "missing_in_source": len(reconciliation.missing_in_source),
    }
