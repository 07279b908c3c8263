"""Draw blocks as PDF with Typst; what the blocks say reaches the template as JSON, never as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from importlib import resources
from typing import Any

import typst

from cadangan.documents.blocks import Block
from cadangan.errors import BadInput

# Characters that would be invisible on paper, or change the order of those around them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def render_pdf(blocks: Sequence[Block], *, language: str, title: str) -> bytes:
    """`blocks` as a PDF on A4; `title` and `language` (`id`, `en`) go into its metadata.

    Raises `BadInput` when the letterhead's logo is not an image.
    """
    images: dict[str, bytes] = {}
    content = {
        "language": language,
        "title": printable(title),
        "blocks": [_plain(block, images) for block in blocks],
    }
    template = resources.files(__package__).joinpath("document.typ").read_bytes()
    sources = {"main": template, "document.json": json.dumps(content).encode(), **images}
    try:
        # A project in memory; typst's type stubs do not know this form of its input.
        pdf: bytes = typst.compile(sources, format="pdf", ignore_system_fonts=True)  # type: ignore[call-overload]
    except typst.TypstError as error:
        raise BadInput(
            f"the document can not be drawn: {error.message}",
            advice="Is the logo of the letterhead an image?",
        ) from error
    return pdf


def printable(text: str) -> str:
    """`text` with each character that can not be seen written as its code point: `<U+202E>`."""
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def _plain(value: Any, images: dict[str, bytes]) -> Any:
    """`value` as JSON types; images are put aside in `images` and named in their place."""
    if is_dataclass(value):
        named = {field.name: _plain(getattr(value, field.name), images) for field in fields(value)}
        return {"kind": type(value).__name__, **named}
    if isinstance(value, tuple):
        return [_plain(part, images) for part in value]
    if isinstance(value, bytes):
        name = f"image-{len(images)}"
        images[name] = value
        return name
    return printable(value) if isinstance(value, str) else value
