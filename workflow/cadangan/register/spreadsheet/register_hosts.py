"""Which hosts the inventory has, registered or not, and by which address Ansible reaches each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import ADDRESS

from cadangan.register.host_entries import entries_by_host
from cadangan.register.register import written_assets

ADDRESS_VARIABLE = "ansible_host"


def reached_at(inventory: Path) -> dict[str, str | None]:
    """By host, its `ansible_host`; None where it has none, or one that is no plain address: a template for instance."""
    found: dict[str, str | None] = {}
    for host, entries in entries_by_host(inventory).items():
        for entry in entries:
            found[host] = _address(entry.variables.get(ADDRESS_VARIABLE)) or found.get(host)
    return found | {written.host: _address(written.address) for written in written_assets(inventory)}


def _address(value: Any) -> str | None:
    return value if isinstance(value, str) and ADDRESS.holds(value) else None
