"""A backup of MariaDB 10.11 restores into MariaDB 11.8, and is proven there."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from support.awkward_postgresql import take_backup
from support.mariadb_server import MariadbServer

ROOT = Path(__file__).parents[2]
SUPPORT = ROOT / "tests" / "support"


def test_the_awkward_database_moves_to_a_newer_server(mariadb: MariadbServer, tmp_path: Path) -> None:
    take_backup(mariadb.engine("awkward")).write(tmp_path)
    environment = {**os.environ, "CONTAINERS_CONF": str(SUPPORT / "containers.conf")}
    image = subprocess.run([SUPPORT / "test_hosts", "image", "trixie"], capture_output=True, text=True, check=True)
    options = ["-v", f"{ROOT}:{ROOT}:ro", "-v", f"{tmp_path}:{tmp_path}:ro"]
    options += ["-e", f"PYTHONPATH={ROOT / 'tests'}:{ROOT / 'collections'}"]
    script = ["python3", "-B", str(SUPPORT / "restore_into_newer_mariadb.py"), str(tmp_path)]
    done = subprocess.run(
        ["podman", "run", "--rm", "--network", "none", *options, image.stdout.strip(), *script],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
