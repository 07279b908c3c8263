"""Native age public keys (`age1…`), with their checksum (Bech32, BIP 173)."""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PREFIX = "age"
_LENGTH = 62


def is_recipient(key: object) -> bool:
    """Whether `key` is a whole age public key, without a mistyped letter."""
    if not isinstance(key, str) or len(key) != _LENGTH or not key.startswith(_PREFIX + "1"):
        return False
    values = [_ALPHABET.find(letter) for letter in key[len(_PREFIX) + 1 :]]
    return -1 not in values and _checksum(values) == 1


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
