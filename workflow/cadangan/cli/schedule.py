"""`cadangan schedule`: agree with the agency when the work is done (step 3)."""

from __future__ import annotations

from typing import Annotated

import typer

from cadangan.cli.deciding import Apart, CaseId, Key, Note, Person, Yes
from cadangan.cli.session import Session

app = typer.Typer(no_args_is_help=True, help="Step 3: agree on the schedule with the agency.")


@app.command()
def propose(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Begin, in office time: '2026-11-25 19:00'.")],
    end: Annotated[str, typer.Option("--until", metavar="TIME", help="End, in office time.")],
) -> None:
    """Propose the window in which the work is carried out (seksi or personil)."""
    from cadangan.cli.deciding import say_where_it_stands, trust_of
    from cadangan.evidence.decisions import propose as write_proposal
    from cadangan.procedure.moment import read_local

    session: Session = context.obj
    zone = session.office.zone
    window = {"from": read_local(start, zone), "until": read_local(end, zone)}
    say_where_it_stands(session, write_proposal(session.journal, case_id, window, person, trust_of(session)))


@app.command()
def agree(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    note: Note = "",
    key: Key = None,
    apart: Apart = None,
    yes: Yes = False,
) -> None:
    """Agree to the proposed window and, for a restore, to the age of the data (opd)."""
    from cadangan.cli.deciding import decide, load
    from cadangan.evidence.decisions import Intent

    session: Session = context.obj
    decide(session, load(session, case_id), Intent("agree", "agree", person, note), key, apart, yes)


@app.command()
def decline(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    note: Annotated[str, typer.Option("--note", help="Why, and when it would suit.")],
    key: Key = None,
    apart: Apart = None,
    yes: Yes = False,
) -> None:
    """Decline the proposed window; another one is proposed then (opd)."""
    from cadangan.cli.deciding import decide, load
    from cadangan.evidence.decisions import Intent

    session: Session = context.obj
    decide(session, load(session, case_id), Intent("agree", "decline", person, note), key, apart, yes)
