"""An exported case beside the whole journal: what hashes alone can not say, its entries can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cadangan.errors import WorkFailed
from cadangan.evidence.audit_files import Fault
from cadangan.evidence.chain import Row
from cadangan.evidence.exported_case import ABOUT_OFFICE, ExportedCase
from cadangan.evidence.verification import verify


def journal_faults(export: ExportedCase, rows: Iterable[Row]) -> list[Fault]:
    """What is wrong with the whole journal of these rows, or differs from it in the exported case."""
    differing: list[Fault] = []
    result = verify(_compared(export, rows, differing), export.office)
    faults = [Fault("journal", str(fault)) for fault in result.faults]
    if result.count < export.head.seq:
        faults.append(Fault("journal", f"it ends with entry {result.count}, before the exported head {export.head}"))
    return faults + differing


def _compared(export: ExportedCase, rows: Iterable[Row], differing: list[Fault]) -> Iterator[Row]:
    there = set(export.entries)
    for row in rows:
        if row.seq <= len(export.hashes) and export.hashes[row.seq - 1] != row.hash:
            differing.append(Fault(f"entry {row.seq}", "the journal has another one of this number"))
        if row.seq not in there and _belongs(export, row):
            why = "was written after the file: take it anew" if row.seq > export.head.seq else "is left out"
            differing.append(Fault(f"entry {row.seq}", f"it belongs to case {export.case} and {why}"))
        yield row


def _belongs(export: ExportedCase, row: Row) -> bool:
    try:
        entry = row.content
    except WorkFailed:
        # Damaged: verifying the journal says so.
        return False
    return entry.get("case") == export.case or (row.seq <= export.head.seq and entry.get("type") in ABOUT_OFFICE)
