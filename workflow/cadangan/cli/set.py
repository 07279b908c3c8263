"""`cadangan set`: the backup sets that were made, and whether they are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cadangan.cli.session import Session
from cadangan.cli.set_copy import copy
from cadangan.cli.set_import import import_sets
from cadangan.cli.set_list import list_sets, set_row
from cadangan.cli.set_verify import verify

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.evidence.catalogue import KeptSet
    from cadangan.evidence.set_history import SetRecord

app = typer.Typer(
    no_args_is_help=True, help="The backup sets: which there are, what is in them, whether they are whole."
)

app.command("list")(list_sets)


@app.command()
def show(
    context: typer.Context,
    set_id: Annotated[str, typer.Argument(metavar="SET", help="Id of the set, as `set list --all` shows it.")],
) -> None:
    """Show what the manifest of a set says, where the set is, and when it was proven and read back."""
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.set_history import set_records

    session: Session = context.obj
    catalogue = Catalogue(session.office.sets_dir)
    kept = catalogue.get(set_id)
    record = set_records(session.journal, catalogue)[set_id]
    session.show(
        {**set_row(record), "digest": kept.digest, "manifest": kept.manifest},
        lambda console: _print_set(console, kept, record),
    )


app.command()(verify)
app.command()(copy)
app.command("import")(import_sets)


def _print_set(console: Console, kept: KeptSet, record: SetRecord) -> None:
    from cadangan.procedure.amounts import size

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
    console.print(f"repository   {record.home or 'not known'}")
    for copy_ in record.copies:
        console.print(f"copy         {copy_.at}  {copy_.place}{f' ({copy_.label})' if copy_.label else ''}")
    console.print(f"proven       {record.proven_at or 'never'}")
    for place, check in sorted(record.verified.items()):
        console.print(f"read back    {check.at}  {place}: {check.fault or 'whole'}")
    if record.disposed_in:
        console.print(f"disposed of  by case {record.disposed_in}")
