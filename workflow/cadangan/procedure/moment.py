"""Times as they stand in signed texts: UTC, whole seconds, `2026-11-25T02:06:37Z`."""

from __future__ import annotations

from datetime import UTC, datetime

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """`moment` (with a time zone) as text."""
    return moment.astimezone(UTC).strftime(FORMAT)


def read(text: str) -> datetime:
    """The time that `text` stands for; `ValueError` if it is not one."""
    return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
