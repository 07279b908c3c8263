"""The journal's entries of a case whose every time a test chooses, in the time of an office in Jakarta.

case = TimedCase()
case.requested("2026-11-27 15:50").accepted("2026-11-30 07:35").assigned("2026-11-30 07:40")
step_clocks(case.folded, working_time, case.utc("2026-11-30 08:00"))
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from cadangan.procedure import moment
from cadangan.procedure.case import Case, fold

JAKARTA = ZoneInfo("Asia/Jakarta")

ITEM = {
    "id": "1",
    "action": "backup",
    "agency": "disdukcapil",
    "asset": "db-01",
    "engine": "sqlite",
    "instance": "",
    "database": "/srv/1.db",
    "drill": True,
}


def utc(text: str) -> str:
    """`2026-11-27 15:50` in Jakarta, as the journal has it."""
    return moment.read_local(text, JAKARTA)


class TimedCase:
    """Each method adds what one person does, at a local time, and gives the case back."""

    def __init__(self, id: str = "B-2026-0001", agency: str = "disdukcapil", office: str = "diskominfo-kudus") -> None:
        self.id = id
        self.agency = agency
        self.office = office
        self.entries: list[dict[str, Any]] = []
        self._window: dict[str, str] = {}
        self._runs = 0

    @property
    def folded(self) -> Case:
        return fold(self.entries)

    def requested(self, at: str) -> TimedCase:
        request = {
            "type": "request",
            "office": self.office,
            "case": self.id,
            "agency": self.agency,
            "at": utc(at),
            "applicant": "opd-disdukcapil",
            "subject": "Backup",
            "letter": {"number": "1", "date": "2026-11-24"},
            "attachments": [],
            "sealed": "0" * 64,
            "items": [ITEM],
        }
        text = canonical.dumps(request)
        return self._enter(at, {"type": "request", "request": text.decode(), "digest": canonical.digest(text)})

    def accepted(self, at: str, verdict: str = "accept") -> TimedCase:
        return self._decide(at, "disposition", "bidang", verdict, "kabid")

    def assigned(self, at: str, signed_at: str = "") -> TimedCase:
        return self._decide(at, "disposition", "seksi", "accept", "kasi", signed_at, executors=["staf-satu"])

    def proposed(self, at: str, start: str, end: str) -> TimedCase:
        self._window = {"from": utc(start), "until": utc(end)}
        return self._enter(at, {"type": "proposal", "window": self._window, "person": "kasi"})

    def agreed(self, at: str, verdict: str = "agree") -> TimedCase:
        return self._decide(at, "schedule", "opd", verdict, "opd-disdukcapil", window=self._window)

    def started(self, at: str) -> TimedCase:
        self._runs += 1
        text = canonical.dumps({"person": "staf-satu", "items": ["1"], "run": self._runs})
        order = {"text": text.decode(), "signature": "", "digest": canonical.digest(text), "permit": "{}"}
        self._enter(at, {"type": "order", **order})
        started = {"order": order["digest"], "items": ["1"], "host": "h b 1 2", "via": "cadangan"}
        return self._enter(at, {"type": "started", "run": f"r{self._runs}", **started})

    def ended(self, at: str, result: str = "done") -> TimedCase:
        run = f"r{self._runs}"
        outcome = {
            "item": "1",
            "asset": "db-01",
            "result": result,
            "message": "",
            "facts": {},
            "ledger": "l",
            "last": 1,
        }
        self._enter(at, {"type": "outcome", "run": run, "ledger": "l", "last": 1, **outcome})
        return self._enter(at, {"type": "ended", "run": run, "result": result, "items": []})

    def reported(self, at: str) -> TimedCase:
        return self._decide(at, "report", "personil", "done", "staf-satu")

    def confirmed(self, at: str, verdict: str = "confirm") -> TimedCase:
        return self._decide(at, "confirm", "seksi", verdict, "kasi")

    def acknowledged(self, at: str) -> TimedCase:
        return self._decide(at, "acknowledge", "opd", "acknowledge", "opd-disdukcapil")

    def withdrawn(self, at: str) -> TimedCase:
        return self._enter(at, {"type": "withdrawal", "number": 1})

    def _decide(
        self, at: str, step: str, role: str, verdict: str, person: str, signed_at: str = "", **more: Any
    ) -> TimedCase:
        decision = {"step": step, "role": role, "verdict": verdict, "person": person, "at": utc(signed_at or at)}
        text = canonical.dumps({**decision, "note": "", **more})
        return self._enter(
            at, {"type": "decision", "text": text.decode(), "signature": "", "digest": canonical.digest(text)}
        )

    def _enter(self, at: str, entry: dict[str, Any]) -> TimedCase:
        self.entries.append({**entry, "case": self.id, "at": utc(at)})
        return self


def whole_case(day: str = "2026-11-25", **names: str) -> TimedCase:
    """A case that took one morning and kept every limit."""
    return (
        TimedCase(**names)
        .requested(f"{day} 08:00")
        .accepted(f"{day} 08:05")
        .assigned(f"{day} 08:10")
        .proposed(f"{day} 08:30", f"{day} 09:00", f"{day} 12:00")
        .agreed(f"{day} 08:50")
        .started(f"{day} 09:10")
        .ended(f"{day} 09:30")
        .reported(f"{day} 09:40")
        .confirmed(f"{day} 09:45")
        .acknowledged(f"{day} 09:50")
    )
