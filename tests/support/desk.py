"""An example office in a folder, and somebody who types commands for it, without a process for each of them.

desk = Desk(folder, keyring)
desk.furnish({"kabid": "age1…", "kasi": "age1…"})
desk.renew_trust()
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cadangan.evidence.journal import Journal
from support import command_line
from support.signed_office import Keyring

# Persons of the example office, and whose key of the ring each of them uses.
KEYS = {"kadin": "tri", "kabid": "tuti", "kasi": "sari", "staf-satu": "putra", "opd-disdukcapil": "oki"}


@dataclass
class Desk:
    """An example office in a folder, and somebody who types commands."""

    root: Path
    keyring: Keyring

    def types(self, *arguments: str, status: int = 0) -> str:
        """Run a command that must end with `status`; what it printed, and its errors after that."""
        return command_line.types("--office", str(self.root), *arguments, status=status)

    def asks(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        """Run a command with --json; what it printed."""
        answer: dict[str, Any] = json.loads(self.types("--json", *arguments, status=status))
        return answer

    def key(self, person: str) -> Path:
        return self.keyring.private(KEYS[person])

    def sign(self, *persons: str) -> str:
        said = ""
        for person in persons:
            said = self.types("trust", "sign", "--as", person, "--key", str(self.key(person)), "--yes")
        return said

    def changes(self, file: str, old: str, new: str) -> None:
        text = (self.root / file).read_text()
        assert old in text
        (self.root / file).write_text(text.replace(old, new, 1))

    @property
    def journal(self) -> Journal:
        return Journal.open(f"sqlite:///{self.root}/journal.db", "diskominfo-kudus")

    def furnish(self, recipients: dict[str, str]) -> None:
        """Make the office, with keys of its people and these recipients."""
        self.types("init", str(self.root))
        for person in KEYS:
            self.types("trust", "add-key", person, str(self.key(person).with_suffix(".pub")))
        for holder, key in recipients.items():
            self.types("trust", "add-recipient", holder, key)

    def renew_trust(self) -> None:
        """Put in force what the office's files say."""
        self.types("trust", "compile")
        self.sign("kadin", "kabid")
