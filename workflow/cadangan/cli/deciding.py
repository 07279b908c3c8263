"""What the commands of officials share: show the work, sign it here or apart, take it in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cadangan.cli.session import Session

if TYPE_CHECKING:
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

    from cadangan.evidence.decisions import Intent
    from cadangan.procedure.case import Case

Taken = TypeVar("Taken")

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Id of the case, as B-2026-0001.")]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="Your id in officials.yml.")]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key", help="Your private key, or its .pub when an agent holds it.", show_default="what your SSH agent holds"
    ),
]
Apart = Annotated[
    Path | None,
    typer.Option(
        "--apart", metavar="FILE", help="Write the text to FILE, to be signed on your own PC, instead of signing here."
    ),
]
Note = Annotated[str, typer.Option("--note", help="A remark, which is signed with the decision.")]
Yes = Annotated[bool, typer.Option("--yes", help="Sign without asking.")]


def trust_of(session: Session) -> TrustChain:
    """The newest signed trust of the office; `Missing` if there is none."""
    from cadangan.evidence.trust_store import newest_trust

    return newest_trust(session.journal)


def load(session: Session, case_id: str) -> Case:
    from cadangan.evidence.cases import load_case

    return load_case(session.journal, case_id)


def decide(
    session: Session, case: Case, intent: Intent, key: Path | None, apart: Path | None, yes: bool
) -> Case | None:
    """Write out a decision and have it signed, here or apart. Returns the case as it then is; None if apart."""
    from cadangan.evidence.decisions import take_decision, write_decision

    text = write_decision(session.journal, case, intent, trust_of(session), session.office.policy.disposition_days)
    after = sign_and_take(
        session,
        case,
        text,
        person=intent.person,
        key=key,
        apart=apart,
        yes=yes,
        take=lambda signed, signature, trust: take_decision(session.journal, signed, signature, trust),
    )
    if after is not None:
        say_where_it_stands(session, after)
    return after


def sign_and_take(
    session: Session,
    case: Case,
    text: bytes,
    *,
    person: str,
    key: Path | None,
    apart: Path | None,
    yes: bool,
    take: Callable[[bytes, str, TrustChain], Case],
) -> Case | None:
    """Show the work that is to be signed; sign it and take it in, or write it out to be signed elsewhere."""
    return sign(
        session,
        text,
        about={"case": case.id},
        show=lambda: show_work(session, case, text),
        person=person,
        key=key,
        apart=apart,
        yes=yes,
        take=take,
    )


def sign(
    session: Session,
    text: bytes,
    *,
    about: dict[str, str],
    show: Callable[[], None],
    person: str,
    key: Path | None,
    apart: Path | None,
    yes: bool,
    take: Callable[[bytes, str, TrustChain], Taken],
) -> Taken | None:
    """`show` what is to be signed; sign it and take it in, or write it out to be signed elsewhere, which gives None."""
    from cadangan.evidence.signing import DECISION, sign_text, write_apart

    if not session.as_json:
        show()
    if apart is not None:
        command = write_apart(text, apart, DECISION)
        session.show(
            {**about, "text": str(apart), "sign_with": command},
            lambda console: console.print(
                f"\nWritten to {apart}. Sign it on your own machine, in its folder:\n  {command}\n"
                f"and bring both files back:\n  cadangan bring {apart}"
            ),
        )
        return None
    if not yes and not session.as_json and sys.stdin.isatty():
        typer.confirm("Sign this?", abort=True)
    trust = trust_of(session)
    signature = sign_text(text, person, trust.keys(person), DECISION, key)
    return take(text, signature, trust)


def show_work(session: Session, case: Case, text: bytes) -> None:
    """Print the work of a case with its digest, computed here, and what the text to be signed says."""
    from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

    from cadangan.procedure.retention import GROUNDS
    from cadangan.procedure.work import describe

    console = session.console
    letter = case.request["letter"]
    console.print(f"Case {case.id}: {case.request['subject']}")
    console.print(f"Letter {letter['number']} of {letter['date']} by {case.agency}")
    for item in case.items:
        console.print(f"  {item['id']}. {describe(item)}")
        if "set" in item:
            source = "" if case.kind == "disposal" else "from "
            console.print(f"     {source}set {item['set']}, data of {item['data_from']}")
        if ground := case.grounds.get(item["id"]):
            rule = ", ".join(f"{name} {count}" for name, count in ground["rule"].items())
            console.print(f"     {GROUNDS[ground['ground']]} ({rule})")
    console.print(f"Digest of the work: {canonical.digest(case.work)}")
    console.print("To be signed:")
    for name, value in canonical.loads(text).items():
        if name in ("verdict", "person", "role", "until", "note", "executors", "window", "items") and value:
            console.print(f"  {name}: {_plain(value)}")


def say_where_it_stands(session: Session, case: Case) -> None:
    """Print the case's status and what comes next, by whom."""
    from cadangan.cli.case import next_line
    from cadangan.procedure.case import summary_of

    session.show(summary_of(case), lambda console: console.print(f"{case.id} is {case.status}. {next_line(case)}"))


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)
