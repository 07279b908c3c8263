"""One backup case over both servers, by plain ansible-playbook; then damage; then one restore case, by the CLI."""

from __future__ import annotations

import json

from support.office import EXECUTOR, HOLDERS, Office
from support.scenario import FOLDER, INVENTORY, on, state

OLD, NEW = "cadangan-mariadb10", "cadangan-mariadb11"
PLACE = {"engine": "mariadb", "instance": "3306", "database": "layanan"}

office = Office.create(FOLDER, INVENTORY)
office.cadangan("onboard")

backup = office.permitted("backup", [{"asset": "mariadb10", **PLACE}, {"asset": "mariadb11", **PLACE}])
office.cadangan("order", backup, "--as", EXECUTOR)
before = {name: state(name) for name in (OLD, NEW)}
office.playbook("backup", "-e", f"case={backup}", "--check")
after = {name: state(name) for name in (OLD, NEW)}
office.playbook("backup", "-e", f"case={backup}")
office.finish(backup)

damage = "DROP TABLE berkas; DROP TRIGGER catat; DELETE FROM `daftar antrean` WHERE id > 17; DROP EVENT malam;"
on(OLD, "mariadb", "layanan", text=damage)
restore = office.permitted(
    "restore",
    [
        {"asset": "mariadb10", **PLACE, "mode": "replace"},
        {"asset": "mariadb11", **PLACE, "mode": "copy", "target": "layanan_salinan"},
        {"asset": "mariadb11", **PLACE, "mode": "drill"},
    ],
)
identity = str(office.identity(HOLDERS[0]))
office.cadangan("execute", restore, "--as", EXECUTOR, "--identity", identity)
office.finish(restore)

(FOLDER / "cases.json").write_text(json.dumps({"backup": backup, "restore": restore, "before": before, "after": after}))
