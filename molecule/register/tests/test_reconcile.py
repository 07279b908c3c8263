"""What reconciling the register with its servers came to: exactly what was prepared."""

from __future__ import annotations

import json
from typing import Any

from cadangan.register.reconcile import AssetResult, Difference, Reconciliation, UnregisteredDatabase, Unseen
from cadangan.register.reconciliations import Reconciliations
from support.office import Office
from support.scenario import FOLDER

OFFICE = Office(FOLDER)
RESULTS: dict[str, Any] = json.loads((FOLDER / "results.json").read_text())


def test_servers_that_fit_do() -> None:
    first = Reconciliation.from_json(RESULTS["first"])
    assert first.assets == (AssetResult("cocok", "fits"), AssetResult("mati", "fits"))
    assert first.is_right


def test_each_server_is_what_it_was_made_to_be() -> None:
    second = Reconciliations(OFFICE.root / "reconcile").newest()
    assert second is not None
    results = {asset.host: asset for asset in second.assets}
    assert results["cocok"] == AssetResult("cocok", "fits")
    assert results["sembunyi"] == AssetResult("sembunyi", "fits")
    version = {each.field: each.found for each in results["beda"].differences}
    assert results["beda"] == AssetResult(
        "beda",
        "differs",
        (
            Difference("machine.kind", "virtual", "container"),
            Difference("operating_system.version", "11", version["operating_system.version"]),
            Difference("postgresql:5432 layanan: version", "14", version["postgresql:5432 layanan: version"]),
            Difference("postgresql:5432 hilang", "there", "no such database"),
            Difference("sqlite /srv/hilang.db", "there", "not there"),
        ),
        (Unseen("machine.serial", "the server does not tell it"),),
    )
    assert version["operating_system.version"].split(".")[0] == "12"
    assert version["postgresql:5432 layanan: version"].split(".")[0] == "15"


def test_the_server_that_is_down_keeps_its_last_known_facts() -> None:
    second = Reconciliations(OFFICE.root / "reconcile").newest()
    assert second is not None
    [down] = [asset for asset in second.assets if asset.host == "mati"]
    assert (down.state, down.differences, down.facts_at) == ("unreachable", (), RESULTS["first"]["at"])
    assert down.reason


def test_the_hidden_databases_are_found() -> None:
    second = Reconciliations(OFFICE.root / "reconcile").newest()
    assert second is not None
    found = [UnregisteredDatabase(each.host, each.label) for each in second.unregistered_databases]
    assert sorted(found, key=lambda each: each.label) == [
        UnregisteredDatabase("sembunyi", "mariadb:3306 gelap"),
        UnregisteredDatabase("sembunyi", "postgresql:5433 gelap"),
    ]
    assert "not registered on sembunyi: postgresql:5433 gelap" in RESULTS["said"]


def test_nothing_was_changed_on_any_server() -> None:
    assert RESULTS["before"] == RESULTS["after"]


def test_both_reconciliations_are_in_the_journal() -> None:
    counts = [(entry["fits"], entry["differs"], entry["unreachable"]) for entry in OFFICE.entries("reconciled")]
    assert counts == [(2, 0, 0), (2, 1, 1)]
    OFFICE.cadangan("journal", "verify")


def test_a_new_server_is_proposed_with_all_that_runs_on_it() -> None:
    proposed = RESULTS["proposed"]
    for name in ("layanan", "baru", "gelap"):
        assert f"name: {name}\n" in proposed
    assert 'instance: "5433"' in proposed
    assert "engine: mariadb" in proposed
