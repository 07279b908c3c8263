"""Independent sources: what they know of hosts beside the register."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cadangan.errors import BadInput, Missing
from cadangan.execution import other_sources as asking
from cadangan.register.asset import Asset
from cadangan.register.other_sources import (
    KnownHost,
    missing_in_source,
    read_machines,
    read_zone,
    unregistered_hosts,
)
from cadangan.register.reconcile import MissingInSource, UnregisteredHost
from cadangan.register.source import Source
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

ZONE = """\
$ORIGIN kudus.example.
$TTL 3600
@       IN SOA ns1 hostmaster (
2026112501 ; serial
        3600 )
        IN NS  ns1
ns1     IN A   10.10.1.2
siak    300 IN A 10.10.1.11   ; the register has it
        IN AAAA fd00::11
gelap   A      10.10.1.66
www     CNAME  siak
info    TXT    "a 10.9.9.9"
"""


def source(**fields: Any) -> Source:
    return Source.model_validate({"name": "sumber", **fields})


def asset(host: str, kind: str | None = None, status: str = "in_operation") -> Asset:
    machine = {"kind": kind} if kind else {}
    return Asset.model_validate(
        {"host": host, "number": host, "name": host, "status": status, "agency": "disdik", "machine": machine}
    )


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "exactly one of"),
        ({"ranges": ["10.0.0.0/24"], "zone": "x"}, "exactly one of"),
        ({"machines": "vm.csv"}, "name_column or address_column"),
        ({"ranges": ["10.0.0.1/24"]}, "a range of addresses like"),
        ({"ranges": ["server"]}, "a range of addresses like"),
        ({"ranges": ["10.0.0.0/8"]}, "more than 4096 addresses"),
        ({"ranges": ["10.0.0.0/21", "10.1.0.0/21", "10.2.0.0/24"]}, "more than 4096 addresses together"),
        ({"ranges": ["10.0.0.0/24"], "ports": [0]}, "greater than or equal to 1"),
    ],
)
def test_a_source_is_one_bounded_thing(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        source(**fields)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_list_of_virtual_machines_is_read(delimiter: str) -> None:
    rows = [["VM", "CPU", "Alamat IP"], ["db-01", "4", "10.0.0.1 fe80::1"], ["", "", ""], ["uji", "2", "-"], ["pendek"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    wanted = source(machines="vm.csv", name_column="VM", address_column="Alamat IP")
    assert read_machines(text, wanted) == [
        KnownHost("db-01", ("10.0.0.1", "fe80::1")),
        KnownHost("uji"),
        KnownHost("pendek"),
    ]


def test_a_column_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"no column 'Nama VM'\nDid you mean 'NamaVM'"):
        read_machines("NamaVM,IP\n", source(machines="x", name_column="Nama VM"))


def test_a_zone_file_is_read() -> None:
    assert read_zone(ZONE) == [
        KnownHost("ns1", ("10.10.1.2",)),
        KnownHost("siak", ("10.10.1.11", "fd00::11")),
        KnownHost("gelap", ("10.10.1.66",)),
    ]


def test_a_list_of_names_is_read() -> None:
    assert read_zone("# servers\nsiak.kudus.example.\n\ngelap\n") == [
        KnownHost("siak.kudus.example"),
        KnownHost("gelap"),
    ]


def test_a_cell_without_end_is_told() -> None:
    with pytest.raises(BadInput, match="is not a CSV list: field larger"):
        read_machines("VM\n" + "x" * 200_000, source(machines="x", name_column="VM"))


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    read_zone(text)
    try:
        read_machines(text, source(machines="x", name_column="VM"))
    except BadInput as error:
        assert "no column" in error.message


def test_hosts_are_the_same_by_name_or_by_address() -> None:
    registered = {"db-01": {"10.0.0.1"}, "app.kudus.example": set[str]()}
    hosts = [
        KnownHost("DB-01"),
        KnownHost("db-01.kudus.example"),
        KnownHost("vm-77", ("10.0.0.1",)),
        KnownHost("app"),
        KnownHost("gelap", ("10.0.0.66", "fd00::66")),
        KnownHost("", ("10.0.0.67",)),
    ]
    which = source(zone="x", not_servers=["PRINTER", "10.0.0.254"])
    hosts += [KnownHost("printer.kudus.example"), KnownHost("", ("10.0.0.254",))]
    assert unregistered_hosts(which, hosts, registered) == [
        UnregisteredHost("gelap", "10.0.0.66, fd00::66", "sumber"),
        UnregisteredHost("10.0.0.67", "10.0.0.67", "sumber"),
    ]


def test_what_a_source_should_know() -> None:
    assets = [
        asset("vm-1", "virtual"),
        asset("vm-2", "virtual"),
        asset("besi", "physical"),
        asset("baru", "virtual", "planned"),
    ]
    addresses = {each.host: {f"10.0.0.{number}"} for number, each in enumerate(assets)}
    hosts = [KnownHost("vm-1"), KnownHost("", ("10.0.0.9",))]

    def missing(which: Source) -> list[MissingInSource]:
        return missing_in_source(which, hosts, assets, addresses)

    assert missing(source(machines="x", name_column="VM")) == [MissingInSource("vm-2", "sumber")]
    assert [each.host for each in missing(source(zone="x"))] == ["vm-2", "besi"]
    assert missing(source(ranges=["10.0.0.0/24"])) == []


@pytest.fixture
def listening() -> Iterator[int]:
    """A port of this machine at which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_addresses_that_answer_or_refuse_are_hosts(tmp_path: Path, listening: int) -> None:
    found = asking.hosts_of(source(ranges=["127.0.0.1/32", "127.0.0.2/32"], ports=[listening]), tmp_path)
    assert found == [KnownHost("", ("127.0.0.1",)), KnownHost("", ("127.0.0.2",))]


def test_silence_is_no_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(address: str, port: int) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(asking.asyncio, "open_connection", silent)
    assert asking.hosts_of(source(ranges=["192.0.2.0/28"]), tmp_path) == []


@pytest.mark.parametrize(
    ("data", "error", "complaint"),
    [
        (None, Missing, "vm.csv: there is no such file"),
        (b"Nama\xff\n", BadInput, "vm.csv: is not UTF-8 text"),
        (b"IP\n", BadInput, "vm.csv: there is no column 'VM'"),
    ],
)
def test_a_file_that_can_not_be_read_is_named(
    tmp_path: Path, data: bytes | None, error: type[Exception], complaint: str
) -> None:
    if data is not None:
        (tmp_path / "vm.csv").write_bytes(data)
    with pytest.raises(error, match=complaint):
        asking.hosts_of(source(machines="vm.csv", name_column="VM"), tmp_path)


def test_names_without_an_address_are_resolved(tmp_path: Path) -> None:
    (tmp_path / "zone").write_text("localhost\nsiak A 10.0.0.1\n")
    found = asking.hosts_of(source(zone="zone"), tmp_path)
    assert "127.0.0.1" in found[0].addresses
    assert found[1] == KnownHost("siak", ("10.0.0.1",))
