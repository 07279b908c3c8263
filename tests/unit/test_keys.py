"""`cadangan keys`: who can open sets, rehearsed for real, and old sets for new holders."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey
from cadangan.evidence.holders import HolderRecord
from cadangan.evidence.set_adoption import SetAdoption
from support.command_line import types
from support.holder_desk import HolderDesk
from support.office import BIN
from support.signed_office import Keyring
from support.terminal import at_a_terminal

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> HolderDesk:
    return HolderDesk.make(tmp_path_factory.mktemp("keys"), keyring)


@pytest.fixture
def desk(tmp_path: Path, made: HolderDesk) -> HolderDesk:
    return made.copied(tmp_path / "all")


def rewrap(desk: HolderDesk, *arguments: str, status: int = 0) -> str:
    return desk.types("keys", "rewrap", *arguments, status=status)


def test_a_new_key_is_its_holders_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "kabid.age"
    made = json.loads(types("--json", "keys", "new", str(file)))
    assert file.stat().st_mode & 0o777 == 0o600
    assert SetKey.of(file.read_text().splitlines()[-1]).recipient == made["key"]
    before = file.read_bytes()
    assert "never overwritten" in types("keys", "new", str(file), status=2)
    assert file.read_bytes() == before
    said = types("keys", "new", str(tmp_path / "kasi.age"))
    public = next(line for line in said.splitlines() if line.startswith("Public key: ")).split()[-1]
    assert f"- {{holder: NAME, key: {public}}}" in said
    assert "AGE-SECRET-KEY" not in said


def test_a_new_key_can_have_a_passphrase(tmp_path: Path) -> None:
    file = tmp_path / "kabid.age"
    said = at_a_terminal([str(BIN / "cadangan"), "keys", "new", str(file), "--passphrase"], "kata sandi", "kata sandi")
    assert "Public key: age1" in said
    assert file.read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_passphrase_that_was_not_given_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "kabid.age"
    done = subprocess.run(
        [BIN / "cadangan", "keys", "new", file, "--passphrase"],
        capture_output=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 1, done.stderr
    assert not file.exists()


def test_a_rehearsal_opens_every_set_and_says_who_would_be_left(desk: HolderDesk) -> None:
    sets = [desk.back_up(number, "kabid", "kasi") for number in (1, 2, 3)]
    found = desk.asks("keys", "rehearse", "--identity", desk.identity("kasi"))
    assert [(each["holder"], each["opened"], each["failed"]) for each in found["holders"]] == [("kasi", 3, {})]
    assert found["if_away"] == {"nobody": [], "one": sets}
    said = desk.types("keys", "rehearse", "--identity", desk.identity("kasi"), "--identity", desk.identity("kabid"))
    assert "If kasi and kabid were away, nobody could open 3 sets, and one alone 0." in said
    entries = desk.entries("rehearsed")
    assert [(entry["sets"], entry["thin"]) for entry in entries] == [(3, 0), (3, 0)]
    assert entries[0]["holders"] == [{"holder": "kasi", "key": desk.public("kasi"), "opened": 3}]


def test_a_rehearsal_finds_a_set_that_does_not_open_though_it_should(desk: HolderDesk) -> None:
    desk.back_up(1, "kabid", "kasi")
    bad = desk.back_up(2, "kabid", "escrow")
    said = desk.types("keys", "rehearse", "--identity", desk.identity("kasi"), status=1)
    assert "kasi opens 1 of 2 sets" in said
    assert f"not {bad}" in said
    assert "1 of 2 sets can be opened by fewer than two of the present holders" in said
    assert desk.entries("rehearsed")[0]["thin"] == 1


def test_a_stranger_can_not_rehearse(desk: HolderDesk) -> None:
    desk.back_up(1, "kabid", "kasi")
    said = desk.types("keys", "rehearse", "--identity", desk.identity("staf"), status=2)
    assert "the identity of nobody who can open this office's sets" in said
    assert desk.entries("rehearsed") == []


def test_a_new_holder_is_given_the_old_sets_and_data_is_not_touched(desk: HolderDesk) -> None:
    old = desk.back_up(1, "kabid", "kasi")
    desk.types("trust", "add-recipient", "escrow", desk.public("escrow"))
    desk.renew_trust()
    new = desk.back_up(2, "kabid", "kasi", "escrow")
    opens = {row["holder"]: row["opens"] for row in desk.asks("keys", "list")["holders"]}
    assert opens == {"kabid": 2, "kasi": 2, "escrow": 1}
    before = {name: desk.repository.find(old).measure(name) for name in desk.repository.find(old).names()}

    said = rewrap(desk, "--all", "--identity", desk.identity("kasi"))
    assert "1 keys wrapped again; 1 sets were open to all already." in said
    assert before.items() <= {name: desk.repository.find(old).measure(name) for name in before}.items()
    (added,) = set(desk.repository.find(old).names()) - before.keys()
    assert desk.repository.find(new).names() == ["key.age", "manifest.json", "manifest.json.sig"]
    assert list(desk.catalogue.get(old).keys) == [added, "key.age"]
    (entry,) = desk.entries("rewrapped")
    assert (entry["set"], entry["name"], entry["by"], entry["opened_again"]) == (old, added, "kasi", True)
    found = desk.asks("keys", "rehearse", "--identity", desk.identity("escrow"))
    assert (found["holders"][0]["opened"], found["if_away"]) == (2, {"nobody": [], "one": []})
    assert "0 keys wrapped again" in rewrap(desk, "--all", "--identity", desk.identity("kasi"))


def test_a_retired_holder_keeps_what_was_made_for_them_and_can_hand_it_on(desk: HolderDesk) -> None:
    old = desk.back_up(1, "kabid", "kasi")
    desk.types("trust", "add-recipient", "escrow", desk.public("escrow"))
    desk.types("keys", "retire", "kabid")
    desk.renew_trust()
    desk.back_up(2, "kasi", "escrow")
    rows = {row["holder"]: row for row in desk.asks("keys", "list")["holders"]}
    assert (rows["kabid"]["opens"], bool(rows["kabid"]["until"])) == (1, True)
    assert (rows["escrow"]["opens"], rows["escrow"]["until"]) == (1, None)
    assert "can open these for ever" in desk.types("keys", "list")
    said = desk.types("keys", "rehearse", "--identity", desk.identity("kabid"), status=1)
    assert "kabid (no holder any more) opens 1 of 2 sets" in said
    said = rewrap(desk, "--identity", desk.identity("kabid"), old)
    assert "No present holder has opened them yet" in said
    assert desk.asks("keys", "rehearse", "--identity", desk.identity("escrow"))["holders"][0]["opened"] == 2


def test_who_can_not_open_a_set_can_not_wrap_it_again(desk: HolderDesk) -> None:
    old = desk.back_up(1, "kabid", "kasi")
    desk.types("trust", "add-recipient", "escrow", desk.public("escrow"))
    desk.renew_trust()
    said = rewrap(desk, "--all", "--identity", desk.identity("escrow"), status=1)
    assert f"{old}: " in said
    assert desk.repository.find(old).names() == ["key.age", "manifest.json", "manifest.json.sig"]
    assert desk.entries("rewrapped") == []


def test_a_repository_that_lost_a_set_stops_no_other(desk: HolderDesk) -> None:
    lost, kept = desk.back_up(1, "kabid", "kasi"), desk.back_up(2, "kabid", "kasi")
    shutil.rmtree(desk.repository.find(lost).place)
    desk.types("trust", "add-recipient", "escrow", desk.public("escrow"))
    desk.renew_trust()
    said = rewrap(desk, "--all", "--identity", desk.identity("kasi"), status=1)
    assert f"{lost}: The repository" in said
    assert [entry["set"] for entry in desk.entries("rewrapped")] == [kept]


def test_two_holders_remain_and_a_key_is_rotated(desk: HolderDesk) -> None:
    before = (desk.root / "office.yml").read_bytes()
    assert "only 1 could open backup sets" in desk.types("keys", "retire", "kabid", status=2)
    assert "Did you mean 'kabid'?" in desk.types("keys", "retire", "kabit", status=2)
    assert (desk.root / "office.yml").read_bytes() == before
    old = desk.back_up(1, "kabid", "kasi")
    desk.types("keys", "rotate", "kabid", desk.public("staf"))
    desk.renew_trust()
    rows = [(row["holder"], bool(row["until"]), row["opens"]) for row in desk.asks("keys", "list")["holders"]]
    assert rows == [("kasi", False, 1), ("kabid", False, 0), ("kabid", True, 1)]
    rewrap(desk, old, "--identity", desk.identity("kasi"), "--identity", desk.identity("staf"))
    assert desk.asks("keys", "rehearse", "--identity", desk.identity("staf"))["thin"] == []


def test_rewrap_wants_to_know_which_sets(desk: HolderDesk) -> None:
    for arguments in ([], ["--all", "a/b/c/d/e"]):
        assert "name the sets" in rewrap(desk, *arguments, "--identity", desk.identity("kasi"), status=2)


def test_of_a_set_that_the_journal_did_not_see_made_the_trust_of_its_time_tells(desk: HolderDesk) -> None:
    made = desk.back_up(1, "kabid", "kasi", known=False)
    SetAdoption(desk.journal, desk.catalogue, desk.repository).adopt(made)
    time.sleep(1.1)
    desk.types("keys", "rotate", "kabid", desk.public("staf"))
    desk.renew_trust()
    record = HolderRecord(desk.journal)
    assert record.keys_of(desk.catalogue.get(made)) == {desk.public("kabid"), desk.public("kasi")}
