"""Look, onboard, look again, onboard again; what each of them said is kept for the tests."""

from __future__ import annotations

import json
import os
from pathlib import Path

from support.office import Office

folder = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
office = Office.create(folder, Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "inventory/servers.yml")
said = {
    "doctor before": office.playbook("doctor", status=2),
    "check": office.playbook("onboard", "--check"),
    "doctor after check": office.playbook("doctor", status=2),
    "onboard": office.playbook("onboard"),
    "doctor": office.playbook("doctor"),
    "onboard again": office.playbook("onboard"),
}
(folder / "said.json").write_text(json.dumps(said))
