"""Signing here and apart: only with the person's own key, only what reads as it is."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from cadangan.errors import BadInput, Missing
from cadangan.evidence.signing import DECISION, TRUST, sign_text, verify_brought, write_apart
from support.signed_office import Keyring

TEXT = canonical.dumps({"type": "decision", "note": "Setuju {{ lookup('pipe', 'id') }}"})


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An SSH agent of this test alone, without keys."""
    socket = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    yield
    process.terminate()
    process.wait()


def test_a_key_file_signs(keyring: Keyring) -> None:
    signature = sign_text(TEXT, "sari", [keyring.public["sari"]], DECISION, keyring.private("sari"))
    assert sshsig.verify(TEXT, signature, [keyring.public["sari"]], DECISION) == keyring.public["sari"]


def test_the_agent_signs_with_the_persons_own_key(keyring: Keyring, agent: None) -> None:
    for person in ("bayu", "sari"):
        subprocess.run(["ssh-add", "-q", str(keyring.private(person))], check=True)
    keys = [keyring.public["oki"], keyring.public["sari"]]
    signature = sign_text(TEXT, "sari", keys, DECISION, None)
    assert sshsig.verify(TEXT, signature, keys, DECISION) == keyring.public["sari"]


def test_an_agent_without_the_key_is_refused(keyring: Keyring, agent: None) -> None:
    subprocess.run(["ssh-add", "-q", str(keyring.private("bayu"))], check=True)
    with pytest.raises(Missing, match="the SSH agent holds no key of sari"):
        sign_text(TEXT, "sari", [keyring.public["sari"]], DECISION, None)


def test_a_forwarded_agent_is_refused(keyring: Keyring, agent: None, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["ssh-add", "-q", str(keyring.private("sari"))], check=True)
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    monkeypatch.delenv("SSH_AGENT_PID", raising=False)
    with pytest.raises(Refused, match="forwarded from another machine"):
        sign_text(TEXT, "sari", [keyring.public["sari"]], DECISION, None)


def test_no_agent_is_refused(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(Missing, match="no SSH agent"):
        sign_text(TEXT, "sari", [keyring.public["sari"]], DECISION, None)


def test_somebody_elses_key_is_refused(keyring: Keyring) -> None:
    with pytest.raises(BadInput, match="not a signature of sari"):
        sign_text(TEXT, "sari", [keyring.public["sari"]], DECISION, keyring.private("bayu"))


def test_a_person_without_keys_is_refused(keyring: Keyring) -> None:
    with pytest.raises(BadInput, match=r"sari has no public key on record\n.*trust add-key sari"):
        sign_text(TEXT, "sari", [], DECISION, keyring.private("sari"))


def test_a_missing_key_file_is_refused(keyring: Keyring, tmp_path: Path) -> None:
    with pytest.raises(Missing, match="there is no key file"):
        sign_text(TEXT, "sari", [keyring.public["sari"]], DECISION, tmp_path / "none")


DISGUISED = {
    "right-to-left override": "gambar\u202egnp.exe",
    "isolate": "a\u2066b",
    "decomposed letter": "cafe\u0301",
}


@pytest.mark.parametrize("note", DISGUISED.values(), ids=DISGUISED)
def test_a_text_that_reads_otherwise_is_refused(keyring: Keyring, tmp_path: Path, note: str) -> None:
    text = canonical.dumps({"type": "decision", "items": [{"target": note}]})
    with pytest.raises(Refused, match="reads the same for everybody"):
        sign_text(text, "sari", [keyring.public["sari"]], DECISION, keyring.private("sari"))
    with pytest.raises(Refused):
        write_apart(text, tmp_path / "decision.json", DECISION)
    assert list(tmp_path.iterdir()) == []


def test_signed_apart_with_the_printed_command(keyring: Keyring, tmp_path: Path) -> None:
    path = tmp_path / "a decision.json"
    command = shlex.split(write_apart(TEXT, path, DECISION).replace("KEY", str(keyring.private("sari"))))
    subprocess.run(["/usr/bin/ssh-keygen", *command[1:]], cwd=tmp_path, check=True, env={}, capture_output=True)
    assert path.read_bytes() == TEXT
    brought = path.with_name("a decision.json.sig").read_text()
    for changed in (brought, brought.replace("\n", "\r\n"), f"\n{brought}\n\n", brought.replace("\n", "  \n")):
        assert verify_brought(TEXT, changed, "sari", [keyring.public["sari"]], DECISION) == brought


def test_a_signature_for_something_else_is_refused(keyring: Keyring) -> None:
    keys = [keyring.public["sari"]]
    for text, namespace in ((TEXT + b" ", DECISION), (TEXT, TRUST)):
        signature = keyring.sign("sari", text, namespace)
        with pytest.raises(BadInput, match="not a signature of sari on this text"):
            verify_brought(TEXT, signature, "sari", keys, DECISION)


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"])
def test_what_is_no_signature_is_refused(keyring: Keyring, text: str) -> None:
    with pytest.raises(BadInput, match="not a signature"):
        verify_brought(TEXT, text, "sari", [keyring.public["sari"]], DECISION)


def test_the_private_key_file_is_only_read(keyring: Keyring) -> None:
    key = keyring.private("sari")
    before = (key.read_bytes(), key.stat().st_mtime_ns)
    sign_text(TEXT, "sari", [keyring.public["sari"]], DECISION, key)
    assert before == (key.read_bytes(), key.stat().st_mtime_ns)
