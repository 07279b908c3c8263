"""Cases as the journal has them: read one, add to one, list all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cadangan.errors import Missing
from cadangan.evidence.journal import Journal
from cadangan.procedure.case import Case, Entry, fold


def load_case(journal: Journal, case_id: str) -> Case:
    """The case with this id; `Missing` if there is none."""
    entries = [json.loads(row.entry) for row in journal.of_case(case_id)]
    if not entries:
        raise Missing(f"there is no case {json.dumps(case_id)}", advice="see all with: cadangan case list")
    return fold(entries)


def append_to_case(journal: Journal, case_id: str, build: Callable[[Case], Entry | None]) -> Case:
    """Add one entry to a case, checked and written in one transaction.

    `build` sees the case as it is at that moment and returns the entry (`case` and `at` are added), returns
    None to add nothing, or raises to refuse. Returns the case as it then is.
    """

    def entry() -> dict[str, Any] | None:
        built = build(load_case(journal, case_id))
        return None if built is None else built | {"case": case_id}

    journal.append_if(entry)
    return load_case(journal, case_id)
