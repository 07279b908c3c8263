"""`cadangan set`: the backup sets that were made, and whether they are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.session import Session
from cadangan.errors import WorkFailed

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    no_args_is_help=True, help="The backup sets: which there are, what is in them, whether they are whole."
)

SetId = Annotated[str, typer.Argument(metavar="SET", help="Id of the set, as `set list` shows it.")]


@app.command("list")
def list_sets(context: typer.Context) -> None:
    """List the sets that the office made, the newest first."""
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.set_history import disposed_sets

    session: Session = context.obj
    disposed = disposed_sets(session.journal)
    rows = [_row(kept) for kept in Catalogue(session.office.sets_dir).sets() if kept.id not in disposed]
    rows.sort(key=lambda row: row["snapshot_at"], reverse=True)
    session.show({"sets": rows}, lambda console: _print_sets(console, rows))


@app.command()
def show(context: typer.Context, set_id: SetId) -> None:
    """Show what the manifest of a set says."""
    from cadangan.evidence.catalogue import Catalogue

    session: Session = context.obj
    kept = Catalogue(session.office.sets_dir).get(set_id)
    session.show({"digest": kept.digest, "manifest": kept.manifest}, lambda console: _print_manifest(console, kept))


@app.command()
def verify(
    context: typer.Context,
    set_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[SET]...", help="Ids of sets.", show_default="all sets")
    ] = None,
    repository: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="A folder of this machine, or ssh:// and a repository host.",
            show_default="as in the policy",
        ),
    ] = None,
) -> None:
    """Read sets back from the repository: every byte of every part, the manifest, and the asset's signature."""
    from cadangan.cli.deciding import trust_of
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.set_check import check_set
    from cadangan.evidence.set_history import disposed_sets
    from cadangan.execution.repositories import reached_repository

    session: Session = context.obj
    place = repository or trust_of(session).newest["policy"]["repository"]
    catalogue = Catalogue(session.office.sets_dir)
    disposed = disposed_sets(session.journal)
    wanted = set_ids or sorted(kept.id for kept in catalogue.sets() if kept.id not in disposed)
    faults = {}
    with reached_repository(session.office, session.journal, place) as reached:
        for set_id in wanted:
            found = check_set(session.journal, catalogue, reached, set_id)
            if found:
                faults[set_id] = found
            session.progress_console.print(f"{'damaged' if found else 'whole  '}  {set_id}")
    session.show(
        {"checked": len(wanted), "faults": faults},
        lambda console: console.print(f"{len(wanted)} sets checked, {len(faults)} damaged."),
    )
    if faults:
        lines = [f"{set_id}: {fault}" for set_id, found in faults.items() for fault in found]
        raise WorkFailed(
            "\n".join(lines), advice="Do not restore from a damaged set; make a new backup, and look after the disk."
        )


def _row(kept: Any) -> dict[str, Any]:
    manifest = kept.manifest
    return {
        "set": kept.id,
        "snapshot_at": manifest["snapshot_at"],
        "bytes": sum(part["bytes"] for part in manifest["parts"]),
        "drilled": manifest["drilled"],
        "case": manifest["case"],
    }


def _print_sets(console: Console, rows: list[dict[str, Any]]) -> None:
    from cadangan.execution.live import size

    if not rows:
        console.print("There is no backup set yet.")
    for row in rows:
        proven = "restored once" if row["drilled"] else "not yet restored"
        console.print(f"{row['snapshot_at']}  {size(row['bytes']):>9}  {proven:16}  {row['set']}")


def _print_manifest(console: Console, kept: Any) -> None:
    from cadangan.execution.live import size

    manifest = kept.manifest
    console.print(f"{kept.id}\nmanifest {kept.digest}")
    for name in ("engine", "database", "asset", "agency", "case", "snapshot_at", "finished_at", "recipient"):
        console.print(f"{name:12} {manifest[name]}")
    for each in manifest["versions"]:
        console.print(f"{each['name']:12} {each['value']}")
    for each in manifest["position"]:
        console.print(f"{each['name']:12} {each['value']}")
    for part in manifest["parts"]:
        plain = size(part["plain_bytes"])
        console.print(f"part {part['name']:7} {size(part['bytes'])} ({plain} plain)  sha256 {part['sha256']}")
    console.print(f"proof        {len(manifest['proof'])} facts, {'' if manifest['drilled'] else 'not '}drilled")
