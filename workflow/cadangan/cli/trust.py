"""`cadangan trust`: who may sign what, from the office's files to a signed, numbered document."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.session import Session
from cadangan.errors import BadInput, WorkFailed

if TYPE_CHECKING:
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain
    from rich.console import Console

    from cadangan.evidence.trust_pending import PendingTrust

app = typer.Typer(no_args_is_help=True, help="Compile, sign, show and check the trust document: who may sign what.")

Trustee = Annotated[str, typer.Option("--as", metavar="PERSON", help="Your id in officials.yml.")]


@app.command("add-key")
def add_key(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="The official's id.")],
    file: Annotated[Path, typer.Argument(help="The official's public key: a .pub file.")],
) -> None:
    """Record an official's public key in officials.yml."""
    from cadangan.register.office_edit import add_official_key

    session: Session = context.obj
    add_official_key(session.office, person, _public_key(file))
    session.show(
        {"person": person, "added": str(file)},
        lambda console: console.print(f"{person} signs with {file} once the trust is signed: cadangan trust compile"),
    )


@app.command("add-recipient")
def add_recipient(
    context: typer.Context,
    holder: Annotated[str, typer.Argument(help="Who keeps the private half: an official, or the escrow copy.")],
    key: Annotated[str, typer.Argument(help="Public age key (age1…), as age-keygen prints it.")],
) -> None:
    """Record in office.yml who can open backup sets."""
    from cadangan.register.office_edit import add_recipient

    session: Session = context.obj
    add_recipient(session.office, holder, key)
    session.show(
        {"holder": holder, "key": key},
        lambda console: console.print(f"{holder} can open sets once the trust is signed: cadangan trust compile"),
    )


@app.command("compile")
def compile_(
    context: typer.Context,
    restart: Annotated[
        bool,
        typer.Option("--restart", help="Begin again with serial 1; every server must then be onboarded again."),
    ] = False,
) -> None:
    """Compile the next version from the office's files, and write it out to be signed."""
    from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust_document import (
        read_trust_document,
    )

    from cadangan.evidence.trust_pending import PendingTrust
    from cadangan.procedure import moment
    from cadangan.register.next_trust import changes, next_version

    session: Session = context.obj
    newest = _in_force(session)
    document = next_version(session.office, session.journal.id, newest, moment.now(), restart)
    if newest is not None and not restart and not changes(newest, document):
        serial = newest.newest["serial"]
        session.show(
            {"serial": serial, "changes": []},
            lambda console: console.print(f"The files say what trust version {serial} says: nothing to sign."),
        )
        return
    text = canonical.dumps(document)
    read_trust_document(text.decode("ascii"), "the new trust version")
    pending = PendingTrust.write(session.office.trust_dir, text, newest)
    session.show(
        _as_data(pending) | {"changes": changes(newest, document), "sign_with": pending.command},
        lambda console: _print_pending(console, pending, newest, _how_to_sign(pending)),
    )


@app.command()
def sign(
    context: typer.Context,
    person: Trustee,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="Your private key.", show_default="what your SSH agent holds"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
) -> None:
    """Sign the version that waits, as a trustee. It is in force when enough trustees have signed."""
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import NAMESPACE

    from cadangan.evidence.signing import sign_text
    from cadangan.evidence.trust_pending import PendingTrust

    session: Session = context.obj
    newest = _in_force(session)
    pending = PendingTrust.read(session.office.trust_dir, newest)
    _refuse_stale(session, pending, newest)
    keys = pending.trustee_keys(person)
    if not session.as_json:
        _print_pending(session.console, pending, newest, [])
    if not yes and not session.as_json and sys.stdin.isatty():
        typer.confirm("Sign this?", abort=True)
    pending.add(person, sign_text(pending.text, person, keys, NAMESPACE, key))
    _put_in_force(session, pending)


@app.command()
def bring(
    context: typer.Context,
    signature: Annotated[Path, typer.Argument(help="The signature file (.sig) that ssh-keygen wrote.")],
    person: Trustee,
) -> None:
    """Bring back a signature that a trustee made on their own machine."""
    from cadangan.evidence.trust_pending import PendingTrust

    session: Session = context.obj
    newest = _in_force(session)
    pending = PendingTrust.read(session.office.trust_dir, newest)
    _refuse_stale(session, pending, newest)
    pending.add(person, _read(signature))
    _put_in_force(session, pending)


@app.command()
def show(context: typer.Context) -> None:
    """Show the trust in force: who may do what until when, and who can open backup sets."""
    from cadangan.evidence.trust_store import newest_trust
    from cadangan.procedure.trust_statements import statements

    session: Session = context.obj
    trust = newest_trust(session.journal)
    versions = [
        {"serial": version["serial"], "at": version["at"], "digest": digest}
        for version, digest in zip(trust.versions, trust.digests, strict=True)
    ]

    def text(console: Console) -> None:
        for version in versions:
            console.print(f"version {version['serial']} of {version['at']}: {version['digest']}")
        console.print(f"\nVersion {trust.newest['serial']} says:")
        for line in statements(trust.newest):
            console.print(f"  {line}")

    session.show({"versions": versions, "newest": trust.newest}, text)


@app.command()
def check(
    context: typer.Context,
    pin: Annotated[
        str | None, typer.Option("--pin", help="Digest of serial 1, from an older report or a server.")
    ] = None,
) -> None:
    """Check every signature of the whole chain; exit status 1 if a rule is broken."""
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

    from cadangan.evidence.trust_store import newest_trust, trust_entries

    session: Session = context.obj
    roots = [entry["digest"] for entry in trust_entries(session.journal) if entry["serial"] == 1]
    try:
        trust = newest_trust(session.journal, pin)
    except Refused as refusal:
        raise WorkFailed(f"the trust chain does not hold: {refusal}") from refusal

    def text(console: Console) -> None:
        console.print(f"{len(trust.versions)} version(s), every signature is right.")
        console.print(f"serial 1: {trust.serial1_digest}")
        console.print(f"newest:   {trust.newest_digest} (serial {trust.newest['serial']})")
        for former in roots[:-1]:
            console.print(f"The trust was begun again; a former serial 1 is {former}")

    session.show(
        {"versions": len(trust.versions), "serial1": trust.serial1_digest, "newest": trust.newest_digest}
        | {"former_serial1": roots[:-1]},
        text,
    )


def _in_force(session: Session) -> TrustChain | None:
    from cadangan.evidence.trust_store import newest_trust, trust_pin

    return newest_trust(session.journal) if trust_pin(session.journal) else None


def _refuse_stale(session: Session, pending: PendingTrust, newest: TrustChain | None) -> None:
    """Nobody signs a text that is not what the office's files say by now."""
    from cadangan.register.next_trust import next_version

    document = pending.document
    restart = newest is not None and document["serial"] == 1
    wanted = next_version(session.office, session.journal.id, newest, document["at"], restart)
    if document != wanted:
        raise BadInput(
            "the files of the office, or the trust in force, changed after this text was compiled",
            where=str(pending.path),
            advice="Compile it again: cadangan trust compile",
        )


def _put_in_force(session: Session, pending: PendingTrust) -> None:
    """Say where the version stands, after writing it to the journal if enough trustees signed."""
    data = _as_data(pending)
    in_force = pending.put_in_force(session.journal)
    serial, signers = data["serial"], ", ".join(data["signed_by"])
    session.show(
        data | {"in_force": in_force},
        lambda console: console.print(
            f"Trust version {serial} is in force, signed by {signers}. Digest: {data['digest']}"
            if in_force
            else f"Signed by {signers}: {len(data['signed_by'])} of {pending.needed} that are needed."
        ),
    )


def _as_data(pending: PendingTrust) -> dict[str, Any]:
    return {
        "serial": pending.document["serial"],
        "digest": pending.digest,
        "text": str(pending.path),
        "needed": pending.needed,
        "signed_by": pending.signers,
    }


def _print_pending(console: Console, pending: PendingTrust, newest: TrustChain | None, more: list[str]) -> None:
    from cadangan.register.next_trust import changes

    document = pending.document
    if newest is None:
        console.print("Trust version 1 is the first one: it will be pinned on every server. It says:")
    elif document["serial"] == 1:
        console.print("The trust begins again with serial 1: every server must be onboarded again. It changes:")
    else:
        console.print(f"Trust version {document['serial']} changes version {newest.newest['serial']}:")
    for line in changes(newest, document):
        console.print(f"  {line}")
    able = [person["id"] for person in document["persons"] if person["trustee"] and person["keys"]]
    if len(able) <= document["policy"]["trustees"]:
        console.print("Name one more trustee: if one is lost now, the trust must begin again (docs/TRUST.md).")
    console.print(f"Digest: {pending.digest}")
    for line in more:
        console.print(line)


def _how_to_sign(pending: PendingTrust) -> list[str]:
    trustees = [person["id"] for person in pending.voters["persons"] if person["trustee"]]
    return [
        f"To be signed by {pending.needed} of: {', '.join(trustees)}. Either here:",
        "  cadangan trust sign --as PERSON",
        f"or apart: take {pending.path} to your own machine, sign it there, and bring back the .sig file:",
        f"  {pending.command}",
        f"  cadangan trust bring {pending.path.name}.sig --as PERSON",
    ]


def _public_key(file: Path) -> str:
    from ansible_collections.diskominfo.cadangan.plugins.module_utils import sshsig

    text = _read(file)
    if "PRIVATE KEY" in text:
        raise BadInput(
            "this is a private key: nobody else may have it",
            where=str(file),
            advice="Name the .pub file beside it.",
        )
    try:
        return sshsig.check_public_key(text)
    except sshsig.SignatureError as error:
        raise BadInput(f"not a usable public key: {error}", where=str(file)) from error


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", where=str(file)) from error
    except UnicodeDecodeError as error:
        raise BadInput("is not text", where=str(file)) from error
