"""Sending a backup set to a repository host over SSH, beside the bare pipeline into `ssh host 'cat > file'`."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_connection import ssh_command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import SshRepository
from measuring import Measure
from support.repository_server import RepositoryServer, make_key
from support.signed_office import ASSET
from support.ssh_server import SshServer

MEGABYTES = int(os.environ.get("CADANGAN_BENCHMARK_MEGABYTES", "1000"))


def measure() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        public, bare = make_key(folder / "asset_key"), make_key(folder / "bare_key")
        server = RepositoryServer(folder, {ASSET: [public]})
        with SshServer(folder / "ssh") as ssh:
            ssh.let_in(public, server.command("sender", ASSET))
            copied = folder / "copied"
            ssh.let_in(bare, ["sh", "-c", f"cat > {copied}"])
            known_hosts = folder / "known_hosts"
            known_hosts.write_text(f"{ssh.contact()['asset']} {ssh.host_key}\n")
            to_cat = ssh_command(ssh.contact(), str(folder / "bare_key"), str(known_hosts))
            repository = SshRepository(ssh.contact(), str(folder / "asset_key"))
            dump = folder / "dump"
            subprocess.run(["sh", "-c", f"{_plain(dump)}"], check=True)
