"""`cadangan case export`: one case as one file for an auditor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cadangan.cli.deciding import CaseId
from cadangan.cli.session import Session
from cadangan.errors import EXIT_FAILED, BadInput


def export(
    context: typer.Context,
    case_id: CaseId,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A new file.", show_default="CASE.tar")
    ] = None,
) -> None:
    """Write a case to one file, which `case audit` and standard tools check anywhere: evidence, no data, no secret."""
    from cadangan.evidence.case_audit import audit
    from cadangan.evidence.case_export import export_case
    from cadangan.evidence.catalogue import Catalogue

    session: Session = context.obj
    office = session.office
    people = {each.id: {"name": each.name, "position": each.position, "nip": each.nip} for each in office.officials}
    data = export_case(session.journal, case_id, office.case_dir(case_id), Catalogue(office.sets_dir), people)
    path = out or Path(f"{case_id}.tar")
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise BadInput(f"{path} exists already", where="--out", advice="Name a new file.") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", where="--out") from error
    found = audit(data)
    missing = [each.values["name"] for each in found.unknown if each.key == "missing"]
    faults = [str(fault) for fault in found.faults]
    told = [f"Not in it, as the office has it no more: {name}" for name in missing]
    told += [f"An auditor will find: {fault}" for fault in faults]
    session.show(
        {"file": str(path), "sha256": found.sha256, "head": str(found.head), "missing": missing, "faults": faults},
        lambda console: console.print(
            "\n".join([f"Written to {path}. It has the SHA-256", found.sha256, f"Journal head {found.head}", *told])
        ),
    )
    if faults:
        raise typer.Exit(EXIT_FAILED)
