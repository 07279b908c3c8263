"""One backup over SSH; then another try after the server shows a host key that nobody knows."""

from __future__ import annotations

import json

from support.office import EXECUTOR, Office
from support.scenario import FOLDER, INVENTORY, on, reach_by_ssh

SERVER = "cadangan-ssh"
ITEM = {"asset": "app", "engine": "sqlite", "database": "/srv/app/antrean.db"}


office = Office.create(FOLDER, INVENTORY)
reach_by_ssh(office, {"app": SERVER})
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
