# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text that a host tells of itself: short, and nothing in it that a terminal would obey."""

from __future__ import annotations

import os

NAME_LIMIT = 4096
"""Of names of databases and paths, in characters."""


def shown(text: str, limit: int = 100) -> str:
    """`text`, at most `limit` characters long, with escapes for what does not print."""
    return (text if text.isprintable() else ascii(text)[1:-1])[:limit]


def first_line(path: str) -> str:
    """The first line of a small file of the system as `shown` gives it; empty if there is none to be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return shown(file.readline(1000).strip())
    except OSError:
        return ""


def number(path: str) -> int:
    """The number that a file of the system holds; 0 if there is none to be read."""
    line = first_line(path)
    return int(line) if line.isdigit() else 0


def folder(path: str) -> list:
    """Names in a folder of the system, in order; none if it can not be listed."""
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []
