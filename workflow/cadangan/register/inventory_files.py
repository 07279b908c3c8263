"""The files of an inventory as Ansible reads them, and where in them each host stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cadangan.errors import BadInput, Missing
from cadangan.register.yaml_edit import YamlText
from cadangan.register.yaml_tree import Node
from cadangan.register.yaml_tree import Path as YamlPath

SUFFIXES = (".yml", ".yaml", ".json")
# As ansible.inventory.manager ignores them, whatever is configured.
_IGNORED = re.compile(r"^\.|^(host_vars|group_vars|vars_plugins)$")
_VAULTED = "$ANSIBLE_VAULT;"


@dataclass(frozen=True)
class HostEntry:
    """One place where an inventory has a host: `path` leads to its variables in the YAML `file`."""

    host: str
    file: YamlText
    path: YamlPath

    @property
    def variables(self) -> Node | None:
        """The mapping of its variables; None if it has none there."""
        node = self.file.node(self.path)
        return node if node is not None and node.kind == "mapping" else None


def source_files(inventory: Path) -> list[Path]:
    """The YAML files that name groups and hosts, in the order in which Ansible reads them; `Missing` if none can be."""
    if not inventory.exists():
        raise Missing("there is no such inventory", where=str(inventory))
    if not inventory.is_dir():
        return [inventory]
    return [path for path in _walk(inventory) if path.suffix in SUFFIXES]


def variable_files(inventory: Path, folder: str, name: str) -> list[Path]:
    """The files in `host_vars` or `group_vars` that Ansible reads for a host or group."""
    base = (inventory if inventory.is_dir() else inventory.parent) / folder
    for suffix in ("", *SUFFIXES):
        path = base / f"{name}{suffix}"
        if path.is_dir():
            return [each for each in sorted(path.rglob("*")) if each.is_file() and each.suffix in ("", *SUFFIXES)]
        if path.is_file():
            return [path]
    return []


def read_file(path: Path) -> YamlText:
    """A file of the inventory; `BadInput` if it can not be read or is encrypted as a whole."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise BadInput(f"can not be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadInput("is not UTF-8 text", where=f"{path}:{line}", advice="Save it as UTF-8.") from error
    if text.startswith(_VAULTED):
        raise BadInput(
            "is encrypted as a whole",
            where=str(path),
            advice="The register is read by people: encrypt secret values alone (ansible-vault encrypt_string).",
        )
    return YamlText(text, str(path))


def host_entries(file: YamlText) -> Iterator[HostEntry]:
    """Every host of an inventory's YAML file, as often as a group has it; none in a plugin's configuration."""
    if file.tree.entry("plugin") is None:
        for entry in file.tree.entries:
            yield from _hosts_of_group(file, entry.value, (entry.key.piece if entry.key else None,))


def _hosts_of_group(file: YamlText, group: Node, path: tuple[str | int | None, ...]) -> Iterator[HostEntry]:
    hosts, children = group.entry("hosts"), group.entry("children")
    for entry in hosts.value.entries if hosts else ():
        if entry.key is not None and isinstance(entry.key.piece, str):
            yield HostEntry(entry.key.piece, file, _known((*path, "hosts", entry.key.piece)))
    for entry in children.value.entries if children else ():
        if entry.key is not None:
            yield from _hosts_of_group(file, entry.value, (*path, "children", entry.key.piece))


def _known(path: tuple[str | int | None, ...]) -> YamlPath:
    return tuple(piece for piece in path if piece is not None)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if _IGNORED.search(path.name):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
