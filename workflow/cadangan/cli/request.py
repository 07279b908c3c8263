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
    from cadangan.evidence.cases import open_case
    from cadangan.procedure import moment
    from cadangan.register.disposal import check_disposable
    from cadangan.register.letters import keep_letter, read_letter, request_text, seal

    session: Session = context.obj
    office = session.office
    filed = read_letter(office, letter_file, date.today())
    if filed.letter.kind == "disposal":
        check_disposable(office, session.journal, filed.items, moment.now())
    raw = letter_file.read_bytes()
    key, sealed = seal(raw)
    case = open_case(
        session.journal,
        filed.letter.prefix,
        lambda case_id: request_text(office.id, case_id, filed, sealed, moment.now()),
    )
    keep_letter(office.case_dir(case.id), filed, raw, key)
    say_where_it_stands(session, case)
