"""`cadangan register reconcile`: whether the register fits reality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cadangan.cli.session import Session
from cadangan.errors import WorkFailed

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.register.reconcile import AssetResult, Reconciliation


def reconcile(
    context: typer.Context,
    hosts: Annotated[
        list[str] | None, typer.Argument(metavar="[HOST]...", help="Servers in the register.", show_default="all")
    ] = None,
) -> None:
    """Compare the register with the servers themselves, and look for what runs unregistered.

    For the whole register the independent sources of office.yml (register_sources) are asked, too.
    Changes nothing on any server, so no permit is needed. Ends with status 1 unless everything fits.
    """
    from cadangan.cli.progress import progress_bar
    from cadangan.execution.reconciling import reconcile as reconcile_assets

    session: Session = context.obj
    register = session.office.register
    assets = [register.asset(host) for host in dict.fromkeys(hosts or [])] or register.assets()
    sources = [] if hosts else session.office.settings.register_sources
    with progress_bar("Asking servers", len(assets)) as progress:
        found, file = reconcile_assets(session.office, session.journal, assets, sources, progress)
    session.show(
        {"file": str(file), "fits": found.is_right, "result": found.to_json()},
        lambda console: _print(console, found),
    )
    if not found.is_right:
        raise WorkFailed(
            "the register does not fit reality in all that was looked at",
            advice=f"Correct the register, or the server. What was found is kept in {file}.",
        )


def _print(console: Console, found: Reconciliation) -> None:
    for asset in found.assets:
        console.print(f"{asset.host}: {_state(asset)}")
        for difference in asset.differences:
            console.print(f"  {difference.field}: registered {difference.registered}, found {difference.found}")
        for unseen in asset.unseen:
            console.print(f"  {unseen.field}: could not be seen: {unseen.why}")
    for database in found.unregistered_databases:
        note = f" ({database.note})" if database.note else ""
        console.print(f"not registered on {database.host}: {database.label}{note}")
    for host in found.unregistered_hosts:
        address = f" ({host.address})" if host.address else ""
        console.print(f"host not registered: {host.name}{address}, known to {host.source}")
    for missing in found.missing_in_source:
        console.print(f"registered, but {missing.source} does not know it: {missing.host}")
    for source in found.failed_sources:
        console.print(f"source not read: {source}")


def _state(asset: AssetResult) -> str:
    if asset.state == "unreachable":
        known = f"last known at {asset.facts_at}" if asset.facts_at else "nothing was ever known of it"
        return f"unreachable: {asset.reason}; {known}"
    return f"{asset.state}: {asset.reason}" if asset.reason else asset.state
