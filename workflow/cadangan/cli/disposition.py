"""`cadangan disposition`: verify a request and pass it on (step 2)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cadangan.cli.deciding import Apart, CaseId, Key, Note, Person, Yes
from cadangan.cli.session import Session

app = typer.Typer(no_args_is_help=True, help="Step 2: verify a request and disposition it (bidang, then seksi).")


@app.command()
def accept(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    executors: Annotated[
        list[str] | None,
        typer.Option("--executor", metavar="PERSON", help="Who carries it out (seksi only; may be repeated)."),
    ] = None,
    note: Note = "",
    key: Key = None,
    apart: Apart = None,
    yes: Yes = False,
) -> None:
    """Accept the request; the section head also assigns who carries it out."""
    _decide(context, case_id, "accept", person, executors or [], note, key, apart, yes)


@app.command()
def reject(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    note: Annotated[str, typer.Option("--note", help="Why; the agency reads it.")],
    key: Key = None,
    apart: Apart = None,
    yes: Yes = False,
) -> None:
    """Reject the request, with the reason; the case is over then."""
    _decide(context, case_id, "reject", person, [], note, key, apart, yes)


def _decide(
    context: typer.Context,
    case_id: str,
    verdict: str,
    person: str,
    executors: list[str],
    note: str,
    key: Path | None,
    apart: Path | None,
    yes: bool,
) -> None:
    from cadangan.cli.deciding import decide, load
    from cadangan.errors import BadInput
    from cadangan.evidence.decisions import Intent
    from cadangan.procedure.rules import expected_act

    session: Session = context.obj
    case = load(session, case_id)
    act = expected_act(case, ("disposition_bidang", "disposition_seksi"))
    if executors and act != "disposition_seksi":
        raise BadInput(
            "--executor is for the section head (seksi); the division head (bidang) decides first",
            advice=f"see: cadangan case show {case_id}",
        )
    decide(session, case, Intent(act, verdict, person, note, executors), key, apart, yes)
