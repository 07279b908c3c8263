"""`cadangan bring`: take in what an official signed on their own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cadangan.cli.session import Session


def bring(
    context: typer.Context,
    text_file: Annotated[Path, typer.Argument(metavar="FILE", help="The text that was written with --apart.")],
    signature_file: Annotated[
        Path | None, typer.Option("--signature", metavar="FILE.sig", help="Its signature.", show_default="FILE.sig")
    ] = None,
) -> None:
    """Take in a decision, order, withdrawal or closing of a review that was signed apart with ssh-keygen."""
    from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

    from cadangan.cli.deciding import say_where_it_stands, trust_of
    from cadangan.cli.register_review import take_closing
    from cadangan.cli.report import check_before_issue, issue_after
    from cadangan.errors import BadInput
    from cadangan.evidence.decisions import take_decision
    from cadangan.evidence.orders import take_order
    from cadangan.evidence.withdrawals import take_withdrawal

    session: Session = context.obj
    takers = {"decision": take_decision, "order": take_order, "withdrawals": take_withdrawal}
    text = _read(text_file)
    signature = _read(signature_file or text_file.with_name(f"{text_file.name}.sig")).decode("ascii", "replace")
    try:
        content = canonical.loads(text)
    except canonical.CanonicalError as error:
        raise BadInput(
            f"this is not a text as it was written to be signed: {error}",
            where=str(text_file),
            advice="Bring back the very file; an editor or mail program may have changed it.",
        ) from error
    if content.get("type") == "review":
        take_closing(session, text, signature, trust_of(session))
        return
    take = takers.get(str(content.get("type")))
    if take is None:
        raise BadInput(
            f"a text of type {content.get('type')!a} is not taken in here",
            where=str(text_file),
            advice=f"What is: {', '.join([*takers, 'review'])}. A trust version is signed with: cadangan trust sign",
        )
    check_before_issue(session, str(content.get("step")))
    try:
        case = take(session.journal, text, signature, trust_of(session))
    except BadInput as error:
        raise BadInput(error.message, where=str(text_file), advice=error.advice) from error
    say_where_it_stands(session, case)
    issue_after(session, str(content.get("step")), case.id)


def _read(path: Path) -> bytes:
    from cadangan.errors import Missing

    try:
        return path.read_bytes()
    except OSError as error:
        raise Missing(f"can not be read: {error.strerror}", where=str(path)) from error
