"""`cadangan register`: the servers of the office, as the asset register has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli import (
    register_add,
    register_check,
    register_export,
    register_import,
    register_reconcile,
    register_review,
    register_status,
)
from cadangan.cli.session import Session

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.register.asset import Asset

app = typer.Typer(no_args_is_help=True, help="The asset register: which servers there are, and whether it is right.")

app.command()(register_add.add)
app.command()(register_check.check)
app.command()(register_reconcile.reconcile)
app.command()(register_status.status)
app.add_typer(register_review.app, name="review")
app.command("import")(register_import.import_spreadsheet)
app.command("export")(register_export.export_spreadsheet)


@app.command()
def schema() -> None:
    """Print the JSON Schema of an inventory with the asset register, for editors and other tools."""
    from cadangan.register.schema import inventory_schema

    typer.echo(json.dumps(inventory_schema(), ensure_ascii=False, indent=2))


@app.command("list")
def list_assets(
    context: typer.Context,
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status", help="Only servers that are planned, in_operation, maintenance or retired.", show_default="all"
        ),
    ] = None,
    agency: Annotated[
        list[str] | None, typer.Option("--agency", help="Only servers of this agency.", show_default="all")
    ] = None,
) -> None:
    """List the registered servers with what is on them."""
    from typing import get_args

    from cadangan.register.asset import Status

    session: Session = context.obj
    statuses = _chosen("status", status, get_args(Status))
    agencies = _chosen("agency", agency, session.office.settings.agencies)
    assets = [
        asset for asset in session.office.register.assets() if asset.status in statuses and asset.agency in agencies
    ]
    session.show({"assets": [_as_data(asset) for asset in assets]}, lambda console: _print_list(console, assets))


@app.command()
def show(
    context: typer.Context, host: Annotated[str, typer.Argument(help="Name of the server in the inventory.")]
) -> None:
    """Show all that the register has of one server, and what its reviews decided."""
    from cadangan.evidence.reviews import review_history

    session: Session = context.obj
    asset = session.office.register.asset(host)
    reviews = [
        {"review": review, "closed_at": at, **decided.to_json(), "person": decided.person}
        for review, at, decided in review_history(session.journal, host)
    ]
    session.show({**_as_data(asset), "reviews": reviews}, lambda console: _print_asset(console, asset, reviews))


def _chosen(what: str, asked: list[str] | None, known: Any) -> set[str]:
    """What was asked for, or all; `BadInput` with the nearest one at something unknown."""
    from cadangan.errors import BadInput
    from cadangan.procedure.names import did_you_mean

    for each in asked or ():
        if each not in known:
            raise BadInput(f"there is no {what} {each!r}", advice=did_you_mean(each, known))
    return set(asked or known)


def _as_data(asset: Asset) -> dict[str, Any]:
    return {"host": asset.host, **asset.as_written()}


def _print_list(console: Console, assets: list[Asset]) -> None:
    from cadangan.procedure.names import printable

    lines = []
    for asset in assets:
        lines.append(f"{asset.host:20}  {asset.status:12}  {asset.agency:16}  {asset.number}  {asset.name}")
        lines += [f"{'':20}  {printable(database.label)}" for database in asset.databases]
    console.print("\n".join([*lines, f"{len(assets)} server{'' if len(assets) == 1 else 's'}"]))


def _print_asset(console: Console, asset: Asset, reviews: list[dict[str, str]]) -> None:
    from cadangan.procedure.names import printable
    from cadangan.register import yaml_writing

    lines = yaml_writing.lines({asset.host: asset.as_written()}, 2)
    lines += ["", "Reviews" if reviews else "Never reviewed"]
    for each in reviews:
        note = f" ({each['note']})" if each["note"] else ""
        task = f", {each['by_whom']} until {each['until']}" if each["by_whom"] else ""
        lines.append(f"  {each['closed_at']}  {each['review']}  {each['verdict']}{note}{task}, by {each['person']}")
    console.print("\n".join(map(printable, lines)))
