"""The register is reconciled while all servers run, again after one went down, and then reviewed."""

from __future__ import annotations

import json
import subprocess

from support.office import BIDANG, EXECUTOR, Office
from support.scenario import FOLDER, INVENTORY, on, state

UP = ("cadangan-reg-fits", "cadangan-reg-differs", "cadangan-reg-hides")

office = Office.create(FOLDER, INVENTORY)
before = {name: state(name) for name in UP}
first = office.cadangan("register", "reconcile", "cocok", "mati")
subprocess.run(["podman", "stop", "--time", "0", "cadangan-reg-down"], check=True)
said = office.types("register", "reconcile", status=1)
after = {name: state(name) for name in UP}

# The review of what was found: one server is put right in the register, one is followed up, and the head signs.
review = office.types("register", "review", "open", "--as", EXECUTOR)
servers = office.root / "inventory" / "servers.yml"
text = servers.read_text()
assert 'version: "11"' in text
servers.write_text(text.replace('version: "11"', 'version: "12"'))
later = ("--note", "nyalakan kembali", "--by-whom", EXECUTOR, "--until", "2999-12-31")
decided = {"cocok": ("right",), "beda": ("corrected",), "sembunyi": ("right",), "mati": ("follow-up", *later)}
for host, (verdict, *more) in decided.items():
    office.types("register", "review", "record", host, "--verdict", verdict, *more, "--as", EXECUTOR)
closed = office.cadangan("register", "review", "close", "--as", BIDANG)

# A server that the register does not have yet is found out about, and put in.
on("cadangan-reg-hides", "runuser", "-u", "postgres", "--", "createdb", "baru")
(office.root / "inventory" / "host_vars").mkdir()
new = {"ansible_host": "cadangan-reg-hides"}
(office.root / "inventory" / "host_vars" / "baru.yml").write_text(json.dumps(new))
entry = ("--number", "5", "--name", "Server baru", "--agency", "disdukcapil", "--status", "in_operation")
proposed = office.types("register", "add", "baru", *entry)

results = {
    "closed": closed,
    "first": first["result"],
    "said": said,
    "before": before,
    "after": after,
    "proposed": proposed,
}
(FOLDER / "results.json").write_text(json.dumps(results))
