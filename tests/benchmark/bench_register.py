"""The asset register of two thousand servers: what a user waits for, beside reading its YAML and beside Ansible."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml
from bench_control import CLI
from measuring import Measure, seconds_of, seconds_of_command

SERVERS = 2000
_SERVER = """\
    db-{n:04}:
      ansible_host: 10.0.{high}.{low}
      cadangan_asset:
        number: "{n:06}"
        name: Server {n}
        status: in_operation
        life: {{in_operation: 2024-01-15}}
        agency: disdukcapil
        location: Ruang Server, rak 1
        application: Layanan
        category: high
        owner: {{position: Sekretaris, name: Contoh, nip: "0"}}
        administrator: {{position: Kepala Seksi, name: Contoh, nip: "0"}}
        machine: {{kind: virtual, cpus: 4, memory: 8 GB, disk: 100 GB}}
        operating_system: {{name: Debian, version: "12"}}
        databases:
          - engine: postgresql
            instance: "5432"
            name: layanan
            objectives:
              recovery_point: 24 h
              recovery_time: 4 h
"""


def measure() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory() as folder:
        office = Path(folder, "office")
        seconds_of_command([*CLI, "init", str(office)])
        servers = office / "inventory" / "servers.yml"
        servers.write_text(_register())
        text = servers.read_text()
        reading = seconds_of(lambda: yaml.load(text, yaml.CSafeLoader), 3)
        command = [*CLI, "--office", str(office), "register"]
        for name in ("check", "list"):
            what = f"register {name}, {SERVERS} servers"
            yield Measure(what, seconds_of_command([*command, name], 5), "reading its YAML", reading)
        ansible = seconds_of(
            lambda: subprocess.run(
                ["ansible-inventory", "-i", office / "inventory", "--graph"], check=True, stdout=subprocess.DEVNULL
            )
        )
        checking = seconds_of_command([*command, "check"], 5)
        yield Measure(f"register check, {SERVERS} servers", checking, "ansible-inventory --graph", ansible)


def _register() -> str:
    servers = (_SERVER.format(n=n, high=n // 250, low=n % 250 + 1) for n in range(SERVERS))
    return "servers:\n  hosts:\n" + "".join(servers)
