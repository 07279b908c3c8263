"""The repository of an office, as this machine reaches it."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository

from cadangan.errors import Missing


def repository_at(place: str) -> Repository:
    """The repository at a place: a folder on this machine. `Missing` if it is not there."""
    if not Path(place).is_dir():
        raise Missing(
            f"the repository folder {place} is not on this machine",
            advice="Mount it here, and name that folder with --repository.",
        )
    return FolderRepository(place)
