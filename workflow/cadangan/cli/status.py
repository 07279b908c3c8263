"""`cadangan status`: the state of the office on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from cadangan.cli.session import Session

if TYPE_CHECKING:
    from rich.console import Console


def status(context: typer.Context) -> None:
    """Show the state of the office: trust, journal, cases that wait, and how each registered database is protected."""
    from cadangan.evidence.cases import list_summaries
    from cadangan.evidence.trust_store import trust_chain
    from cadangan.register.set_overview import registered_databases

    session: Session = context.obj
    office, journal = session.office, session.journal
    waiting = [row for row in list_summaries(journal) if row["next"] or row["status"] == "running"]
    databases = [
        {
            "asset": row.place.asset,
            "database": row.place.label,
            "newest_backup": row.newest.snapshot_at if row.newest else None,
            "newest_proven": row.newest_proven.snapshot_at if row.newest_proven else None,
        }
        for row in registered_databases(office, journal)
    ]
    state = {
        "office": office.id,
        "name": office.name,
        "trust_serial": len(trust_chain(journal)),
        "journal": str(journal.head()),
        "waiting": sorted(waiting, key=lambda row: row["since"]),
        "databases": databases,
    }
    session.show(state, lambda console: _print(console, state))


def _print(console: Console, state: dict[str, Any]) -> None:
    trust = f"version {state['trust_serial']}" if state["trust_serial"] else "not signed yet: cadangan trust compile"
    console.print(f"{state['name']} ({state['office']})\ntrust    {trust}\njournal  {state['journal']}")
    console.print(f"\nCases that wait: {len(state['waiting'])}")
    for row in state["waiting"]:
        console.print(f"  {row['case']}  since {row['since']}  {row['next'] or 'running'}  {'/'.join(row['by'])}")
    console.print("\nDatabases")
    for row in state["databases"]:
        console.print(f"  {_protection(row):36}  {row['asset']}  {row['database']}")


def _protection(row: dict[str, Any]) -> str:
    if row["newest_backup"] is None:
        return "NO BACKUP"
    if row["newest_proven"] is None:
        return f"backup {row['newest_backup']}, NEVER RESTORED"
    return f"proven {row['newest_proven']}"
