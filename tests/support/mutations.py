"""Random damage to signed documents: to their bytes, to their fields, and inside the signatures they hold."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

_BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
_END = "-----END SSH SIGNATURE-----\n"


def mutations(original: bytes, count: int, seed: int) -> Iterator[bytes]:
    """`count` byte strings that each differ from the canonical JSON `original`; the same for the same seed."""
    rng = random.Random(seed)
    document = json.loads(original)
    made = 0
    while made < count:
        damaged = _damage_bytes(rng, original) if rng.random() < 0.3 else _dump(_damage(rng, document))
        if damaged != original:
            made += 1
            yield damaged


def _dump(document: Any) -> bytes:
    try:
        return canonical.dumps(document)
    except canonical.CanonicalError:
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _damage_bytes(rng: random.Random, data: bytes) -> bytes:
    at, other = sorted(rng.randrange(len(data)) for _ in range(2))
    length = rng.randint(1, 8)
    flipped = data[at] ^ 1 << rng.randrange(8)
    return rng.choice(
        [
            data[:at] + bytes([flipped]) + data[at + 1 :],
            data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
            data[:at] + data[at + length :],
            data[: at + length] + data[at:],
            data[:at] + data[other : other + length] + data[at + length : other] + data[at : at + length],
            data[:at],
            data[:at] + rng.choice([b" ", b"\n", b"\\u0041", b"0", b'"', b"\0"]) + data[at:],
        ]
    )


def _damage(rng: random.Random, value: Any) -> Any:
    """`value` with one change somewhere in it; a document or a signature inside a string is opened for it."""
    if isinstance(value, dict):
        return _damage_object(rng, value)
    if isinstance(value, list):
        return _damage_list(rng, value)
    if isinstance(value, str):
        return _damage_string(rng, value)
    return rng.choice([not value, None, 0, 1, str(value), [value], value + 1 if type(value) is int else 2])


def _damage_object(rng: random.Random, value: dict[str, Any]) -> Any:
    changed = dict(value)
    key, other = rng.choice(list(value)), rng.choice(list(value))
    if rng.random() < 0.8:
        # Deep documents sit in few keys; they are where most can go wrong.
        deep = [name for name in value if isinstance(value[name], (dict, list)) or len(str(value[name])) > 200]
        key = rng.choice(deep) if deep and rng.random() < 0.5 else key
        changed[key] = _damage(rng, value[key])
        return changed
    kind = rng.randrange(5)
    if kind == 0:
        del changed[key]
    elif kind == 1:
        changed[key + "_"] = changed.pop(key)
    elif kind == 2:
        changed[key], changed[other] = value[other], value[key]
    elif kind == 3:
        changed["more"] = value[key]
    else:
        return [value]
    return changed


def _damage_list(rng: random.Random, value: list[Any]) -> Any:
    if not value:
        return rng.choice([[None], ["1"], [{}], None, {}])
    changed = list(value)
    at, other = rng.randrange(len(value)), rng.randrange(len(value))
    if rng.random() < 0.7:
        changed[at] = _damage(rng, value[at])
        return changed
    kind = rng.randrange(4)
    if kind == 0:
        del changed[at]
    elif kind == 1:
        changed.insert(other, value[at])
    elif kind == 2:
        changed[at], changed[other] = value[other], value[at]
    else:
        changed[at] = value[other]
    return changed


def _damage_string(rng: random.Random, value: str) -> Any:
    if value.startswith("{") and rng.random() < 0.9:
        return _dump(_damage(rng, json.loads(value))).decode("latin-1")
    if value.startswith(_BEGIN) and rng.random() < 0.8:
        return _damage_signature(rng, value)
    if not value:
        return rng.choice(["x", None, 0])
    at = rng.randrange(len(value))
    return rng.choice(
        [
            value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :],
            value[:at] + value[at + 1 :],
            value[:at] + value[at] + value[at:],
            value[:at] + rng.choice(" \n\0\u00e9/.") + value[at:],
            value.swapcase(),
            value + "\n",
            None,
            [value],
        ]
    )


def _damage_signature(rng: random.Random, armor: str) -> str:
    """Another blob in flawless armor, or the same one in armor of another shape."""
    text = armor[len(_BEGIN) : -len(_END)].replace("\n", "")
    width = 70
    kind = rng.randrange(10)
    if kind > 4:
        # Far back lies the signature itself, and a flipped bit there gets past any parser.
        blob = bytearray(base64.b64decode(text))
        blob[-rng.randint(1, 64)] ^= 1 << rng.randrange(8)
        text = base64.b64encode(blob).decode("ascii")
    elif kind == 0:
        width = rng.choice([64, 69, 71, 76, 1000])
    elif kind == 1:
        end = text.rstrip("=")
        text = end[:-1] + chr(ord(end[-1]) ^ rng.choice([1, 2, 3])) + text[len(end) :]
    else:
        text = base64.b64encode(_damage_bytes(rng, base64.b64decode(text))).decode("ascii")
    lines = "".join(text[at : at + width] + "\n" for at in range(0, len(text), width))
    return _BEGIN + lines + _END
