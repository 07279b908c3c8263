"""`cadangan request`: file an agency's request letter (step 1)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cadangan.cli.session import Session


def request(
    context: typer.Context,
    letter_file: Annotated[Path, typer.Argument(metavar="LETTER", help="The letter, as a YAML file.")],
) -> None:
    """File a request letter for a backup, a restore or a disposal, and open its case."""
    from cadangan.cli.deciding import say_where_it_stands
    from cadangan.register.letters import file_letter

    session: Session = context.obj
    say_where_it_stands(session, file_letter(session.office, session.journal, letter_file, date.today()))
