"""The register is reconciled while all servers run, and again after one went down."""

from __future__ import annotations

import json
import subprocess

from support.office import Office
from support.scenario import FOLDER, INVENTORY, on, state

UP = ("cadangan-reg-fits", "cadangan-reg-differs", "cadangan-reg-hides")

office = Office.create(FOLDER, INVENTORY)
before = {name: state(name) for name in UP}
first = office.cadangan("register", "reconcile", "cocok", "mati")
subprocess.run(["podman", "stop", "--time", "0", "cadangan-reg-down"], check=True)
said = office.types("register", "reconcile", status=1)
after = {name: state(name) for name in UP}

# A server that the register does not have yet is found out about, and put in.
on("cadangan-reg-hides", "runuser", "-u", "postgres", "--", "createdb", "baru")
(office.root / "inventory" / "host_vars").mkdir()
new = {"ansible_host": "cadangan-reg-hides"}
(office.root / "inventory" / "host_vars" / "baru.yml").write_text(json.dumps(new))
entry = ("--number", "5", "--name", "Server baru", "--agency", "disdukcapil", "--status", "in_operation")
proposed = office.types("register", "add", "baru", *entry)

results = {"first": first["result"], "said": said, "before": before, "after": after, "proposed": proposed}
(FOLDER / "results.json").write_text(json.dumps(results))
