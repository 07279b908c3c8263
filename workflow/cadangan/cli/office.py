"""`cadangan init`, `doctor` and `office`: a new office, what it still lacks, and one that was lost."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cadangan.cli.session import Session
from cadangan.errors import EXIT_FAILED, WorkFailed

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.execution.control_host import Check
    from cadangan.execution.recovery import Recovered, SetsTaken

app = typer.Typer(no_args_is_help=True, help="An office as a whole.")


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


@app.command()
def recover(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder for the office.")],
    place: Annotated[
        str, typer.Option("--from", metavar="REPOSITORY", help="The repository: its folder, or ssh://ADDRESS[:PORT].")
    ],
    identity: Annotated[
        Path, typer.Option("--identity", metavar="FILE", help="Age identity of somebody who can open backup sets.")
    ],
    office_id: Annotated[
        str | None, typer.Option("--id", help="Which office, if the repository keeps the journals of several.")
    ] = None,
    copy: Annotated[
        str | None,
        typer.Option("--copy", metavar="NAME", help="Take this copy, not the newest.", show_default="the newest"),
    ] = None,
    pin: Annotated[
        str | None, typer.Option("--pin", help="Digest of trust serial 1, from a printed report or a server.")
    ] = None,
    head: Annotated[
        str | None, typer.Option("--head", help="A journal head from a printed report: the copy must hold it.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="For ssh://: the operator's private key.")
    ] = None,
    host_key: Annotated[
        str | None, typer.Option("--host-key", help="For ssh://: the repository host's public ed25519 key.")
    ] = None,
) -> None:
    """Make a lost office anew on an empty control host, from the repository and the key of one holder."""
    from cadangan.execution.recovery import choose, recover_office, take_sets
    from cadangan.execution.repositories import repository_at
    from cadangan.execution.set_keys import unlocked

    session: Session = context.obj
    with (
        repository_at(place, key, host_key) as repository,
        unlocked(identity) as usable,
        session.progress_console.status("Opening the copy of the journal"),
    ):
        assert usable
        chosen = choose(repository, office_id, copy)
        knowingly = copy is not None
        recovered = recover_office(directory, repository, chosen, usable, pin=pin, head=head, knowingly=knowingly)
        sets = take_sets(directory, repository, recovered)
    session.show(
        recovered.as_data() | {"sets": asdict(sets)},
        lambda console: _print_recovered(console, directory, recovered, sets),
    )
    if sets.faults:
        raise WorkFailed(
            "\n".join(f"{set_id}: {fault}" for set_id, fault in sets.faults.items()),
            advice="The office is there, without these sets. Look for other copies of them.",
        )


def _print_recovered(console: Console, directory: Path, recovered: Recovered, sets: SetsTaken) -> None:
    console.print(
        f"The office {recovered.sent.office} is in {directory}, from the copy {recovered.sent.name}:\n"
        f"journal  {recovered.head}: compare it with the newest printed report\n"
        f"trust    {recovered.trust}: must be on every report and server of this office\n"
        f"sets     {sets.taken} of the repository"
    )
    for title, names in (
        ("Made after this copy of the journal, genuine by their server's signature:", sets.newer),
        ("Known to the journal, but not in the repository:", sets.missing),
        ("Other copies, whose end this journal does not know:", recovered.unknown_copies),
    ):
        if names:
            console.print("\n  ".join([title, *names]))
    console.print(f"Read its inventory before you run anything. Then: cadangan --office {directory} set verify")


def _as_data(check: Check) -> dict[str, object]:
    mend = {} if check.ok else {"mend": check.mend}
    return {"what": check.what, "ok": check.ok, "found": check.found} | mend


def _print(console: Console, checks: list[Check], missing: int) -> None:
    for check in checks:
        console.print(f"{'ok     ' if check.ok else 'MISSING'}  {check.what}: {check.found}")
        if not check.ok:
            console.print(f"         mend it: {check.mend}")
    console.print(f"\n{missing} of {len(checks)} need mending." if missing else "\nNothing is missing.")
