"""Recipients of backup sets: native age public keys (`age1…`), with their checksum (Bech32, BIP 173)."""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PREFIX = "age"
_LENGTH = 62


def check_age_key(key: str) -> str:
    """`key` as it is, or `ValueError` if it was mistyped or is not a native age public key."""
    if key.startswith("AGE-SECRET-KEY-"):
        raise ValueError("this is a private age key; it must not be here. Put the public key (age1…)")
    data = key.removeprefix(_PREFIX + "1")
    if len(key) != _LENGTH or data == key or not set(data) <= set(_ALPHABET):
        raise ValueError("must be an age public key: age1 and 58 lower-case letters and digits")
    if _checksum([_ALPHABET.index(letter) for letter in data]) != 1:
        raise ValueError("this age public key was mistyped: its checksum is wrong")
    return key


def _checksum(values: list[int]) -> int:
    prefix = [ord(letter) >> 5 for letter in _PREFIX] + [0] + [ord(letter) & 31 for letter in _PREFIX]
    checksum = 1
    for value in prefix + values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                checksum ^= generator
    return checksum
