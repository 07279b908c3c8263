"""Backup, restore and drill of a server whose sets another host keeps."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import pinned, repository_ssh, work_backup
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import RepositoryError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import Fetch
from cadangan.evidence.journal import Journal
from cadangan.execution.late_texts import late_texts
from cadangan.register.new_office import write_example_office
from cadangan.register.office import Office
from support.repository_server import NAME, RepositoryServer, Wire
from support.signed_office import ASSET, HOUR, Keyring, backup_item
from support.target import Target

pytestmark = pytest.mark.slow

PLACE = {"engine": "sqlite", "instance": ""}


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "app" / "siswa.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE siswa (id INTEGER PRIMARY KEY, nama TEXT, foto BLOB)")
        connection.executemany(
            "INSERT INTO siswa VALUES (?, ?, randomblob(4000))", [(n, f"siswa {n}") for n in range(500)]
        )
    connection.close()
    return str(path)


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Target:
    return Target(tmp_path, keyring, SqliteEngine, monkeypatch, repository=f"ssh://{NAME}")


@pytest.fixture
def wire(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wire:
    monkeypatch.setattr(work_backup, "_PAUSES", (0, 0))
    folder = tmp_path / NAME
    folder.mkdir()
    wire = Wire(RepositoryServer(folder, {ASSET: [target.public_key], "db-02": []}), monkeypatch)
    pinned.write_repositories([wire.contact])
    target.office.onboard(wire.server.config, folder / "state", NAME)
    return wire


def rows(database: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    found = connection.execute("SELECT * FROM siswa ORDER BY id").fetchall()
    connection.close()
    return found


def test_a_set_goes_there_and_comes_back(target: Target, wire: Wire, database: str) -> None:
    backup = target.back_up(database)
    facts = backup["facts"]
    assert wire.server.repository.sets() == [facts["set"]]
    assert facts["attempts"] == 1 and facts["receipt"]["manifest"] == facts["manifest"]
    assert not target.repository.exists(), "no copy stays on the server"
    copy = str(Path(database).with_name("copy.db"))
    restored = target.run(
        target.case(target.restore_item(backup, database, copy, **PLACE)), set_key=target.set_key(backup)
    )
    assert restored["result"] == "done", restored
    assert rows(copy) == rows(database)
    drilled = target.run(target.case(target.drill_item(backup, database, **PLACE)), set_key=target.set_key(backup))
    assert drilled["result"] == "done", drilled


def test_check_mode_reaches_the_host_and_sends_nothing(target: Target, wire: Wire, database: str) -> None:
    outcome = target.run(target.case(backup_item(database=database)), check=True)
    assert outcome["result"] == "checked" and f"ssh://{NAME}" in outcome["message"]
    assert wire.server.files() == {}


@pytest.mark.parametrize("cuts", [1, 2])
def test_a_backup_whose_connection_was_cut_begins_anew(target: Target, wire: Wire, database: str, cuts: int) -> None:
    case = target.case(backup_item(database=database))
    # The first connection checks and then sends; each that follows sends only.
    wire.cuts = [("up", 500_000)] * cuts
    outcome = target.run(case)
    assert outcome["result"] == "done", outcome
    assert outcome["facts"]["attempts"] == cuts + 1
    assert wire.server.repository.sets() == [outcome["facts"]["set"]]
    assert [event["kind"] for event in target.ledger.events()] == ["attempt", "spent", "outcome"]


def test_a_host_that_stays_away_is_told_after_three_attempts(target: Target, wire: Wire, database: str) -> None:
    wire.cuts = [("up", 500_000)] * 9
    outcome = target.run(target.case(backup_item(database=database)))
    assert (outcome["result"], outcome["facts"]["attempts"]) == ("failed", 3)
    assert "broke while sending data.zst.age" in outcome["message"] and NAME in outcome["message"]
    assert wire.server.repository.sets() == []


def test_nothing_is_tried_again_after_the_window(
    target: Target, wire: Wire, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_backup, "_PAUSES", (5 * HOUR,))
    wire.cuts = [("up", 500_000)] * 9
    outcome = target.run(target.case(backup_item(database=database)))
    assert (outcome["result"], outcome["facts"]["attempts"]) == ("failed", 1)


def test_nothing_is_tried_again_after_the_point_of_no_return(
    target: Target, wire: Wire, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository_ssh, "_PUBLISH_SECONDS", 0)

    def lost(new: repository_ssh.SshNewSet, manifest: str) -> None:
        new._connection._process.end()
        new._connection.ask("publishing a set", {"op": "publish"}, {})

    monkeypatch.setattr(repository_ssh.SshNewSet, "_ask_publish", lost)
    outcome = target.run(target.case(backup_item(database=database)))
    assert (outcome["result"], outcome["facts"]["attempts"]) == ("failed", 1)
    assert "is not known" in outcome["message"]


def test_a_host_that_was_not_pinned_is_told(target: Target, database: str) -> None:
    outcome = target.run(target.case(backup_item(database=database)))
    assert (
        outcome["result"] == "refused" and f"Nothing is known here of the repository host {NAME}" in outcome["message"]
    )


def test_a_set_is_read_only_with_a_permit_that_holds(target: Target, wire: Wire, database: str) -> None:
    backup = target.back_up(database)
    set_id = backup["facts"]["set"]
    case = target.case(target.restore_item(backup, database, "/srv/copy.db", **PLACE))
    order = target.order(case)
    other = target.case({**backup_item(database=database)})
    foreign = target.case(target.restore_item(backup, database, "/srv/copy.db", **PLACE, asset="db-02"))
    wrong = target.case(target.restore_item(backup, database, "/srv/copy.db", **PLACE) | {"manifest": "0" * 64})
    unsigned = target.case(target.restore_item(backup, database, "/srv/copy.db", **PLACE))
    refused = {
        "nothing": (None, "does not belong there"),
        "another's order": (Fetch(case.permit_b64, target.order(foreign), "1"), "for another permit"),
        "a backup": (Fetch(other.permit_b64, target.order(other), "1"), "read no set"),
        "another asset's": (Fetch(foreign.permit_b64, foreign.order_b64(), "1"), "read no set"),
        "another manifest": (Fetch(wrong.permit_b64, target.order(wrong), "1"), "not the set that was decided on"),
        "no item": (Fetch(case.permit_b64, order, "2"), "work item"),
        "signed by nobody": (Fetch(unsigned.permit_b64, unsigned.order_b64(signer="oki"), "1"), "not signed by"),
        "an order that ended": (
            Fetch(
                case.permit_b64,
                case.order_b64(at=target.office.at(-20 * 60), until=target.office.at(-10 * 60)),
                "1",
            ),
            "ended at",
        ),
        "garbage": (Fetch("%%%", order, "1"), "did not arrive as base64"),
    }
    for name, (fetch, words) in refused.items():
        print(name)
        with pytest.raises(RepositoryError, match=words):
            wire.sender(fetch=fetch).find(set_id)
    permitted = wire.sender(fetch=Fetch(case.permit_b64, order, "1"))
    assert "data.zst.age" in permitted.find(set_id).names()
    with pytest.raises(RepositoryError, match="nothing that a sender may ask"):
        permitted.sets()


def test_an_older_trust_lets_nobody_read(target: Target, wire: Wire, database: str) -> None:
    backup = target.back_up(database)
    case = target.case(target.restore_item(backup, database, "/srv/copy.db", **PLACE))
    order = target.order(case)
    target.office.renew_trust(at=target.office.at(-60))
    target.office.onboard(wire.server.config, wire.server.config.parent / "state2", NAME)
    with pytest.raises(RepositoryError, match="knows version 2"):
        wire.sender(fetch=Fetch(case.permit_b64, order, "1")).find(backup["facts"]["set"])


def test_a_late_outcome_brings_the_texts_of_its_set_from_the_repository_host(
    target: Target, wire: Wire, database: str, tmp_path: Path
) -> None:
    case = target.case(backup_item(database=database))
    told = target.run(case)
    # The journal never got it, and orders the item again.
    late = target.run(case)
    assert (late["result"], late["facts"]["set"], late["manifest"]) == ("done", told["facts"]["set"], "")
    write_example_office(tmp_path / "office", date(2026, 11, 25))
    office = Office.load(tmp_path / "office")
    journal = Journal.open(office.journal_url, office.id)
    assert late_texts(office, journal, late["facts"]) == {}, "nothing is known of that host"
    journal.append({"type": "repository", **wire.contact})
    texts = ("manifest", "manifest_signature", "key_age")
    assert late_texts(office, journal, late["facts"]) == {name: told[name] for name in texts}
    for changes in ({"manifest": "0" * 64}, {"set": "x"}, {"receipt": "x"}, {"receipt": {"repository": "../x"}}):
        assert late_texts(office, journal, late["facts"] | changes) == {}
