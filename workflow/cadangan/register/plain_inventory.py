"""Reading a plain inventory without Ansible, to the same result and more than ten times as fast.

Plain is one of YAML files that name groups with hosts, where each registered server has its `cadangan_asset` written in
exactly one place: with the host, or in its file in `host_vars`. Everything else is left to Ansible: other kinds of
files, inventory plugins, ranges of hosts, what is given by groups, and what Ansible would refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from cadangan.register.host_entries import HostEntry, entries_by_host, registers
from cadangan.register.inventory_files import SUFFIXES, all_variable_files, read_file, source_files
from cadangan.register.written_asset import VARIABLE, WrittenAsset
from cadangan.register.yaml_edit import YamlText
from cadangan.register.yaml_file import Location
from cadangan.register.yaml_tree import Node

_GROUPING = ("constructed", "ansible.builtin.constructed")
_REACHED_BY = {"address": "ansible_host", "port": "ansible_port"}


def read_plain(inventory: Path, read: Callable[[Path], YamlText] = read_file) -> list[WrittenAsset] | None:
    """Every host with `cadangan_asset`; None if the inventory is not plain. `BadInput` at what is not YAML."""
    paths = source_files(inventory)
    if not all(path.suffix in SUFFIXES for path in paths):
        return None
    if not all(_is_plain(read(path)) for path in paths) or _groups_may_register(inventory, read):
        return None
    written = []
    for found in entries_by_host(inventory, read).values():
        registering = [entry for entry in found if registers(entry)]
        if len(registering) > 1:
            return None
        written += [written_asset(found) for _ in registering]
    return written


def written_asset(found: list[HostEntry]) -> WrittenAsset:
    """What is written of a registered server in its entries, one of which registers it."""
    entry = next(each for each in reversed(found) if registers(each))
    reached: dict[str, Any] = {}
    for each in found:
        reached |= {name: each.variables[key] for name, key in _REACHED_BY.items() if key in each.variables}

    @cache
    def where(location: Location) -> str:
        return entry.where((VARIABLE, *location))

    return WrittenAsset(entry.host, entry.variables[VARIABLE], where, **reached)


def _is_plain(file: YamlText) -> bool:
    """Whether a file has groups, hosts and variables, or only puts registered hosts into groups."""
    if file.text.startswith("#!") or file.tree.kind != "mapping" or not file.tree.entries:
        return False
    if file.tree.entry("plugin"):
        return file.data["plugin"] in _GROUPING and VARIABLE not in (file.data.get("compose") or {})
    return all(_is_name(each.key) and _is_plain_group(each.value) for each in file.tree.entries)


def _is_plain_group(group: Node) -> bool:
    if group.is_null:
        return True
    parts = {each.key.piece if each.key else None: each.value for each in group.entries}
    if group.kind != "mapping" or not parts.keys() <= {"hosts", "children", "vars"}:
        return False
    if not all(part.kind == "mapping" or part.is_null for part in parts.values()):
        return False
    entries = {name: part.entries for name, part in parts.items()}
    return (
        all(_is_name(each.key) and _is_plain_host(each.value) for each in entries.get("hosts", ()))
        and all(_is_name(each.key) and _is_plain_group(each.value) for each in entries.get("children", ()))
        and all(_is_name(each.key) and each.key.piece != VARIABLE for each in entries.get("vars", ()) if each.key)
    )


def _is_plain_host(variables: Node) -> bool:
    return variables.is_null or variables.kind == "mapping"


def _is_name(key: Node | None) -> bool:
    """Whether a key is the name of one thing: no merge, no range of hosts, no port."""
    return key is not None and isinstance(key.piece, str) and not set(key.piece) & set("[]:,")


def _groups_may_register(inventory: Path, read: Callable[[Path], YamlText]) -> bool:
    for path in all_variable_files(inventory, "group_vars"):
        variables = read(path).data
        if isinstance(variables, dict) and VARIABLE in variables:
            return True
    return False
