"""`cadangan keys`: who can open backup sets, today and if somebody is away."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.progress import progress_bar
from cadangan.cli.session import Session
from cadangan.errors import BadInput, CadanganError, WorkFailed

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.evidence.catalogue import KeptSet
    from cadangan.execution.rehearsal import Rehearsal

app = typer.Typer(no_args_is_help=True, help="The keys of those who can open backup sets.")

Identities = Annotated[
    list[Path], typer.Option("--identity", metavar="FILE", help="A holder's age identity; may be given several times.")
]
HolderName = Annotated[str, typer.Argument(metavar="HOLDER", help="As office.yml, policy.recipients, calls them.")]

_COMPILE = "once the trust is signed: cadangan trust compile"


@app.command()
def new(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file, which only its holder may keep.")],
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Protect the file with a passphrase.")] = False,
) -> None:
    """Make the key of somebody who will open backup sets, on their own machine. Needs no office."""
    from cadangan.evidence.identity import new_identity

    session: Session = context.obj
    key = new_identity(file, passphrase=passphrase)
    session.show(
        {"file": str(file), "key": key},
        lambda console: console.print(
            f"The private key is in {file}: keep it safe, and never on the control host.\n"
            f"Public key: {key}\n"
            "It becomes a line of office.yml, policy.recipients, with a name for whoever holds it:\n"
            f"  - {{holder: NAME, key: {key}}}\n"
            f"which this writes there: cadangan trust add-recipient NAME {key}"
        ),
    )


@app.command("list")
def list_holders(context: typer.Context) -> None:
    """List who can open backup sets, who could, since when and until when, and how many sets that are."""
    from cadangan.evidence.holders import HolderRecord, opened_by

    session: Session = context.obj
    record, sets = HolderRecord(session.journal), _sets(session)
    rows = [
        {
            "holder": holder.name,
            "key": holder.key,
            "since": holder.since,
            "until": holder.until,
            "opens": len(opened_by(holder, record, sets)),
        }
        for holder in record.holders()
    ]
    session.show(
        {"sets": len(sets), "holders": rows},
        lambda console: _print_holders(console, rows, len(sets)),
    )


@app.command()
def retire(context: typer.Context, holder: HolderName) -> None:
    """Take a holder out of office.yml: no new set will be for them. The old ones stay open to them for ever."""
    from cadangan.register.office_edit import retire_recipient

    session: Session = context.obj
    retire_recipient(session.office, holder)
    session.show(
        {"holder": holder},
        lambda console: console.print(
            f"{holder} opens no set that is made {_COMPILE}\n"
            "What was made for them until then they can open as long as they have the key and the set: "
            "see cadangan keys list"
        ),
    )


@app.command()
def rotate(
    context: typer.Context,
    holder: HolderName,
    key: Annotated[str, typer.Argument(help="Their new public age key (age1…), as `keys new` printed it.")],
) -> None:
    """Give a holder another key in office.yml. Then rewrap the sets that only the old one opens."""
    from cadangan.register.office_edit import rotate_recipient

    session: Session = context.obj
    rotate_recipient(session.office, holder, key)
    session.show(
        {"holder": holder, "key": key},
        lambda console: console.print(
            f"{holder} opens new sets with the new key {_COMPILE}\n"
            "and the old ones after: cadangan keys rewrap --all --identity FILE"
        ),
    )


@app.command()
def rehearse(context: typer.Context, identities: Identities) -> None:
    """Really open the key of every set with each identity; say who could open what if these holders were away.

    Exit status 1 if fewer than two of the present holders can open some set.
    """
    from cadangan.evidence.holders import HolderRecord
    from cadangan.execution.rehearsal import rehearse as try_all

    session: Session = context.obj
    record, sets = HolderRecord(session.journal), _sets(session)
    with ExitStack() as stack:
        usable = _unlocked(stack, identities)
        with progress_bar("opening keys", len(sets) * len(usable)) as progress:
            found = try_all(record, sets, usable, progress)
    session.journal.append(found.entry())
    session.show(_as_data(found), lambda console: _print_rehearsal(console, found))
    if found.thin:
        raise WorkFailed(
            f"{len(found.thin)} of {len(sets)} sets can be opened by fewer than two of the present holders",
            advice="Let somebody who can open them wrap their keys again: cadangan keys rewrap --all --identity FILE",
        )


@app.command()
def rewrap(
    context: typer.Context,
    identities: Identities,
    set_ids: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Ids of sets.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every set that some present holder can not open.")] = False,
    repository: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="The repository: its folder, or ssh://NAME.", show_default="as in the policy"
        ),
    ] = None,
) -> None:
    """Wrap the keys of sets again for the present holders. The first identity opens them; data is not touched.

    Every further identity of a present holder, and the first if it is one, must open what was made. Run again after
    an interruption, it goes on where it was.
    """
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError

    from cadangan.cli.deciding import trust_of
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.holders import HolderRecord
    from cadangan.execution.parallel import in_parallel
    from cadangan.execution.rehearsal import holder_of
    from cadangan.execution.repositories import reached_repository
    from cadangan.execution.rewrapping import Rewrapping, lacking

    session: Session = context.obj
    if bool(set_ids) == everything:
        raise BadInput("name the sets, or all of them with --all", advice="See them with: cadangan set list --all")
    trust, record, catalogue = trust_of(session), HolderRecord(session.journal), Catalogue(session.office.sets_dir)
    wanted = [catalogue.get(set_id) for set_id in set_ids] if set_ids else _sets(session)
    sets = lacking(record, wanted)
    failures: dict[str, str] = {}
    with ExitStack() as stack:
        usable = _unlocked(stack, identities)
        owners = [(holder_of(identity, record), identity) for identity in usable]
        rewrapping = Rewrapping(
            repository=stack.enter_context(reached_repository(session.office, session.journal, repository)),
            catalogue=catalogue,
            present=record.present(),
            trust=trust.newest_digest,
            opener=owners[0],
            checkers=[identity for holder, identity in owners if holder.until is None],
        )

        def attempt(kept: KeptSet) -> dict[str, Any] | str:
            try:
                return rewrapping.rewrap(kept)
            except (CadanganError, EngineError) as error:
                return error.message

        with progress_bar("wrapping keys", len(sets)) as progress:
            for kept, result in in_parallel(attempt, sets, progress):
                if isinstance(result, str):
                    failures[kept.id] = result
                else:
                    session.journal.append(result)
    data = {
        "rewrapped": len(sets) - len(failures),
        "open_already": len(wanted) - len(sets),
        "opened_again": bool(rewrapping.checkers),
        "failed": failures,
    }
    session.show(data, lambda console: _print_rewrapped(console, data))
    if failures:
        raise WorkFailed(
            "\n".join(f"{set_id}: {said}" for set_id, said in failures.items()),
            advice="Let another holder open these: cadangan keys list says how many each of them can.",
        )


def _sets(session: Session) -> list[KeptSet]:
    """The sets that the office has, without those that were disposed of."""
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.set_history import disposed_sets

    disposed = disposed_sets(session.journal)
    return [kept for kept in Catalogue(session.office.sets_dir).sets() if kept.id not in disposed]


def _unlocked(stack: ExitStack, identities: list[Path]) -> list[Path]:
    """The identity files as they can be used again and again without asking for a passphrase."""
    from cadangan.execution.set_keys import unlocked

    return [usable for identity in identities if (usable := stack.enter_context(unlocked(identity)))]


def _as_data(found: Rehearsal) -> dict[str, Any]:
    return {
        "sets": len(found.able),
        "holders": [
            {
                "holder": tried.holder.name,
                "key": tried.holder.key,
                "present": tried.holder.until is None,
                "opened": len(tried.opened),
                "failed": tried.failed,
            }
            for tried in found.tried
        ],
        "thin": found.thin,
        "if_away": {"nobody": found.left_to(0), "one": found.left_to(1)},
    }


def _print_holders(console: Console, rows: list[dict[str, Any]], total: int) -> None:
    for row in rows:
        until = f"until {row['until']}" if row["until"] else "present"
        console.print(f"{row['holder']}: since {row['since']}, {until}; opens {row['opens']} of {total} sets")
        console.print(f"  {row['key']}")
        if row["until"] and row["opens"]:
            console.print("  can open these for ever, with the key and a copy of the set")


def _print_rehearsal(console: Console, found: Rehearsal) -> None:
    for tried in found.tried:
        former = "" if tried.holder.until is None else " (no holder any more)"
        console.print(f"{tried.holder.name}{former} opens {len(tried.opened)} of {len(found.able)} sets")
        for set_id, said in tried.failed.items():
            console.print(f"  not {set_id}: {said}")
    away = " and ".join(tried.holder.name for tried in found.tried)
    console.print(
        f"If {away} were away, nobody could open {len(found.left_to(0))} sets, and one alone {len(found.left_to(1))}."
    )
    for set_id in found.left_to(0):
        console.print(f"  nobody: {set_id}")
    for set_id in found.left_to(1):
        console.print(f"  {found.left[set_id][0]} alone: {set_id}")


def _print_rewrapped(console: Console, data: dict[str, Any]) -> None:
    console.print(f"{data['rewrapped']} keys wrapped again; {data['open_already']} sets were open to all already.")
    if data["rewrapped"] and not data["opened_again"]:
        console.print("No present holder has opened them yet: let one do it, with cadangan keys rehearse")
