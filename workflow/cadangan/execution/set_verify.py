"""Reading many sets back from a repository at once, and telling the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.journal import Journal
from cadangan.evidence.set_check import SetChecker
from cadangan.evidence.verification import Progress
from cadangan.execution.parallel import in_parallel

_PER_ENTRY = 500
"""Ids that surely fit into an entry of the journal."""

_FAULT_LENGTH = 400


@dataclass(frozen=True)
class Verifying:
    """How sets in a repository are read back: by itself, or with `download` through this machine."""

    journal: Journal
    catalogue: Catalogue
    repository: Repository
    download: bool = False

    def verify(self, set_ids: Sequence[str], progress: Progress | None = None) -> Iterator[tuple[str, list[str]]]:
        """Each set with what is wrong with it, as `SetChecker.check` says.

        The journal learns of what was done, also when it ends before its time.
        """
        checker = SetChecker(self.journal, self.catalogue, self.repository, download=self.download)
        for start in range(0, len(set_ids), _PER_ENTRY):
            done: dict[str, list[str]] = {}

            def tell(count: int, before: int = start) -> None:
                if progress:
                    progress(before + count)

            try:
                for set_id, faults in in_parallel(checker.check, set_ids[start : start + _PER_ENTRY], tell):
                    done[set_id] = faults
                    yield set_id, faults
            finally:
                self._record(done)

    def _record(self, done: dict[str, list[str]]) -> None:
        if not done:
            return
        self.journal.append(
            {
                "type": "verified",
                "repository": self.repository.name,
                "downloaded": self.download,
                "sets": [set_id for set_id, faults in done.items() if not faults],
                "faults": [
                    {"set": set_id, "fault": "; ".join(faults)[:_FAULT_LENGTH]}
                    for set_id, faults in done.items()
                    if faults
                ],
            }
        )
