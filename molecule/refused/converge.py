"""Two servers are onboarded, a third is not; one case is permitted and ordered, but not carried out."""

from __future__ import annotations

import json

from support.office import EXECUTOR, Office
from support.scenario import FOLDER, INVENTORY

office = Office.create(FOLDER, INVENTORY)
office.cadangan("onboard", "one", "two")

item = {"engine": "sqlite", "database": "/srv/app/antrean.db"}
permitted = office.permitted("backup", [{"asset": "one", **item}])
office.cadangan("order", permitted, "--as", EXECUTOR)
cases = {
    "permitted": permitted,
    "requested": office.requested("backup", [{"asset": "one", **item}]),
    "stranger": office.permitted("backup", [{"asset": "stranger", **item}]),
}
(FOLDER / "cases.json").write_text(json.dumps(cases))
