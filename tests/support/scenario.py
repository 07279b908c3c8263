"""What the molecule scenarios share: where they are, and commands on their hosts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

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
