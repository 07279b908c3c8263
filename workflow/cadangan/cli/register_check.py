"""`cadangan register check`: whether the register is right, and what it lacks."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

from cadangan.cli.session import Session
from cadangan.errors import EXIT_BAD_INPUT, EXIT_DONE, EXIT_FAILED

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.register.asset_rules import Grade
    from cadangan.register.check import Checked, Finding

_EXIT: dict[Grade | None, int] = {"wrong": EXIT_BAD_INPUT, "grave": EXIT_FAILED, "minor": EXIT_DONE, None: EXIT_DONE}
_TITLES: dict[Grade, str] = {
    "wrong": "Wrong: it can not be so",
    "grave": "Grave: what endangers data, or leaves nobody in charge",
    "minor": "Minor: what is good to know",
}


def check(context: typer.Context) -> None:
    """Check the whole register at once: what is wrong in it, and what it lacks.

    Exit status 2 if anything is wrong, 1 if something grave is missing, 0 otherwise.
    """
    from cadangan.register.check import check_register
    from cadangan.register.collection import engines

    session: Session = context.obj
    office = session.office
    checked = check_register(office.inventory, office.settings.agencies, engines(), date.today())
    session.show(_as_data(checked), lambda console: _print(console, checked))
    raise typer.Exit(_EXIT[checked.worst])


def _as_data(checked: Checked) -> dict[str, Any]:
    return {
        "assets": checked.assets,
        **{grade: len(checked.of(grade)) for grade in _TITLES},
        "findings": [_finding(each) for each in checked.findings],
    }


def _finding(found: Finding) -> dict[str, Any]:
    from cadangan.register.check import position

    file, line, column = position(found.where)
    place = {"file": file, "line": line or None, "column": column or None}
    return {"grade": found.grade, **place, "host": found.host, "field": found.field, "what": found.what}


def _print(console: Console, checked: Checked) -> None:
    from cadangan.procedure.names import printable

    for grade, title in _TITLES.items():
        found = checked.of(grade)
        if found:
            console.print("\n  ".join([title, *map(printable, _lines(found))]) + "\n")
    counts = ", ".join(f"{len(checked.of(grade))} {grade}" for grade in _TITLES)
    console.print(f"{checked.assets} server{'' if checked.assets == 1 else 's'}: {counts}")


def _lines(found: list[Finding]) -> list[str]:
    """One line for each finding, but one line for all that an asset only lacks."""
    lacking: dict[str, list[str]] = defaultdict(list)
    for each in found:
        if each.lacking:
            lacking[each.host].append(each.field.partition(".")[2])
    lines = []
    for each in found:
        subject = f"{each.host}: {each.field}: " if each.host else ""
        if not each.lacking:
            lines.append(f"{each.where}: {subject}{each.what}")
        elif each.host in lacking:
            lines.append(f"{each.where}: {each.host}: missing: {', '.join(lacking.pop(each.host))}")
    return lines
