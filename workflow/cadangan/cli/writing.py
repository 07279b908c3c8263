"""What commands that write a document share: its language, and the file that it goes to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cadangan.cli.session import Session

Language = Annotated[str | None, typer.Option("--lang", help="id or en.", show_default="the office's")]


def spoken(session: Session, language: str | None) -> str:
    """The language that was asked for, or the office's; `BadInput` if there is none like that."""
    from cadangan.errors import BadInput

    if language not in (None, "id", "en"):
        raise BadInput(f"there is no language {language!r}", where="--lang", advice="It is id or en.")
    return language or session.office.language


def write_out(out: Path, document: bytes) -> None:
    """Write `document` to the file of `--out`; `BadInput` if it can not be."""
    from cadangan.errors import BadInput

    try:
        out.write_bytes(document)
    except OSError as error:
        raise BadInput(f"{out} can not be written: {error.strerror}", where="--out") from error
