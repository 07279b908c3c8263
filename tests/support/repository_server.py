"""A repository host for tests: its files as its role installs them, and a way to it without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, repository_connection, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import Fetch, SshRepository
from ansible_collections.diskominfo.cadangan.plugins.modules.repository_programs import imported_files
from support.signed_office import ASSET

HERE = Path(__file__).parent
ROLE = HERE.parents[1] / "roles" / "repository"
NAME = "arsip-01"
OPERATOR = "operator"


def install(tree: Path) -> Path:
    """Put into `tree` what the role puts on a repository host; gives the program there."""
    for name, content in imported_files().items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Path(shutil.copy(ROLE / "files" / "repository.py", tree))


class RepositoryServer:
    """A repository host in `folder`, which knows the assets `keys` (name and public keys)."""

    def __init__(self, folder: Path, keys: dict[str, list[str]], **config: Any) -> None:
        self.tree, self.config, self.root = folder / "library", folder / "config", folder / "sets"
        self.root.mkdir(mode=0o700)
        self.config.mkdir()
        install(self.tree)
        self.keys = keys
        self.configure(**config)

    def configure(self, **config: Any) -> None:
        """Write `repository.json`, with these keys of it changed."""
        document = {
            "type": "repository",
            "name": NAME,
            "root": str(self.root),
            "reserve_bytes": 0,
            "daily_bytes": 1 << 40,
            "assets": [{"asset": asset, "keys": keys} for asset, keys in sorted(self.keys.items())],
            **config,
        }
        (self.config / "repository.json").write_bytes(canonical.dumps(document))

    def command(self, *role: str) -> list[str]:
        """The program as sshd starts it for a role."""
        launcher = str(HERE / "repository_launcher.py")
        return [sys.executable, "-I", launcher, str(self.tree), str(self.config), *role]

    def start(self, *role: str) -> subprocess.Popen[bytes]:
        """The program, with its ends of the wire."""
        return subprocess.Popen(self.command(*role), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    @property
    def repository(self) -> FolderRepository:
        """What is in it, seen from the host itself."""
        return FolderRepository(str(self.root))

    def files(self) -> dict[str, bytes]:
        """All that is kept in it; what is remembered of senders is left out."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".senders" not in path.parts
        }


class Wire:
    """Reaches the server without SSH: its program is started here, in the role of whoever's key it is.

    `cuts`: where the next connections are cut off, each as `("up" or "down", bytes)`; those after them are not.
    `instead`: a program that is started in the server's place.
    """

    def __init__(self, server: RepositoryServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = server
        self.cuts: list[tuple[str, int]] = []
        self.instead: list[str] | None = None
        self.connections = 0
        monkeypatch.setattr(repository_connection, "ssh_command", self._command)

    @property
    def contact(self) -> dict[str, Any]:
        """How the server is reached, so that it can be pinned."""
        return contact()

    def sender(self, asset: str = ASSET, fetch: Fetch | None = None) -> SshRepository:
        return SshRepository(contact(), f"sender {asset}", fetch)

    def operator(self) -> SshRepository:
        return SshRepository(contact(), OPERATOR)

    def _command(self, contact: dict[str, Any], key_file: str, known_hosts: str) -> list[str]:
        self.connections += 1
        # As whom the key of a server, or of an office, is let in.
        role = {"asset_key": f"sender {ASSET}", "repository_key": OPERATOR}.get(Path(key_file).name, key_file)
        command = self.instead or self.server.command(*role.split())
        if self.cuts:
            direction, count = self.cuts.pop(0)
            return [sys.executable, str(HERE / "cut_wire.py"), direction, str(count), *command]
        return command


def contact(**changes: Any) -> dict[str, Any]:
    """How a repository host is reached."""
    return {
        "asset": NAME,
        "address": "127.0.0.1",
        "port": 22,
        "account": "cadangan-repository",
        "host_keys": [],
        **changes,
    }


def make_key(path: Path) -> str:
    """A key pair of an asset; its public half."""
    subprocess.run([sshsig.SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return sshsig.check_public_key(path.with_suffix(".pub").read_text("ascii"))
