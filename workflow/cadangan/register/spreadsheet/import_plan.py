"""What a spreadsheet would add to the register: the servers that fit, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from cadangan.errors import BadInput
from cadangan.procedure.names import did_you_mean
from cadangan.register.asset import Asset
from cadangan.register.spreadsheet.cells import Cells
from cadangan.register.spreadsheet.columns import LANGUAGES, all_columns, column_of
from cadangan.register.spreadsheet.findings import Finding
from cadangan.register.spreadsheet.mapping_file import MappingFile
from cadangan.register.spreadsheet.register_hosts import ADDRESS_VARIABLE
from cadangan.register.spreadsheet.server_rows import Path, Server, ServerRows
from cadangan.register.spreadsheet.sheet import Book
from cadangan.register.spreadsheet.table import Table, find_table
from cadangan.register.spreadsheet.vocabulary import Vocabulary
from cadangan.register.written_asset import VARIABLE
from cadangan.register.yaml_file import field_name, say


@dataclass(frozen=True)
class Known:
    """What the register has: its assets, and every host of the inventory with the address by which it is reached."""

    assets: Iterable[Asset]
    hosts: Mapping[str, str | None]


@dataclass
class ImportPlan:
    """`new`: host variables by host, for the register; `same`: how many servers it has already just so."""

    new: dict[str, dict[str, Any]] = field(default_factory=dict)
    same: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many things did not fit."""
        return sum(finding.wrong for finding in self.findings)


def plan_import(book: Book, known: Known, mapping: MappingFile, agencies: Mapping[str, str]) -> ImportPlan:
    """What `book` would add to the register; `BadInput` if no sheet of it has a table of servers."""
    table, remarks = _choose(book, mapping)
    rows = ServerRows(table, Cells(Vocabulary(agencies, mapping.words)), mapping.fixed)
    servers = rows.read()
    plan = ImportPlan(findings=[*remarks, *rows.findings])
    taken = _Taken(known)
    for server in servers:
        wrong = len(server.findings)
        plan.findings += server.findings
        variables, asset = _asset(server, plan.findings)
        if asset is None or wrong:
            continue
        before = taken.assets.get(asset.host)
        if before == asset:
            plan.same += 1
        elif found := list(taken.contradictions(asset, variables, server)):
            plan.findings += found
        else:
            plan.new[asset.host] = variables
            taken.add(asset, variables, server.row)
    return plan


class _Taken:
    """Hosts, numbers and addresses that are somebody's already, and whose."""

    def __init__(self, known: Known) -> None:
        self.assets = {asset.host: asset for asset in known.assets}
        self._hosts = dict.fromkeys(known.hosts, "the inventory")
        self._numbers = {asset.number: asset.host for asset in known.assets}
        self._addresses = {address: host for host, address in known.hosts.items() if address}
        self._addresses |= {address: asset.host for asset in known.assets for address in asset.addresses}

    def contradictions(self, asset: Asset, variables: Mapping[str, Any], server: Server) -> Iterable[Finding]:
        """Why this server can not be added."""
        if asset.host in self.assets:
            fields = ", ".join(_different(self.assets[asset.host], asset))
            said = f"{asset.host} is in the register with other values ({fields}): an import only adds. Change it there"
            yield Finding(server.place(("host",)), said)
            return
        if asset.host in self._hosts:
            said = f"{asset.host} is in {self._hosts[asset.host]} already. Complete it there, or delete it there"
            yield Finding(server.place(("host",)), said)
        if asset.number in self._numbers:
            said = f"number {asset.number} is that of {self._numbers[asset.number]} already"
            yield Finding(server.place(("number",)), said)
        for address in _addresses(asset, variables):
            if address in self._addresses:
                path: Path = ("addresses",) if address in asset.addresses else (ADDRESS_VARIABLE,)
                yield Finding(server.place(path), f"{address} is the address of {self._addresses[address]} already")

    def add(self, asset: Asset, variables: Mapping[str, Any], row: str) -> None:
        self._hosts[asset.host] = row
        self._numbers[asset.number] = asset.host
        self._addresses |= dict.fromkeys(_addresses(asset, variables), asset.host)


def _choose(book: Book, mapping: MappingFile) -> tuple[Table, list[Finding]]:
    """The one table of servers in the file, and what is to be said of other sheets."""
    remarks = [Finding("", remark, False) for remark in book.remarks]
    names = [sheet.name for sheet in book.sheets]
    if mapping.sheet is not None and mapping.sheet not in names:
        raise BadInput(f"there is no sheet {mapping.sheet!r}", advice=did_you_mean(mapping.sheet, names))
    tables = []
    for sheet in book.sheets:
        if sheet.name == mapping.sheet or (mapping.sheet is None and not sheet.hidden):
            table = find_table(sheet, mapping)
            tables += [table] if table else []
        elif sheet.hidden and find_table(sheet, MappingFile()):
            said = f"sheet {sheet.name!r} is hidden and was not read. To read it: --sheet"
            remarks.append(Finding("", said, False))
    if not tables:
        headings = [column_of(name).heading(language) for name in ("number", "name") for language in LANGUAGES]
        raise BadInput(
            "no row looks like the headings of a list of servers",
            advice=f"Headings are words like {', '.join(headings)}. A mapping file (--map) can say what yours mean.",
        )
    if len(tables) > 1:
        found = ", ".join(repr(table.sheet.name) for table in tables)
        raise BadInput(f"several sheets look like lists of servers: {found}", advice="Name one with --sheet.")
    return tables[0], remarks


def _asset(server: Server, findings: list[Finding]) -> tuple[dict[str, Any], Asset | None]:
    """The host variables of a server and its asset; None, and why in `findings`, if the register would not take it."""
    raw = server.tree()
    host = raw.pop("host", None)
    address = raw.pop(ADDRESS_VARIABLE, None)
    variables = ({ADDRESS_VARIABLE: address} if address else {}) | {VARIABLE: raw}
    told = {finding.place for finding in server.findings}
    try:
        return variables, Asset.model_validate(raw | ({"host": host} if host else {}))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            place = server.place(detail["loc"])
            if place not in told or place == server.row:
                findings.append(Finding(place, f"{field_name(detail['loc'])}: {say(Asset, detail)}{_advice(detail)}"))
    return variables, None


def _advice(detail: Mapping[str, Any]) -> str:
    if detail["type"] != "missing":
        return ""
    path = ".".join(piece for piece in detail["loc"] if isinstance(piece, str))
    headings = [column.heading("id") for column in all_columns() if column.field == path]
    if not headings:
        return ""
    return f". Fill in the column {headings[0]!r}, or say it of all servers in a mapping file (--map): fixed"


def _different(before: Asset, after: Asset) -> list[str]:
    return [name for name in Asset.model_fields if getattr(before, name) != getattr(after, name)]


def _addresses(asset: Asset, variables: Mapping[str, Any]) -> set[str]:
    reached = variables.get(ADDRESS_VARIABLE)
    return {*asset.addresses, *([reached] if reached else [])}
