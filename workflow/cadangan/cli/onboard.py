"""`cadangan onboard`: make registered servers ready for work."""

from __future__ import annotations

from typing import Annotated

import typer

from cadangan.cli.sending import send_and_tell
from cadangan.cli.session import Session
from cadangan.errors import BadInput, WorkFailed


def onboard(
    context: typer.Context,
    assets: Annotated[
        list[str] | None, typer.Argument(metavar="[ASSET]...", help="Hosts in the register.", show_default="all")
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Give the servers named another key; what the old one signed stays valid.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say what would change.")] = False,
) -> None:
    """Make registered servers ready: tools, pinned trust, identity, ledger, repository.

    The repository host takes part, since it lets new servers in. Running it again changes nothing.
    """
    from cadangan.execution.runner import run_playbook

    session: Session = context.obj
    if new_key and not assets:
        raise BadInput("a new key is made for servers that are named", advice="cadangan onboard --new-key ASSET")
    register = session.office.register
    named = [register.asset(name).host for name in assets or []]
    wanted = named[:] or [asset.host for asset in register.assets() if asset.status == "in_operation"]
    keeper = session.office.repository_host()
    if keeper is not None and keeper.host not in wanted:
        wanted.append(keeper.host)
    with session.progress_console.status(f"Making ready: {', '.join(wanted)}"):
        run = run_playbook(
            "onboard",
            inventory=session.office.inventory,
            office=session.office.root,
            limit=",".join([*wanted, "localhost"]),
            extra_vars={"new_key": ",".join(named)} if new_key else {},
            check=check,
        )
    if not check:
        send_and_tell(session)
    missing = [name for name in wanted if name not in run.results and name not in run.failures]
    failures = run.failures | dict.fromkeys(missing, "the host did not report")
    session.show(
        {"ready": sorted(set(wanted) - failures.keys()), "failed": failures},
        lambda console: console.print(
            "\n".join(f"{name}: {failures.get(name, 'would be ready' if check else 'ready')}" for name in wanted)
        ),
    )
    if failures or not run.succeeded:
        raise WorkFailed("not every server is ready", advice="Mend what is named above, and run it again.")
