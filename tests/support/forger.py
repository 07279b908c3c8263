"""Somebody who changes entries of an exported case and makes all hashes, copies and sums right again.

forger = Forger(files)
forger.change(8, at="2026-01-01T00:00:00Z")
forger.sign(8, keyring.private("oki"), window={…})
data = forger.archive()
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import NAMESPACE
from cadangan.evidence.chain import GENESIS, Row, entry_hash
from cadangan.evidence.exported_case import ABOUT, HASHES, SUMS, write_case

REPEATED = ("journal/", "signed/", "permits/", "trust/", "request.json", "work.json")


class Forger:
    """Works on the files of an export that holds all entries in full; its `entries` are by number."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._about = json.loads(files[ABOUT])
        self.entries = {seq: json.loads(files[f"journal/{seq:06d}.json"]) for seq in self._about["entries"]}
        self.files = {
            name: content
            for name, content in files.items()
            if not name.startswith(REPEATED) and name not in (ABOUT, HASHES, SUMS)
        }
        self.missing: list[str] = self._about["missing"]
        assert list(self.entries) == list(range(1, self._about["head"]["seq"] + 1))

    def find(self, kind: str, **content: str) -> int:
        """The number of the last entry of this type whose signed text has these values."""
        return max(
            seq
            for seq, entry in self.entries.items()
            if entry["type"] == kind and content.items() <= json.loads(entry.get("text", "{}")).items()
        )

    def change(self, seq: int, **more: Any) -> None:
        """Give keys of an entry other values."""
        self.entries[seq] |= more

    def sign(self, seq: int, key: Path, **more: Any) -> None:
        """Give keys of an entry's signed text other values, and sign it with this key."""
        text = canonical.dumps(json.loads(self.entries[seq]["text"]) | more)
        signature = sshsig.sign(text, key, NAMESPACE)
        self.change(seq, text=text.decode(), signature=signature, digest=canonical.digest(text))

    def archive(self) -> bytes:
        """The export as it is now, right in everything that can be computed."""
        rows, before = [], GENESIS
        for seq, entry in self.entries.items():
            text = canonical.dumps(entry).decode()
            rows.append(Row(seq, text, before, entry_hash(seq, before, text)))
            before = rows[-1].hash
        hashes = [row.hash for row in rows]
        about = (self._about[key] for key in ("office", "case", "journal"))
        return write_case(*about, hashes, rows, self.missing, self.files)
