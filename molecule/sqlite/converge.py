"""Back up while the application writes; stop it, damage both databases, restore: replace, copy and drill."""

from __future__ import annotations

import json

from support.office import EXECUTOR, HOLDERS, Office
from support.scenario import FOLDER, INVENTORY, on

APP = "cadangan-app"
LIVE = {"asset": "app", "engine": "sqlite", "database": "/srv/app/antrean.db"}
HOSTILE = "{{ lookup('pipe', 'touch jebol') }} $(touch jebol)'; --"
OLD = {"asset": "app", "engine": "sqlite", "database": f"/srv/app/{HOSTILE}.db"}

office = Office.create(FOLDER, INVENTORY)
office.cadangan("onboard")

backup = office.permitted("backup", [LIVE, OLD], subject=HOSTILE)
office.cadangan("execute", backup, "--as", EXECUTOR)
office.finish(backup)

on(APP, "systemctl", "stop", "antrean")
on(APP, "sqlite3", LIVE["database"], "DROP TABLE antrean;")
on(APP, "truncate", "--size=5000", OLD["database"])

restore = office.permitted(
    "restore",
    [
        {**LIVE, "mode": "replace"},
        {**OLD, "mode": "replace"},
        {**OLD, "mode": "copy", "target": "/srv/app/salinan.db"},
        {**LIVE, "mode": "drill"},
    ],
)
office.cadangan("order", restore, "--as", EXECUTOR)
office.playbook("restore", "-e", f"case={restore}", identity=office.identity(HOLDERS[1]))
office.finish(restore)

(FOLDER / "cases.json").write_text(json.dumps({"backup": backup, "restore": restore}))
