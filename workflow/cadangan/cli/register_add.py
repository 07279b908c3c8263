"""`cadangan register add`: put a server into the register, as it was found."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cadangan.cli.session import Session
from cadangan.errors import BadInput, WorkFailed

if TYPE_CHECKING:
    from cadangan.register.facts import Facts


def add(
    context: typer.Context,
    host: Annotated[str, typer.Argument(metavar="HOST", help="Its name in the inventory; it need not be there yet.")],
    number: Annotated[str, typer.Option("--number", help="Its number in the asset book.")],
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    agency: Annotated[str, typer.Option("--agency", metavar="AGENCY", help="The agency that owns it.")],
    address: Annotated[
        str | None, typer.Option("--address", help="Where Ansible reaches it.", show_default="by its name")
    ] = None,
    status: Annotated[
        Literal["planned", "in_operation", "maintenance"], typer.Option("--status", help="Where it is in its life.")
    ] = "planned",
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Since when.", show_default="today")
    ] = None,
    location: Annotated[str | None, typer.Option("--location", help="Where it stands.")] = None,
    application: Annotated[str | None, typer.Option("--application", help="The application that it serves.")] = None,
    ask: Annotated[
        bool, typer.Option("--ask/--do-not-ask", help="Ask the server what it is, or not: it may not be there yet.")
    ] = True,
    write: Annotated[bool, typer.Option("--write", help="Write the entry; without it, it is only shown.")] = False,
) -> None:
    """Propose an entry of the register as a diff: what the server says of itself, and what no machine knows.

    Complete it by hand afterwards: owner, administrator, category, objectives of the databases.
    """
    from cadangan.register.proposal import proposed_entry
    from cadangan.register.register_file import add_host

    session: Session = context.obj
    office = session.office
    office.agency(agency)
    for asset in office.register.assets():
        if asset.host == host:
            raise BadInput(
                f"server {host} is in the register already", advice=f"Does it fit? cadangan register reconcile {host}"
            )
        if asset.number == number:
            raise BadInput(f"{asset.host} has the asset number {number} already", advice="Each server has its own.")
    facts = _ask(session, host, address) if ask else None
    day = since.date() if since else datetime.now(office.zone).date()
    given: dict[str, Any] = {"number": number, "name": name, "status": status, "life": {status: day}, "agency": agency}
    entry, left_out = proposed_entry(host, given | {"application": application, "location": location}, facts)
    variables: dict[str, Any] = {"ansible_host": address} if address else {}
    change = add_host(office.inventory, host, variables | {"cadangan_asset": entry})
    if write:
        change.write()
    ending = f"Written to {change.path}." if write else "Nothing was changed. Write it with: --write"
    told = "".join(f"not proposed: {each}\n" for each in left_out)
    session.show(
        {"host": host, "file": str(change.path), "diff": change.diff(), "left_out": left_out, "written": write},
        lambda console: console.print(f"{change.diff()}{told}{ending}"),
    )


def _ask(session: Session, host: str, address: str | None) -> Facts:
    from cadangan.execution.asset_facts import ask_new_server

    with session.progress_console.status(f"Asking {host}"):
        answer = ask_new_server(host, address, session.office.inventory, session.office.root)
    if isinstance(answer, str):
        raise WorkFailed(
            f"{host} can not be asked: {answer}",
            advice="Mend that, or propose an entry without its facts: --do-not-ask",
        )
    return answer
