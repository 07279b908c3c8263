# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The systemd service that runs a server: its data files are only replaced while it is stopped."""

from __future__ import annotations

import os
import re

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run

_SERVICE = re.compile(r"/([^/\n]+\.service)$", re.MULTILINE)


class Service:
    """A unit of systemd."""

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def of(cls, process: int) -> Service:
        """The service that a process belongs to; EngineError if it belongs to none."""
        try:
            with open(f"/proc/{process}/cgroup", encoding="utf-8") as file:
                found = _SERVICE.search(file.read())
        except OSError:
            found = None
        if found is None:
            raise EngineError(
                f"The server (process {process}) is not run by a service of systemd on this host",
                "Only a server that systemd runs can be replaced. Restore a copy, and put it in place by hand.",
            )
        return cls(found.group(1))

    def stop(self, process: int) -> None:
        """Stop it, and make sure that its server, the `process` (if not 0), has ended."""
        run(Command(["systemctl", "stop", "--", self.name]))
        if process and os.path.exists(f"/proc/{process}"):
            raise EngineError(f"The server still runs after {self.name} was stopped", "Look at its unit file.")

    def start(self) -> None:
        """Start it; EngineError if it does not stay up."""
        run(Command(["systemctl", "start", "--", self.name]))

    def is_up(self) -> bool:
        """Whether it runs, or is about to."""
        state = run(Command(["systemctl", "show", "--property=ActiveState", "--value", "--", self.name]))
        return state.strip() in (b"active", b"activating", b"reloading")
