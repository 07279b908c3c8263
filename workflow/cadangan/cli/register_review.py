"""`cadangan register review`: the yearly review of the asset register, from its opening to the signed report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.deciding import Apart, Key, Person, Yes
from cadangan.cli.session import Session
from cadangan.cli.writing import Language, spoken, write_out
from cadangan.errors import BadInput, WorkFailed

if TYPE_CHECKING:
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain
    from rich.console import Console

    from cadangan.procedure.review import Review
    from cadangan.register.review import ServerInReview

app = typer.Typer(no_args_is_help=True, help="The yearly review of the asset register, which the head signs.")

ReviewId = Annotated[
    str | None, typer.Argument(metavar="[REVIEW]", help="Id of the review, as T-2026-01.", show_default="the newest")
]


@app.command("open")
def open_review(context: typer.Context, person: Person) -> None:
    """Open a review: freeze what the register says, and what the last reconciliation found."""
    from cadangan.register.review import open_review as freeze

    session: Session = context.obj
    review = freeze(session.office, session.journal, person)
    session.show(
        _summary(review),
        lambda console: console.print(
            f"Review {review.id} is open: {len(review.frozen)} servers, compared at {review.reconciled_at}.\n"
            "Decide them with: cadangan register review record --as PERSON"
        ),
    )


@app.command()
def show(context: typer.Context, review_id: ReviewId = None) -> None:
    """Show how each server of a review stands, and check the files and the signature that it rests on."""
    from cadangan.evidence.review_check import review_faults
    from cadangan.evidence.reviews import load_review
    from cadangan.register.review import servers

    session: Session = context.obj
    review = load_review(session.journal, review_id)
    rows = servers(session.office, review)
    faults = [str(fault) for fault in review_faults(session.journal)]
    data = _summary(review) | {"servers": [_row(row) for row in rows], "faults": faults}
    session.show(data, lambda console: _print(console, review, rows))
    if faults:
        raise WorkFailed("\n".join(faults), advice="See all that is wrong with: cadangan journal verify")


@app.command()
def record(
    context: typer.Context,
    person: Person,
    host: Annotated[
        str | None, typer.Argument(metavar="[HOST]", help="The server.", show_default="ask for each at the terminal")
    ] = None,
    verdict: Annotated[
        str | None, typer.Option("--verdict", help="right, corrected, retire or follow-up.", show_default=False)
    ] = None,
    note: Annotated[str, typer.Option("--note", help="A remark; for a follow-up what is to be done.")] = "",
    by_whom: Annotated[
        str, typer.Option("--by-whom", metavar="PERSON", help="Who follows up, by the id in officials.yml.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day for it, as 2026-12-31.")] = "",
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="FILE.ods", help="Record what was filled in there, all or nothing."),
    ] = None,
) -> None:
    """Record what is decided of servers; without HOST each undecided one is shown and asked for.

    An entry that does not fit is corrected in the register first, and recorded as corrected then.
    """
    from cadangan.cli.register_review_asking import ask_for_each
    from cadangan.evidence.reviews import open_one

    session: Session = context.obj
    review = open_one(session.journal)
    if sheet is not None:
        after = _record_sheet(session, review, person, sheet)
    elif host is not None:
        after = _record_one(session, review, person, host, verdict, note, by_whom, until)
    else:
        after = ask_for_each(session, review, person)
    session.show(_summary(after), lambda console: console.print(_where_it_stands(after)))


@app.command()
def sheet(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.ods", help="Where to write it.")],
) -> None:
    """Write a sheet to decide the servers in, with LibreOffice; bring it back with `record --sheet`."""
    from cadangan.documents.review_sheet import write_sheet
    from cadangan.evidence.reviews import open_one
    from cadangan.register.review import servers

    session: Session = context.obj
    review = open_one(session.journal)
    people = [official.id for official in session.office.officials]
    write_out(out, write_sheet(review, servers(session.office, review), people, session.office.language))
    session.show({"sheet": str(out)}, lambda console: console.print(f"Written to {out}."))


@app.command()
def close(context: typer.Context, person: Person, key: Key = None, apart: Apart = None, yes: Yes = False) -> None:
    """Sign that the register was reviewed (the head, by the policy's review_signer), and issue the report."""
    from cadangan.cli.deciding import sign, trust_of
    from cadangan.evidence.reviews import open_one, write_closing
    from cadangan.register.review import keep_closing_register, servers

    session: Session = context.obj
    office, journal = session.office, session.journal
    review = open_one(journal)
    register = keep_closing_register(office, review)
    text = write_closing(journal, office.id, review, register, person, office.policy.review_signer, trust_of(session))
    rows = servers(office, review)
    sign(
        session,
        text,
        about={"review": review.id},
        show=lambda: _print(session.console, review, rows),
        person=person,
        key=key,
        apart=apart,
        yes=yes,
        take=lambda signed, signature, trust: take_closing(session, signed, signature, trust),
    )


@app.command()
def report(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it: .pdf, .ods or .html.")],
    review_id: ReviewId = None,
    language: Language = None,
) -> None:
    """Render the report on a review as it stands now, to read or translate; what was issued stays with the review."""
    from cadangan.cli.deciding import trust_of
    from cadangan.documents.review_issue import FORMATS, render_review, review_facts
    from cadangan.evidence.reviews import load_review

    session: Session = context.obj
    chosen, form = spoken(session, language), out.suffix.removeprefix(".")
    if form not in FORMATS:
        raise BadInput(f"{out.name!a} is none of the formats", where="--out", advice=f"They are: {', '.join(FORMATS)}.")
    review = load_review(session.journal, review_id)
    facts = review_facts(session.office, session.journal, review, trust_of(session))
    write_out(out, render_review(facts, session.office, form, chosen))
    session.show({"document": str(out)}, lambda console: console.print(f"Written to {out}."))


def take_closing(session: Session, text: bytes, signature: str, trust: TrustChain) -> Review:
    """Take in the signed statement that closes a review, and issue the report."""
    from cadangan.cli.sending import send_and_tell
    from cadangan.documents.review_issue import issue_review
    from cadangan.evidence import reviews
    from cadangan.register.review import keep_closing_register

    office, journal = session.office, session.journal
    review = reviews.take_closing(
        journal,
        text,
        signature,
        trust,
        office.policy.review_signer,
        lambda present: keep_closing_register(office, present),
    )
    paths = issue_review(office, journal, review, trust)
    session.show(
        _summary(review) | {"documents": [str(path) for path in paths]},
        lambda console: console.print(
            f"Review {review.id} is closed.\n" + "\n".join(f"Report: {path}" for path in paths)
        ),
    )
    # The head that is printed on it must be found again on the day when this machine is gone.
    send_and_tell(session)
    return review


def _record_one(
    session: Session,
    review: Review,
    person: str,
    host: str,
    verdict: str | None,
    note: str,
    by_whom: str,
    until: str,
) -> Review:
    from cadangan.procedure.names import did_you_mean
    from cadangan.procedure.review import VERDICTS, Assessment
    from cadangan.register.review import record, servers

    if verdict is None:
        raise BadInput("say what is decided", where="--verdict", advice=f"It is one of: {', '.join(VERDICTS)}.")
    by_host = {row.host: row for row in servers(session.office, review)}
    if host not in by_host:
        raise BadInput(f"{host!a} is not among the servers of review {review.id}", advice=did_you_mean(host, by_host))
    decided = Assessment(host, verdict, note, by_whom, until, by_host[host].entry)
    return record(session.office, session.journal, review, person, [decided], _today(session))


def _record_sheet(session: Session, review: Review, person: str, path: Path) -> Review:
    from cadangan.documents.review_sheet import read_sheet
    from cadangan.register.review import check, record, servers

    filled = read_sheet(path, review, servers(session.office, review))
    wrong = check(session.office, review, filled.assessments, _today(session))
    if wrong:
        said = [f"{filled.cell(host, field)}: {fault}" for host, field, fault in wrong]
        raise BadInput("\n".join(said), where=str(path), advice="Nothing was recorded. Correct these cells.")
    if not filled.assessments:
        raise BadInput("nothing is decided in it", where=str(path))
    return record(session.office, session.journal, review, person, filled.assessments, _today(session))


def _today(session: Session) -> Any:
    return datetime.now(session.office.zone).date()


def _summary(review: Review) -> dict[str, Any]:
    return {
        "review": review.id,
        "opened_at": review.opened_at,
        "opened_by": review.opened_by,
        "reconciled_at": review.reconciled_at,
        "register": review.register,
        "facts": review.facts,
        "assets": len(review.frozen),
        "undecided": review.undecided,
        "closed_at": review.closing.content["at"] if review.closing else None,
        "closed_by": review.closing.content["person"] if review.closing else None,
    }


def _row(server: ServerInReview) -> dict[str, Any]:
    decided = server.assessment
    return {
        "asset": server.host,
        "state": server.found.state if server.found else None,
        "differences": [vars(each) for each in server.found.differences] if server.found else [],
        "changes": [vars(each) for each in server.changes],
        "verdict": decided.verdict if decided else None,
        "note": decided.note if decided else "",
        "by_whom": decided.by_whom if decided else "",
        "until": decided.until if decided else "",
        "person": decided.person if decided else None,
        "outdated": server.is_outdated,
    }


def _print(console: Console, review: Review, rows: list[ServerInReview]) -> None:
    console.print(f"Review {review.id}, opened {review.opened_at} by {review.opened_by}")
    for row in rows:
        decided = row.assessment
        state = row.found.state if row.found else "not compared"
        said = decided.verdict if decided else "NOT DECIDED"
        console.print(f"  {said:12} {state:12} {row.host}{'  CHANGED SINCE' if row.is_outdated else ''}")
        for change in row.changes:
            console.print(f"      {change.field}: {change.before or '-'} -> {change.after or '-'}")
        if decided and decided.verdict == "follow-up":
            console.print(f"      {decided.note}: {decided.by_whom} until {decided.until}")
        elif decided and decided.note:
            console.print(f"      {decided.note}")
    console.print(_where_it_stands(review))


def _where_it_stands(review: Review) -> str:
    if review.closing is not None:
        return f"Closed {review.closing.content['at']} by {review.closing.content['person']}."
    if review.undecided:
        return f"{len(review.undecided)} of {len(review.frozen)} servers are not decided."
    return "All servers are decided; the head closes it with: cadangan register review close --as PERSON"
