# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading the value of a key piece by piece into a digest that every release of a server gives alike.

Each reader is a generator: it yields commands and is sent their answers, so that many keys are read at once. It returns
a Value.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import Any, Dict, Generator, List, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Word

DIGEST_BYTES = 16

_STRING_PIECE = 1 << 16
_PIECE = 200  # elements


@dataclass
class Value:
    """`digest` of what lasts as long as the key; `passing` are the fields of a hash that have an end of their own.

    They are (field, end in milliseconds since 1970, digest). `lasting` is whether there is anything beside them.
    """

    digest: bytes
    passing: List[Tuple[bytes, int, bytes]] = field(default_factory=list)
    lasting: bool = True


Reader = Generator[Tuple[Word, ...], Any, Value]


def digest_of(*values: bytes) -> bytes:
    """The digest of some values, each told from the next."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(b"%d:" % len(value))
        digest.update(value)
    return digest.digest()[:DIGEST_BYTES]


def added(total: int, digest: bytes) -> int:
    """A sum of digests, which does not depend on their order."""
    return (total + int.from_bytes(digest, "big")) % (1 << 8 * DIGEST_BYTES)


def _string(key: bytes) -> Reader:
    digest = hashlib.sha256()
    start = 0
    while True:
        piece = yield ("GETRANGE", key, start, start + _STRING_PIECE - 1)
        digest.update(piece)
        start += len(piece)
        if len(piece) < _STRING_PIECE:
            return Value(digest.digest()[:DIGEST_BYTES])


def _list(key: bytes) -> Reader:
    digest, start = b"", 0
    while True:
        elements = yield ("LRANGE", key, start, start + _PIECE - 1)
        digest = digest_of(digest, *elements)
        start += len(elements)
        if len(elements) < _PIECE:
            return Value(digest)


def _set(key: bytes) -> Reader:
    total, cursor = 0, b"0"
    while True:
        cursor, members = yield ("SSCAN", key, cursor, "COUNT", _PIECE)
        for member in members:
            total = added(total, digest_of(member))
        if cursor == b"0":
            return Value(_bytes(total))


def _sorted_set(key: bytes) -> Reader:
    digest, start = b"", 0
    while True:
        members = yield ("ZRANGE", key, start, start + _PIECE - 1, "WITHSCORES")
        # As numbers: releases write them with more or fewer digits.
        scores = [struct.pack(">d", float(score)) for score in members[1::2]]
        digest = digest_of(digest, *members[::2], *scores)
        start += len(scores)
        if len(scores) < _PIECE:
            return Value(digest)


def _hash(key: bytes) -> Reader:
    total, cursor, lasting, passing = 0, b"0", False, []
    while True:
        cursor, pairs = yield ("HSCAN", key, cursor, "COUNT", _PIECE)
        fields = pairs[::2]
        ends = (yield ("HPEXPIRETIME", key, "FIELDS", len(fields), *fields)) if fields else []
        # Releases in which fields have no end do not know the command.
        for name, content, end in zip(fields, pairs[1::2], ends if isinstance(ends, list) else [-1] * len(fields)):
            digest = digest_of(name, content)
            if end > 0:
                passing.append((name, end, digest))
            else:
                total, lasting = added(total, digest), True
        if cursor == b"0":
            return Value(_bytes(total), passing, lasting)


def _stream(key: bytes) -> Reader:
    about = _table((yield ("XINFO", "STREAM", key)))
    digest = digest_of(*(_word(about.get(name)) for name in _STREAM))
    start: Word = "-"
    while True:
        entries = yield ("XRANGE", key, start, "+", "COUNT", _PIECE)
        for entry, pairs in entries:
            digest = digest_of(digest, entry, *(pairs or ()))
        if len(entries) < _PIECE:
            break
        start = b"(" + entries[-1][0]
    groups = [_table(group) for group in (yield ("XINFO", "GROUPS", key))]
    if groups:
        # It limits entries and pending ones alike; without a limit it would tell all entries once more.
        pending = max(1, *(group[b"pending"] for group in groups))
        full = _table((yield ("XINFO", "STREAM", key, "FULL", "COUNT", pending)))
        for group in sorted(map(_table, full[b"groups"]), key=lambda group: group[b"name"]):
            digest = digest_of(digest, *(_word(group.get(name)) for name in _GROUP))
            digest = digest_of(digest, *(_word(word) for waiting in group[b"pending"] for word in waiting))
            for consumer in sorted(map(_table, group[b"consumers"]), key=lambda consumer: consumer[b"name"]):
                digest = digest_of(digest, *(_word(consumer.get(name)) for name in _CONSUMER))
    return Value(digest)


# What all releases tell, and an RDB carries.
_STREAM = (b"last-generated-id", b"max-deleted-entry-id", b"entries-added", b"length")
_GROUP = (b"name", b"last-delivered-id", b"entries-read")
_CONSUMER = (b"name", b"seen-time")

READERS = {
    b"string": _string,
    b"list": _list,
    b"set": _set,
    b"zset": _sorted_set,
    b"hash": _hash,
    b"stream": _stream,
}
"""A reader for every type that a server without modules has."""

MAY_FAIL = ("HPEXPIRETIME",)
"""Commands whose refusal is an answer."""


def _table(flat: List[Any]) -> Dict[bytes, Any]:
    return dict(zip(flat[::2], flat[1::2]))


def _word(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _bytes(total: int) -> bytes:
    return total.to_bytes(DIGEST_BYTES, "big")
