"""What the inventory says of its hosts beside the register: which there are, and where Ansible reaches them."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import ADDRESS

from cadangan.register.inventory_files import HostEntry, host_entries, read_file, source_files

ADDRESS_VARIABLE = "ansible_host"


def reached_at(inventory: Path) -> dict[str, str | None]:
    """By host, the `ansible_host` of its YAML files; None where it has none, or one that is no plain address."""
    found: dict[str, str | None] = {}
    for path in source_files(inventory):
        for entry in host_entries(read_file(path)):
            found[entry.host] = _address(entry) or found.get(entry.host)
    return found


def _address(entry: HostEntry) -> str | None:
    try:
        address = entry.file.value((*entry.path, ADDRESS_VARIABLE))
    except KeyError:
        return None
    return address if isinstance(address, str) and ADDRESS.holds(address) else None
