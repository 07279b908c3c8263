"""What a backup over SSH left, and what a changed host key prevented."""

from __future__ import annotations

import json
from typing import Any

from support.office import Office
from support.scenario import FOLDER

OFFICE = Office(FOLDER)
CASES: dict[str, str] = json.loads((FOLDER / "cases.json").read_text())


def test_the_set_is_roots_though_a_person_logged_in(host: Any) -> None:
    (manifest,) = host.run("find /srv/cadangan -name manifest.json").stdout.splitlines()
    assert json.loads(host.file(manifest).content_string)["case"] == CASES["backup"]
    assert host.run("find /srv/cadangan ! -user root").stdout == ""
    assert host.run("sudo -u petugas ls /srv/cadangan").rc != 0


def test_nothing_is_left_in_the_operators_home(host: Any) -> None:
    assert host.run("find /home/petugas/.ansible /home/petugas/.config /home/petugas/.local -type f").stdout == ""


def test_a_changed_host_key_stops_the_work(host: Any) -> None:
    (outcome,) = [entry for entry in OFFICE.entries("outcome") if entry["case"] == CASES["other"]]
    assert outcome["result"] == "unreachable"
    assert "host key" in outcome["message"].lower()
    ledger = host.file("/var/lib/cadangan/ledger").content_string
    assert CASES["backup"] in ledger
    assert CASES["other"] not in ledger
