"""Times as they stand in signed texts: UTC, whole seconds, `2026-11-25T02:06:37Z`."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from ansible_collections.diskominfo.cadangan.plugins.module_utils.moment import is_time, now

from cadangan.errors import BadInput

__all__ = ["now", "read", "read_local", "stamp"]

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def stamp(moment: datetime) -> str:
    """`moment` (with a time zone) as text."""
    return moment.astimezone(UTC).strftime(FORMAT)


def read(text: str) -> datetime:
    """The time that `text` stands for; `ValueError` if it is not one."""
    if not is_time(text):
        raise ValueError(f"{text!r} is not a time like 2026-11-25T02:06:37Z")
    return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)


def read_local(text: str, zone: tzinfo) -> str:
    """A time as a person types it (`2026-11-25 19:00` in `zone`, or in UTC with a trailing Z), as it is signed."""
    if is_time(text):
        return text
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a time", advice="Write it as '2026-11-25 19:00', in office time.") from None
    return stamp(typed if typed.tzinfo else typed.replace(tzinfo=zone))
