"""The files of an office that are kept elsewhere with its journal: what people wrote, and never a private key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cadangan.errors import WorkFailed
from cadangan.register.holidays_file import HOLIDAYS_FILE
from cadangan.register.office import OFFICE_FILE, OFFICIALS_FILE, Office

_PRIVATE = (b"PRIVATE KEY-----", b"AGE-SECRET-KEY-1", b"PuTTY-User-Key-File")


def office_files(office: Office) -> Iterator[tuple[str, Path]]:
    """Each file by its name in the office's folder: settings, people, holidays, inventory, logo, what reviews froze.

    `WorkFailed` at one that holds a private key which is not encrypted.
    """
    names = [OFFICE_FILE, OFFICIALS_FILE, *([office.letterhead.logo] if office.letterhead.logo else [])]
    paths = [office.root / name for name in names]
    paths += [path for path in [office.root / HOLIDAYS_FILE] if path.exists()]
    paths += sorted(path for path in office.inventory.rglob("*") if path.is_file())
    paths += sorted(office.reviews_dir.glob("*/*.json"))
    for path in paths:
        data = path.read_bytes()
        if any(mark in data for mark in _PRIVATE):
            raise WorkFailed(
                f"{path} holds a private key, which must not leave this machine",
                advice="Keep it outside the office's folder, or encrypt it: ansible-vault encrypt FILE",
            )
        yield str(path.relative_to(office.root)), path
