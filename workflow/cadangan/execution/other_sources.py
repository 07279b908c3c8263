"""Asking independent sources which hosts there are: addresses are tried, files of the office read, names resolved."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cadangan.errors import BadInput, CadanganError, Missing
from cadangan.register.other_sources import KnownHost, read_machines, read_zone
from cadangan.register.source import Source, network

_TRIED_AT_ONCE = 256
_TRY_SECONDS = 1.0
_RESOLVED_AT_ONCE = 32
_FILE_LIMIT = 16 << 20


def hosts_of(source: Source, office: Path) -> list[KnownHost]:
    """The hosts that a source knows; `BadInput` or `Missing`, naming its file, if it can not be read."""
    if source.ranges:
        return asyncio.run(_answering(source))
    name = source.machines or source.zone or ""
    try:
        text = _text(office / name)
        return read_machines(text, source) if source.machines else _resolved(read_zone(text))
    except CadanganError as error:
        raise type(error)(error.message, where=name, advice=error.advice) from None


async def _answering(source: Source) -> list[KnownHost]:
    """The addresses in its ranges at which something answers."""
    turn = asyncio.Semaphore(_TRIED_AT_ONCE)
    addresses = [str(address) for each in source.ranges for address in network(each)]
    answers = await asyncio.gather(*(_answers(address, port, turn) for address in addresses for port in source.ports))
    ports = len(source.ports)
    return [
        KnownHost("", (address,))
        for number, address in enumerate(addresses)
        if any(answers[number * ports : (number + 1) * ports])
    ]


async def _answers(address: str, port: int, turn: asyncio.Semaphore) -> bool:
    async with turn:
        try:
            _reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port), _TRY_SECONDS)
        except ConnectionRefusedError:
            return True  # It is there, and says that nothing listens.
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
    except FileNotFoundError:
        raise Missing("there is no such file in the office's folder") from None
    except OSError as error:
        raise BadInput(f"can not be read: {error.strerror}") from None
    if len(data) > _FILE_LIMIT:
        raise BadInput(f"is larger than {_FILE_LIMIT} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("is not UTF-8 text", advice="Export it as UTF-8.") from None


def _resolved(hosts: list[KnownHost]) -> list[KnownHost]:
    """The hosts with addresses for those that have none yet; one that has none in DNS stays without."""
    with ThreadPoolExecutor(_RESOLVED_AT_ONCE) as pool:
        return list(pool.map(lambda host: host if host.addresses else KnownHost(host.name, _resolve(host.name)), hosts))


def _resolve(name: str) -> tuple[str, ...]:
    try:
        return tuple(sorted({str(found[4][0]) for found in socket.getaddrinfo(name, None)}))
    except (OSError, UnicodeError):
        return ()
