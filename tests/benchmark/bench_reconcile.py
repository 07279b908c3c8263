"""Reconciling the register with many servers: beside Ansible's own ping of the same hosts."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench_control import CLI
from cadangan.execution.asset_facts import ask_servers
from measuring import Measure, seconds_of, seconds_of_command

HOSTS = int(os.environ.get("CADANGAN_BENCHMARK_HOSTS", "50"))


def measure() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        office = Path(folder, "office")
        seconds_of_command([*CLI, "init", str(office)])
        servers = office / "inventory" / "servers.yml"
        names = [f"db-{number:03}" for number in range(HOSTS)]
        servers.write_text(json.dumps(_inventory(names)))
        ping = ["ansible", "all", "-i", str(servers), "-m", "ansible.builtin.ping"]
        for _ in range(2):  # The first time, everything is read from the disk.
            pinged = seconds_of_command(ping)
        asked = seconds_of(lambda: ask_servers(names, [servers], office))
        yield Measure(f"register reconcile, {HOSTS} local hosts", asked, "ansible -m ping", pinged)


def _inventory(names: list[str]) -> dict[str, object]:
    here = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}
    return {"all": {"hosts": dict.fromkeys(names, here)}}
