"""One backup over SSH; then another try after the server shows a host key that nobody knows."""

from __future__ import annotations

import json
import subprocess

from support.office import EXECUTOR, Office
from support.scenario import FOLDER, INVENTORY, on

SERVER = "cadangan-ssh"
ITEM = {"asset": "app", "engine": "sqlite", "database": "/srv/app/antrean.db"}


def address() -> str:
    command = ["podman", "inspect", "--format", "{{.NetworkSettings.IPAddress}}", SERVER]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


known_hosts = FOLDER / "known_hosts"
host_key = " ".join(on(SERVER, "cat", "/etc/ssh/ssh_host_ed25519_key.pub").split()[:2])
known_hosts.write_text(f"{address()} {host_key}\n")

office = Office.create(FOLDER, INVENTORY)
variables = office.root / "inventory" / "group_vars" / "all.yml"
variables.parent.mkdir()
variables.write_text(
    json.dumps(
        {
            "ansible_host": address(),
            "ansible_user": "petugas",
            "ansible_become": True,
            "ansible_ssh_private_key_file": str(FOLDER / "operator"),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={known_hosts} -o GlobalKnownHostsFile=/dev/null",
        }
    )
)
office.cadangan("onboard")

backup = office.permitted("backup", [ITEM])
office.cadangan("execute", backup, "--as", EXECUTOR)
office.finish(backup)

other = office.permitted("backup", [ITEM])
on(SERVER, "sh", "-c", "rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh")
# Ansible keeps connections open for the next play.
on(SERVER, "pkill", "-KILL", "-u", "petugas")
said = office.cadangan("execute", other, "--as", EXECUTOR, fails=1)["stderr"]

(FOLDER / "cases.json").write_text(json.dumps({"backup": backup, "other": other, "said": said}))
