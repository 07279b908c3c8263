"""What the molecule scenarios share: where they are, and commands on their hosts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from support.office import Office

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
INVENTORY = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "inventory" / "servers.yml"


def on(container: str, *command: str, text: str = "") -> str:
    """Run a command as root in a container, with `text` as its input, and give its output."""
    argv = ["podman", "exec", "--interactive", container, *command]
    return subprocess.run(argv, input=text, stdout=subprocess.PIPE, text=True, check=True).stdout


def psql(container: str, database: str, sql: str) -> str:
    """Run SQL as `postgres`, stopping at the first error."""
    command = ["psql", "--no-psqlrc", "-qAt", "--set=ON_ERROR_STOP=1", "--dbname", database]
    return on(container, "runuser", "-u", "postgres", "--", *command, text=sql)


def state(container: str) -> str:
    """Digest of every file in the folders that Cadangan writes to."""
    folders = ["/etc/cadangan", "/var/lib/cadangan", "/srv"]
    command = 'for folder; do [ ! -e "$folder" ] || find "$folder" -type f -exec sha256sum {} + ; done | sort'
    return on(container, "sh", "-c", command, "sh", *folders)


def address(container: str) -> str:
    """The IP address of a container."""
    command = ["podman", "inspect", "--format", "{{.NetworkSettings.IPAddress}}", container]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def reach_by_ssh(office: Office, containers: dict[str, str]) -> None:
    """Have Ansible reach each asset's container as `petugas`, by the key of prepare_ssh.yml, with host keys known."""
    known_hosts = FOLDER / "known_hosts"
    addresses = {asset: address(container) for asset, container in containers.items()}
    keys = {asset: on(name, "cat", "/etc/ssh/ssh_host_ed25519_key.pub") for asset, name in containers.items()}
    known_hosts.write_text("".join(f"{addresses[asset]} {' '.join(key.split()[:2])}\n" for asset, key in keys.items()))
    common = {
        "ansible_user": "petugas",
        "ansible_become": True,
        "ansible_ssh_private_key_file": str(FOLDER / "operator"),
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={known_hosts} -o GlobalKnownHostsFile=/dev/null",
    }
    for asset, where in addresses.items():
        variables = office.root / "inventory" / "host_vars" / f"{asset}.yml"
        variables.parent.mkdir(exist_ok=True)
        variables.write_text(json.dumps(common | {"ansible_host": where}))
