"""Times as they stand in signed texts: `2026-11-25T02:06:37Z`, UTC. They compare as text."""

from __future__ import annotations

import re
from datetime import datetime, timezone

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def is_time(value: object) -> bool:
    """Whether `value` is a time in the one accepted spelling."""
    if not isinstance(value, str) or not _FORM.fullmatch(value):
        return False
    try:
        # Newer Pythons read 24:00:00 as the next day; written out again it looks otherwise.
        return datetime.fromisoformat(value[:-1]).isoformat() + "Z" == value
    except ValueError:
        return False


def seconds(text: str) -> int:
    """Seconds since 1970 of the time `text`."""
    return int(datetime.strptime(text, _FORMAT).replace(tzinfo=timezone.utc).timestamp())


def now() -> str:
    """The time by this host's clock."""
    return datetime.now(timezone.utc).strftime(_FORMAT)


def compact(text: str) -> str:
    """The time `text` as it stands in names of files: `20261125T020637Z`."""
    return text.replace("-", "").replace(":", "")


def spelled_out(text: str) -> str:
    """The time that `compact` made `text` of."""
    return f"{text[:4]}-{text[4:6]}-{text[6:11]}:{text[11:13]}:{text[13:]}"


def shifted(text: str, by: int) -> str:
    """The time `by` seconds after the time `text`."""
    return datetime.fromtimestamp(seconds(text) + by, timezone.utc).strftime(_FORMAT)
