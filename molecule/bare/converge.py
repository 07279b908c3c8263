"""Look, onboard, look again, onboard again; what each of them said is kept for the tests."""

from __future__ import annotations

import json

from support.office import Office
from support.scenario import FOLDER, INVENTORY

office = Office.create(FOLDER, INVENTORY)
said = {
    "doctor before": office.playbook("doctor", status=2),
    "check": office.playbook("onboard", "--check"),
    "doctor after check": office.playbook("doctor", status=2),
    "onboard": office.playbook("onboard"),
    "doctor": office.playbook("doctor"),
    "onboard again": office.playbook("onboard"),
}
(FOLDER / "said.json").write_text(json.dumps(said))
