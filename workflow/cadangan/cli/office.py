"""`cadangan init` and `cadangan doctor`: a new office, and what it still lacks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cadangan.cli.session import Session
from cadangan.errors import EXIT_FAILED

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.execution.control_host import Check


def init(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
) -> None:
    """Write a commented example office to begin with."""
    from cadangan.register.new_office import write_example_office

    session: Session = context.obj
    files = write_example_office(directory, date.today())
    session.show(
        {"office": str(directory), "files": [str(file) for file in files]},
        lambda console: console.print(
            f"An example office is in {directory}. Put your own names and servers into office.yml, officials.yml\n"
            f"and inventory/; its README.md says how to go on. What is missing: cadangan --office {directory} doctor"
        ),
    )


def doctor(
    context: typer.Context,
    targets: Annotated[bool, typer.Option("--targets", help="Look at the registered servers too.")] = False,
) -> None:
    """Say what is missing here and on the servers, with the command that mends it; exit status 1 if anything is."""
    from cadangan.execution.control_host import check_control_host
    from cadangan.execution.doctor import check_office

    session: Session = context.obj
    checks = [*check_control_host(), *check_office(session.office_dir, targets=targets)]
    missing = sum(not check.ok for check in checks)
    session.show(
        {"missing": missing, "checks": [_as_data(check) for check in checks]},
        lambda console: _print(console, checks, missing),
    )
    if missing:
        raise typer.Exit(EXIT_FAILED)


def _as_data(check: Check) -> dict[str, object]:
    mend = {} if check.ok else {"mend": check.mend}
    return {"what": check.what, "ok": check.ok, "found": check.found} | mend


def _print(console: Console, checks: list[Check], missing: int) -> None:
    for check in checks:
        console.print(f"{'ok     ' if check.ok else 'MISSING'}  {check.what}: {check.found}")
        if not check.ok:
            console.print(f"         mend it: {check.mend}")
    console.print(f"\n{missing} of {len(checks)} need mending." if missing else "\nNothing is missing.")
