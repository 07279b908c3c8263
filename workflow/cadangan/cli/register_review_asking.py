"""A review at a terminal: each server that is not decided is shown with its differences, and answered by a key."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from cadangan.cli.session import Session
from cadangan.errors import BadInput

if TYPE_CHECKING:
    from cadangan.procedure.review import Assessment, Review
    from cadangan.register.review import ServerInReview

_KEYS = {"r": "right", "c": "corrected", "t": "retire", "f": "follow-up"}
_ASK = "[r]ight, [c]orrected, re[t]ire, [f]ollow-up, [s]kip, [q]uit"


def ask_for_each(session: Session, review: Review, person: str) -> Review:
    """Ask for every server that is not decided as the register has it; each answer is recorded at once."""
    from cadangan.register.review import record, servers

    if not sys.stdin.isatty():
        raise BadInput(
            "there is no terminal to ask at", advice="Name a server and --verdict, or bring a sheet with --sheet FILE."
        )
    session.office.officials.get(person)
    left = [row for row in servers(session.office, review) if row.assessment is None or row.is_outdated]
    for number, server in enumerate(left, 1):
        _show(session, server, f"{number} of {len(left)}")
        while True:
            answer = typer.prompt(_ASK, default="s", show_default=False).strip().lower()[:1]
            if answer == "q":
                return review
            if answer == "s":
                break
            if answer not in _KEYS:
                continue
            today = datetime.now(session.office.zone).date()
            try:
                decided = _asked(server, _KEYS[answer])
                review = record(session.office, session.journal, review, person, [decided], today)
                break
            except BadInput as error:
                session.console.print(str(error))
    return review


def _show(session: Session, server: ServerInReview, place: str) -> None:
    from cadangan.procedure.names import printable

    console, found = session.console, server.found
    console.print(f"\n{place}: {server.host}, {printable(str(server.opened['name']))} ({server.opened['number']})")
    console.print(
        f"  found: {found.state if found else 'not compared'}{f', {found.reason}' if found and found.reason else ''}"
    )
    for each in found.differences if found else ():
        console.print(f"  {each.field}: registered {each.registered}, found {each.found}")
    for unseen in found.unseen if found else ():
        console.print(f"  {unseen.field}: could not be seen: {unseen.why}")
    for change in server.changes:
        console.print(f"  changed in the register: {change.field}: {change.before or '-'} -> {change.after or '-'}")


def _asked(server: ServerInReview, verdict: str) -> Assessment:
    from cadangan.procedure.review import Assessment

    if verdict != "follow-up":
        note = typer.prompt("Note (may be empty)", default="", show_default=False)
        return Assessment(server.host, verdict, note.strip(), entry=server.entry)
    note = typer.prompt("What is to be done")
    by_whom = typer.prompt("By whom (id in officials.yml)")
    until = typer.prompt("Until (as 2026-12-31)")
    return Assessment(server.host, verdict, note.strip(), by_whom.strip(), until.strip(), server.entry)
