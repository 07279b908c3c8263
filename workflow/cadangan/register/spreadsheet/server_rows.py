"""From the rows of a table to servers: one server for each, or for all rows that say the same of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cadangan.register.asset import Asset
from cadangan.register.spreadsheet.cells import Cells, Product
from cadangan.register.spreadsheet.columns import DATABASES, Heading, all_columns, fold
from cadangan.register.spreadsheet.findings import Finding
from cadangan.register.spreadsheet.sheet import Area, Value
from cadangan.register.spreadsheet.table import IDENTIFYING, Table
from cadangan.register.spreadsheet.vocabulary import begins_as_remark, engine_default

Path = tuple[str | int, ...]
HOST_VARIABLES = ("host", "ansible_host")
"""What is said of a server beside its `cadangan_asset`."""


_EVERY_SERVER_HAS = {name for name, field in Asset.model_fields.items() if field.is_required()} - {"host"}
_ORDER = {column.field: number for number, column in enumerate(all_columns())}


@dataclass
class Server:
    """What the rows of one server say: values by path in `cadangan_asset`, and the cell of each of them."""

    row: str
    """How people call its first row."""
    values: dict[Path, Any] = field(default_factory=dict)
    places: dict[Path, str] = field(default_factory=dict)
    databases: int = 0
    findings: list[Finding] = field(default_factory=list)

    def place(self, path: Path) -> str:
        """The cell that says what is at `path`, or the nearest that says something of it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, self.row)

    def tree(self) -> dict[str, Any]:
        """The values as the register nests them."""
        tree: dict[str, Any] = {}
        databases: list[dict[str, Any]] = [{} for _ in range(self.databases)]
        for path, value in sorted(self.values.items(), key=_order):
            node, names = tree, path
            if path[0] == DATABASES:
                assert isinstance(path[1], int)
                node, names = databases[path[1]], path[2:]
            for name in names[:-1]:
                node = node.setdefault(str(name), {})
            node[str(names[-1])] = value
        return tree | ({DATABASES: databases} if databases else {})


class ServerRows:
    """Reads the servers of one table; `fixed` is what is so where the table does not say it."""

    def __init__(self, table: Table, cells: Cells, fixed: Mapping[str, Any]) -> None:
        self._table = table
        self._cells = cells
        self._fixed = fixed
        self.findings: list[Finding] = list(table.findings)
        self._servers: dict[str, Server] = {}
        self._merged_across: dict[int, list[Area]] = {}
        for area in table.sheet.merged:
            if area.columns > 1:
                self._merged_across.setdefault(area.row, []).append(area)

    def read(self) -> list[Server]:
        """The servers in their order; what was left out or can not be understood is in the `findings`."""
        current: Server | None = None
        for row, cells in self._table.rows():
            current = self._take(row, cells, current)
        for server in self._servers.values():
            self._complete(server)
        return list(self._servers.values())

    def _tell_of_merged(self, row: int) -> None:
        for area in self._merged_across.get(row, ()):
            said = f"{area.name} is merged: what stands in it was taken for its first column alone"
            self.findings.append(Finding(self._table.sheet.place(area.row, area.column), said, False))

    def _take(self, row: int, cells: dict[int, Value], current: Server | None) -> Server | None:
        """Add a row to its server, which is `current` if it says nothing but another database of it."""
        if _is_numbering(cells):
            return current
        known = {column: self._table.headings[column] for column in cells if column in self._table.headings}
        place = self._table.sheet.row_place(row)
        key = self._key(cells, known)
        of_database = any(heading.column.is_of_database for heading in known.values())
        if _is_no_server(cells, known) or (len(known) < 2 and not (of_database and current)):
            said = f"was left out, for it looks like no server: {_beginning(cells)!r}"
            self.findings.append(Finding(place, said, False))
            return current
        if key is None and of_database and current is not None:
            server = current
        elif key is not None and key in self._servers:
            server = self._servers[key]
            if not of_database:
                said = f"is about the same server as {server.row}, and about no database of it. Delete one of the two"
                self.findings.append(Finding(place, said))
        else:
            server = self._servers.setdefault(key or place, Server(place))
        self._tell_of_merged(row)
        self._read_row(row, cells, known, server, of_database)
        return server

    def _key(self, cells: Mapping[int, Value], known: Mapping[int, Heading]) -> str | None:
        """What tells the server from others: its host name, its number or its name."""
        said = {heading.column.field: str(cells[column]) for column, heading in known.items()}
        for name in IDENTIFYING:
            if name in said and (name != "name" or not any(self._table.has(other) for other in IDENTIFYING[:2])):
                return f"{name} {said[name].strip()}"
        return None

    def _read_row(
        self,
        row: int,
        cells: Mapping[int, Value],
        known: Mapping[int, Heading],
        server: Server,
        of_database: bool,
    ) -> None:
        database = server.databases
        server.databases += of_database
        for column, heading in known.items():
            place = self._table.sheet.place(row, column)
            path: Path = heading.column.path
            if heading.column.is_of_database:
                path = (DATABASES, database, *path[1:])
            try:
                value = self._cells.read(heading, cells[column])
            except ValueError as error:
                server.findings.append(Finding(place, f"{heading.column.field}: {error}"))
                server.places.setdefault(path, place)
                continue
            if value is not None:
                self._put(server, path, value, place, heading)

    def _put(self, server: Server, path: Path, value: Any, place: str, heading: Heading) -> None:
        before = server.values.get(path)
        if before is not None and heading.column.may_repeat:
            value = before + [each for each in value if each not in before]
        elif before is not None and before != value:
            said = f"{heading.column.field}: says something else of the same server than {server.places[path]}"
            server.findings.append(Finding(place, said))
            return
        server.values[path] = value
        server.places.setdefault(path, place)

    def _complete(self, server: Server) -> None:
        """Tell products from their versions, and add what is so where the table does not say it."""
        for path, value in list(server.values.items()):
            if isinstance(value, Product):
                version = (*path[:-1], "version")
                server.values[path] = value.alone if version in server.values else value.name
                server.values.setdefault(version, value.version)
                server.places.setdefault(version, server.places[path])
        for name, value in self._fixed.items():
            for path in _paths(server, name):
                server.values.setdefault(path, value)
        for number in range(server.databases):
            engine = str(server.values.get((DATABASES, number, "engine"), ""))
            for last, default in (("instance", "port"), ("name", "name")):
                usual = engine_default(engine, default)
                if usual is not None and not self._table.has(f"{DATABASES}.{last}"):
                    server.values.setdefault((DATABASES, number, last), usual)
        addresses = server.values.get(("addresses",))
        if addresses and not self._table.has("ansible_host"):
            server.values.setdefault(("ansible_host",), addresses[0])
        called = server.values.get(("name",))
        if called and not self._table.has("host"):
            server.values.setdefault(("host",), "-".join(fold(called).replace("_", " ").split()))


def _order(entry: tuple[Path, Any]) -> int:
    """Where a value stands among the columns that we write."""
    return _ORDER[".".join(piece for piece in entry[0] if isinstance(piece, str))]


def _beginning(cells: Mapping[int, Value]) -> str:
    return str(next(iter(cells.values())))


def _paths(server: Server, name: str) -> Iterator[Path]:
    parts = name.split(".")
    if parts[0] == DATABASES:
        for number in range(server.databases):
            yield (DATABASES, number, *parts[1:])
    else:
        yield tuple(parts)


def _is_no_server(cells: Mapping[int, Value], known: Mapping[int, Heading]) -> bool:
    """Whether a row begins as sums and remarks do, and says little of what every server has."""
    said = {heading.column.field for heading in known.values()} - {
        known[column].column.field for column in [next(iter(cells))] if column in known
    }
    return begins_as_remark(_beginning(cells)) and len(said & _EVERY_SERVER_HAS) < 2


def _is_numbering(cells: Mapping[int, Value]) -> bool:
    """Whether a row only counts the columns, as below the headings of many forms: 1, 2, 3 or (1), (2), (3)."""
    said = [str(value).strip(" ()") for value in cells.values()]
    return len(said) > 2 and all(text == str(number) for number, text in enumerate(said, start=1))
