"""The one narrow function: what it lets through, spends, keeps in the ledger, and leaves when it fails."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    job,
    moment,
    pipeline,
    sqlite_files,
    work,
    work_restore,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError, Fact, Part
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine, SqliteSnapshot
from support.signed_office import Keyring, backup_item
from support.target import RUN, Target


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Target:
    return Target(tmp_path, keyring, SqliteEngine, monkeypatch)


@pytest.fixture
def database(tmp_path: Path) -> str:
    folder = tmp_path / "app"
    folder.mkdir()
    path = folder / "siswa.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE siswa (id INTEGER PRIMARY KEY, nama TEXT)")
        connection.executemany("INSERT INTO siswa (nama) VALUES (?)", [(f"siswa {n}",) for n in range(2000)])
    connection.close()
    return str(path)


def kinds(target: Target) -> list[str]:
    return [event["kind"] for event in target.ledger.events()]


def names(database: str) -> list[str]:
    connection = sqlite3.connect(database)
    rows = [row[0] for row in connection.execute("SELECT nama FROM siswa ORDER BY id")]
    connection.close()
    return rows


def damage(database: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM siswa WHERE id > 10")
    connection.close()


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def app_files(database: str) -> list[str]:
    return listed(Path(database).parent)


def test_a_backup_is_published_signed_and_recorded(target: Target, database: str) -> None:
    outcome = target.back_up(database)
    backup = target.set(outcome)
    assert list(backup.faults()) == []
    public = Path(target.config, "asset_key.pub").read_text().split()
    assert backup.check_signature([" ".join(public[:2])])
    assert backup.digest == outcome["facts"]["manifest"]
    assert backup.text.decode() == outcome["manifest"]
    assert backup.manifest["drilled"] is False
    assert kinds(target) == ["attempt", "spent", "outcome"]
    assert outcome["last"] == 3 and outcome["ledger"] == target.ledger.id
    assert target.partials() == []
    assert app_files(database) == ["siswa.db"]
    assert listed(target.state / "staging") == []
    assert listed(target.state / "progress") == []


def test_a_drilled_backup_says_so_and_leaves_no_scratch(target: Target, database: str) -> None:
    outcome = target.back_up(database, drill=True)
    assert target.set(outcome).manifest["drilled"] is True
    assert app_files(database) == ["siswa.db"]


def test_a_set_opens_with_age_and_zstd_alone(target: Target, database: str, tmp_path: Path) -> None:
    outcome = target.back_up(database)
    folder = Path(target.set(outcome).place)
    identity = tmp_path / "identity"
    identity.write_text(target.set_key(outcome))
    age = subprocess.run(["age", "-d", "-i", identity, folder / "data.zst.age"], stdout=subprocess.PIPE, check=True)
    plain = subprocess.run(["zstd", "-d"], input=age.stdout, stdout=subprocess.PIPE, check=True).stdout
    restored = tmp_path / "restored.db"
    restored.write_bytes(plain)
    assert names(str(restored)) == names(database)


def test_a_backup_says_what_it_does_not_hold(target: Target, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = SqliteSnapshot.parts

    def without_logs(self: SqliteSnapshot) -> list[Part]:
        self.position = [{"name": "left out", "value": "*.log"}]
        return parts(self)

    monkeypatch.setattr(SqliteSnapshot, "parts", without_logs)
    outcome = target.run(target.case(backup_item(database=database)))
    assert outcome["facts"]["left_out"] == ["*.log"]
    assert "without what matches '*.log'" in outcome["message"]


def test_check_mode_changes_nothing(target: Target, database: str) -> None:
    case = target.case(backup_item(database=database))
    outcome = target.run(case, check=True)
    assert (outcome["result"], outcome["changed"]) == ("checked", True)
    assert "Would back up" in outcome["message"]
    assert kinds(target) == []
    assert listed(target.repository) == [] and app_files(database) == ["siswa.db"]
    assert listed(target.state) == ["ledger"]


def test_a_copy_is_restored_beside_the_original(target: Target, database: str) -> None:
    backup = target.back_up(database)
    damage(database)
    copy = database + "-salinan"
    item = target.restore_item(backup, database, copy)
    outcome = target.run(target.case(item), set_key=target.set_key(backup))
    assert outcome["result"] == "done", outcome
    assert len(names(copy)) == 2000 and len(names(database)) == 10
    assert app_files(database) == ["siswa.db", "siswa.db-salinan"]


def test_a_replacement_keeps_the_old_database_aside(target: Target, database: str) -> None:
    backup = target.back_up(database)
    damage(database)
    item = target.restore_item(backup, database, database, mode="replace")
    outcome = target.run(target.case(item), set_key=target.set_key(backup))
    assert outcome["result"] == "done", outcome
    aside = outcome["facts"]["aside"]
    assert aside == database + ".before-r-2026-0002-1"
    assert len(names(database)) == 2000 and len(names(aside)) == 10
    assert outcome["facts"]["differences"] == []


def test_a_drill_leaves_everything_as_it_was(target: Target, database: str) -> None:
    backup = target.back_up(database)
    damage(database)
    outcome = target.run(target.case(target.drill_item(backup, database)), set_key=target.set_key(backup))
    assert (outcome["result"], outcome["changed"]) == ("done", False)
    assert len(names(database)) == 10 and app_files(database) == ["siswa.db"]


def test_a_second_execution_does_nothing_and_tells_of_the_first(target: Target, database: str) -> None:
    case = target.case(backup_item(database=database))
    first = target.run(case)
    outcome = target.run(case)
    assert (outcome["result"], outcome["changed"], outcome["facts"]) == ("done", False, first["facts"])
    assert kinds(target) == ["attempt", "spent", "outcome"]


def test_an_outcome_that_got_lost_is_told_again(target: Target, database: str) -> None:
    case = target.case(backup_item(database=database))
    first = target.run(case)
    again = work.run(SqliteEngine, case.permit_b64, target.order(case, last=0), "1", "run-00000002")
    assert (again["result"], again["changed"], again["run"]) == ("done", False, "run-00000002")
    for key in ("message", "facts", "manifest", "manifest_signature", "key_age", "ledger", "last"):
        assert again[key] == first[key]


def test_what_was_done_and_got_lost_is_told_after_other_work_under_a_new_schedule(
    target: Target, database: str
) -> None:
    first = target.run(target.case(backup_item(database=database)))
    target.back_up(database)
    again = target.office.case([backup_item(database=database)], "B-2026-0001", opd={"note": "scheduled again"})
    told = target.run(again)
    assert (told["result"], told["changed"], told["facts"]) == ("done", False, first["facts"])
    assert told["manifest"] == first["manifest"]


def test_a_failure_that_the_order_knows_of_is_not_told_again(
    target: Target, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansible_collections.diskominfo.cadangan.plugins.module_utils.gate.ATTEMPTS", 1)
    case = target.case(backup_item(database=database))
    with monkeypatch.context() as broken:
        broken.setattr(SqliteEngine, "snapshot", lambda self: 1 / 0)
        assert target.run(case)["result"] == "failed"
    assert "was tried 1 times" in target.run(case)["message"]
    told = work.run(SqliteEngine, case.permit_b64, target.order(case, last=0), "1", RUN)
    assert "not foreseen" in told["message"]


def test_the_module_of_another_engine_is_refused(target: Target, database: str) -> None:
    outcome = target.run(target.case(backup_item(database=database, engine="postgresql", instance="5432")))
    assert outcome["result"] == "failed" and "postgresql" in outcome["message"]
    assert listed(target.repository) == []


@pytest.mark.parametrize("run", ["", "../../etc/x", "RUN-00000001", "a" * 65])
def test_a_run_id_is_no_path(target: Target, database: str, run: str) -> None:
    outcome = target.run(target.case(backup_item(database=database)), run=run)
    assert outcome["result"] == "refused" and "run" in outcome["message"]


def test_a_failing_dump_gives_no_set(target: Target, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import os, sys; sys.stdout.buffer.write(bytes(5_000_000)); sys.stdout.flush(); sys.exit('it broke')"
    dump = Part("data", "sqlite3", Command(["/usr/bin/python3", "-c", script]))
    monkeypatch.setattr(SqliteSnapshot, "parts", lambda self: [dump])
    outcome = target.run(target.case(backup_item(database=database)))
    assert outcome["result"] == "failed"
    assert "python3 ended with status 1: it broke" in outcome["message"]
    assert target.partials() == [] and list(target.repository.rglob("*.age")) == []
    assert kinds(target) == ["attempt", "outcome"]


def test_a_failed_backup_may_be_tried_again(target: Target, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = target.case(backup_item(database=database))
    with monkeypatch.context() as broken:
        broken.setattr(SqliteSnapshot, "parts", lambda self: [Part("data", "sqlite3", Command(["false"]))])
        assert target.run(case)["result"] == "failed"
    assert target.run(case)["result"] == "done"


def test_a_drill_that_differs_gives_no_set(target: Target, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = SqliteSnapshot.parts

    def parts(self: SqliteSnapshot) -> list[Part]:
        damage(self._copy)
        return original(self)

    monkeypatch.setattr(SqliteSnapshot, "parts", parts)
    outcome = target.run(target.case(backup_item(database=database, drill=True)))
    assert outcome["result"] == "failed"
    assert [line for line in outcome["facts"]["differences"] if "siswa" in line and "2000 rows" in line]
    assert target.partials() == [] and app_files(database) == ["siswa.db"]


def test_a_restore_that_differs_leaves_the_original(
    target: Target, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = target.back_up(database)
    before = Path(database).read_bytes()
    honest = SqliteEngine.proof_of

    def with_one_row_changed(self: SqliteEngine, scratch: str) -> list[Fact]:
        with sqlite3.connect(scratch) as connection:
            connection.execute("UPDATE siswa SET nama = 'siswa  7' WHERE id = 7")
        connection.close()
        return honest(self, scratch)

    monkeypatch.setattr(SqliteEngine, "proof_of", with_one_row_changed)
    for item in (
        target.restore_item(backup, database, database, mode="replace"),
        target.drill_item(backup, database),
    ):
        outcome = target.run(target.case(item), set_key=target.set_key(backup))
        assert outcome["result"] == "failed" and "changed: rows of 'siswa'" in outcome["message"]
    assert Path(database).read_bytes() == before and app_files(database) == ["siswa.db"]
    assert "spent" not in kinds(target)[3:]


def test_the_key_of_another_set_is_refused(target: Target, database: str) -> None:
    backup = target.back_up(database)
    other = target.back_up(database)
    item = target.restore_item(backup, database, database + "2")
    outcome = target.run(target.case(item), set_key=target.set_key(other))
    assert outcome["result"] == "failed" and "is not the key of backup set" in outcome["message"]
    assert target.set_key(other) not in str(outcome)


def test_a_restore_without_a_key_says_so(target: Target, database: str) -> None:
    backup = target.back_up(database)
    outcome = target.run(target.case(target.restore_item(backup, database, database + "2")))
    assert outcome["result"] == "failed" and "was not given" in outcome["message"]


@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "swap", "link"])
def test_a_damaged_set_is_not_restored(target: Target, database: str, harm: str) -> None:
    backup = target.back_up(database)
    other = target.back_up(database)
    part = Path(target.set(backup).place, "data.zst.age")
    data = bytearray(part.read_bytes())
    part.unlink()
    if harm == "flip":
        data[len(data) // 2] ^= 1
        part.write_bytes(data)
    elif harm == "cut":
        part.write_bytes(data[:-1])
    elif harm == "swap":
        part.write_bytes(Path(target.set(other).place, "data.zst.age").read_bytes())
    elif harm == "link":
        part.symlink_to(Path(target.set(other).place, "data.zst.age"))
    item = target.restore_item(backup, database, database, mode="replace")
    outcome = target.run(target.case(item), set_key=target.set_key(backup))
    assert outcome["result"] == "failed" and "data.zst.age of the backup set is damaged" in outcome["message"]
    assert len(names(database)) == 2000 and app_files(database) == ["siswa.db"]


def test_another_manifest_is_not_restored(target: Target, database: str) -> None:
    backup = target.back_up(database)
    path = Path(target.set(backup).place, "manifest.json")
    path.write_bytes(path.read_bytes().replace(b'"drilled":false', b'"drilled":true'))
    item = target.restore_item(backup, database, database + "2")
    outcome = target.run(target.case(item), set_key=target.set_key(backup))
    assert outcome["result"] == "failed" and "not the one that was decided on" in outcome["message"]


def test_a_missing_repository_is_told_before_anything_begins(target: Target, database: str) -> None:
    target.repository.rmdir()
    outcome = target.run(target.case(backup_item(database=database)))
    assert outcome["result"] == "failed" and "is not there" in outcome["message"]
    assert kinds(target) == ["outcome"]


def test_a_repository_without_room_is_told_before_anything_begins(
    target: Target, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteEngine, "size", lambda self: 1 << 60)
    monkeypatch.setattr(SqliteEngine, "check_backup", lambda self: None)
    outcome = target.run(target.case(backup_item(database=database)), check=True)
    assert outcome["result"] == "failed" and "bytes free" in outcome["message"]


def test_a_missing_tool_is_named(target: Target, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "TOOLS", ("age", "no-such-tool"))
    outcome = target.run(target.case(backup_item(database=database)))
    assert outcome["message"] == "Not installed on this host: no-such-tool."


def test_leftovers_of_a_crash_are_swept(target: Target, database: str) -> None:
    stale = target.repository / "disdik" / "db-01" / "sqlite" / "x" / "20260101T000000Z-B-2026-0009-1.partial"
    stale.mkdir(parents=True)
    scratch = Path(database).with_name(".siswa.db.cadangan-b-2026-0009-1")
    scratch.touch()
    staged = target.state / "staging" / "tmpabc.staged"
    staged.parent.mkdir()
    staged.touch()
    outcome = target.back_up(database)
    assert not stale.exists() and not scratch.exists() and not staged.exists()
    assert len(outcome["facts"]["swept"]) == 3


def test_leftovers_are_left_while_another_run_works(target: Target, database: str) -> None:
    scratch = Path(database).with_name(".siswa.db.cadangan-b-2026-0009-1")
    scratch.touch()
    (target.state / "locks").mkdir()
    with (target.state / "locks" / "work").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        target.back_up(database)
    assert scratch.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_backup_cleanly(
    target: Target, database: str, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    endless = Part("data", "sqlite3", Command(["sh", "-c", "while :; do echo; sleep 0.05; done"]))
    monkeypatch.setattr(SqliteSnapshot, "parts", lambda self: [endless])
    before = signal.getsignal(number)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), number))
    timer.start()
    begun = time.monotonic()
    outcome = target.run(target.case(backup_item(database=database)))
    assert time.monotonic() - begun < 5
    assert outcome["result"] == "failed" and "It was ended" in outcome["message"]
    assert target.partials() == [] and kinds(target) == ["attempt", "outcome"]
    assert listed(target.state / "staging") == []
    assert signal.getsignal(number) is before


def test_a_signal_after_the_point_of_no_return_is_too_late(
    target: Target, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = target.back_up(database)
    swap = SqliteEngine.swap

    def interrupted_swap(self: SqliteEngine, *names: str) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        swap(self, *names)

    monkeypatch.setattr(SqliteEngine, "swap", interrupted_swap)
    item = target.restore_item(backup, database, database, mode="replace")
    outcome = target.run(target.case(item), set_key=target.set_key(backup))
    assert outcome["result"] == "done", outcome


def test_a_failed_swap_leaves_the_original_and_no_scratch(
    target: Target, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = target.back_up(database)

    def fail(new: str, wanted: str, aside: str) -> None:
        raise EngineError("no", "")

    monkeypatch.setattr(sqlite_files, "_exchange", fail)
    item = target.restore_item(backup, database, database, mode="replace")
    outcome = target.run(target.case(item), set_key=target.set_key(backup))
    assert outcome["result"] == "failed"
    assert len(names(database)) == 2000 and app_files(database) == ["siswa.db"]
    assert kinds(target)[3:] == ["attempt", "spent", "outcome"]


def test_a_window_that_ends_while_restoring_leaves_the_original(
    target: Target, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = target.back_up(database)
    damage(database)
    case = target.case(target.restore_item(backup, database, database, mode="replace"))
    real = work_restore.compare

    def slowly(*arguments: Any) -> None:
        real(*arguments)
        monkeypatch.setattr(moment, "now", lambda: "2999-01-01T00:00:00Z")

    monkeypatch.setattr(work_restore, "compare", slowly)
    outcome = target.run(case, set_key=target.set_key(backup))
    assert outcome["result"] == "failed" and "window ended" in outcome["message"]
    assert len(names(database)) == 10 and app_files(database) == ["siswa.db"]
    assert "spent" not in kinds(target)[3:]


def test_no_secret_is_seen_by_other_processes(target: Target, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def look() -> None:
        for process in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                with contextlib.suppress(OSError):
                    seen.append((process / name).read_bytes())

    def watched(way: Callable[..., Any]) -> Callable[..., Any]:
        def watch(*arguments: Any) -> Any:
            watcher = threading.Thread(target=lambda: [look() for _ in range(3)])
            watcher.start()
            found = way(*arguments)
            watcher.join()
            return found

        return watch

    for name in ("read", "store"):
        monkeypatch.setattr(pipeline, name, watched(getattr(pipeline, name)))
    backup = target.back_up(database, drill=True)
    secret = target.set_key(backup)
    outcome = target.run(target.case(target.drill_item(backup, database)), set_key=secret)
    assert outcome["result"] == "done"
    assert any(b"python" in line for line in seen)
    assert not any(b"AGE-SECRET-KEY" in line for line in seen)
    assert "AGE-SECRET-KEY" not in target.state.joinpath("ledger").read_text()


def test_an_unforeseen_fault_is_recorded_too(target: Target, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: SqliteEngine) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(SqliteEngine, "snapshot", broken)
    outcome = target.run(target.case(backup_item(database=database)))
    assert outcome["result"] == "failed" and "KeyError" in outcome["message"]
    assert target.partials() == [] and kinds(target) == ["attempt", "outcome"]


def test_clocks_that_differ_are_refused(target: Target, database: str) -> None:
    case = target.case(backup_item(database=database))
    outcome = target.run(case, controller_time=moment.shifted(moment.now(), 300))
    assert outcome["result"] == "refused" and "seconds apart" in outcome["message"]
    assert target.run(case, run=RUN, controller_time=moment.now())["result"] == "done"
