"""Reading what independent sources know of hosts, and comparing it with the register. Pure: texts in, hosts out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import pairwise

from cadangan.errors import BadInput
from cadangan.procedure.names import did_you_mean, printable
from cadangan.register.asset import Asset
from cadangan.register.reconcile import MissingInSource, UnregisteredHost
from cadangan.register.source import Source

MOST_HOSTS = 20_000
_BETWEEN_ADDRESSES = re.compile(r"[\s,;]+")
_LONGEST_NAME = 253
_COMMENT = re.compile(r"[;#].*")
# A record of several lines: of a kind that has no address.
_GROUPED = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class KnownHost:
    """A host as a source knows it: by a name, addresses, or both."""

    name: str
    addresses: tuple[str, ...] = ()


def read_machines(text: str, source: Source) -> list[KnownHost]:
    """The machines in a list with headings; `BadInput` if it lacks a column that the source names."""
    try:
        rows = list(csv.reader(text.splitlines(), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise BadInput(f"is not a CSV list: {error}") from None
    headings = [heading.strip() for heading in rows[0]] if rows else []
    name_at, address_at = (_column(headings, heading) for heading in (source.name_column, source.address_column))
    found = []
    for row in rows[1:]:
        name = _cell(row, name_at)
        addresses = _addresses(_cell(row, address_at))
        if name or addresses:
            found.append(KnownHost(name, addresses))
    return _bounded(found)


def read_zone(text: str) -> list[KnownHost]:
    """The hosts of a zone file, or of a list of names, which then have no addresses yet."""
    hosts: dict[str, set[str]] = {}
    owner = ""
    for line in _GROUPED.sub("", _COMMENT.sub("", text)).splitlines():
        words = line.split()
        if not words or words[0].startswith("$"):
            continue
        if not line[0].isspace():
            owner = words.pop(0).rstrip(".")
        address = _address_record(words)
        if address or not words:
            hosts.setdefault(owner[:_LONGEST_NAME], set()).update([address] if address else [])
    return _bounded([KnownHost(name, tuple(sorted(found))) for name, found in hosts.items()])


def unregistered_hosts(
    source: Source, hosts: Iterable[KnownHost], addresses: Mapping[str, Iterable[str]]
) -> list[UnregisteredHost]:
    """The hosts of a source that the register does not have; `addresses` are those of each registered host."""
    names = {name for host in (*addresses, *source.not_servers) for name in _names_of(host)}
    known = {address for found in (*addresses.values(), source.not_servers) for address in found}
    return [
        UnregisteredHost(printable(host.name or host.addresses[0]), ", ".join(host.addresses), source.name)
        for host in hosts
        if not (_names_of(host.name) & names) and not (set(host.addresses) & known)
    ]


def missing_in_source(
    source: Source, hosts: Sequence[KnownHost], assets: Iterable[Asset], addresses: Mapping[str, Iterable[str]]
) -> list[MissingInSource]:
    """Registered servers that the source should know and does not.

    A list of virtual machines should know every registered virtual machine, and DNS every server. A range of addresses
    says nothing about who is silent.
    """
    names = {name for host in hosts for name in _names_of(host.name)}
    known = {address for host in hosts for address in host.addresses}
    return [
        MissingInSource(asset.host, source.name)
        for asset in assets
        if _should_know(source, asset)
        and not (_names_of(asset.host) & names)
        and not (set(addresses[asset.host]) & known)
    ]


def _should_know(source: Source, asset: Asset) -> bool:
    if asset.status in ("planned", "retired"):
        return False
    return bool(source.zone) or (bool(source.machines) and asset.machine.kind == "virtual")


def _names_of(name: str) -> set[str]:
    """What a host may be called by: its whole name, and the part before the first dot."""
    whole = name.casefold().rstrip(".")
    return {whole, whole.partition(".")[0]} if whole and not _is_address(whole) else set()


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _column(headings: list[str], wanted: str | None) -> int | None:
    if wanted is None:
        return None
    if wanted not in headings:
        raise BadInput(f"there is no column {wanted!r}", advice=did_you_mean(wanted, headings))
    return headings.index(wanted)


def _cell(row: list[str], at: int | None) -> str:
    return row[at].strip()[:_LONGEST_NAME] if at is not None and at < len(row) else ""


def _addresses(cell: str) -> tuple[str, ...]:
    return tuple(str(ip_address(word)) for word in _BETWEEN_ADDRESSES.split(cell) if _is_address(word))


def _address_record(words: list[str]) -> str:
    """The address in `[ttl] [class] A address`; empty if it is another kind of record."""
    for kind, value in pairwise(words[:4]):
        if kind.upper() in ("A", "AAAA") and _is_address(value):
            return str(ip_address(value))
    return ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _bounded(hosts: list[KnownHost]) -> list[KnownHost]:
    if len(hosts) > MOST_HOSTS:
        raise BadInput(f"has more than {MOST_HOSTS} hosts")
    return hosts
