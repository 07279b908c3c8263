"""What the fields of the register are called in documents: as in the spreadsheet that an office exports."""

from __future__ import annotations

import re

from cadangan.errors import BadInput
from cadangan.register.spreadsheet.columns import column_of

_ENTRY = re.compile(r"\[([^\]]*)\]")


def field_name(field: str, language: str) -> str:
    """`Memori (RAM)` for `machine.memory`; of an entry of a list also which one; the field itself if it has no name.

    Fields are named as a review names them, `databases[sqlite /srv/a.db].size`, or as a reconciliation does,
    `sqlite /srv/a.db: size`.
    """
    entries = _ENTRY.findall(field)
    plain = _ENTRY.sub("", field)
    label, colon, last = field.rpartition(": ")
    if colon and not entries:
        entries, plain = [label], f"databases.{last}"
    name = _heading(plain, language)
    if name is None:
        return field
    return f"{name}: {', '.join(entries)}" if entries else name


def _heading(field: str, language: str) -> str | None:
    """The heading of the field, or of what it is a part of."""
    while field:
        try:
            return column_of(field).heading(language)
        except BadInput:
            field = field.rpartition(".")[0]
    return None
