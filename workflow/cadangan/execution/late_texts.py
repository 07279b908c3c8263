"""The texts of a set whose outcome was told late: the server has them no more, but the repository host has."""

from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import refusal, repository_host
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError

from cadangan.errors import CadanganError
from cadangan.evidence.journal import Journal
from cadangan.execution.repositories import reached_repository
from cadangan.register.office import Office


def late_texts(office: Office, journal: Journal, facts: dict[str, Any]) -> dict[str, str]:
    """`manifest`, `manifest_signature` and `key_age` of the set that `facts` tell of.

    Empty if no repository host gave a receipt for it, or does not give them now: that the set was made stays true.
    """
    receipt = facts.get("receipt")
    if not isinstance(receipt, dict):
        return {}
    try:
        with reached_repository(office, journal, f"{repository_host.SCHEME}{receipt.get('repository')}") as repository:
            found = BackupSet(repository.find(str(facts.get("set"))))
            return found.texts() if found.digest == facts.get("manifest") else {}
    except (CadanganError, EngineError, refusal.Refused):
        return {}
