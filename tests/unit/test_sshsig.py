"""Signatures are parsed strictly, and only then given to ssh-keygen."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import sshsig
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from support.signed_office import Keyring

NAMESPACE = "decision@cadangan"
TEXT = b'{"a":1}\n'
APPLICATION = b"ssh:"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
BEGIN, END = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def mpint(value: int) -> bytes:
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big"))


def armor(blob: bytes, width: int = 70) -> str:
    text = base64.b64encode(blob).decode()
    return BEGIN + "".join(text[at : at + width] + "\n" for at in range(0, len(text), width)) + END


def blob_of(signature: str) -> bytes:
    return base64.b64decode(signature[len(BEGIN) : -len(END)])


def sshsig_blob(
    key: bytes,
    inner: bytes,
    *,
    version: int = 1,
    namespace: bytes = NAMESPACE.encode(),
    reserved: bytes = b"",
    algorithm: bytes = b"sha512",
) -> bytes:
    fields = (key, namespace, reserved, algorithm, inner)
    return b"SSHSIG" + version.to_bytes(4, "big") + b"".join(string(field) for field in fields)


def signed_data(algorithm: bytes = b"sha512", reserved: bytes = b"") -> bytes:
    """What is really signed, in place of `TEXT`."""
    digest = hashlib.new(algorithm.decode(), TEXT).digest()
    fields = (NAMESPACE.encode(), reserved, algorithm, digest)
    return b"SSHSIG" + b"".join(string(field) for field in fields)


class SoftKey:
    """An Ed25519 key whose every field a test may choose."""

    def __init__(self) -> None:
        self._key = ed25519.Ed25519PrivateKey.generate()
        raw = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.blob = string(b"ssh-ed25519") + string(raw)
        self.public = "ssh-ed25519 " + base64.b64encode(self.blob).decode()

    def signature(self, **fields: bytes | int) -> str:
        hashed = {name: fields[name] for name in ("algorithm", "reserved") if name in fields}
        raw = self._key.sign(signed_data(**hashed))
        inner = string(b"ssh-ed25519") + string(raw)
        return armor(sshsig_blob(self.blob, inner, **fields))


class SecurityKey:
    """What a FIDO key does: signs flags and a counter with the text. Bit 0 of the flags says that it was touched."""

    def __init__(self, kind: str) -> None:
        self.kind = kind.encode()
        if kind == sshsig.SK_ED25519:
            self._ed25519 = ed25519.Ed25519PrivateKey.generate()
            raw = self._ed25519.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            fields = (self.kind, raw, APPLICATION)
        else:
            self._ecdsa = ec.generate_private_key(ec.SECP256R1())
            raw = self._ecdsa.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
            fields = (self.kind, b"nistp256", raw, APPLICATION)
        self.blob = b"".join(string(field) for field in fields)
        self.public = f"{kind} {base64.b64encode(self.blob).decode()}"

    def signature(self, flags: int) -> str:
        if self.kind == sshsig.SK_ED25519.encode():
            return self.packed(flags, self._ed25519.sign(self._signed(flags)))
        return self.packed(flags, b"".join(mpint(number) for number in self.numbers(flags)))

    def numbers(self, flags: int) -> tuple[int, int]:
        """An ECDSA signature."""
        return decode_dss_signature(self._ecdsa.sign(self._signed(flags), ec.ECDSA(hashes.SHA256())))

    def packed(self, flags: int, raw: bytes) -> str:
        return armor(sshsig_blob(self.blob, string(self.kind) + string(raw) + self._state(flags)))

    def _state(self, flags: int) -> bytes:
        return bytes([flags]) + (7).to_bytes(4, "big")

    def _signed(self, flags: int) -> bytes:
        digest = hashlib.sha256(signed_data()).digest()
        return hashlib.sha256(APPLICATION).digest() + self._state(flags) + digest


@pytest.fixture(scope="module")
def soft() -> SoftKey:
    return SoftKey()


def test_the_key_that_signed_is_found(keyring: Keyring) -> None:
    signature = keyring.sign("sari", TEXT)
    keys = [keyring.public[person] for person in ("bayu", "sari", "oki")]
    assert sshsig.verify(TEXT, signature, keys, NAMESPACE) == keyring.public["sari"]


def test_a_made_up_signature_is_what_ssh_keygen_makes(soft: SoftKey) -> None:
    assert sshsig.verify(TEXT, soft.signature(), [soft.public], NAMESPACE) == soft.public


def test_other_text_key_or_namespace_is_refused(keyring: Keyring) -> None:
    signature = keyring.sign("sari", TEXT)
    mine = [keyring.public["sari"]]
    for text, keys, namespace in (
        (TEXT + b" ", mine, NAMESPACE),
        (TEXT, [keyring.public["bayu"]], NAMESPACE),
        (TEXT, [], NAMESPACE),
    ):
        with pytest.raises(sshsig.SignatureError):
            sshsig.verify(text, signature, keys, namespace)
    with pytest.raises(sshsig.SignatureError, match="not for 'trust@cadangan'"):
        sshsig.verify(TEXT, signature, mine, "trust@cadangan")


def test_an_embedded_key_alone_proves_nothing(soft: SoftKey, keyring: Keyring) -> None:
    """The signature of one key under the name of another: refused by ssh-keygen, not by the parser."""
    inner = blob_of(keyring.sign("sari", TEXT)).rpartition(string(b"sha512"))[2]
    forged = armor(sshsig_blob(soft.blob, inner[4:]))
    with pytest.raises(sshsig.SignatureError, match="does not fit"):
        sshsig.verify(TEXT, forged, [soft.public], NAMESPACE)


@pytest.mark.parametrize("fields", [{"version": 2}, {"reserved": b"x"}, {"algorithm": b"sha256"}])
def test_a_loose_field_is_refused_though_the_signature_fits(soft: SoftKey, fields: dict[str, bytes | int]) -> None:
    with pytest.raises(sshsig.SignatureError):
        sshsig.verify(TEXT, soft.signature(**fields), [soft.public], NAMESPACE)


def _next_spelling(signature: str) -> str:
    """The same bytes in base64 whose unused last bits are not zero."""
    text = "".join(signature[len(BEGIN) : -len(END)].split())
    assert text.endswith("=")
    end = text.rstrip("=")
    other = end[:-1] + chr(ord(end[-1]) + 1) + text[len(end) :]
    assert base64.b64decode(other) == base64.b64decode(text)
    return BEGIN + "".join(other[at : at + 70] + "\n" for at in range(0, len(other), 70)) + END


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: armor(blob_of(text), 64),
        lambda text: armor(blob_of(text), 10_000),
        lambda text: armor(blob_of(text) + b"\0"),
        lambda text: armor(blob_of(text)[:-1]),
        lambda text: text.replace(BEGIN, BEGIN + "\n"),
        lambda text: text.replace("=\n", "\n"),
        lambda text: text + text,
        lambda text: text.replace("BEGIN SSH", "BEGIN PGP"),
        lambda text: BEGIN + END,
        lambda text: "",
        _next_spelling,
    ],
)
def test_another_spelling_is_refused(keyring: Keyring, change: Callable[[str], str]) -> None:
    signature = keyring.sign("putra", TEXT)
    with pytest.raises(sshsig.SignatureError):
        sshsig.verify(TEXT, change(signature), [keyring.public["putra"]], NAMESPACE)


def test_the_second_form_of_an_ed25519_signature_is_refused(soft: SoftKey) -> None:
    blob = blob_of(soft.signature())
    order = 2**252 + 27742317777372353535851937790883648493
    other = (int.from_bytes(blob[-32:], "little") + order).to_bytes(32, "little")
    with pytest.raises(sshsig.SignatureError, match="too large"):
        sshsig.verify(TEXT, armor(blob[:-32] + other), [soft.public], NAMESPACE)


@pytest.mark.parametrize("kind", [sshsig.SK_ED25519, sshsig.SK_ECDSA])
def test_a_touched_security_key_signs(kind: str) -> None:
    key = SecurityKey(kind)
    for flags in (0x01, 0x05):
        assert sshsig.verify(TEXT, key.signature(flags), [key.public], NAMESPACE) == key.public


@pytest.mark.parametrize("kind", [sshsig.SK_ED25519, sshsig.SK_ECDSA])
def test_an_untouched_security_key_is_refused_though_ssh_keygen_accepts_it(kind: str) -> None:
    key = SecurityKey(kind)
    for flags in (0x00, 0x04):
        signature = key.signature(flags)
        assert sshsig.run_ssh_keygen(TEXT, signature, key.public, NAMESPACE)
        with pytest.raises(sshsig.SignatureError, match="not touched"):
            sshsig.verify(TEXT, signature, [key.public], NAMESPACE)


@pytest.mark.parametrize("kind", [sshsig.SK_ED25519, sshsig.SK_ECDSA])
def test_a_cut_signature_is_refused_wherever_it_is_cut(kind: str) -> None:
    key = SecurityKey(kind)
    blob = blob_of(key.signature(0x01))
    *before, inner_at = (at for at in range(len(blob)) if blob.startswith(string(key.kind), at))
    inner = blob[inner_at:]
    signatures = [blob[:cut] for cut in range(len(blob))]
    signatures += [sshsig_blob(key.blob, inner[:cut]) for cut in range(len(inner))]
    assert before
    for cut in signatures:
        with pytest.raises(sshsig.SignatureError):
            sshsig.verify(TEXT, armor(cut), [key.public], NAMESPACE)


def test_numbers_of_an_ecdsa_signature_have_one_spelling() -> None:
    key = SecurityKey(sshsig.SK_ECDSA)
    r, s = key.numbers(flags=0x01)
    longer = string(b"\0\0" + r.to_bytes(32, "big"))
    for numbers in (
        longer + mpint(s),
        mpint(r) + mpint(0),
        mpint(r) + string(b""),
        mpint(r) + string(b"\x80"),
        mpint(r) + mpint(P256_ORDER + s),
        mpint(r) + mpint(s) + b"\0",
    ):
        with pytest.raises(sshsig.SignatureError, match=r"number in the signature|after its end"):
            sshsig.verify(TEXT, key.packed(0x01, numbers), [key.public], NAMESPACE)


def test_an_ed25519_signature_has_64_bytes(soft: SoftKey) -> None:
    for length in (63, 65):
        inner = string(b"ssh-ed25519") + string(b"\0" * length)
        with pytest.raises(sshsig.SignatureError, match="64 bytes"):
            sshsig.verify(TEXT, armor(sshsig_blob(soft.blob, inner)), [soft.public], NAMESPACE)


@pytest.mark.parametrize("point", [b"\x02" + b"x" * 32, b"\x05" + b"x" * 64, b""])
def test_an_ecdsa_key_is_an_uncompressed_point(point: bytes) -> None:
    fields = (sshsig.SK_ECDSA.encode(), b"nistp256", point, APPLICATION)
    blob = b"".join(string(field) for field in fields)
    with pytest.raises(sshsig.SignatureError, match="uncompressed"):
        sshsig.check_public_key(f"{sshsig.SK_ECDSA} {base64.b64encode(blob).decode()}")


def test_a_public_key_has_one_spelling() -> None:
    key = SecurityKey(sshsig.SK_ED25519).public
    end = key.rstrip("=")
    assert end != key
    other = end[:-1] + chr(ord(end[-1]) + 1) + key[len(end) :]
    with pytest.raises(sshsig.SignatureError, match="usual form"):
        sshsig.check_public_key(other)


def test_flags_are_covered_by_the_signature() -> None:
    key = SecurityKey(sshsig.SK_ED25519)
    blob = bytearray(blob_of(key.signature(0x00)))
    blob[-5] = 0x01
    with pytest.raises(sshsig.SignatureError, match="does not fit"):
        sshsig.verify(TEXT, armor(bytes(blob)), [key.public], NAMESPACE)


@pytest.mark.parametrize("options", [["-t", "rsa", "-b", "2048"], ["-t", "ecdsa"]])
def test_keys_of_other_types_are_refused(tmp_path: Path, options: list[str]) -> None:
    subprocess.run([sshsig.SSH_KEYGEN, "-q", *options, "-N", "", "-f", tmp_path / "key"], check=True)
    with pytest.raises(sshsig.SignatureError, match="not accepted"):
        sshsig.check_public_key((tmp_path / "key.pub").read_text())
    with pytest.raises(sshsig.SignatureError, match="not accepted"):
        sshsig.sign(TEXT, tmp_path / "key", NAMESPACE)


def test_a_public_key_loses_its_comment(soft: SoftKey) -> None:
    assert sshsig.check_public_key(soft.public + " sari@example  \n") == soft.public


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key.split()[1],
        lambda key: key[:-4],
        lambda key: key.replace("ssh-ed25519", "sk-ssh-ed25519@openssh.com"),
        lambda key: "ssh-ed25519 " + base64.b64encode(base64.b64decode(key.split()[1]) + b"\0").decode(),
        lambda key: "ssh-ed25519 " + base64.b64encode(string(b"ssh-ed25519") + string(b"x" * 31)).decode(),
        lambda key: 'namespaces="*" ' + key,
        lambda key: "",
    ],
)
def test_what_is_not_a_public_key_is_refused(soft: SoftKey, change: Callable[[str], str]) -> None:
    with pytest.raises(sshsig.SignatureError):
        sshsig.check_public_key(change(soft.public))


def test_signing_with_no_key_says_so(tmp_path: Path) -> None:
    with pytest.raises(sshsig.SignatureError, match="could not sign"):
        sshsig.sign(TEXT, tmp_path / "none", NAMESPACE)


def test_a_missing_ssh_keygen_says_so(soft: SoftKey, monkeypatch: pytest.MonkeyPatch) -> None:
    signature = soft.signature()
    monkeypatch.setattr(sshsig, "SSH_KEYGEN", "/nowhere/ssh-keygen")
    with pytest.raises(sshsig.SignatureError, match="cannot be started"):
        sshsig.verify(TEXT, signature, [soft.public], NAMESPACE)


def test_ssh_keygen_gets_nothing_but_its_arguments(
    soft: SoftKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[tuple[list[str], dict[str, object]]] = []
    real = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda argv, **options: calls.append((argv, options)) or real(argv, **options)
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sshsig.verify(TEXT, soft.signature(), [soft.public], NAMESPACE)
    [(argv, options)] = calls
    assert argv[0] == "/usr/bin/ssh-keygen"
    assert options["env"] == {}
    assert not options.get("shell")
    assert list(tmp_path.iterdir()) == []
