"""Reaching repositories from the control host, as the office's operator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repositories import repository_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.errors import CadanganError, Missing
from cadangan.evidence.assets import repository_contacts
from cadangan.evidence.journal import Journal
from cadangan.evidence.set_history import SetRecord
from cadangan.evidence.set_places import Comparison, compare
from cadangan.evidence.trust_store import newest_trust, trust_chain
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


def known_places(journal: Journal, records: Iterable[SetRecord]) -> list[str]:
    """Every repository that should have sets: the signed policy's first, then those that the journal tells of."""
    policy = newest_trust(journal).newest["policy"]["repository"] if trust_chain(journal) else None
    told = {place for record in records if not record.disposed_in for place in record.places}
    return [*filter(None, [policy]), *sorted(told - {policy})]


def look(office: Office, journal: Journal, place: str, records: Mapping[str, SetRecord]) -> Comparison:
    """What is at `place`, beside what is known; never raises because nobody can look."""
    try:
        with reached_repository(office, journal, place) as repository:
            return compare(place, repository.sets(), records)
    except (CadanganError, EngineError, Refused) as error:
        return Comparison(place, error=str(error).partition("\n")[0])
