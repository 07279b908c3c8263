"""Text as it can be drawn: nothing in it that a reader could not see."""

from __future__ import annotations

import re

# Characters that would be invisible on paper, or change the order of those around them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
# Neither XML nor UTF-8 has these at all.
_IMPOSSIBLE = re.compile("[\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """`text` with each character that can not be seen written as its code point: `<U+202E>`."""
    return _IMPOSSIBLE.sub(_named, _UNSEEN.sub(_named, text))


def _named(found: re.Match[str]) -> str:
    return f"<U+{ord(found[0]):04X}>"
