"""What is to be said of a spreadsheet that was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing to say: `place` is a cell, row or column as people call it; what is not `wrong` is only told."""

    place: str
    what: str
    wrong: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" if self.place else self.what
