"""`cadangan set import`: sets of a medium, or strays of a repository, into the catalogue of the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import host_of

from cadangan.cli.progress import byte_bar, progress_bar
from cadangan.cli.session import Session
from cadangan.errors import Missing, WorkFailed

if TYPE_CHECKING:
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository
    from rich.console import Console

    from cadangan.evidence.catalogue import Catalogue


def import_sets(
    context: typer.Context,
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="A folder, such as a mounted disk, or ssh:// and a repository host.")
    ],
    label: Annotated[str, typer.Option("--label", metavar="MEDIUM", help="What stands on it.", show_default="")] = "",
    unknown_keys: Annotated[
        bool,
        typer.Option("--unknown-keys", help="Also sets of servers of which the journal knows no key: on your word."),
    ] = False,
    into_repository: Annotated[
        bool, typer.Option("--into-repository", help="Also copy what is there into the repository of the policy.")
    ] = False,
) -> None:
    """Take in the sets of a medium, or of a repository, that this office does not know yet.

    Every byte is read, and the manifest's signature checked by the keys that the journal knows of its server. If the
    office's own journal is lost too, `cadangan office recover` makes it anew, and nothing needs --unknown-keys.
    """
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.set_adoption import Adopted, SetAdoption
    from cadangan.execution.repositories import reached_repository
    from cadangan.execution.set_import import import_sets as take_in

    session: Session = context.obj
    office, journal, catalogue = session.office, session.journal, Catalogue(session.office.sets_dir)
    where = place if host_of(place) else str(Path(place).absolute())
    taken: list[Adopted] = []
    failed: dict[str, str] = {}
    with reached_repository(office, journal, where) as medium:
        there = medium.sets()
        if not there:
            raise Missing(
                f"there is no backup set in {where}", advice="Name the folder that has those of the agencies."
            )
        known = set(catalogue.ids())
        new = [set_id for set_id in there if set_id not in known]
        adoption = SetAdoption(journal, catalogue, medium, strangers=unknown_keys)
        with progress_bar(f"reading {where}", len(new)) as progress:
            for count, (set_id, result) in enumerate(take_in(journal, adoption, medium, new, label), start=1):
                if isinstance(result, Adopted):
                    taken.append(result)
                else:
                    failed[set_id] = result
                if progress:
                    progress(count)
        if into_repository:
            wanted = [*(adopted.set for adopted in taken), *(set_id for set_id in there if set_id in known)]
            failed |= _copy(session, catalogue, medium, wanted)
    strangers = sorted({(adopted.asset, adopted.key) for adopted in taken if not adopted.key_known})
    data = {
        "taken": [adopted.set for adopted in taken],
        "known": len(there) - len(new),
        "unknown_keys": [{"asset": asset, "key": key} for asset, key in strangers],
        "failed": failed,
    }
    session.show(data, lambda console: _print(console, where, data))
    if failed:
        raise WorkFailed(
            "\n".join(f"{set_id}: {said}" for set_id, said in failed.items()),
            advice="Of what is damaged, use another copy. Where no key is known: cadangan office recover makes a lost "
            "journal anew, with the keys in it; --unknown-keys takes the sets on your word.",
        )


def _copy(session: Session, catalogue: Catalogue, medium: Repository, set_ids: Sequence[str]) -> dict[str, str]:
    """Copy the sets into the repository of the policy; why that failed, by set."""
    from cadangan.cli.deciding import trust_of
    from cadangan.evidence.set_history import set_records
    from cadangan.execution.repositories import reached_repository
    from cadangan.execution.set_copy import Copying, exclusive

    home = str(trust_of(session).newest["policy"]["repository"])
    records = set_records(session.journal, catalogue)
    chosen = [records[set_id] for set_id in set_ids]
    with (
        reached_repository(session.office, session.journal, home) as target,
        exclusive(target),
        byte_bar("copying", sum(record.bytes for record in chosen)) as tell,
    ):
        copying = Copying(session.journal, catalogue, medium, target)
        return {
            set_id: f"it is in the catalogue, but was not copied to {home}: {result}"
            for set_id, result in copying.copy_all(chosen, tell)
            if isinstance(result, str)
        }


def _print(console: Console, where: str, data: Mapping[str, Any]) -> None:
    from cadangan.procedure.names import printable

    console.print(
        f"{len(data['taken'])} sets of {where} were taken into the catalogue; {data['known']} were known already; "
        f"{len(data['failed'])} failed."
    )
    for each in data["unknown_keys"]:
        console.print(
            f"NOT KNOWN HERE: whether the sets of {printable(each['asset'])} come from that server. They are whole,\n"
            f"and signed with the key\n  {each['key']}\n"
            "but anybody can make a key. Compare it with the one in an old journal, or the digests of the manifests\n"
            "(cadangan set show) with those in printed reports, before you restore from them."
        )
