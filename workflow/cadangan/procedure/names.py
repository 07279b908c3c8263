"""Names that people mistype."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def printable(name: str) -> str:
    """`name`, with escapes for what a terminal would obey or not show."""
    return name if name.isprintable() else ascii(name)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`Did you mean 'siak'?`, or what there is to choose from; empty if nothing is known."""
    choices = sorted(known)
    nearest = get_close_matches(name, choices, n=1)
    if nearest:
        return f"Did you mean {nearest[0]!r}?"
    if not choices:
        return ""
    more = ", …" if len(choices) > 10 else ""
    return f"Known: {', '.join(choices[:10])}{more}."
