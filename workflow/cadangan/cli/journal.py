"""`cadangan journal`: verify, read and hand out the record of everything that happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.progress import progress_bar
from cadangan.cli.session import Session
from cadangan.errors import EXIT_FAILED, Missing

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.evidence.chain import Row
    from cadangan.evidence.journal import Journal
    from cadangan.evidence.verification import Verification

app = typer.Typer(no_args_is_help=True, help="Verify, read and export the journal.")

# What of an entry, or of the signed text in it, a line shows: in this order, as far as it is there.
_TOLD = [
    "office",
    "serial",
    "review",
    "asset",
    "agency",
    "subject",
    "step",
    "verdict",
    "person",
    "role",
    "window",
    "items",
    "run",
    "item",
    "result",
    "message",
    "document",
    "name",
    "via",
    "host",
    "note",
]


@app.command()
def verify(
    context: typer.Context,
    head: Annotated[
        str | None,
        typer.Option(help="A head printed earlier (hash, or NUMBER:HASH): also find a cut-off end.", metavar="HEAD"),
    ] = None,
    file: Annotated[Path | None, typer.Option(help="Verify an exported file instead of the journal.")] = None,
) -> None:
    """Check that no entry was edited, removed, inserted or reordered. Writes nothing."""
    session: Session = context.obj
    from cadangan.evidence.journal_file import read_rows
    from cadangan.evidence.verification import verify as verify_rows

    if file:
        with progress_bar("verifying") as progress:
            result = verify_rows(read_rows(file), session.office.id, head, progress)
    else:
        journal = _journal(session)
        with progress_bar("verifying", journal.head().seq) as progress:
            result = journal.verify(session.office.id, head, progress)
    session.show(_as_data(result), lambda console: _tell_result(console, result))
    if result.faults:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def head(context: typer.Context) -> None:
    """Print number and hash of the newest entry: note it on paper, and verify against it later."""
    session: Session = context.obj
    newest = _journal(session).head()
    session.show({"seq": newest.seq, "hash": newest.hash}, lambda console: console.print(str(newest)))


@app.command()
def show(
    context: typer.Context,
    case: Annotated[str | None, typer.Option(help="Only the entries of this case.")] = None,
    start: Annotated[int, typer.Option("--from", help="Only entries from this number on.", min=1)] = 1,
) -> None:
    """Print the entries, a line for each; with --json in full."""
    session: Session = context.obj
    journal = _journal(session)
    if case:
        rows: Iterator[Row] = (row for row in journal.of_case(case) if row.seq >= start)
    else:
        rows = journal.entries(start)
    if session.as_json:
        session.show({"entries": [{"seq": r.seq, "hash": r.hash, "entry": r.content} for r in rows]}, _nothing)
        return
    for row in rows:
        session.console.print(_line(row))


@app.command()
def export(context: typer.Context, file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Write all entries to FILE, which `journal verify --file FILE` checks anywhere."""
    session: Session = context.obj
    from cadangan.evidence.journal_file import write_rows

    journal = _journal(session)
    count = write_rows(journal.entries(), file)
    session.show(
        {"entries": count, "file": str(file)}, lambda console: console.print(f"{count} entries written to {file}")
    )


@app.command()
def send(context: typer.Context) -> None:
    """Send the journal and the office's files to the repository now, as is done after each run."""
    session: Session = context.obj
    from cadangan.execution.repositories import reached_repository
    from cadangan.execution.sending import send_journal

    with reached_repository(session.office, session.journal) as repository:
        newest = send_journal(session.office, session.journal, repository)
    session.show({"name": newest.name}, lambda console: console.print(f"The newest copy is {newest.name}"))


@app.command()
def sent(context: typer.Context) -> None:
    """Show the newest copy of the journal in the repository, and how many entries were written since."""
    session: Session = context.obj
    from cadangan.evidence.journal_elsewhere import newest_sent
    from cadangan.execution.repositories import reached_repository

    with reached_repository(session.office, session.journal) as repository:
        newest = newest_sent(repository, session.office.id)
    if newest is None:
        raise Missing(
            f"there is no copy of the journal in {repository.name}", advice="Send it with: cadangan journal send"
        )
    head = session.journal.head()
    reached = next((row.seq for row in session.journal.entries() if newest.is_of(row.hash)), 0)
    session.show(
        {"name": newest.name, "repository": repository.name, "entries": reached, "newer": head.seq - reached},
        lambda console: console.print(
            f"{newest.name} in {repository.name}\n"
            + (
                f"holds entries 1 to {reached}; {head.seq - reached} are newer"
                if reached
                else "is of another journal than this one"
            )
        ),
    )


def _journal(session: Session) -> Journal:
    """The office's journal to read from; `Missing` rather than a new one."""
    from cadangan.evidence.journal import Journal

    return Journal.look_into(session.office.journal_url, cache=session.office.root)


def _as_data(result: Verification) -> dict[str, Any]:
    return {
        "entries": result.count,
        "head": {"seq": result.head.seq, "hash": result.head.hash},
        "faults": [
            {"kind": fault.kind, "first": fault.first, "last": fault.last, "message": fault.message}
            for fault in result.faults
        ],
    }


def _tell_result(console: Console, result: Verification) -> None:
    for fault in result.faults:
        console.print(str(fault))
    wrong = _count(len(result.faults), "fault", "faults") if result.faults else "nothing is wrong"
    console.print(f"{_count(result.count, 'entry', 'entries')}, {wrong}")
    console.print(f"head {result.head}")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _line(row: Row) -> str:
    entry = row.content
    told = entry | _signed_content(entry)
    facts = [f"{key}={_printable(told[key])}" for key in _TOLD if told.get(key) not in (None, "", [])]
    kind, case = (_printable(entry.get(key, "-")) for key in ("type", "case"))
    return f"{row.seq:>6}  {_printable(entry.get('at', ''))}  {kind:<12} {case:<12} {' '.join(facts)}".rstrip()


def _signed_content(entry: dict[str, Any]) -> dict[str, Any]:
    """What stands in the text that an entry carries: a request, a decision, an order."""
    import json

    text = entry.get("text") or entry.get("request")
    return dict(json.loads(text)) if text else {}


def _printable(value: Any) -> str:
    """A value on one line, without characters that a terminal would obey."""
    if isinstance(value, dict):
        return "…".join(_printable(part) for part in value.values())
    if isinstance(value, list):
        return ",".join(
            _printable(part.get("id", part.get("item")) if isinstance(part, dict) else part) for part in value
        )
    text = str(value)
    return text if text.isprintable() else ascii(text)


def _nothing(console: Console) -> None:
    """With --json there is no text."""
