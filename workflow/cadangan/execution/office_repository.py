"""The repository of an office, as this machine reaches it."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository

from cadangan.errors import Missing
from cadangan.evidence.journal import Journal
from cadangan.evidence.trust_store import newest_trust
from cadangan.register.office import Office


def office_repository(office: Office, journal: Journal, place: str | None = None) -> Repository:
    """The repository that the signed policy names, or the one at `place`. `Missing` if it is not there."""
    return repository_at(place or newest_trust(journal).newest["policy"]["repository"])


def repository_at(place: str) -> Repository:
    """The repository at a place that needs no office to be reached: a folder. `Missing` if it is not there."""
    if not Path(place).is_dir():
        raise Missing(
            f"the repository folder {place} is not on this machine",
            advice="Mount it here, and name that folder.",
        )
    return FolderRepository(place)
