"""Writing to and reading from a journal in a SQLite file."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from cadangan.errors import BadInput, Missing, WorkFailed
from cadangan.evidence.chain import GENESIS, entry_hash
from cadangan.evidence.journal import HeadMoved, Journal, View


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'journal.db'}"


@pytest.fixture
def journal(url: str) -> Journal:
    return Journal.open(url, "kudus")


def test_a_new_journal_is_opened_by_its_first_entry(journal: Journal) -> None:
    (first,) = journal.entries()
    assert (first.seq, first.prev) == (1, GENESIS)
    assert first.content["type"] == "opened"
    assert first.content["office"] == "kudus"
    assert first.content["journal"] == journal.id
    assert journal.head() == (1, first.hash)


def test_opening_again_adds_nothing_and_keeps_the_id(url: str, journal: Journal) -> None:
    again = Journal.open(url, "kudus")
    assert again.id == journal.id
    assert again.head() == journal.head()


def test_an_entry_is_stored_as_canonical_json_with_its_time(journal: Journal) -> None:
    row = journal.append({"type": "proposal", "case": "B-2026-0001", "perihal": "Pencadangan é"})
    assert row.seq == 2
    assert row.entry.startswith('{"at":"20')
    assert '"perihal":"Pencadangan \\u00e9"' in row.entry
    assert row.hash == entry_hash(2, row.prev, row.entry)
    assert journal.row(2) == row


def test_a_given_time_is_kept(journal: Journal) -> None:
    assert journal.append({"type": "x", "at": "2026-01-02T03:04:05Z"}).content["at"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    "entry", [{"type": "x", "rate": 1.5}, {"type": "x", "Key": 1}, {"type": "x", "name": "\ud800"}]
)
def test_what_canonical_json_cannot_hold_is_refused(journal: Journal, entry: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="cannot be written to the journal"):
        journal.append(entry)
    assert journal.head().seq == 1


def test_an_entry_without_a_type_is_refused(journal: Journal) -> None:
    with pytest.raises(ValueError, match="type"):
        journal.append({"case": "B-2026-0001"})


def test_append_with_an_old_head_writes_nothing(journal: Journal) -> None:
    head = journal.head().hash
    journal.append({"type": "x"}, expect_head=head)
    with pytest.raises(HeadMoved):
        journal.append({"type": "x"}, expect_head=head)
    assert journal.head().seq == 2


def test_append_if_writes_nothing_when_refused_or_not_wanted(journal: Journal) -> None:
    def refuse(view: View) -> None:
        raise Refused("no")

    with pytest.raises(Refused):
        journal.append_if(refuse)
    assert journal.append_if(lambda view: None) is None
    assert journal.head().seq == 1


def test_append_if_sees_what_was_written_before(journal: Journal) -> None:
    journal.append({"type": "request", "case": "B-2026-0001"})
    row = journal.append_if(lambda view: {"type": "x", "seen": [r.seq for r in view.of_case("B-2026-0001")]})
    assert row is not None
    assert row.content["seen"] == [2]


def test_cases_are_numbered_by_kind_and_year(journal: Journal) -> None:
    def open_case(prefix: str, year: int) -> str:
        row = journal.append_if(lambda view: {"type": "request", "case": view.next_case_number(prefix, year)})
        assert row is not None
        return str(row.content["case"])

    assert [open_case("B", 2026), open_case("B", 2026), open_case("R", 2026), open_case("B", 2027)] == [
        "B-2026-0001",
        "B-2026-0002",
        "R-2026-0001",
        "B-2027-0001",
    ]
    journal.append({"type": "request", "case": "B-2026-9999"})
    assert open_case("B", 2026) == "B-2026-10000"
    assert open_case("B", 2026) == "B-2026-10001"


def _open_cases(url: str, count: int) -> None:
    journal = Journal.open(url, "kudus")
    for _ in range(count):
        journal.append_if(lambda view: {"type": "request", "case": view.next_case_number("B", 2026)})


def test_cases_opened_at_once_by_several_processes_get_different_numbers(url: str, journal: Journal) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_open_cases, args=(url, 5)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    assert journal.cases() == [f"B-2026-{number:04d}" for number in range(1, 21)]


def _open(url: str, start: Any) -> None:
    start.wait()
    Journal.open(url, "kudus").append({"type": "x"})


def test_a_journal_made_by_several_processes_at_once_is_one_journal(url: str, tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Event()
    processes = [spawn.Process(target=_open, args=(url, start)) for _ in range(4)]
    for process in processes:
        process.start()
    start.set()
    for process in processes:
        process.join(60)
    assert [row.content["type"] for row in Journal.open(url, "kudus").entries()] == ["opened"] + ["x"] * 4
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("statement", ["UPDATE entry SET entry = '{}'", "DELETE FROM entry"])
def test_the_database_refuses_to_change_entries(journal: Journal, tmp_path: Path, statement: str) -> None:
    with (
        sqlite3.connect(tmp_path / "journal.db") as connection,
        pytest.raises(sqlite3.IntegrityError, match="never changed or deleted"),
    ):
        connection.execute(statement)


def test_a_write_is_in_the_file_before_append_returns(journal: Journal, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        journal.append({"type": "x"})
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (2,)


def test_others_cannot_read_the_files(journal: Journal, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("SELECT * FROM entry").fetchall()
        journal.append({"type": "x", "case": "B-2026-0001"})
        journal.cases()
        names = {path.name for path in tmp_path.iterdir()}
        assert {"journal.db", "journal.db-wal", "journal-cache.db"} <= names
        assert all(stat.S_IMODE(path.stat().st_mode) & 0o007 == 0 for path in tmp_path.iterdir())


def test_another_office_is_refused_its_neighbours_journal(url: str, journal: Journal) -> None:
    with pytest.raises(WorkFailed, match="journal of the office 'kudus', not of 'jepara'"):
        Journal.open(url, "jepara")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_text("not a database at all, but long enough to look like a file of one" * 20)
    with pytest.raises(WorkFailed, match=r"journal\.db is not a SQLite database"):
        Journal.open(f"sqlite:///{tmp_path}/journal.db", "kudus")


def test_a_database_without_a_journal_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("CREATE TABLE other (a)")
    with pytest.raises(WorkFailed, match="holds no journal"):
        Journal.open(f"sqlite:///{tmp_path}/journal.db", "kudus")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkFailed, match="cannot be made"):
        Journal.open(f"sqlite:///{tmp_path}/file/journal.db", "kudus")


@pytest.mark.parametrize("url", ["", "journal.db", "sqlite://", "sqlite:///:memory:", "mysql://host/db"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(BadInput, match=r"database URL|cannot be kept in"):
        Journal.open(url, "kudus")


def test_a_password_in_a_url_is_not_shown() -> None:
    with pytest.raises(BadInput) as caught:
        Journal.open("mysql://user:Rahasia1@host/db", "kudus")
    assert "Rahasia1" not in str(caught.value)


def test_a_writer_that_never_ends_is_waited_for_only_so_long(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cadangan.evidence.journal_database.WAIT_SECONDS", 0.2)

    def write_again(view: View) -> None:
        journal.append({"type": "x"})

    with pytest.raises(WorkFailed, match="another process has been writing"):
        journal.append_if(write_again)
    assert journal.head().seq == 1


def test_looking_into_a_journal_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no journal yet"):
        Journal.look_into(f"sqlite:///{tmp_path}/journal.db")
    assert list(tmp_path.iterdir()) == []


def test_looking_into_a_journal_cannot_write(url: str, journal: Journal) -> None:
    with pytest.raises(WorkFailed, match="readonly"):
        Journal.look_into(url).append({"type": "x"})
    assert journal.head().seq == 1


def test_a_name_that_means_something_in_a_url_is_only_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "a b#c%41"
    journal = Journal.open(f"sqlite:///{folder}/journal.db", "kudus")
    assert journal.head().seq == 1
    assert (folder / "journal.db").exists()


@pytest.mark.parametrize("entry", ["nonsense", "[]", "x'ff'"])
def test_a_damaged_entry_is_told_when_it_is_read(journal: Journal, tmp_path: Path, entry: str) -> None:
    journal.append({"type": "x", "case": "B-2026-0001"})
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("DROP TRIGGER entry_refuse_update")
        connection.execute("UPDATE entry SET entry = ? WHERE seq = 2", (entry,))
    with pytest.raises(WorkFailed, match="entry 2 of the journal is damaged"):
        journal.of_case("B-2026-0001")
