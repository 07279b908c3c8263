"""OpenSSH signatures (SSHSIG), parsed strictly before `ssh-keygen` sees them.

Alone, `ssh-keygen` accepts several spellings of one signature, and FIDO signatures made without a touch.
"""

from __future__ import annotations

import base64
import binascii
import os
import subprocess
import sys
import tempfile
from typing import NamedTuple, Sequence

SSH_KEYGEN = "/usr/bin/ssh-keygen"

ED25519 = "ssh-ed25519"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
KEY_TYPES = (ED25519, SK_ED25519, SK_ECDSA)

_BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
_END = "-----END SSH SIGNATURE-----\n"
_LINE = 70
_MAGIC = b"SSHSIG"
_VERSION = 1
_USER_PRESENT = 0x01
_ED25519_ORDER = (1 << 252) + 27742317777372353535851937790883648493
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_TIMEOUT = 60


class SignatureError(Exception):
    """A key or a signature is not acceptable; the message says why."""


class _Signature(NamedTuple):
    key: bytes
    namespace: str


def check_public_key(key: str) -> str:
    """`key` as `type base64`, without comment; `SignatureError` if it is not of an accepted type."""
    words = key.split()
    if len(words) < 2:
        raise SignatureError("a public key is written as its type and its base64 text")
    kind, text = words[0], words[1]
    if _parse_key(_decode(text)) != kind:
        raise SignatureError(f"the public key says that it is of the type {kind}, but is not")
    return f"{kind} {text}"


def verify(data: bytes, signature: str, public_keys: Sequence[str], namespace: str) -> str:
    """The one of `public_keys` (`type base64`) that made `signature` over `data` in `namespace`.

    `SignatureError` if none of them did.
    """
    parsed = _parse_signature(signature)
    if parsed.namespace != namespace:
        raise SignatureError(f"the signature is for {parsed.namespace!a}, not for {namespace!a}")
    for key in public_keys:
        if _decode(key.split(" ")[1]) == parsed.key:
            break
    else:
        raise SignatureError("the signature was made with another key")
    if not run_ssh_keygen(data, signature, key, namespace):
        raise SignatureError("the signature does not fit the text")
    return key


def signing_key(signature: str) -> str:
    """The public key (`type base64`) that `signature` says it was made with, which proves nothing yet.

    `SignatureError` if it is no signature.
    """
    key = _parse_signature(signature).key
    return f"{_parse_key(key)} {base64.b64encode(key).decode('ascii')}"


def sign(data: bytes, key_path: str | os.PathLike[str], namespace: str) -> str:
    """The armored signature over `data`, by a private key, or by the agent if `key_path` is a `.pub` file."""
    # At a terminal ssh-keygen speaks to the person: touch the key, wrong passphrase.
    speaks = sys.stderr is not None and sys.stderr.isatty()
    argv = [SSH_KEYGEN, "-q", "-Y", "sign", "-f", os.fspath(key_path), "-n", namespace]
    try:
        done = subprocess.run(
            argv, input=data, stdout=subprocess.PIPE, stderr=None if speaks else subprocess.PIPE, check=False
        )
    except OSError as error:
        raise SignatureError(f"{SSH_KEYGEN} cannot be started: {error.strerror}") from error
    if done.returncode != 0:
        words = (done.stderr or b"").decode("utf-8", "replace").strip()
        raise SignatureError(f"ssh-keygen could not sign with {os.fspath(key_path)}. {words}".strip())
    signature = done.stdout.decode("ascii", "replace")
    _parse_signature(signature)
    return signature


def run_ssh_keygen(data: bytes, signature: str, key: str, namespace: str) -> bool:
    """Whether `ssh-keygen` finds that `key` made `signature` over `data` in `namespace`. About 13 ms."""
    with tempfile.TemporaryDirectory(prefix="cadangan-") as folder:
        signers = os.path.join(folder, "signers")
        with open(signers, "w", encoding="ascii") as file:
            file.write(f'signer namespaces="{namespace}" {key}\n')
        armor = os.path.join(folder, "signature")
        with open(armor, "w", encoding="ascii") as file:
            file.write(signature)
        argv = [SSH_KEYGEN, "-q", "-Y", "verify", "-f", signers, "-I", "signer", "-n", namespace, "-s", armor]
        try:
            done = subprocess.run(
                argv,
                input=data,
                env={},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_TIMEOUT,
                check=False,
            )
        except OSError as error:
            raise SignatureError(f"{SSH_KEYGEN} cannot be started: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise SignatureError(f"{SSH_KEYGEN} did not answer within {_TIMEOUT} s") from error
    return done.returncode == 0


class _Reader:
    """Reads the fields of the SSH wire format; `SignatureError` where there are fewer or more bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        chunk = self._data[self._at : self._at + count]
        if len(chunk) != count:
            raise SignatureError("a key or signature is cut off")
        self._at += count
        return chunk

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        return self.take(self.number())

    def name(self) -> str:
        try:
            return self.string().decode("ascii")
        except UnicodeDecodeError:
            raise SignatureError("a name in a key or signature is not ASCII") from None

    def positive(self) -> int:
        """A positive `mpint` in its only spelling."""
        digits = self.string()
        value = int.from_bytes(digits, "big", signed=True)
        if value <= 0 or len(digits) != value.bit_length() // 8 + 1:
            raise SignatureError("a number in the signature is not in its shortest form")
        return value

    def end(self) -> None:
        if self._at != len(self._data):
            raise SignatureError("a key or signature has bytes after its end")


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise SignatureError("a key or signature is not base64") from None
    # Base64 has several spellings of the last byte; only the usual one is accepted.
    if base64.b64encode(data).decode("ascii") != text:
        raise SignatureError("the base64 of a key or signature is not in its usual form")
    return data


def _parse_key(blob: bytes) -> str:
    """The type of the public key in `blob`."""
    reader = _Reader(blob)
    kind = reader.name()
    if kind not in KEY_TYPES:
        raise SignatureError(f"keys of the type {kind!a} are not accepted, only {', '.join(KEY_TYPES)}")
    if kind == SK_ECDSA:
        if reader.name() != "nistp256":
            raise SignatureError("the key is not on the curve nistp256")
        point = reader.string()
        if len(point) != 65 or point[0] != 4:
            raise SignatureError("the key is not an uncompressed point")
    elif len(reader.string()) != 32:
        raise SignatureError("the key is not 32 bytes long")
    if kind != ED25519:
        reader.string()  # the application that the FIDO key was made for
    reader.end()
    return kind


def _parse_signature(armor: str) -> _Signature:
    if not (armor.startswith(_BEGIN) and armor.endswith(_END)):
        raise SignatureError("it is not an SSH signature")
    blob = _decode(armor[len(_BEGIN) : -len(_END)].replace("\n", ""))
    if _armor(blob) != armor:
        raise SignatureError("the SSH signature is not in the form that ssh-keygen writes")
    reader = _Reader(blob)
    if reader.take(len(_MAGIC)) != _MAGIC or reader.number() != _VERSION:
        raise SignatureError("it is not an SSH signature of version 1")
    key = reader.string()
    kind = _parse_key(key)
    namespace = reader.name()
    if reader.string() != b"":
        raise SignatureError("the reserved field of the signature is not empty")
    if reader.string() != b"sha512":
        raise SignatureError("the signature was not made with sha512")
    _check_inner(_Reader(reader.string()), kind)
    reader.end()
    return _Signature(key, namespace)


def _check_inner(reader: _Reader, kind: str) -> None:
    if reader.name() != kind:
        raise SignatureError("the signature is of another type than its key")
    if kind == SK_ECDSA:
        numbers = _Reader(reader.string())
        if not (numbers.positive() < _P256_ORDER and numbers.positive() < _P256_ORDER):
            raise SignatureError("a number in the signature is too large")
        numbers.end()
    else:
        raw = reader.string()
        if len(raw) != 64:
            raise SignatureError("the signature is not 64 bytes long")
        # Without this bound every Ed25519 signature has a second form.
        if int.from_bytes(raw[32:], "little") >= _ED25519_ORDER:
            raise SignatureError("a number in the signature is too large")
    if kind != ED25519:
        flags = reader.take(1)[0]
        reader.number()  # how often the key has signed
        if not flags & _USER_PRESENT:
            raise SignatureError("the security key was not touched when it signed")
    reader.end()


def _armor(blob: bytes) -> str:
    text = base64.b64encode(blob).decode("ascii")
    lines = [text[at : at + _LINE] + "\n" for at in range(0, len(text), _LINE)]
    return _BEGIN + "".join(lines) + _END
