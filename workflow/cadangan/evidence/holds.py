"""Holds: why a set, a database's sets or an agency's must not be disposed of, by whom, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter, ValidationError

from cadangan.errors import BadInput, Missing
from cadangan.evidence.journal import Journal, Reader, View
from cadangan.procedure.case import Entry
from cadangan.procedure.fields import Line


@dataclass(frozen=True)
class Hold:
    """`number` is that of its journal entry; `scope` the beginning of the ids of what it covers, by whole names."""

    number: int
    scope: str
    reason: str
    person: str
    at: str
    until: str | None

    def covers(self, set_id: str, today: date) -> bool:
        """Whether it holds this set on that day, its last day included."""
        return f"{set_id}/".startswith(f"{self.scope}/") and (
            self.until is None or today <= date.fromisoformat(self.until)
        )


def place_hold(journal: Journal, scope: str, reason: str, person: str, until: date | None) -> Hold:
    """Write a hold to the journal; `BadInput` if the reason is not one line of text."""
    row = journal.append(
        {
            "type": "hold",
            "scope": scope,
            "reason": _line(reason),
            "person": person,
            "until": until.isoformat() if until else None,
        }
    )
    return Hold(row.seq, scope, row.content["reason"], person, row.content["at"], row.content["until"])


def release_hold(journal: Journal, number: int, reason: str, person: str) -> Hold:
    """Write that a hold ends; `Missing` if there is none of that number."""
    released: list[Hold] = []

    def entry(view: View) -> Entry:
        hold = next((each for each in standing_holds(view) if each.number == number), None)
        if hold is None:
            raise Missing(f"there is no hold {number}", advice="see all with: cadangan hold list")
        released.append(hold)
        return {"type": "hold_released", "hold": number, "reason": _line(reason), "person": person}

    journal.append_if(entry)
    return released[-1]


def standing_holds(journal: Reader) -> list[Hold]:
    """The holds that were not released, in the order in which they were placed; some may have run out."""
    holds: dict[int, Hold] = {}
    for row in journal.entries():
        if '"type":"hold' not in row.entry:
            continue
        entry = row.content
        if entry["type"] == "hold":
            holds[row.seq] = Hold(
                row.seq, entry["scope"], entry["reason"], entry["person"], entry["at"], entry["until"]
            )
        elif entry["type"] == "hold_released":
            holds.pop(entry["hold"], None)
    return list(holds.values())


def _line(reason: str) -> str:
    try:
        return TypeAdapter(Line).validate_python(reason)
    except ValidationError as error:
        raise BadInput(f"the reason is not one line of text: {error.errors()[0]['msg']}") from error
