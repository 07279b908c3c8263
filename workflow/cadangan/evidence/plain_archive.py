"""Files in an archive that has one form only: a plain `tar` that any program opens, read strictly.

The same files always make the same bytes. A reader makes each header again and compares, so that nothing can hide in
one: no links, no paths that lead elsewhere, no name twice, no other spelling.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Mapping

from cadangan.errors import BadInput

LIMIT = 256 << 20
"""Bytes that an archive may have; it is read into memory."""

_BLOCK = 512
_END = bytes(2 * _BLOCK)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*", re.ASCII)
_LONGEST_NAME = 100


def pack(files: Mapping[str, bytes]) -> bytes:
    """The archive of these files, by name; `BadInput` if it would be larger than `LIMIT`."""
    pieces = []
    for name in sorted(files):
        content = files[name]
        pieces += [_header(name, len(content)), content, _padding(len(content))]
    data = b"".join([*pieces, _END])
    if len(data) > LIMIT:
        raise BadInput(f"the archive has {len(data)} bytes; it may have {LIMIT}")
    return data


def unpack(data: bytes) -> dict[str, bytes]:
    """The files in an archive that `pack` made; `BadInput`, naming the place, if it is not exactly that."""
    if len(data) > LIMIT:
        raise BadInput(f"it has {len(data)} bytes; an archive may have {LIMIT}")
    files: dict[str, bytes] = {}
    at, last = 0, ""
    while data[at : at + _BLOCK] != bytes(_BLOCK):
        name, size = _read_header(data[at : at + _BLOCK], f"byte {at}" + (f", behind {last}" if last else ""))
        if name <= last:
            raise BadInput(f"{name} stands behind {last}: the files are in the order of their names, each once")
        begin = at + _BLOCK
        at = begin + size + len(_padding(size))
        if len(data) < at:
            raise BadInput(f"it is cut off in {name}")
        if any(data[begin + size : at]):
            raise BadInput(f"something stands between {name} and the next file")
        files[name] = data[begin : begin + size]
        last = name
    if data[at:] != _END:
        raise BadInput(f"it does not end behind {last}")
    return files


def _header(name: str, size: int) -> bytes:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise BadInput(f"{name!a} is no name for a file in an archive")
    header = tarfile.TarInfo(name)
    header.size = size
    return header.tobuf(tarfile.USTAR_FORMAT)


def _read_header(block: bytes, where: str) -> tuple[str, int]:
    name = block[:_LONGEST_NAME].rstrip(b"\0").decode("ascii", "replace")
    digits = block[124:135]
    size = int(digits, 8) if re.fullmatch(rb"[0-7]{11}", digits) else -1
    if size < 0 or _header(name, size) != block:
        raise BadInput(f"at {where} does not stand a plain file as it is written there")
    return name, size


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
