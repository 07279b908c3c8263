"""What a review is about, in the office's folder: the journal holds its digests, and no personal data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.errors import WorkFailed
from cadangan.evidence.durable import write_durably

OPENED, FACTS, CLOSED = "register-opened.json", "reconciliation.json", "register-closed.json"


class ReviewFiles:
    """The files of one review, in a folder of its own; reports lie there, too."""

    def __init__(self, reviews: Path, review_id: str) -> None:
        self.folder = reviews / review_id

    def keep(self, name: str, data: bytes) -> Path:
        """Write a file and give its path; `WorkFailed` if that can not be done."""
        path = self.folder / name
        try:
            self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            write_durably(path, data)
        except OSError as error:
            raise WorkFailed(f"{path} can not be written: {error.strerror}") from error
        return path

    def read(self, name: str, digest: str) -> dict[str, Any]:
        """What a file holds; `WorkFailed` unless it is the one whose digest the journal has."""
        path = self.folder / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WorkFailed(
                f"can not be read: {error.strerror}", where=str(path), advice="Put it back from a copy of this folder."
            ) from error
        if canonical.digest(data) != digest:
            raise WorkFailed(
                "this is not the file of which the journal has the digest",
                where=str(path),
                advice=f"Put it back from a copy of this folder; its SHA-256 is {digest}.",
            )
        return canonical.loads(data, canonical.MANIFEST_LIMIT)
