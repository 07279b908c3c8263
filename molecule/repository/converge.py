"""Onboard servers and repository host at once; back both up; damage one; bring it back from the repository host."""

from __future__ import annotations

import json

from support.office import Office
from support.scenario import FOLDER, INVENTORY, reach_by_ssh

APP, PG, ARSIP = "cadangan-repo-app", "cadangan-repo-pg", "cadangan-repo-arsip"

office = Office.create(FOLDER, INVENTORY, repository_host="arsip")
reach_by_ssh(office, {"app": APP, "pg": PG, "arsip": ARSIP})
said = {
    "check": office.playbook("onboard", "--check", "--diff"),
    "onboard": json.dumps(office.cadangan("onboard")),
    "again": office.playbook("onboard", "--diff"),
}
(FOLDER / "said.json").write_text(json.dumps(said))
