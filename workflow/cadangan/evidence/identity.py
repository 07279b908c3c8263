"""The age identity of somebody who can open backup sets: making one, and knowing whose it is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO

from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey

from cadangan.errors import BadInput, WorkFailed
from cadangan.procedure import moment


def new_identity(path: Path, *, passphrase: bool) -> str:
    """Write a new identity to the new file `path`, for its owner's eyes alone; gives its public key.

    With `passphrase` the file is encrypted with one, for which `age` asks at the terminal. `BadInput` if there is
    such a file already, or it can not be written; `WorkFailed` if `age` does not encrypt it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise BadInput(f"{path} exists already", advice="A key is never overwritten. Name a new file.") from error
    except OSError as error:
        raise BadInput(f"{path} can not be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            key = SetKey.new()
            text = f"# created: {moment.now()}\n# public key: {key.recipient}\n{key.identity}\n"
            if passphrase:
                _encrypt(text.encode("ascii"), file)
            else:
                file.write(text.encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise
    return key.recipient


def public_key(identity: Path) -> str:
    """The public key of the one identity in the file; `BadInput` if it holds none, or several."""
    done = subprocess.run(["age-keygen", "-y", str(identity)], capture_output=True, text=True, check=False)
    keys = done.stdout.split()
    if done.returncode != 0 or len(keys) != 1:
        raise BadInput(
            f"{identity} is not the file of one age identity: {done.stderr.strip() or f'it holds {len(keys)}'}",
            advice="Name the file that its holder made with: cadangan keys new",
        )
    return keys[0]


def _encrypt(text: bytes, file: IO[bytes]) -> None:
    done = subprocess.run(["age", "--passphrase", "--armor"], input=text, stdout=file, check=False)
    if done.returncode != 0:
        raise WorkFailed(
            "the key was not encrypted, so it was not kept", advice="Run the command at a terminal, where age can ask."
        )
