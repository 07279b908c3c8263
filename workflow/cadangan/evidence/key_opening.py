"""Opening the wrapped key of one backup set with the identity of one of its recipients."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey

from cadangan.errors import BadInput, CadanganError, Missing, WorkFailed
from cadangan.evidence.catalogue import KeptSet

_PROTECTED = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
_SET_KEY = re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]+")


def open_set_key(key_age: bytes, identity: Path) -> str:
    """The private key (`AGE-SECRET-KEY-1…`) in `key_age`; it is only ever in memory.

    `age` asks for the passphrase of a protected identity at the terminal. Raises `Missing` if `age` or the
    file `identity` is not there, `BadInput` if it does not open the key, `WorkFailed` if the key is damaged.
    """
    if not identity.exists():
        raise Missing(f"there is no age identity file {identity}")
    found = _SET_KEY.fullmatch(_decrypt(["--identity", str(identity)], key_age, identity).strip())
    if found is None:
        raise WorkFailed("the set's key.age was opened, but holds no age key")
    return found.group().decode("ascii")


def open_kept_key(kept: KeptSet, identity: Path) -> SetKey:
    """The key pair of a set from the newest of its wrapped keys that `identity` opens, if it is this set's indeed.

    Raises as `open_set_key`: what was wrong with the newest one.
    """
    failures: list[CadanganError] = []
    for name, key_age in kept.keys.items():
        try:
            key = SetKey.of(open_set_key(key_age, identity))
            if key.recipient == kept.manifest["recipient"]:
                return key
            failures.append(WorkFailed(f"the key in {name} of {kept.id} is not that set's"))
        except (BadInput, WorkFailed) as failure:
            failures.append(failure)
        except EngineError as failure:
            failures.append(WorkFailed(f"{name} of {kept.id}: {failure.message}", advice=failure.advice))
    raise failures[0]


def is_protected(identity: Path) -> bool:
    """Whether the identity file is itself encrypted, with a passphrase; `Missing` if it is not there."""
    try:
        with identity.open("rb") as file:
            return file.read(max(map(len, _PROTECTED))).startswith(_PROTECTED)
    except OSError as error:
        raise Missing(f"there is no age identity file {identity}: {error.strerror}") from error


def open_identity(identity: Path) -> bytes:
    """What is in a protected identity file: `age` asks for its passphrase at the terminal. Raises as `open_set_key`."""
    return _decrypt([str(identity)], b"", identity)


def _decrypt(arguments: list[str], stdin: bytes, identity: Path) -> bytes:
    try:
        done = subprocess.run(["age", "--decrypt", *arguments], input=stdin, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise Missing("the program age is not installed", advice="Install it: apt-get install age") from error
    if done.returncode != 0:
        raise _refusal(done.stderr.decode("utf-8", "replace"), identity)
    return done.stdout


def _refusal(said: str, identity: Path) -> BadInput | WorkFailed:
    if "no identity matched" in said:
        return BadInput(
            f"{identity} does not open this set's key: its owner is none of the recipients",
            advice="Use the escrow copy, or the identity of an official who was a recipient of that set.",
        )
    complaint = next((line for line in said.splitlines() if line.startswith("age: error:")), said.strip())
    if "not with a passphrase" in said or f'"{identity}"' in said:
        return BadInput(f"{identity} is not an age identity: {complaint}")
    if "passphrase" in said:
        return BadInput(
            f"{identity} is protected by a passphrase, and it was not given or is wrong",
            advice="Run the command at a terminal, where age can ask for it.",
        )
    return WorkFailed(f"the set's key.age cannot be opened: {complaint}")
