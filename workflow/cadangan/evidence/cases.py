"""Cases as the journal has them: open one, read one, add to one, list all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.errors import Missing
from cadangan.evidence.journal import Journal, Reader, View
from cadangan.procedure import moment
from cadangan.procedure.case import Case, Entry, fold, summarise


def load_case(journal: Reader, case_id: str) -> Case:
    """The case with this id; `Missing` if there is none."""
    entries = [row.content for row in journal.of_case(case_id)]
    if not entries:
        raise Missing(f"there is no case {json.dumps(case_id)}", advice="see all with: cadangan case list --all")
    return fold(entries)


def open_case(journal: Journal, prefix: str, request: Callable[[str], bytes]) -> Case:
    """Open a case under the year's next number; `request` gives the request's canonical text for that id."""
    year = int(moment.now()[:4])

    def entry(view: View) -> Entry:
        case_id = view.next_case_number(prefix, year)
        text = request(case_id)
        return {
            "type": "request",
            "case": case_id,
            "request": text.decode("ascii"),
            "digest": canonical.digest(text),
        }

    row = journal.append_if(entry)
    assert row is not None
    return load_case(journal, row.content["case"])


def list_summaries(journal: Journal) -> list[dict[str, Any]]:
    """One row for every case, in the order in which they were opened."""
    return list(journal.index(summarise).values())


def append_to_case(journal: Journal, case_id: str, build: Callable[[Case], Entry | None]) -> Case:
    """Add one entry to a case, checked and written in one transaction.

    `build` sees the case as it is at that moment and returns the entry (`case` and `at` are added), returns
    None to add nothing, or raises to refuse. Returns the case as it then is.
    """

    def entry(view: View) -> Entry | None:
        built = build(load_case(view, case_id))
        return None if built is None else built | {"case": case_id}

    journal.append_if(entry)
    return load_case(journal, case_id)
