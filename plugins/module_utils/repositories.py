# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Choosing the kind of repository by what the policy names: a folder, or a repository host."""

from __future__ import annotations

from typing import Mapping, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import pinned
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_connection import Contact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import host_of
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import Fetch, SshRepository


def repository_of(
    place: str, contacts: Mapping[str, Contact], key_file: str, fetch: Optional[Fetch] = None
) -> Repository:
    """The repository at `place`, an absolute path or `ssh://NAME`; for a host, with one of `contacts` and this key.

    `Refused` if nothing is known of the host.
    """
    host = host_of(place)
    if host is None:
        return FolderRepository(place)
    if host not in contacts:
        raise Refused(
            f"Nothing is known here of the repository host {host}, neither its address nor its key.",
            "Address and key of a repository host are pinned when it is onboarded.",
            "Onboard it, and this server: ansible-playbook diskominfo.cadangan.onboard.",
        )
    return SshRepository(contacts[host], key_file, fetch)


def pinned_repository(place: str, fetch: Optional[Fetch] = None) -> Repository:
    """The repository at `place` as this server reaches it, by what was pinned at onboarding and its own key."""
    if host_of(place) is None:
        return FolderRepository(place)
    contacts = {contact["asset"]: contact for contact in pinned.read_repositories()}
    return repository_of(place, contacts, pinned.key_file(), fetch)


def own_repository(place: str) -> FolderRepository:
    """The repository at `place`, which this server keeps itself, as a folder; EngineError if it keeps no such one."""
    host = host_of(place)
    if host is None:
        return FolderRepository(place)
    kept = pinned.read_kept()
    if kept is None or kept["name"] != host:
        raise EngineError(
            f"This is not the repository host {host}", "Onboard it: ansible-playbook diskominfo.cadangan.repository."
        )
    return FolderRepository(kept["root"])
