"""`cadangan hold`: what must not be disposed of, and why."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.session import Session

if TYPE_CHECKING:
    from cadangan.evidence.holds import Hold

app = typer.Typer(no_args_is_help=True, help="Holds: backup sets that must not be disposed of, and why.")

Officer = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who says so, by the id in officials.yml.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the journal and on lists.")]


@app.command()
def add(
    context: typer.Context,
    scope: Annotated[
        str,
        typer.Argument(
            metavar="SCOPE", help="A set's id, or how ids begin: AGENCY, AGENCY/ASSET … AGENCY/ASSET/ENGINE/DATABASE."
        ),
    ],
    reason: Reason,
    person: Officer,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Its last day.", show_default="until released")
    ] = None,
) -> None:
    """Hold sets, those that will be made included."""
    from cadangan.evidence.holds import place_hold

    session: Session = context.obj
    session.office.officials.get(person)
    _check_scope(session, scope)
    hold = place_hold(session.journal, scope, reason, person, _day(until) if until else None)
    session.show(_row(hold), lambda console: console.print(f"Hold {hold.number} on {scope}."))


@app.command("list")
def list_holds(context: typer.Context) -> None:
    """List the holds that were not released."""
    from cadangan.evidence.holds import standing_holds

    session: Session = context.obj
    rows = [_row(hold) for hold in standing_holds(session.journal)]

    def text(console: Any) -> None:
        for row in rows:
            until = f"until {row['until']}" if row["until"] else "until released"
            console.print(f"{row['hold']:>6}  {row['scope']}  {until}  by {row['person']}: {row['reason']}")
        if not rows:
            console.print("Nothing is held.")

    session.show({"holds": rows}, text)


@app.command()
def release(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The hold's number, as `hold list` shows it.")],
    reason: Reason,
    person: Officer,
) -> None:
    """End a hold."""
    from cadangan.evidence.holds import release_hold

    session: Session = context.obj
    session.office.officials.get(person)
    hold = release_hold(session.journal, number, reason, person)
    session.show(_row(hold), lambda console: console.print(f"Hold {number} on {hold.scope} is released."))


def _row(hold: Hold) -> dict[str, Any]:
    return {
        "hold": hold.number,
        "scope": hold.scope,
        "reason": hold.reason,
        "person": hold.person,
        "at": hold.at,
        "until": hold.until,
    }


def _check_scope(session: Session, scope: str) -> None:
    """`BadInput` unless there is a set that it covers: a hold on a mistyped name would hold nothing."""
    from cadangan.errors import BadInput
    from cadangan.evidence.set_history import set_records

    present = [record.id for record in set_records(session.journal).values() if not record.disposed_in]
    if not any(f"{set_id}/".startswith(f"{scope}/") for set_id in present):
        raise BadInput(f"{scope!a} covers no backup set", advice="See their ids with: cadangan set list --all")


def _day(text: str) -> date:
    from cadangan.errors import BadInput

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!a} is not a date", where="--until", advice="Write it as 2026-12-31.") from None
