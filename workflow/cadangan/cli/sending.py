"""Sending the journal elsewhere when a command has written what must not be lost, and telling if that fails."""

from __future__ import annotations

import typer

from cadangan.cli.session import Session


def send_and_tell(session: Session) -> None:
    """Send the journal to the repository; a failure is told on standard error, and the command goes on."""
    from cadangan.execution.sending import send_after_run

    unsent = send_after_run(session.office, session.journal)
    if unsent:
        typer.echo(f"WARNING: {unsent}", err=True)
