"""One backup case over both servers, by plain ansible-playbook; then damage; then one restore case, by the CLI."""

from __future__ import annotations

import json

from support.office import EXECUTOR, HOLDERS, Office
from support.scenario import FOLDER, INVENTORY, psql, state

PG15, PG17 = "cadangan-pg15", "cadangan-pg17"
PLACE = {"engine": "postgresql", "instance": "5432", "database": "layanan"}

office = Office.create(FOLDER, INVENTORY)
office.cadangan("onboard")

backup = office.permitted("backup", [{"asset": "pg15", **PLACE}, {"asset": "pg17", **PLACE}])
office.cadangan("order", backup, "--as", EXECUTOR)
before = {name: state(name) for name in (PG15, PG17)}
office.playbook("backup", "-e", f"case={backup}", "--check")
after = {name: state(name) for name in (PG15, PG17)}
office.playbook("backup", "-e", f"case={backup}")
office.finish(backup)

psql(PG15, "layanan", 'DROP TABLE berkas CASCADE; DELETE FROM "daftar antrean" WHERE id > 17;')
restore = office.permitted(
    "restore",
    [
        {"asset": "pg15", **PLACE, "mode": "replace"},
        {"asset": "pg17", **PLACE, "mode": "copy", "target": "layanan_salinan"},
        {"asset": "pg17", **PLACE, "mode": "drill"},
    ],
)
identity = str(office.identity(HOLDERS[0]))
office.cadangan("execute", restore, "--as", EXECUTOR, "--identity", identity)
office.finish(restore)

(FOLDER / "cases.json").write_text(json.dumps({"backup": backup, "restore": restore, "before": before, "after": after}))
