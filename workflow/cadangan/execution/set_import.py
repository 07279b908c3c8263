"""Taking backup sets of a medium, or strays of a repository, into the office's catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.errors import CadanganError
from cadangan.evidence.journal import Journal
from cadangan.evidence.set_adoption import Adopted, SetAdoption
from cadangan.execution.parallel import in_parallel


def import_sets(
    journal: Journal, adoption: SetAdoption, medium: Repository, set_ids: Sequence[str], label: str
) -> Iterator[tuple[str, Adopted | str]]:
    """Each of these sets of `medium` as it was taken in, or why it was not; every byte of it is read before.

    `label` stands on the medium, if it is one. The journal learns of each set.
    """

    def attempt(set_id: str) -> Adopted | str:
        try:
            return adoption.adopt(set_id, read_back=True)
        except (CadanganError, EngineError) as error:
            return error.message

    for set_id, result in in_parallel(attempt, set_ids):
        if isinstance(result, Adopted):
            journal.append(
                {
                    "type": "imported",
                    "set": result.set,
                    "manifest": result.manifest,
                    "place": medium.name,
                    "label": label,
                    "key": result.key,
                    "key_known": result.key_known,
                }
            )
        yield set_id, result
