"""Whether the asset register is right and complete: everything that is to be said of it at once, with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cadangan.errors import BadInput
from cadangan.procedure.names import did_you_mean
from cadangan.register.ansible_inventory import read_by_ansible
from cadangan.register.asset import Asset
from cadangan.register.asset_rules import GRADES, Grade, Remark, remarks
from cadangan.register.garbage import collection_paused
from cadangan.register.host_entries import entries_by_host, registers
from cadangan.register.inventory_files import all_variable_files, read_file, yaml_files
from cadangan.register.plain_inventory import read_plain, written_asset
from cadangan.register.written_asset import VARIABLE, WrittenAsset
from cadangan.register.yaml_edit import YamlText
from cadangan.register.yaml_file import field_name

_SSH = 22


@dataclass(frozen=True)
class Finding:
    """One thing that was found: `where` is `file:line:column` or the inventory, `field` a field of `host`'s asset.

    `host` and `field` are empty where it is a file that is wrong. `lacking`: nothing is said there, that is all.
    """

    grade: Grade
    where: str
    host: str
    field: str
    what: str
    lacking: bool = False


@dataclass(frozen=True)
class Checked:
    """How many servers are registered, as far as the files could be read, and what was found, by file and place."""

    assets: int
    findings: tuple[Finding, ...]

    def of(self, grade: Grade) -> list[Finding]:
        return [each for each in self.findings if each.grade == grade]

    @property
    def worst(self) -> Grade | None:
        return next((grade for grade in GRADES if self.of(grade)), None)


def check_register(inventory: Path, agencies: Collection[str], engines: Collection[str], today: date) -> Checked:
    """Look at the whole register, for an office with these agencies; `Missing` if there is no inventory."""
    with collection_paused():
        return _checked(inventory, agencies, engines, today)


def _checked(inventory: Path, agencies: Collection[str], engines: Collection[str], today: date) -> Checked:
    files = _Files(inventory)
    findings = files.findings
    written = _written(inventory, files, findings)
    assets: list[tuple[WrittenAsset, Asset]] = []
    for each in written:
        asset = each.read()
        if isinstance(asset, list):
            findings += [_finding(each, Remark("wrong", fault.location, fault.what)) for fault in asset]
            continue
        assets.append((each, asset))
        for remark in (*remarks(asset, today), *_unknown_names(asset, agencies, engines)):
            findings.append(_finding(each, remark))
    findings += [*_same_numbers(assets), *_same_addresses(assets)]
    return Checked(len(written), tuple(sorted(findings, key=lambda found: (*position(found.where), found.field))))


class _Files:
    """The inventory's YAML files, each read once; one that can not be read is a finding, and empty for the others."""

    def __init__(self, inventory: Path) -> None:
        self.findings: list[Finding] = []
        self._texts: dict[Path, YamlText] = {}
        variables = (all_variable_files(inventory, folder) for folder in ("host_vars", "group_vars"))
        for path in (*yaml_files(inventory), *(path for paths in variables for path in paths)):
            self.read(path)

    def read(self, path: Path) -> YamlText:
        if path not in self._texts:
            self._texts[path] = self._readable(path)
        return self._texts[path]

    def _readable(self, path: Path) -> YamlText:
        try:
            text = read_file(path)
            _ = text.data
        except BadInput as error:
            self.findings.append(_file_finding(error, path))
            return YamlText("", str(path))
        return text


def _written(inventory: Path, files: _Files, findings: list[Finding]) -> list[WrittenAsset]:
    """What is written of each server: by Ansible's reading where ours does not do, by ours where Ansible gives up."""
    entries = entries_by_host(inventory, files.read)
    registering = {host: [each for each in found if registers(each)] for host, found in entries.items()}
    for host, found in registering.items():
        first = found[0].where((VARIABLE,)) if found else ""
        for each in found[1:]:
            what = f"the server is registered more than once: also at {first}. Keep one of them."
            findings.append(Finding("wrong", each.where((VARIABLE,)), host, VARIABLE, what))
    if not findings:
        written = read_plain(inventory, files.read)
        if written is not None:
            return written
        try:
            return read_by_ansible(inventory)
        except BadInput as error:
            findings.append(_file_finding(error, inventory))
    return [written_asset(entries[host]) for host, found in registering.items() if found]


def _unknown_names(asset: Asset, agencies: Collection[str], engines: Collection[str]) -> Iterator[Remark]:
    if asset.agency not in agencies:
        yield Remark(
            "wrong", ("agency",), f"{asset.agency!r} is not in office.yml. {did_you_mean(asset.agency, agencies)}"
        )
    for number, database in enumerate(asset.databases):
        if database.agency not in agencies and database.agency != asset.agency:
            what = f"{database.agency!r} is not in office.yml. {did_you_mean(database.agency, agencies)}"
            yield Remark("wrong", ("databases", number, "agency"), what)
        if database.engine not in engines:
            what = f"there is no engine {database.engine!r} to back it up. {did_you_mean(database.engine, engines)}"
            yield Remark("grave", ("databases", number, "engine"), what)


def _same_numbers(assets: list[tuple[WrittenAsset, Asset]]) -> Iterator[Finding]:
    first: dict[str, WrittenAsset] = {}
    for written, asset in assets:
        other = first.setdefault(asset.number, written)
        if other is not written:
            what = f"{asset.number} is also the number of {other.host}"
            yield _finding(written, Remark("wrong", ("number",), what))


def _same_addresses(assets: list[tuple[WrittenAsset, Asset]]) -> Iterator[Finding]:
    """Servers that say to have one address; who is retired has given its addresses back."""
    owners: dict[tuple[str, Any], str] = {}
    for written, asset in assets:
        if asset.status == "retired":
            continue
        for field, address, port in _addresses(written, asset):
            other = owners.setdefault((address, port), asset.host)
            if other != asset.host:
                yield Finding("wrong", written.where(()), asset.host, field, f"{address} is also an address of {other}")


def _addresses(written: WrittenAsset, asset: Asset) -> Iterator[tuple[str, str, Any]]:
    """Each address of a server once, with the field that says it and the port to which it belongs."""
    reached = _normal(written.address) if isinstance(written.address, str) else None
    if reached:
        yield "ansible_host", reached, written.port or _SSH
    for number, address in enumerate(asset.addresses):
        if address != reached:
            yield field_name((VARIABLE, "addresses", number)), address, _SSH


def _normal(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError:
        return address.lower()


def _finding(written: WrittenAsset, remark: Remark) -> Finding:
    field = field_name((VARIABLE, *remark.location))
    place = remark.location[:-1] if remark.lacking else remark.location
    return Finding(remark.grade, written.where(place), written.host, field, remark.what, remark.lacking)


def _file_finding(error: BadInput, path: Path) -> Finding:
    return Finding("wrong", error.where or str(path), "", "", " ".join([error.message, error.advice]).strip())


def position(where: str) -> tuple[str, int, int]:
    """File, line and column of `file:line:column`, 0 where there is none."""
    file, line, column = (*where.rsplit(":", 2), "", "")[:3]
    return (file, int(line), int(column)) if line.isdecimal() and column.isdecimal() else (where, 0, 0)
