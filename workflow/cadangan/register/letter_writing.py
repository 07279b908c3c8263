"""Letters that the office itself prepares for an agency to sign: drills as routine, disposals by rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from cadangan.errors import BadInput


@dataclass(frozen=True)
class Wording:
    """What stands in such a letter, in the office's language."""

    number: str
    subject: str
    reason: str


def compose(
    kind: str, agency: str, applicant: str, items: list[dict[str, str]], wording: Wording, today: date
) -> dict[str, Any]:
    """A letter as a file of it says it."""
    return {
        "kind": kind,
        "number": wording.number,
        "date": today,
        "subject": wording.subject,
        "agency": agency,
        "applicant": applicant,
        "reason": wording.reason,
        "items": items,
    }


def write_letter(path: Path, letter: dict[str, Any]) -> None:
    """Write a letter to a new file; `BadInput` if there is such a file or it can not be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            YAML().dump(letter, file)
    except OSError as error:
        raise BadInput(f"the letter can not be written: {error.strerror}", where=str(path)) from error
