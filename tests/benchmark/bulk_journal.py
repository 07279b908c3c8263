"""A large journal, written quickly: every case went all the way, except one in a hundred, which waits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from cadangan.evidence.chain import Head, Row, follow
from cadangan.evidence.journal import Journal

ENTRIES_PER_CASE = 12
_WAITING = 4
_CASE = "B-2026-CASE"
_AT = "2026-11-25T02:06:37Z"
_SIGNATURE = f"-----BEGIN SSH SIGNATURE-----\n{'A' * 300}\n-----END SSH SIGNATURE-----\n"
_DIGEST = "ab" * 32


def write_journal(file: Path, office: str, cases: int) -> None:
    """Make a journal in `file` with a chain that verifies."""
    head = Journal.open(f"sqlite:///{file}", office).head()
    with sqlite3.connect(file) as connection:
        rows = ((row.seq, row.entry, row.prev, row.hash) for row in _rows(head, office, cases))
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", rows)
    connection.close()


def _rows(head: Head, office: str, cases: int) -> Iterator[Row]:
    templates = [canonical.dumps(entry).decode("ascii") for entry in _entries(office)]
    for number in range(1, cases + 1):
        for template in templates[: _WAITING if number % 100 == 0 else None]:
            row = follow(head, template.replace(_CASE, f"B-2026-{number:04d}"))
            head = Head(row.seq, row.hash)
            yield row


def _entries(office: str) -> list[dict[str, Any]]:
    """The entries of one case from its request to its confirmed report."""
    request = {
        "type": "request",
        "case": _CASE,
        "office": office,
        "agency": "disdik",
        "applicant": "oki",
        "at": _AT,
        "subject": "Permohonan pencadangan basis data",
        "letter": {"number": "045.2/117/2026", "date": "2026-11-24"},
        "sealed": _DIGEST,
        "items": [
            {
                "id": "1",
                "action": "backup",
                "agency": "disdik",
                "asset": "db-01",
                "engine": "postgresql",
                "instance": "5432",
                "database": "siak",
                "drill": True,
            }
        ],
    }
    order = {"type": "order", "case": _CASE, "person": "putra", "items": ["1"], "permit": _DIGEST, "at": _AT}
    run = "0b9a5c52-6f0e-4a06-8d1c-3f3a1f7f2c11"
    window = {"from": _AT, "until": "2026-11-26T02:06:37Z"}
    entries: list[dict[str, Any]] = [
        {"type": "request", "request": json.dumps(request), "digest": _DIGEST},
        _decision("disposition", "bidang", "accept"),
        _decision("disposition", "seksi", "accept", executors=["putra"]),
        {"type": "proposal", "window": window, "person": "sari"},
        _decision("schedule", "opd", "agree", window=window),
        {
            "type": "order",
            "text": json.dumps(order),
            "signature": _SIGNATURE,
            "digest": _DIGEST,
            "permit": "x" * 3000,
        },
        {"type": "started", "run": run, "order": _DIGEST, "items": ["1"], "host": "kendali", "via": "cadangan"},
        {
            "type": "outcome",
            "run": run,
            "item": "1",
            "asset": "db-01",
            "result": "done",
            "message": "",
            "facts": {
                "set": f"disdik/db-01/postgresql/siak/20261125T020637Z-{_CASE}-1",
                "manifest": _DIGEST,
                "snapshot_at": _AT,
                "bytes": 1_000_000,
                "drilled": True,
            },
            "ledger": run,
            "last": 3,
        },
        {"type": "ended", "run": run, "result": "done", "items": [{"item": "1", "result": "done", "message": ""}]},
        _decision("report", "personil", "done", outcome=_DIGEST),
        _decision("confirm", "seksi", "confirm", outcome=_DIGEST),
        _decision("acknowledge", "opd", "acknowledge", outcome=_DIGEST),
    ]
    assert len(entries) == ENTRIES_PER_CASE
    return [{**entry, "at": _AT, "case": _CASE} for entry in entries]


def _decision(step: str, role: str, verdict: str, **more: Any) -> dict[str, Any]:
    content = {
        "type": "decision",
        "case": _CASE,
        "step": step,
        "verdict": verdict,
        "person": role,
        "role": role,
        "at": _AT,
        "until": "2026-12-09T02:06:37Z",
        "work": _DIGEST,
        "after": _DIGEST,
        "journal": _DIGEST,
        "note": "",
        **more,
    }
    return {"type": "decision", "text": json.dumps(content), "signature": _SIGNATURE, "digest": _DIGEST}
