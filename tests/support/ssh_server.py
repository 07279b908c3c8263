"""sshd on a port of its own, which lets keys in as a repository host does: each bound to one command."""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from support.kills import descendants
from support.repository_server import contact, make_key

SSHD = "/usr/sbin/sshd"
ROLES = Path(__file__).parents[2] / "roles" / "repository" / "files" / "sshd.conf"


class SshServer:
    """Reached as the account that runs the tests, with keys that `let_in` was given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = _free_port()
        self.account = pwd.getpwuid(os.geteuid()).pw_name
        self.host_key = make_key(folder / "host_key")
        self.keys = folder / "authorized_keys"
        self.keys.touch()
        self.config = folder / "sshd_config"
        self.config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\nUsePAM no\n"
            f"PermitRootLogin yes\nStrictModes no\nLogLevel ERROR\n{self._match_block()}"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SshServer:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen again."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(self.config)], stderr=log)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> int:
        """Listen no more, and cut off every connection; how many there were."""
        assert self._process
        open_ones = descendants(self._process.pid)
        self._process.terminate()
        self._process.wait()
        cut = 0
        for pid in open_ones:
            # The receiving programs among them see that they are alone.
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"sshd"):
                    os.kill(pid, signal.SIGKILL)
                    cut += 1
        return cut

    def restart(self, seconds: float) -> int:
        """Be away for so long; how many connections were cut off."""
        cut = self.stop()
        time.sleep(seconds)
        self.start()
        return cut

    def let_in(self, public_key: str, command: list[str]) -> None:
        """Bind a key to one command."""
        with self.keys.open("a") as file:
            words = shlex.join(command).replace('"', '\\"')
            file.write(f'restrict,command="{words}" {public_key}\n')

    def contact(self, **changes: Any) -> dict[str, Any]:
        """How it is reached."""
        return contact(port=self.port, account=self.account, host_keys=[self.host_key], **changes)

    def _match_block(self) -> str:
        """What the role adds to sshd's configuration, for this account and these keys."""
        text = ROLES.read_text()
        for old, new in (
            ("cadangan-repository", self.account),
            ("/etc/cadangan/repository_authorized_keys", str(self.keys)),
        ):
            assert old in text
            text = text.replace(old, new)
        return text


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
