"""`cadangan set list`, `show` and `verify`: what there is of backup sets, and whether it is whole."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from support.holder_desk import ASSET
from support.set_desk import SetDesk, flip_a_bit
from support.signed_office import Keyring

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> SetDesk:
    return SetDesk.furnished(tmp_path_factory.mktemp("sets"), keyring)


@pytest.fixture
def desk(tmp_path: Path, made: SetDesk) -> SetDesk:
    return made.again(tmp_path / "all")


def ago(hours: int) -> str:
    return moment.shifted(moment.now(), -3600 * hours)


def database(desk: SetDesk, *arguments: str) -> dict[str, Any]:
    """What is listed of the registered database."""
    (row,) = desk.asks("set", "list", *arguments)["databases"]
    assert isinstance(row, dict)
    return row


def test_a_database_without_a_set_is_listed_and_late(desk: SetDesk) -> None:
    row = database(desk)
    assert (row["asset"], row["database"], row["newest"], row["late"]) == (ASSET, "/srv/warga.db", None, True)
    assert "NO BACKUP, objective 1 d  LATE" in desk.types("set", "list")
    assert "it has no backup, the objective is 1 d" in desk.types("set", "list", "--check", status=1)


def test_the_newest_set_its_age_size_and_growth_are_listed(desk: SetDesk) -> None:
    old = desk.make_set(1, size=1000, snapshot_at=ago(30), drilled=True)
    new = desk.make_set(2, size=5000, snapshot_at=ago(25))
    row = database(desk)
    assert (row["newest"], row["newest_proven"], row["sets"]) == (new, old, 2)
    assert 3900 < row["growth_bytes"] < 4200
    assert 25 * 3600 <= row["age_seconds"] < 25 * 3600 + 60
    assert row["recovery_point_seconds"] == 24 * 3600 and row["late"]
    said = desk.types("set", "list", "--check", status=1)
    assert "its newest backup is 1 d 1 h old, the objective is 1 d" in said
    assert f"the set of {desk.record(old).snapshot_at}" in said

    desk.make_set(3, snapshot_at=ago(1), drilled=True)
    row = database(desk, "--check")
    assert not row["late"]
    said = desk.types("set", "list")
    assert "LATE" not in said and "the newest set" in said


def test_a_restore_that_took_too_long_is_told(desk: SetDesk) -> None:
    first = desk.make_set(1)
    desk.restored(1, first, seconds=600)
    assert database(desk, "--check")["slow"] is False
    desk.restored(2, first, seconds=3600)
    row = database(desk)
    assert (row["restore_seconds"], row["slow"], row["newest_proven"]) == (3600, True, first)
    assert "a restore took 1 h, the objective is 30 min" in desk.types("set", "list", "--check", status=1)


def test_every_set_is_listed_on_request_also_of_databases_that_left_the_register(desk: SetDesk) -> None:
    sets = [desk.make_set(1), desk.make_set(2, database="/srv/lama.db")]
    assert sorted(row["set"] for row in desk.asks("set", "list")["sets"]) == sorted(sets)
    short = desk.types("set", "list")
    assert "/srv/lama.db (not in operation by the register)" in short
    assert not any(set_id in short for set_id in sets)
    assert all(set_id in desk.types("set", "list", "--all") for set_id in sets)


def test_repository_and_journal_are_compared(desk: SetDesk) -> None:
    kept, lost, stray, gone = (desk.make_set(number, told=number != 3) for number in (1, 2, 3, 4))
    desk.disposed(1, gone)
    shutil.rmtree(desk.store / lost)
    listed = desk.asks("set", "list")
    (place,) = listed["repositories"]
    assert place == {
        "place": desk.repository.name,
        "sets": 3,
        "lacks": [lost],
        "unknown": [stray],
        "disposed": [gone],
        "error": "",
    }
    assert listed["missing"] == [lost]
    assert {row["set"] for row in listed["sets"]} == {kept, lost}
    said = desk.types("set", "list", "--check", status=1)
    assert f"{lost}: missing in every repository" in said
    assert f"not known to this office (cadangan set import takes it in): {stray}" in said
    assert f"still there, though it was disposed of: {gone}" in said


def test_a_repository_that_can_not_be_reached_is_told_and_nothing_is_called_missing(desk: SetDesk) -> None:
    here, there = desk.make_set(1), desk.make_set(2, receipt="arsip-01")
    (desk.store / there).rename(desk.root.parent / "away")
    listed = desk.asks("set", "list")
    assert [place["place"] for place in listed["repositories"]] == [desk.repository.name, "ssh://arsip-01"]
    assert "arsip-01" in listed["repositories"][1]["error"]
    assert listed["missing"] == [] and {row["set"] for row in listed["sets"]} == {here, there}
    assert "ssh://arsip-01: " in desk.types("set", "list", "--check", status=1)

    # A folder may be on the servers alone.
    place = desk.asks("set", "list", "--check", "--repository", "/nowhere")["repositories"][0]
    assert "not there" in place["error"]


def test_verifying_reads_everything_back_and_the_journal_keeps_it(desk: SetDesk) -> None:
    whole, damaged, lost = (desk.make_set(number) for number in (1, 2, 3))
    assert "3 sets checked, 0 damaged." in desk.types("set", "verify")
    assert desk.record(damaged).verified[desk.repository.name].fault == ""
    flip_a_bit(desk.part(damaged))
    shutil.rmtree(desk.store / lost)
    said = desk.types("set", "verify", status=1)
    assert f"{damaged}: Part data.zst.age of the backup set is damaged: its SHA-256" in said
    assert f"has no backup set {lost}" in said
    assert f"whole    {whole}" in said and "3 sets checked, 2 damaged." in said

    entry = desk.entries("verified")[-1]
    assert (entry["repository"], entry["sets"], entry["downloaded"]) == (desk.repository.name, [whole], False)
    assert [fault["set"] for fault in entry["faults"]] == [damaged, lost]
    checks = {row["set"]: row["verified"][desk.repository.name]["fault"] for row in desk.asks("set", "list")["sets"]}
    assert checks[whole] == "" and "data.zst.age" in checks[damaged] and "no backup set" in checks[lost]
    assert f"{damaged}: damaged in {desk.repository.name}" in desk.types("set", "list", "--check", status=1)
    assert "read back" in desk.types("set", "show", damaged)


def test_verifying_some_sets_and_by_reading_them_here(desk: SetDesk) -> None:
    first, second = desk.make_set(1), desk.make_set(2)
    flip_a_bit(desk.part(second))
    assert "1 sets checked, 0 damaged." in desk.types("set", "verify", first, "--download")
    assert "SHA-256" in desk.types("set", "verify", second, "--download", status=1)
    assert [entry["downloaded"] for entry in desk.entries("verified")] == [True, True]
    assert "there is no backup set" in desk.types("set", "verify", first.replace("0001", "0009"), status=4)
    assert "is not the id of a backup set" in desk.types("set", "verify", "nothing", status=2)


def test_what_was_disposed_of_is_neither_listed_nor_verified(desk: SetDesk) -> None:
    kept, gone = desk.make_set(1), desk.make_set(2)
    desk.disposed(1, gone)
    shutil.rmtree(desk.store / gone)
    assert [row["set"] for row in desk.asks("set", "list", "--check")["sets"]] == [kept]
    assert desk.asks("set", "verify")["checked"] == 1
    assert "disposed of  by case D-2026-0001" in desk.types("set", "show", gone)


def test_a_lost_copy_in_the_catalogue_does_not_keep_the_others_from_being_verified(desk: SetDesk) -> None:
    forgotten, whole = desk.make_set(1), desk.make_set(2)
    shutil.rmtree(desk.root / "sets" / forgotten)
    said = desk.types("set", "verify", status=1)
    assert f"{forgotten}: what the office keeps of it can not be read" in said
    assert f"whole    {whole}" in said


def test_a_place_that_is_not_there_is_missing(desk: SetDesk) -> None:
    desk.make_set(1)
    assert "--repository" in desk.types("set", "verify", "--repository", "/nowhere", status=4)


def test_a_set_that_the_catalogue_alone_knows_is_listed(desk: SetDesk) -> None:
    """As after an office was recovered from an older copy of its journal."""
    other = desk.make_set(1, told=False)
    folder = desk.store / other
    names = ("manifest.json", "manifest.json.sig", "key.age")
    manifest, signature, key = ((folder / name).read_bytes() for name in names)
    desk.catalogue.keep(other, manifest, signature.decode(), key)
    row = database(desk)
    assert (row["newest"], row["sets"]) == (other, 1)
    assert desk.asks("set", "list")["repositories"][0]["unknown"] == []
    assert desk.asks("set", "verify")["checked"] == 1
    assert desk.record(other).last_check is not None
