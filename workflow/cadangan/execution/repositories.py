"""Reaching repositories from the control host: the office's own as its operator, or one of which no journal tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_host, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repositories import repository_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import SshRepository

from cadangan.errors import BadInput, CadanganError, Missing
from cadangan.evidence.assets import repository_contacts
from cadangan.evidence.journal import Journal
from cadangan.evidence.set_history import SetRecord
from cadangan.evidence.set_places import Comparison, compare
from cadangan.evidence.trust_store import newest_trust, trust_chain
from cadangan.register.office import Office

_SSH_PORT = 22


@contextmanager
def reached_repository(office: Office, journal: Journal, place: str | None = None) -> Iterator[Repository]:
    """The repository that the signed policy names, or the one at `place`: a folder of this machine, or `ssh://NAME`.

    `Missing` if it can not be reached, `Refused` if nothing is known of a repository host.
    """
    place = place or str(newest_trust(journal).newest["policy"]["repository"])
    with closing(repository_of(place, repository_contacts(journal), str(office.repository_key))) as repository:
        _check_reached(repository, "Or name another place, where the command takes --repository.")
        yield repository


@contextmanager
def repository_at(place: str, key: Path | None, host_key: str | None) -> Iterator[Repository]:
    """The repository at a place of which no journal tells: a folder, or `ssh://ADDRESS[:PORT]`.

    A repository host is reached with the operator's private `key`, and known by `host_key`. `Missing` if it can not be
    reached, `BadInput` if one of these is missing, `Refused` if one is not as it must be.
    """
    with closing(_at(place, key, host_key)) as repository:
        _check_reached(repository)
        yield repository


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


def _check_reached(repository: Repository, otherwise: str = "") -> None:
    """`Missing`, with what to do `otherwise`, unless the repository answers; needs no right to write there."""
    try:
        repository.room()
    except EngineError as error:
        raise Missing(error.message, advice=f"{error.advice} {otherwise}".strip()) from error


def _at(place: str, key: Path | None, host_key: str | None) -> Repository:
    if not place.startswith(repository_host.SCHEME):
        return FolderRepository(place)
    if key is None or host_key is None:
        raise BadInput(
            f"{place} is reached with the operator's key and known by its host key, and one of them is not given",
            advice="Give both, --key and --host-key; or copy or mount the repository's folder, which needs neither.",
        )
    address, _, port = place.removeprefix(repository_host.SCHEME).partition(":")
    contact = {
        "asset": "repository",
        "address": address,
        "port": int(port) if port.isdecimal() else port or _SSH_PORT,
        "account": repository_host.ACCOUNT,
        "host_keys": [" ".join(host_key.split()[:2])],
    }
    shape.check(contact, repository_host.CONTACT, place)
    return SshRepository(contact, str(key))
