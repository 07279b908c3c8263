"""Back up while uploads come in; damage everything, restore: replace, copy and drill, on two releases of Debian."""

from __future__ import annotations

import json

from support.office import EXECUTOR, HOLDERS, Office
from support.scenario import FOLDER, INVENTORY, on

APP, NEW = "cadangan-berkas", "cadangan-berkas-baru"
LIVE = {"asset": "app", "engine": "files", "database": "/srv/app/unggahan"}
HOSTILE = "{{ lookup('pipe', 'touch jebol') }} $(touch jebol)'; --"
OLD = {"asset": "app", "engine": "files", "database": f"/srv/app/{HOSTILE}"}
NEWER = {**LIVE, "asset": "baru"}
UPLOADING = (
    "while sleep 0.02; do n=$((n + 1)); echo baru > /srv/tamu; "
    'mv /srv/tamu "/srv/app/unggahan/2026-03/tamu-$n.txt"; done'
)

office = Office.create(FOLDER, INVENTORY)
office.cadangan("onboard")

on(APP, "systemd-run", "--unit=unggah", "sh", "-c", UPLOADING)
backup = office.permitted("backup", [LIVE, OLD, NEWER], subject=HOSTILE)
office.cadangan("execute", backup, "--as", EXECUTOR)
office.finish(backup)
on(APP, "systemctl", "stop", "unggah")

for container in (APP, NEW):
    on(container, "sh", "-c", "cd /srv/app/unggahan && rm -r 2026-05 && echo rusak > sama.pdf && chmod 700 2026-06")
on(APP, "rm", "-r", OLD["database"])

restore = office.permitted(
    "restore",
    [
        {**LIVE, "mode": "replace"},
        {**OLD, "mode": "replace"},
        {**OLD, "mode": "copy", "target": "/srv/app/salinan"},
        {**LIVE, "mode": "drill"},
        {**NEWER, "mode": "replace"},
    ],
)
office.cadangan("order", restore, "--as", EXECUTOR)
office.playbook("restore", "-e", f"case={restore}", identity=office.identity(HOLDERS[1]))
office.finish(restore)

(FOLDER / "cases.json").write_text(json.dumps({"backup": backup, "restore": restore}))
