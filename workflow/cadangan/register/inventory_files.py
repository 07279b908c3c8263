"""The files of an inventory, as Ansible finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cadangan.errors import BadInput, Missing
from cadangan.register.yaml_edit import YamlText

SUFFIXES = (".yml", ".yaml", ".json")
# As ansible.inventory.manager ignores them.
_IGNORED = re.compile(
    r"^\.|^(host_vars|group_vars|vars_plugins)$|(\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry)|~)$"
)
_VAULTED = "$ANSIBLE_VAULT;"


def source_files(inventory: Path) -> list[Path]:
    """The files that name groups and hosts, in the order in which Ansible reads them; `Missing` if there is nothing."""
    if not inventory.exists():
        raise Missing("there is no such inventory", where=str(inventory))
    return list(_walk(inventory)) if inventory.is_dir() else [inventory]


def yaml_files(inventory: Path) -> list[Path]:
    """Those of `source_files` that are YAML."""
    return [path for path in source_files(inventory) if path.suffix in SUFFIXES]


def variable_folder(inventory: Path, name: str) -> Path:
    """Where Ansible looks for `host_vars` or `group_vars`."""
    return (inventory if inventory.is_dir() else inventory.parent) / name


def variable_files(inventory: Path, folder: str, name: str) -> list[Path]:
    """The files in `host_vars` or `group_vars` that Ansible reads for a host or group."""
    for suffix in ("", *SUFFIXES):
        path = variable_folder(inventory, folder) / f"{name}{suffix}"
        if path.is_dir():
            return _yaml_below(path)
        if path.is_file():
            return [path]
    return []


def all_variable_files(inventory: Path, folder: str) -> list[Path]:
    """The files in `host_vars` or `group_vars` for whatever host or group, without those encrypted as a whole."""
    path = variable_folder(inventory, folder)
    return [each for each in _yaml_below(path) if not is_vaulted(each)] if path.is_dir() else []


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


def is_vaulted(path: Path) -> bool:
    """Whether a file is encrypted as a whole."""
    with path.open("rb") as file:
        return file.read(len(_VAULTED)) == _VAULTED.encode("ascii")


def _yaml_below(folder: Path) -> list[Path]:
    found = (each for each in sorted(folder.rglob("*")) if each.is_file() and not each.name.startswith("."))
    return [each for each in found if each.suffix in ("", *SUFFIXES)]


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if _IGNORED.search(path.name):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
