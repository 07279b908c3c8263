# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The age key pair that each backup set has of its own. Its private half stays in memory and in pipes."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from typing import Iterator, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run

_IDENTITY = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+")


@dataclass(frozen=True)
class SetKey:
    """`recipient` is the public half, `identity` (`AGE-SECRET-KEY-1…`) the private one."""

    recipient: str
    identity: str = field(repr=False)

    @staticmethod
    def new() -> SetKey:
        """Make a key pair. Raises ToolError if age-keygen fails."""
        match = _IDENTITY.search(run(Command(["age-keygen"])).decode("ascii"))
        if match is None:
            raise EngineError("age-keygen made no key", "Check the installed age with: cadangan doctor")
        return SetKey.of(match.group())

    @staticmethod
    def of(identity: str) -> SetKey:
        """The key pair of a private half. Raises EngineError if it is none."""
        if not _IDENTITY.fullmatch(identity.strip()):
            raise EngineError(
                "The key given for the backup set is not an age private key",
                "Decrypt the set's key.age and give the line that begins with AGE-SECRET-KEY-1.",
            )
        identity = identity.strip()
        recipient = run(Command(["age-keygen", "-y"]), identity.encode("ascii") + b"\n")
        return SetKey(recipient.decode("ascii").strip(), identity)

    def wrapped(self, recipients: Sequence[str]) -> str:
        """The private half, encrypted to each of `recipients`: the armored text of key.age."""
        argv = ["age", "--armor"]
        for recipient in recipients:
            argv += ["--recipient", recipient]
        return run(Command(argv), self.identity.encode("ascii") + b"\n").decode("ascii")

    @contextlib.contextmanager
    def identity_fd(self) -> Iterator[int]:
        """A file descriptor from which one process that inherits it can read the private half, once."""
        read_end, write_end = os.pipe()
        try:
            os.write(write_end, self.identity.encode("ascii") + b"\n")
            os.close(write_end)
            yield read_end
        finally:
            os.close(read_end)
