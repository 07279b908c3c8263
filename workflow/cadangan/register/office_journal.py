"""The journal of an office: begun with the office, and never a second time."""

from __future__ import annotations

from cadangan.evidence.journal import Journal
from cadangan.register.office import Office


def open_journal(office: Office) -> Journal:
    """The office's journal; a new office's is made. `Missing` if it is gone: an office with cases has had one."""
    has_cases = (office.root / "cases").is_dir()
    return Journal.open(office.journal_url, office.id, cache=office.root, make=not has_cases)
