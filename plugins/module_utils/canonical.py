"""Canonical JSON: the one byte form of everything that is signed, hashed or kept as evidence."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any

LIMIT = 1 << 20
MANIFEST_LIMIT = 64 << 20
DEPTH_LIMIT = 16

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_INTEGER_LIMIT = 1 << 53
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class CanonicalError(ValueError):
    """A value or some bytes are not canonical JSON; the message says why."""


def dumps(obj: dict[str, Any], limit: int = LIMIT) -> bytes:
    """The canonical bytes of `obj`; `CanonicalError` if it cannot have any or has more than `limit` bytes."""
    if not isinstance(obj, dict):
        raise CanonicalError("the outermost value is not an object")
    _check(obj, 1)
    text = json.dumps(obj, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
    if len(text) + 1 > limit:
        raise CanonicalError(f"it has more than {limit} bytes")
    return text.encode("ascii") + b"\n"


def loads(data: bytes, limit: int = LIMIT) -> dict[str, Any]:
    """The object that `data` stands for; `CanonicalError` unless `data` is exactly its canonical form."""
    if len(data) > limit:
        raise CanonicalError(f"it has more than {limit} bytes")
    try:
        obj: dict[str, Any] = json.loads(data.decode("ascii"))
    except UnicodeDecodeError:
        raise CanonicalError("it holds bytes that are not ASCII") from None
    except (ValueError, RecursionError):
        raise CanonicalError("it is not JSON") from None
    # Comparing bytes also finds doubled keys, other spellings of numbers and strings, order and spaces.
    if dumps(obj, limit) != data:
        raise CanonicalError("it is JSON, but not in canonical form")
    return obj


def digest(data: bytes) -> str:
    """SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def check_text(value: Any) -> None:
    """Refuse text that may look like other text: for whoever is about to sign `value`.

    `CanonicalError` if a string in it is not in normal form NFC or holds a bidirectional control character.
    """
    if isinstance(value, dict):
        for entry in value.values():
            check_text(entry)
    elif isinstance(value, list):
        for entry in value:
            check_text(entry)
    elif isinstance(value, str):
        if not _BIDI_CONTROLS.isdisjoint(value):
            raise CanonicalError(f"{ascii(value)} holds a character that changes the direction of writing")
        if not unicodedata.is_normalized("NFC", value):
            raise CanonicalError(f"{ascii(value)} is not in Unicode normal form NFC")


def _check(value: Any, depth: int) -> None:
    kind = type(value)
    if kind is str:
        # An ASCII string cannot hold a surrogate, and nearly every string is one.
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise CanonicalError("a string holds a lone surrogate")
    elif kind is int:
        if not -_INTEGER_LIMIT < value < _INTEGER_LIMIT:
            raise CanonicalError("an integer is 2^53 or more in magnitude")
    elif kind is dict or kind is list:
        if depth > DEPTH_LIMIT:
            raise CanonicalError(f"it is nested more than {DEPTH_LIMIT} deep")
        if kind is dict:
            for key in value:
                if not isinstance(key, str) or not _KEY.fullmatch(key):
                    raise CanonicalError(f"the key {key!a} is not of the form [a-z][a-z0-9_]*")
        for entry in value.values() if kind is dict else value:
            _check(entry, depth + 1)
    elif kind is not bool and value is not None:
        raise CanonicalError(f"a value is of the kind {kind.__name__}")
