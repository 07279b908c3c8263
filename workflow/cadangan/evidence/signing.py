"""Signatures of officials: made here with a key file or the agent, or apart on the official's own machine."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.errors import BadInput, Missing

DECISION = "decision@cadangan"
TRUST = "trust@cadangan"


def sign_text(text: bytes, person: str, keys: Sequence[str], namespace: str, key: Path | None) -> str:
    """Sign `text` for `person`, whose public keys are `keys`, and return the armored signature.

    `key` is a private key file (or a public one whose private half the agent holds); without it the agent
    signs with the first of `keys` that it holds. Raises `BadInput` if the key is not one of `keys`, `Missing`
    if there is no key to sign with, `Refused` if the text is made to be misread or the agent is forwarded.
    """
    refuse_disguise(text)
    if not keys:
        raise BadInput(
            f"{person} has no public key on record",
            advice=f"Record one with `cadangan trust add-key {person} FILE.pub` and sign the new trust.",
        )
    signature = _sign_with_agent(text, person, keys, namespace) if key is None else _sign(text, key, namespace)
    return verify_brought(text, signature, person, keys, namespace)


def write_apart(text: bytes, path: Path, namespace: str) -> str:
    """Write `text` to `path` to be signed elsewhere, and return the command that signs it there."""
    refuse_disguise(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return sign_command(path, namespace)


def sign_command(path: Path, namespace: str) -> str:
    """What an official types on their own machine, beside the file, to sign it with the private key `KEY`."""
    return f"ssh-keygen -Y sign -n {namespace} -f KEY {shlex.quote(path.name)}"


def verify_brought(text: bytes, signature: str, person: str, keys: Sequence[str], namespace: str) -> str:
    """Check that `signature` is by one of `keys` over `text`; return it with plain line ends.

    Mail programs and Windows change line ends, which the strict check would refuse. Raises `BadInput`.
    """
    armored = "".join(line.strip() + "\n" for line in signature.strip().splitlines())
    try:
        sshsig.verify(text, armored, keys, namespace)
    except sshsig.SignatureError as error:
        raise BadInput(
            f"this is not a signature of {person} on this text: {error}",
            advice=f"Sign exactly the file that was written, with a key of {person} that the trust names.",
        ) from error
    return armored


def refuse_disguise(text: bytes) -> None:
    """Raise `Refused` if a string in the canonical `text` could be read as something that it is not."""
    try:
        canonical.check_text(canonical.loads(text))
    except canonical.CanonicalError as error:
        raise Refused(
            f"the text may be misread: {error}",
            "What is signed reads the same for everybody.",
            "Type the name or note again, in plain letters.",
        ) from None


def _sign(text: bytes, key: Path, namespace: str) -> str:
    if not key.is_file():
        raise Missing(f"there is no key file {key}", advice="Name the file of your private key with --key.")
    try:
        return sshsig.sign(text, str(key), namespace)
    except sshsig.SignatureError as error:
        raise BadInput(f"could not sign with {key}: {error}") from error


def _sign_with_agent(text: bytes, person: str, keys: Sequence[str], namespace: str) -> str:
    if "SSH_AUTH_SOCK" not in os.environ:
        raise Missing(
            "no SSH agent is running here",
            advice="Name your key with --key FILE, or sign apart on your own machine.",
        )
    # sshd sets the agent's socket but not its process id; an agent started here sets both.
    if "SSH_CONNECTION" in os.environ and "SSH_AGENT_PID" not in os.environ:
        raise Refused(
            "the SSH agent here is forwarded from another machine",
            "Officials sign on their own machine, never through a forwarded agent.",
            "Sign apart: write the text to a file, sign it on your own machine and bring the signature back.",
        )
    with tempfile.TemporaryDirectory() as folder:
        public = Path(folder, "key.pub")
        for candidate in keys:
            public.write_text(candidate + "\n")
            try:
                return sshsig.sign(text, str(public), namespace)
            except sshsig.SignatureError:
                continue
    raise Missing(
        f"the SSH agent holds no key of {person}",
        advice="Add it with `ssh-add`, or name the key with --key FILE.",
    )
