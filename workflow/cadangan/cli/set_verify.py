"""`cadangan set verify`: reading backup sets back, wherever they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.progress import progress_bar
from cadangan.cli.session import Session
from cadangan.errors import Missing, WorkFailed

if TYPE_CHECKING:
    from cadangan.evidence.set_history import SetRecord

_ADVICE = "Do not restore from a damaged set; make a new backup, and look after the disk."


def verify(
    context: typer.Context,
    set_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[SET]...", help="Ids of sets.", show_default="all sets")
    ] = None,
    repositories: Annotated[
        list[str] | None,
        typer.Option(
            "--repository",
            metavar="PLACE",
            help="Read back there only: a folder of this machine, or ssh:// and a repository host.",
            show_default="wherever sets should be",
        ),
    ] = None,
    download: Annotated[
        bool,
        typer.Option("--download", help="Have a repository host send everything, and do not take its word for it."),
    ] = False,
) -> None:
    """Read sets back from the repositories: every byte of every part, the manifest, and the asset's signature.

    Exit status 1 if anything is damaged or missing. The journal keeps what was found, and when.
    """
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.set_history import set_records
    from cadangan.execution.repositories import known_places, reached_repository
    from cadangan.execution.set_verify import Verifying

    session: Session = context.obj
    catalogue = Catalogue(session.office.sets_dir)
    records = set_records(session.journal, catalogue)
    for set_id in set_ids or ():
        catalogue.get(set_id)
    checked = 0
    faults: dict[str, dict[str, list[str]]] = {}
    unreached: list[Missing] = []
    for place in repositories or known_places(session.journal, records.values()):
        try:
            with reached_repository(session.office, session.journal, place) as repository:
                wanted = _wanted(place, repository.sets(), records, set_ids)
                verifying = Verifying(session.journal, catalogue, repository, download)
                with progress_bar(f"reading back {place}", len(wanted)) as progress:
                    for set_id, found in verifying.verify(wanted, progress):
                        checked += 1
                        if found:
                            faults.setdefault(set_id, {})[place] = found
                        if progress is None:
                            session.progress_console.print(f"{'damaged' if found else 'whole  '}  {set_id}  {place}")
        except Missing as error:
            unreached.append(error)
    _tell(session, checked, faults, unreached)


def _wanted(
    place: str, there: Collection[str], records: Mapping[str, SetRecord], chosen: Collection[str] | None
) -> list[str]:
    """The sets to read back at a place: those that should be there, and those known ones that are."""
    present = set(there)
    return [
        record.id
        for record in sorted(records.values(), key=lambda record: record.id)
        if not record.disposed_in
        and (record.id in present or place in record.places)
        and (not chosen or record.id in chosen)
    ]


def _tell(
    session: Session, checked: int, faults: Mapping[str, Mapping[str, list[str]]], unreached: list[Missing]
) -> None:
    data: dict[str, Any] = {
        "checked": checked,
        "faults": faults,
        "not_reached": [error.message for error in unreached],
    }
    session.show(data, lambda console: console.print(f"{checked} sets checked, {len(faults)} damaged."))
    if faults:
        lines = [
            f"{set_id}: {fault} (in {place})"
            for set_id, places in faults.items()
            for place, found in places.items()
            for fault in found
        ]
        raise WorkFailed("\n".join([*lines, *(error.message for error in unreached)]), advice=_ADVICE)
    if unreached:
        raise unreached[0]
