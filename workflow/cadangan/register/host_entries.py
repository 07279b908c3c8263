"""Where in the YAML files of an inventory each host stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cadangan.register.inventory_files import (
    SUFFIXES,
    is_vaulted,
    read_file,
    source_files,
    variable_files,
    variable_folder,
)
from cadangan.register.written_asset import VARIABLE
from cadangan.register.yaml_edit import YamlText
from cadangan.register.yaml_tree import Node, nearest
from cadangan.register.yaml_tree import Path as YamlPath


@dataclass(frozen=True)
class HostEntry:
    """One place where an inventory has a host: `path` leads to its variables, which are `node`, in the YAML `file`."""

    host: str
    file: YamlText
    path: YamlPath
    node: Node

    @property
    def variables(self) -> dict[Any, Any]:
        """The variables that the host has there."""
        value = self.file.value(self.path)
        return value if isinstance(value, dict) else {}

    def where(self, path: YamlPath) -> str:
        """`file:line:column` of the variable at `path`, or of the nearest thing to it."""
        line, column = self.file.place_of(nearest(self.node, path))
        return f"{self.file.name}:{line}:{column}"


def entries_by_host(inventory: Path, read: Callable[[Path], YamlText] = read_file) -> dict[str, list[HostEntry]]:
    """Every place where a YAML file says something of a host, in the order in which Ansible reads them."""
    entries: dict[str, list[HostEntry]] = defaultdict(list)
    for path in source_files(inventory):
        for entry in host_entries(read(path)) if path.suffix in SUFFIXES else ():
            entries[entry.host].append(entry)
    if variable_folder(inventory, "host_vars").is_dir():
        for host, found in entries.items():
            own = [path for path in variable_files(inventory, "host_vars", host) if not is_vaulted(path)]
            found += [HostEntry(host, file, (), file.tree) for file in map(read, own)]
    return entries


def registers(entry: HostEntry) -> bool:
    """Whether an entry makes its host a registered server."""
    return entry.variables.get(VARIABLE) is not None


def host_entries(file: YamlText) -> Iterator[HostEntry]:
    """Every host of an inventory's YAML file, as often as a group has it; none in a plugin's configuration."""
    if file.tree.entry("plugin") is None:
        for entry in file.tree.entries:
            yield from _hosts_of_group(file, entry.value, (entry.key.piece if entry.key else None,))


def _hosts_of_group(file: YamlText, group: Node, path: tuple[str | int | None, ...]) -> Iterator[HostEntry]:
    hosts, children = group.entry("hosts"), group.entry("children")
    for entry in hosts.value.entries if hosts else ():
        if entry.key is not None and isinstance(entry.key.piece, str):
            yield HostEntry(entry.key.piece, file, _known((*path, "hosts", entry.key.piece)), entry.value)
    for entry in children.value.entries if children else ():
        if entry.key is not None:
            yield from _hosts_of_group(file, entry.value, (*path, "children", entry.key.piece))


def _known(path: tuple[str | int | None, ...]) -> YamlPath:
    return tuple(piece for piece in path if piece is not None)
