"""`cadangan set copy`: sets to a second repository, or to a medium that leaves the building."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import host_of

from cadangan.cli.progress import byte_bar
from cadangan.cli.session import Session
from cadangan.errors import BadInput, CadanganError, Missing, WorkFailed

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.evidence.set_history import SetRecord


def copy(
    context: typer.Context,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="PLACE", help="A folder, such as a mounted disk, or ssh:// and a repository host."
        ),
    ],
    set_ids: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Ids of sets.")] = None,
    newest: Annotated[bool, typer.Option("--newest", help="The newest set of each database.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every set.")] = False,
    agency: Annotated[
        str | None, typer.Option("--agency", metavar="AGENCY", help="With --newest or --all: this agency's only.")
    ] = None,
    label: Annotated[
        str,
        typer.Option("--label", metavar="MEDIUM", help="What stands on a disk that is taken away.", show_default=""),
    ] = "",
    source: Annotated[
        str | None, typer.Option("--from", metavar="PLACE", help="Where they are.", show_default="as in the policy")
    ] = None,
    same_disk: Annotated[
        bool, typer.Option("--same-disk", help="Even if it is on the disk of the repository or of this office.")
    ] = False,
) -> None:
    """Copy sets to a second repository or a disk, with all that is needed to restore from there.

    Each is brought to the disk and read back before it counts. Sets that are there already are read back; run again
    after an interruption, it goes on where it was. At last a copy of the office's journal is put beside them.
    """
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError

    from cadangan.cli.deciding import trust_of
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.set_history import set_records
    from cadangan.execution.repositories import reached_repository
    from cadangan.execution.sending import send_journal
    from cadangan.execution.set_copy import Copying, exclusive, settle

    session: Session = context.obj
    office, journal, catalogue = session.office, session.journal, Catalogue(session.office.sets_dir)
    place = to if host_of(to) else str(Path(to).absolute())
    come_from = source or str(trust_of(session).newest["policy"]["repository"])
    if bool(set_ids) + newest + every != 1 or (agency and set_ids):
        raise BadInput("name the sets, or say --newest or --all", advice="See them with: cadangan set list --all")
    records = set_records(journal, catalogue)
    chosen = _named(records, set_ids) if set_ids else _all(session, records, newest=newest, agency=agency)
    if not same_disk:
        _check_apart(session, place, come_from, label)
    failed: dict[str, str] = {}
    copied: list[str] = []
    with ExitStack() as stack:
        origin = stack.enter_context(reached_repository(office, journal, come_from))
        target = stack.enter_context(reached_repository(office, journal, place))
        target.check()
        stack.enter_context(exclusive(target))
        copying = Copying(journal, catalogue, origin, target, label)
        tell = stack.enter_context(byte_bar("copying", sum(record.bytes for record in chosen)))
        for set_id, result in copying.copy_all(chosen, tell):
            if isinstance(result, str):
                failed[set_id] = result
            elif result:
                copied.append(set_id)
            if not session.progress_console.is_terminal:
                said = "failed" if set_id in failed else "copied" if result else "there "
                session.progress_console.print(f"{said}  {set_id}")
        try:
            send_journal(office, journal, target)
            settle(target)
        except (CadanganError, EngineError, OSError) as error:
            failed["the journal"] = str(error)
    there = [record.id for record in chosen if record.id not in failed and record.id not in copied]
    data = {"place": place, "label": label, "copied": copied, "there": there, "failed": failed}
    session.show(data, lambda console: _print(console, data))
    if failed:
        raise WorkFailed("\n".join(f"{what} was not copied: {said}" for what, said in failed.items()))


def _named(records: Mapping[str, SetRecord], set_ids: Sequence[str]) -> list[SetRecord]:
    for set_id in set_ids:
        if set_id not in records:
            raise Missing(f"there is no backup set {set_id}", advice="See all with: cadangan set list --all")
        if records[set_id].disposed_in:
            raise BadInput(f"the set {set_id} was disposed of by case {records[set_id].disposed_in}")
    return [records[set_id] for set_id in dict.fromkeys(set_ids)]


def _all(session: Session, records: Mapping[str, SetRecord], *, newest: bool, agency: str | None) -> list[SetRecord]:
    """The newest set of each database of the agency, or all of them."""
    from cadangan.register.set_overview import overview

    if agency is not None:
        session.office.agency(agency)
    rows = [row for row in overview(session.office.register, records.values()) if agency in (None, row.place.agency)]
    chosen = [record for row in rows for record in (row.sets[:1] if newest else row.sets)]
    if not chosen:
        raise Missing("there is no backup set to copy", advice="See what there is with: cadangan set list")
    return chosen


def _check_apart(session: Session, place: str, come_from: str, label: str) -> None:
    """`BadInput` if the copy would be lost with what it is a copy of, or the medium is not mounted."""
    from cadangan.execution.medium import check_apart

    if host_of(place):
        return
    others = {} if host_of(come_from) else {"the repository": Path(come_from)}
    if label:
        others["this office"] = session.office.root
    check_apart(Path(place), others)


def _print(console: Console, data: Mapping[str, Any]) -> None:
    console.print(
        f"{len(data['copied'])} sets copied to {data['place']}; {len(data['there'])} were there already and are whole; "
        f"{len(data['failed'])} failed."
    )
    if data["label"] and not data["failed"]:
        console.print(f"Everything is on the disk {data['label']}: unmount it, then take it away.")
