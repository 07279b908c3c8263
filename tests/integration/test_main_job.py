"""The main job through the command line, on this machine: letter, signatures, backup, damage, restore, reports."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pypdf import PdfReader
from support.office import EXECUTOR, SEKSI
from support.private_machine import ASSET, PrivateOffice, content, fill, item

HOSTILE = "{{ lookup('pipe', 'touch %s') }} $(touch %s) `touch %s` '; drop table warga; --"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def databases(folder: Path) -> dict[str, Path]:
    names = {"plain": "warga.db", "hostile": "{{ lookup('pipe', 'touch owned') }} '; --.db", "big": "besar.db"}
    paths = {key: folder / name for key, name in names.items()}
    for path in paths.values():
        fill(path)
    return paths


@pytest.fixture(scope="module")
def office(folder: Path, databases: dict[str, Path]) -> PrivateOffice:
    return PrivateOffice.on_this_machine(folder, list(databases.values()))


@pytest.fixture
def database(databases: dict[str, Path]) -> Iterator[Path]:
    yield databases["plain"]


def execute(office: PrivateOffice, case: str, *arguments: str, fails: int | None = None) -> dict:
    return office.cadangan("execute", case, "--as", EXECUTOR, *arguments, fails=fails)


def back_up(office: PrivateOffice, database: Path) -> str:
    case = office.permitted("backup", [item(database)])
    done = execute(office, case)
    assert done["result"] == "done"
    return str(done["items"][0]["facts"]["set"])


def sets(office: PrivateOffice) -> set[str]:
    return {row["set"] for row in office.cadangan("set", "list")["sets"]}


def test_from_letter_to_confirmed_report_and_back_after_damage(office: PrivateOffice, database: Path) -> None:
    before = content(database)
    backup = office.permitted("backup", [item(database)])
    done = execute(office, backup)
    assert done["items"][0]["facts"]["drilled"] is True
    office.finish(backup)
    assert office.cadangan("case", "show", backup)["status"] == "confirmed"

    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("delete from warga where nik > '0000000000000010'")
    restore = office.permitted("restore", [item(database, mode="replace")])
    execute(office, restore, "--identity", str(office.identity("kasi")))
    assert content(database) == before
    office.finish(restore)

    for case in (backup, restore):
        report = office.root / "cases" / case / f"Laporan-{case}-terkonfirmasi.pdf"
        text = "".join(page.extract_text() for page in PdfReader(report).pages)
        assert case in text
        head = office.cadangan("journal", "head")
        assert len(head["hash"]) == 64
    office.cadangan("journal", "verify")
    office.cadangan("set", "verify")


def test_ansible_playbook_alone_goes_the_same_way(office: PrivateOffice, database: Path) -> None:
    case = office.permitted("backup", [item(database)])
    office.playbook("backup", "-e", f"case={case}", status=2)  # nobody has ordered it yet
    office.cadangan("order", case, "--as", EXECUTOR)
    office.playbook("backup", "-e", f"case={case}")
    shown = office.cadangan("case", "show", case)
    assert (shown["next"], shown["runs"][0]["via"], shown["runs"][0]["result"]) == (
        "report",
        "ansible-playbook",
        "done",
    )
    assert len([each for each in sets(office) if case in each]) == 1
    assert office.cadangan("journal", "sent")["newer"] == 0


def test_a_journal_that_can_not_be_sent_is_told_and_the_run_is_done(office: PrivateOffice, database: Path) -> None:
    kept = office.folder / "repository" / ".evidence"
    away = kept.rename(kept.with_name(".away"))
    kept.touch()
    try:
        case = office.permitted("backup", [item(database)])
        key = ["--key", str(office.keys / EXECUTOR), "--yes"]
        said = office.types("execute", case, "--as", EXECUTOR, *key)
    finally:
        kept.unlink()
        away.rename(kept)
    assert "WARNING: the journal was not sent to the repository" in said
    assert office.entries("not_sent")
    assert office.cadangan("case", "show", case)["runs"][-1]["result"] == "done"
    office.cadangan("journal", "send")


def test_check_mode_changes_nothing(office: PrivateOffice, database: Path) -> None:
    case = office.permitted("backup", [item(database)])
    office.cadangan("order", case, "--as", EXECUTOR)
    before = (sets(office), content(database), (office.folder / "state" / "ledger").read_bytes())
    answer = execute(office, case, "--check")
    assert answer["result"] == "nothing stands in the way"
    assert before == (sets(office), content(database), (office.folder / "state" / "ledger").read_bytes())
    assert office.cadangan("case", "show", case)["next"] == "execute"


def test_a_second_execution_is_refused(office: PrivateOffice, database: Path) -> None:
    case = office.permitted("backup", [item(database)])
    execute(office, case)
    before = sets(office)
    said = execute(office, case, fails=3)["stderr"]
    assert "execute (step 4) can not be done" in said
    assert sets(office) == before


def test_two_executions_started_together(office: PrivateOffice, database: Path) -> None:
    case = office.permitted("backup", [item(database)])
    office.cadangan("order", case, "--as", EXECUTOR)
    # As from a shell in which no virtual environment was activated.
    bare = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": os.environ["HOME"]}
    both = [
        subprocess.Popen(execution(office, case), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=bare)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert sorted(process.returncode == 0 for process in both) == [False, True], said
    assert len([each for each in sets(office) if case in each]) == 1
    assert len(office.cadangan("case", "show", case)["runs"]) == 1


def test_names_and_letters_are_data(office: PrivateOffice, databases: dict[str, Path], tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    letter = tmp_path / "letter.yml"
    letter.write_text(
        json.dumps(
            {
                "kind": "backup",
                "number": HOSTILE.replace("%s", str(mark)),
                "date": time.strftime("%Y-%m-%d"),
                "subject": HOSTILE.replace("%s", str(mark)),
                "agency": "disdukcapil",
                "applicant": "opd-disdukcapil",
                "reason": HOSTILE.replace("%s", str(mark)),
                "items": [item(databases["hostile"])],
            }
        )
    )
    case = office.cadangan("request", str(letter))["case"]
    office.cadangan("disposition", "accept", case, "--as", "kabid", "--note", HOSTILE)
    office.cadangan("disposition", "accept", case, "--as", SEKSI, "--executor", EXECUTOR)
    office.scheduled(case)
    execute(office, case)
    office.finish(case)
    assert office.cadangan("case", "show", case)["subject"] == HOSTILE.replace("%s", str(mark))
    assert not mark.exists()
    assert not list(office.folder.rglob("owned"))


def test_a_report_can_not_say_more_than_what_happened(office: PrivateOffice, database: Path) -> None:
    case = office.permitted("backup", [item(database)])
    said = office.cadangan("report", case, "--as", EXECUTOR, fails=3)["stderr"]
    assert "report (step 5) can not be done" in said


def test_restoring_needs_an_identity_that_opens_the_set(office: PrivateOffice, database: Path, tmp_path: Path) -> None:
    back_up(office, database)
    before = content(database)
    case = office.permitted("restore", [item(database, mode="replace")])
    assert "age identity" in execute(office, case, fails=4)["stderr"]
    stranger = tmp_path / "stranger.age"
    subprocess.run(["age-keygen", "-o", stranger], check=True, capture_output=True)
    assert "none of the recipients" in execute(office, case, "--identity", str(stranger), fails=2)["stderr"]
    assert content(database) == before
    assert office.cadangan("case", "show", case)["runs"] == []


def test_a_damaged_set_is_named_and_restores_nothing(office: PrivateOffice, database: Path) -> None:
    set_id = back_up(office, database)
    case = office.permitted("restore", [item(database, mode="replace", set=set_id)])
    office.cadangan("order", case, "--as", EXECUTOR)
    part = office.folder / "repository" / set_id / "data.zst.age"
    raw = bytearray(part.read_bytes())
    raw[len(raw) // 2] ^= 1
    part.write_bytes(raw)
    before = content(database)
    said = office.cadangan("set", "verify", set_id, fails=1)["stderr"]
    assert "data.zst.age" in said
    said = execute(office, case, "--identity", str(office.identity("kasi")), fails=1)["stderr"]
    assert content(database) == before
    part.unlink()
    assert "data.zst.age" in office.cadangan("set", "verify", set_id, fails=1)["stderr"]
    run = office.cadangan("case", "show", case)["runs"][-1]
    assert (run["result"], run["items"][0]["result"]) == ("failed", "failed")
    assert "data.zst.age" in run["items"][0]["message"]
    for path in (part.parent).iterdir():
        path.unlink()
    part.parent.rmdir()


def test_a_withdrawn_case_is_not_executed(office: PrivateOffice, database: Path) -> None:
    case = office.permitted("backup", [item(database)])
    office.cadangan("order", case, "--as", EXECUTOR)
    office.cadangan("case", "withdraw", case, "--as", SEKSI)
    before = sets(office)
    execute(office, case, fails=3)
    office.playbook("backup", "-e", f"case={case}", status=2)
    assert sets(office) == before


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_recorded_and_can_go_again(
    office: PrivateOffice, databases: dict[str, Path], stop: signal.Signals
) -> None:
    big = databases["big"]
    with closing(sqlite3.connect(big)) as connection, connection:
        connection.executemany(
            "insert into warga values (?, ?, ?)", ((f"{stop} {n}", "n", os.urandom(100_000)) for n in range(2000))
        )
    case = office.permitted("backup", [item(big)])
    process = start_execution(office, case)
    wait_for_run(office, case)
    time.sleep(1.5)
    process.send_signal(stop)
    assert process.wait(timeout=90) == 1
    run = office.cadangan("case", "show", case)["runs"][-1]
    assert run["result"] in ("interrupted", "failed")
    assert not [each for each in sets(office) if case in each]
    assert not list((office.folder / "repository").rglob("*.partial"))
    assert execute(office, case)["result"] == "done"


def test_a_crashed_run_is_found_and_the_case_goes_on(office: PrivateOffice, databases: dict[str, Path]) -> None:
    case = office.permitted("backup", [item(databases["big"])])
    process = start_execution(office, case)
    wait_for_run(office, case)
    time.sleep(1)
    kill_all_below(process.pid)
    process.wait()
    assert office.cadangan("case", "show", case)["status"] == "running"
    done = execute(office, case)
    assert done["result"] == "done"
    assert [run["result"] for run in office.cadangan("case", "show", case)["runs"]] == ["unknown", "done"]
    assert len([each for each in sets(office) if case in each]) == 1
    assert not list((office.folder / "repository").rglob("*.partial"))


def execution(office: PrivateOffice, case: str) -> list[str]:
    """The command that carries out a case whose order is signed."""
    key = str(office.keys / EXECUTOR)
    return office.command("cadangan", "--office", str(office.root), "execute", case, "--as", EXECUTOR, "--key", key)


def start_execution(office: PrivateOffice, case: str) -> subprocess.Popen[str]:
    office.cadangan("order", case, "--as", EXECUTOR)
    return subprocess.Popen(
        execution(office, case),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def wait_for_run(office: PrivateOffice, case: str) -> None:
    for _ in range(200):
        if any(entry["case"] == case for entry in office.entries("started")):
            return
        time.sleep(0.1)
    raise AssertionError("the run did not begin")


def kill_all_below(pid: int) -> None:
    """SIGKILL a process and everything that it started."""
    children = [
        int(child) for listing in Path(f"/proc/{pid}/task").glob("*/children") for child in listing.read_text().split()
    ]
    os.kill(pid, signal.SIGKILL)
    for child in children:
        kill_all_below(child)


def test_an_unregistered_database_and_a_server_out_of_operation_are_refused(
    office: PrivateOffice, tmp_path: Path
) -> None:
    other = tmp_path / "lain.db"
    fill(other)
    letter = tmp_path / "letter.yml"
    letter.write_text(
        f"kind: backup\nnumber: '1'\ndate: {time.strftime('%Y-%m-%d')}\nsubject: x\nagency: disdukcapil\n"
        "applicant: opd-disdukcapil\nreason: x\n"
        f"items:\n  - asset: {ASSET}\n    engine: sqlite\n    database: {other}\n"
    )
    said = office.cadangan("request", str(letter), fails=2)["stderr"]
    assert f"{letter}:11:5: items[1].database" in said
    assert "is not registered" in said
