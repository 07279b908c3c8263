"""The gate listens to the register: where no work is done, where nothing is restored to, and what stays kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cadangan.errors import BadInput
from cadangan.execution.run_log import check_work
from cadangan.register.disposal import rule_for
from cadangan.register.office import Office
from support.holder_desk import ASSET
from support.set_desk import AGENCY, SetDesk
from support.signed_office import Keyring

ITEM = {"id": "1", "agency": AGENCY, "asset": ASSET, "engine": "sqlite", "instance": "", "database": "/srv/warga.db"}
WORK: dict[str, dict[str, Any]] = {
    "backup": ITEM | {"action": "backup", "drill": False},
    "copy": ITEM | {"action": "restore", "mode": "copy", "target": "/srv/salinan.db"},
    "replace": ITEM | {"action": "restore", "mode": "replace", "target": "/srv/warga.db"},
    "drill": ITEM | {"action": "drill"},
}
OTHERS = "          - {engine: sqlite, name: /srv/izin.db, agency: dpmptsp}\n"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> SetDesk:
    return SetDesk.furnished(tmp_path_factory.mktemp("gate"), keyring)


@pytest.fixture
def desk(tmp_path: Path, furnished: SetDesk) -> SetDesk:
    return furnished.again(tmp_path / "kudus")


def check(desk: SetDesk, item: dict[str, Any]) -> None:
    check_work(Office.load(desk.root), desk.journal, [item])


@pytest.mark.parametrize("item", WORK.values(), ids=WORK)
def test_work_on_a_server_in_operation_goes_through(desk: SetDesk, item: dict[str, Any]) -> None:
    check(desk, item)


@pytest.mark.parametrize("status", ["planned", "maintenance", "retired"])
@pytest.mark.parametrize("item", WORK.values(), ids=WORK)
def test_no_work_on_a_server_that_is_not_in_operation(desk: SetDesk, item: dict[str, Any], status: str) -> None:
    """As `execute` and the play ask: the permit may have been signed while the server was in operation."""
    desk.changes("inventory/servers.yml", "in_operation", status)
    with pytest.raises(BadInput, match=f"{ASSET} is not in operation: the asset register says {status}"):
        check(desk, item)


@pytest.mark.parametrize("name", ["copy", "replace", "drill"])
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("/srv/warga.db", "/srv/lain.db", "database 'sqlite /srv/warga.db' is not registered"),
        (f"    {ASSET}:", "    db-99:", f"server '{ASSET}' is not in the asset register"),
    ],
)
def test_a_restore_goes_to_what_is_registered(desk: SetDesk, name: str, old: str, new: str, says: str) -> None:
    desk.changes("inventory/servers.yml", old, new)
    with pytest.raises(BadInput, match=says):
        check(desk, WORK[name])


def test_a_copy_does_not_take_the_name_of_another_agencys_database(desk: SetDesk) -> None:
    item = WORK["copy"] | {"target": "/srv/izin.db"}
    check(desk, item)
    desk.changes("inventory/servers.yml", "          - engine", f"{OTHERS}          - engine")
    with pytest.raises(BadInput, match=r"/srv/izin\.db on db-01 is registered for agency dpmptsp, not for disdukcapil"):
        check(desk, item)


def test_sets_of_a_retired_server_are_kept_and_listed(desk: SetDesk) -> None:
    """Under the rule that the database has of its own, too."""
    sets = [desk.make_set(number, drilled=True) for number in (1, 2)]
    own = "            retention: {last: 2, daily: 0, weekly: 0, monthly: 0, yearly: 0, minimum: 1}\n"
    desk.changes("inventory/servers.yml", "            objectives", f"{own}            objectives")
    desk.changes("inventory/servers.yml", "in_operation", "retired")
    assert rule_for(Office.load(desk.root), desk.record(sets[0]).place).last == 2
    listed = desk.asks("set", "list")
    assert sorted(row["set"] for row in listed["sets"]) == sorted(sets)
    assert [row["registered"] for row in listed["databases"]] == [False]
