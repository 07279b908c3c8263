"""Reaching repositories from the control host, as the office's operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repositories import repository_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.errors import Missing
from cadangan.evidence.assets import repository_contacts
from cadangan.evidence.journal import Journal
from cadangan.register.office import Office


@contextmanager
def reached_repository(office: Office, journal: Journal, place: str) -> Iterator[Repository]:
    """The repository at `place`, a folder of this machine or `ssh://NAME`; `Missing` if it can not be reached."""
    try:
        repository = repository_of(place, repository_contacts(journal), str(office.repository_key))
        # Needs no right to write there.
        repository.room()
    except EngineError as error:
        advice = f"{error.advice} Another place is named with --repository."
        raise Missing(error.message, advice=advice) from error
    try:
        yield repository
    finally:
        repository.close()
