"""Changing the register in its own files: hosts and fields are put where a person would have put them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.shape import NAME

from cadangan.errors import BadInput
from cadangan.procedure.names import did_you_mean
from cadangan.register.file_change import FileChange
from cadangan.register.host_entries import HostEntry, entries_by_host, host_entries, registers
from cadangan.register.inventory_files import read_file, yaml_files
from cadangan.register.written_asset import VARIABLE
from cadangan.register.yaml_edit import YamlText
from cadangan.register.yaml_tree import Path as YamlPath
from cadangan.register.yaml_writing import Value

_NEW_FILE = "servers.yml"
_NEW_HOSTS: YamlPath = ("servers", "hosts")
_TEMPLATE_MARKS = ("{{", "{%", "{#")


def which_file(inventory: Path, host: str) -> Path:
    """The file that says what the register has of `host`; `BadInput` if none or more than one does."""
    return Path(_asset_entry(inventory, host).file.name)


def add_host(inventory: Path, host: str, variables: Mapping[str, Value]) -> FileChange:
    """`host` with its variables (`ansible_host`, `cadangan_asset` …), after the other hosts.

    One that the inventory has without `cadangan_asset` is completed where it stands. `BadInput` if it is registered,
    if its name can not be that of a server, or if a value holds what Ansible would run as a template.
    """
    _check_host(host)
    _refuse_templates(variables, host)
    found = entries_by_host(inventory).get(host, [])
    if not found:
        return add_hosts(inventory, {host: variables})
    for entry in found:
        if registers(entry):
            raise BadInput(f"server {host} is in the register already", where=entry.file.name)
    return _change(inventory, found[0].file, found[0].file.add(found[0].path, variables))


def add_hosts(inventory: Path, hosts: Mapping[str, Mapping[str, Value]]) -> FileChange:
    """Several new hosts in one file, as `add_host`; `BadInput` at one that the inventory has."""
    for host, variables in hosts.items():
        _check_host(host)
        _refuse_templates(variables, host)
    files = [read_file(path) for path in yaml_files(inventory)]
    for entry in (entry for file in files for entry in host_entries(file)):
        if entry.host in hosts:
            raise BadInput(f"server {entry.host} is in the inventory already", where=entry.file.name)
    file, path = _place_for_hosts(inventory, files)
    return _change(inventory, file, file.add(path, hosts))


def change_asset(inventory: Path, host: str, changes: Mapping[YamlPath, Value]) -> FileChange:
    """The register's entry of `host` with other values; a path leads from `cadangan_asset`, None takes a field away.

    `BadInput` if the host is not registered in a file of its own entry, or a value can not be changed alone.
    """
    entry = _asset_entry(inventory, host)
    changed = entry.file
    for path, value in changes.items():
        whole = (*entry.path, VARIABLE, *path)
        _refuse_templates(value, host)
        if value is not None:
            changed = changed.set(whole, value)
        elif changed.node(whole) is not None:
            changed = changed.remove(whole)
    return _change(inventory, entry.file, changed)


def _change(inventory: Path, before: YamlText, after: YamlText) -> FileChange:
    path = Path(before.name)
    return FileChange(inventory, path, before.text if path.exists() else None, after.text)


def _asset_entry(inventory: Path, host: str) -> HostEntry:
    """Where the `cadangan_asset` of `host` is written."""
    entries = entries_by_host(inventory)
    found = [each for each in entries.get(host, ()) if registers(each)]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(
            f"server {host} is registered more than once: {', '.join(each.file.name for each in found)}",
            advice="Keep one of them.",
        )
    if host in entries:
        raise BadInput(
            f"server {host} has no {VARIABLE} of its own in a YAML file",
            where=str(inventory),
            advice="What it gets from a group or another kind of file is changed by hand.",
        )
    raise BadInput(
        f"server {host!r} is not in a YAML file of the inventory",
        where=str(inventory),
        advice=did_you_mean(host, entries),
    )


def _place_for_hosts(inventory: Path, files: list[YamlText]) -> tuple[YamlText, YamlPath]:
    """Where new hosts go: after the hosts of the first group that has registered ones, or any."""
    entries = [entry for file in files for entry in host_entries(file)]
    for entry in (*filter(registers, entries), *entries):
        return entry.file, entry.path[:-1]
    path = inventory / _NEW_FILE if inventory.is_dir() else inventory
    return next((file for file in files if file.name == str(path)), YamlText("", str(path))), _NEW_HOSTS


def _check_host(host: str) -> None:
    if not NAME.holds(host):
        raise BadInput(f"a server's name must be {NAME.words}, not {host!a}")


def _refuse_templates(value: Value, host: str) -> None:
    if isinstance(value, Mapping):
        for key, part in value.items():
            _refuse_templates(key, host)
            _refuse_templates(part, host)
    elif isinstance(value, list):
        for part in value:
            _refuse_templates(part, host)
    elif isinstance(value, str) and any(mark in value for mark in _TEMPLATE_MARKS):
        raise BadInput(
            f"{host}: {value!a} holds {{{{, {{% or {{#, which Ansible would run as a template",
            advice="Write it in other words.",
        )
