"""Reconciling the register with reality: the servers are asked, and the result is kept and written to the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.errors import CadanganError
from cadangan.evidence.journal import Entry, Journal
from cadangan.evidence.verification import Progress
from cadangan.execution.asset_facts import ask_servers
from cadangan.execution.other_sources import hosts_of
from cadangan.procedure import moment
from cadangan.register.asset import Asset
from cadangan.register.comparison import results
from cadangan.register.facts import Facts
from cadangan.register.last_facts import KnownFacts, LastFacts
from cadangan.register.office import Office
from cadangan.register.other_sources import missing_in_source, unregistered_hosts
from cadangan.register.reconcile import MissingInSource, Reconciliation, UnregisteredHost
from cadangan.register.reconciliations import Reconciliations
from cadangan.register.register import written_assets
from cadangan.register.source import Source


def reconcile(
    office: Office,
    journal: Journal,
    assets: Sequence[Asset],
    sources: Sequence[Source] = (),
    progress: Progress | None = None,
) -> tuple[Reconciliation, Path]:
    """Compare entries of the register with their servers; the result, and the file in which it is kept.

    With `sources`, `assets` must be the whole register: what they know is compared with it.
    """
    at = moment.now()
    last_facts = LastFacts(office.facts_dir)
    known = {asset.host: facts for asset in assets if (facts := last_facts.of(asset.host))}
    answers = ask_servers([asset.host for asset in assets], [office.inventory], office.root, progress)
    for host, answer in answers.items():
        if isinstance(answer, Facts):
            known[host] = KnownFacts(at=at, facts=answer)
            last_facts.keep(host, known[host])
    compared, unregistered = results(assets, answers, known)
    reconciliation = Reconciliation(at, compared, unregistered, *_elsewhere(office, assets, sources, known))
    file = Reconciliations(office.reconcile_dir).keep(reconciliation)
    journal.append(_entry(reconciliation))
    return reconciliation, file


def _elsewhere(
    office: Office, assets: Sequence[Asset], sources: Sequence[Source], known: Mapping[str, KnownFacts]
) -> tuple[tuple[UnregisteredHost, ...], tuple[MissingInSource, ...], tuple[str, ...]]:
    """What the sources know otherwise than the register, and which of them could not be asked."""
    unregistered: list[UnregisteredHost] = []
    missing: list[MissingInSource] = []
    failed: list[str] = []
    addresses = _addresses(office, assets, known) if sources else {}
    for source in sources:
        try:
            hosts = hosts_of(source, office.root)
        except CadanganError as error:
            failed.append(f"{source.name}: {error}".replace("\n", " "))
            continue
        unregistered += unregistered_hosts(source, hosts, addresses)
        missing += missing_in_source(source, hosts, assets, addresses)
    return tuple(unregistered), tuple(missing), tuple(failed)


def _addresses(office: Office, assets: Sequence[Asset], known: Mapping[str, KnownFacts]) -> dict[str, set[str]]:
    """Every address by which each registered server is known to anybody."""
    reached = {
        written.host: [written.address]
        for written in written_assets(office.inventory)
        if isinstance(written.address, str)
    }
    return {
        asset.host: {
            *asset.addresses,
            *(known[asset.host].facts.addresses if asset.host in known else ()),
            *reached.get(asset.host, ()),
        }
        for asset in assets
    }


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
