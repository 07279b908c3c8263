"""The copies of journal and office that the control host keeps in the repository, and what their names say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

from cadangan.evidence.chain import Head

JOURNAL_FILE = "journal.jsonl"
"""The journal in a copy, as `cadangan journal export` writes it; the office's own files lie beside it."""

_NAME = re.compile(r"(?P<office>[^/]+)/(?P<at>[0-9]{8}T[0-9]{6}Z)-(?P<head>[0-9a-f]{12})\.tar\.zst\.age", re.ASCII)


@dataclass(frozen=True)
class Sent:
    """A copy in a repository: of which office, made when (`20261125T020637Z`), how the journal's head begins."""

    office: str
    at: str
    head: str

    @property
    def name(self) -> str:
        return f"{self.office}/{self.at}-{self.head}.tar.zst.age"

    @classmethod
    def of(cls, office: str, head: Head) -> Sent:
        """What a copy of the journal with this head is called now."""
        return cls(office, moment.compact(moment.now()), head.hash[:12])

    def is_of(self, head_hash: str) -> bool:
        return head_hash.startswith(self.head)


def all_sent(repository: Repository) -> list[Sent]:
    """Every copy in the repository, the newest first."""
    matches = (_NAME.fullmatch(name) for name in repository.evidence())
    found = [Sent(**match.groupdict()) for match in matches if match]
    return sorted(found, key=lambda sent: sent.at, reverse=True)


def newest_sent(repository: Repository, office: str) -> Sent | None:
    """The newest copy of this office; None if there is none yet."""
    return next((sent for sent in all_sent(repository) if sent.office == office), None)
