"""`cadangan case audit`: check an exported case from its file alone, without an office."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cadangan.cli.session import Session
from cadangan.errors import EXIT_FAILED, BadInput

if TYPE_CHECKING:
    from cadangan.evidence.case_audit import Audit


def audit(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `case export` wrote.")],
    pin: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Digest of trust serial 1, from a printed report.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head of the journal from elsewhere: hash, or NUMBER:HASH.")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="JOURNAL", help="The whole journal too, as `journal export` wrote it.")
    ] = None,
    language: Annotated[Literal["en", "id"], typer.Option("--lang", help="en or id.")] = "en",
) -> None:
    """Check an exported case again, step by step, from nothing but FILE; needs no office and no network.

    Exit status 0: all holds; 1: something does not; 2: this is no exported case.
    """
    from cadangan.documents.case_audit import audit_lines
    from cadangan.documents.words import words
    from cadangan.evidence.case_audit import audit as audit_case
    from cadangan.evidence.journal_file import read_rows

    session: Session = context.obj
    found = audit_case(_read(file), _digest(pin), head, read_rows(journal) if journal else None)
    said = words(language)
    session.show(_as_data(found), lambda console: console.print("\n".join(audit_lines(found, said))))
    if found.faults:
        raise typer.Exit(EXIT_FAILED)


def _read(path: Path) -> bytes:
    from cadangan.evidence.plain_archive import LIMIT

    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read: {error.strerror}", advice="Name the file of an exported case."
        ) from error


def _digest(pin: str | None) -> str | None:
    from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape

    if pin is None:
        return None
    digest = "".join(pin.split()).lower()
    if not shape.DIGEST.holds(digest):
        raise BadInput(f"{pin!a} is not {shape.DIGEST.words}", where="--pin", advice="Copy all 64 digits of it.")
    return digest


def _as_data(found: Audit) -> dict[str, Any]:
    return {
        "case": found.case,
        "office": found.office,
        "status": found.status,
        "holds": not found.faults,
        "head": {"seq": found.head.seq, "hash": found.head.hash},
        "sha256": found.sha256,
        "faults": [dataclasses.asdict(fault) for fault in found.faults],
        "signatures": [
            dataclasses.asdict(each) | {"named": found.persons.get(each.person)} for each in found.signatures
        ],
        "checked": found.checked,
        "unknown": [dataclasses.asdict(each) for each in found.unknown],
    }
