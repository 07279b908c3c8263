"""Texts that stand in a cell letter by letter: in quotation marks, with escapes as in JSON."""

from __future__ import annotations

import json

from cadangan.register.spreadsheet.sheet import Value

LOST = "\N{REPLACEMENT CHARACTER}"
"""What stands for a letter that was lost when a text was saved in another encoding."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How texts begin that spreadsheet programs take for formulas."""


def is_safe(text: str) -> bool:
    """Whether programs keep a text as it is, and take it for a text."""
    return not text.startswith(_FORMULA) and all(line.isprintable() for line in text.split("\n"))


def exact_text(value: Value) -> str | None:
    """What stands in quotation marks is meant letter by letter, with escapes as in JSON."""
    if not (isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"'):
        return None
    try:
        exact = json.loads(value)
        # An escape can say half a character, which no file holds.
        str(exact).encode()
    except ValueError:
        return None
    return exact if isinstance(exact, str) else None


def quoted(text: str) -> str:
    return escaped(json.dumps(text, ensure_ascii=False))


def escaped(text: str) -> str:
    """JSON such that nothing of it gets lost in a cell: no control characters, no spaces that programs merge."""
    return "".join(
        json.dumps(each)[1:-1]
        if each == LOST or not each.isprintable()
        else "\\u0020"
        if text.startswith("  ", number)
        else each
        for number, each in enumerate(text)
    )
