"""Draw blocks as PDF with Typst; what the blocks say reaches the template as JSON, never as markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from importlib import resources
from typing import Any

import typst

from cadangan.documents.blocks import Block, Letterhead
from cadangan.documents.printable import printable
from cadangan.errors import BadInput


def render_pdf(blocks: Sequence[Block], *, language: str, title: str) -> bytes:
    """`blocks` as a PDF on A4; `title` and `language` (`id`, `en`) go into its metadata.

    Raises `BadInput` when the letterhead's logo is not an image.
    """
    content = {"language": language, "title": printable(title), "blocks": [_plain(block) for block in blocks]}
    template = resources.files(__package__).joinpath("document.typ").read_bytes()
    try:
        return typst.compile(
            template, format="pdf", sys_inputs={"document": json.dumps(content)}, ignore_system_fonts=True
        )
    except typst.TypstError as error:
        if any(isinstance(block, Letterhead) and block.logo is not None for block in blocks):
            raise BadInput(
                f"the letterhead's logo can not be drawn: {error.message}",
                advice="Use a PNG, JPEG or SVG image.",
            ) from error
        raise


def _plain(value: Any) -> Any:
    """`value` as JSON types; a block is told by its `kind`, an image becomes the list of its bytes."""
    if is_dataclass(value):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, **named}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return list(value)
    return printable(value) if isinstance(value, str) else value
