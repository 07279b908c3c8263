"""`cadangan report`, `confirm`, `acknowledge` and `document`: report the result and confirm it (steps 5 and 6)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cadangan.cli.deciding import Apart, CaseId, Key, Note, Person, Yes
from cadangan.cli.sending import send_and_tell
from cadangan.cli.session import Session
from cadangan.cli.writing import Language, spoken, write_out

STAGES = {"report": "dilaporkan", "acknowledge": "terkonfirmasi"}
"""The acts after which the report is issued, and what it is called then."""


def report(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    failed: Annotated[
        bool, typer.Option("--failed", help="Report that the work could not be done; the case ends so.")
    ] = False,
    note: Note = "",
    key: Key = None,
    apart: Apart = None,
    yes: Yes = False,
) -> None:
    """Report the result to the section head (step 5), and issue the report as PDF."""
    _decide(context.obj, case_id, "report", "failed" if failed else "done", person, note, key, apart, yes)


def confirm(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    send_back: Annotated[bool, typer.Option("--return", help="Send the report back instead.")] = False,
    note: Note = "",
    key: Key = None,
    apart: Apart = None,
    yes: Yes = False,
) -> None:
    """Confirm the reported result (step 6, section head)."""
    verdict = "return" if send_back else "confirm"
    _decide(context.obj, case_id, "confirm", verdict, person, note, key, apart, yes)


def acknowledge(
    context: typer.Context,
    case_id: CaseId,
    person: Person,
    note: Note = "",
    key: Key = None,
    apart: Apart = None,
    yes: Yes = False,
) -> None:
    """Acknowledge the confirmed result (step 6, the agency); the report is issued with all signatures."""
    _decide(context.obj, case_id, "acknowledge", "acknowledge", person, note, key, apart, yes)


def document(
    context: typer.Context,
    case_id: CaseId,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the PDF.")],
    language: Language = None,
) -> None:
    """Render a case's report as it stands now, to read or translate; what was issued stays in the case's folder."""
    from cadangan.cli.deciding import load, trust_of
    from cadangan.documents.issue import render_report
    from cadangan.errors import BadInput

    session: Session = context.obj
    case = load(session, case_id)
    if case.window is None:
        raise BadInput(f"case {case_id} has no schedule yet, so there is nothing to report")
    pdf = render_report(session.office, session.journal, case, trust_of(session), spoken(session, language))
    write_out(out, pdf)
    session.show({"document": str(out)}, lambda console: console.print(f"Written to {out}."))


def _decide(
    session: Session,
    case_id: str,
    act: str,
    verdict: str,
    person: str,
    note: str,
    key: Path | None,
    apart: Path | None,
    yes: bool,
) -> None:
    from cadangan.cli.deciding import decide, load
    from cadangan.evidence.decisions import Intent

    check_before_issue(session, act)
    after = decide(session, load(session, case_id), Intent(act, verdict, person, note), key, apart, yes)
    if after is not None:
        issue_after(session, act, case_id)


def check_before_issue(session: Session, act: str) -> None:
    """`BadInput`, before `act` is signed or taken in, if the report that follows it could not count working time."""
    from cadangan.register.holidays_file import read_holidays

    if act in STAGES:
        read_holidays(session.office.root)


def issue_after(session: Session, act: str, case_id: str) -> None:
    """Issue the report after the acts that call for one: when it is reported, and when all have signed."""
    from cadangan.cli.deciding import load, trust_of
    from cadangan.documents.issue import issue_report

    if act in STAGES:
        path = issue_report(session.office, session.journal, load(session, case_id), trust_of(session), STAGES[act])
        session.progress_console.print(f"Report: {path}")
        # The head that is printed on it must be found again on the day when this machine is gone.
        send_and_tell(session)
