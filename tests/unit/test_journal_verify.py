"""Verifying a journal in a database and in an exported file."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from cadangan.errors import BadInput, Missing
from cadangan.evidence.chain import Fault, Head, follow
from cadangan.evidence.journal import Journal
from cadangan.evidence.journal_file import read_rows, write_rows
from cadangan.evidence.verification import Verification, verify

pytestmark = pytest.mark.slow

LENGTH = 40


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'journal.db'}"


@pytest.fixture
def journal(url: str) -> Journal:
    journal = Journal.open(url, "kudus")
    for number in range(LENGTH - 1):
        journal.append({"type": "x", "case": f"B-2026-{number % 5 + 1:04d}", "n": number})
    return journal


def tamper(tmp_path: Path, *statements: str) -> None:
    """Change the file as somebody would who knows what they do."""
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("DROP TRIGGER entry_refuse_update")
        connection.execute("DROP TRIGGER entry_refuse_delete")
        for statement in statements:
            connection.execute(statement)


def faults(url: str, head: str | None = None) -> list[tuple[str, int, int]]:
    result = Journal.look_into(url).verify("kudus", head)
    return [(fault.kind, fault.first, fault.last) for fault in result.faults]


def test_a_sound_journal(journal: Journal, url: str) -> None:
    assert Journal.look_into(url).verify("kudus") == Verification(LENGTH, journal.head(), [])


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE entry SET entry = replace(entry, '\"n\":7', '\"n\":8') WHERE seq = 9"], [("edited", 9, 9)]),
        (["UPDATE entry SET hash = 'x' WHERE seq = 9"], [("edited", 9, 9)]),
        (["UPDATE entry SET entry = x'ff00' WHERE seq = 9"], [("edited", 9, 9)]),
        (["UPDATE entry SET entry = CAST(x'fffe' AS TEXT) WHERE seq = 9"], [("edited", 9, 9)]),
        (["DELETE FROM entry WHERE seq = 9"], [("removed", 9, 9)]),
        (["DELETE FROM entry WHERE seq = 1"], [("removed", 1, 1)]),
        (["DELETE FROM entry WHERE seq BETWEEN 9 AND 12"], [("removed", 9, 12)]),
        (["DELETE FROM entry WHERE seq = 9", "UPDATE entry SET seq = seq - 1 WHERE seq > 9"], [("removed", 9, 9)]),
        (
            [
                "UPDATE entry SET seq = -seq WHERE seq > 9",
                "UPDATE entry SET seq = 1 - seq WHERE seq < 0",
                "INSERT INTO entry VALUES (10, '{}', 'p', 'h')",
            ],
            [("inserted", 10, 10)],
        ),
        (
            [
                "UPDATE entry SET seq = 100 WHERE seq = 9",
                "UPDATE entry SET seq = 9 WHERE seq = 12",
                "UPDATE entry SET seq = 12 WHERE seq = 100",
            ],
            [("reordered", 9, 9), ("reordered", 12, 12)],
        ),
    ],
)
def test_tampering_is_found_and_named(
    journal: Journal, url: str, tmp_path: Path, statements: list[str], found: list[tuple[str, int, int]]
) -> None:
    tamper(tmp_path, *statements)
    assert faults(url) == found


def test_a_cut_off_end_is_found_with_an_earlier_head(journal: Journal, url: str, tmp_path: Path) -> None:
    head = journal.head()
    tamper(tmp_path, "DELETE FROM entry WHERE seq > 35")
    assert faults(url) == []
    assert faults(url, str(head)) == [("cut", 36, LENGTH)]
    assert faults(url, head.hash) == [("cut", 36, 36)]
    assert faults(url, head.hash[:16]) == [("cut", 36, 36)]


def test_an_earlier_head_of_a_grown_journal_is_fine(journal: Journal, url: str) -> None:
    head = journal.head()
    journal.append({"type": "x"})
    for text in (str(head), head.hash, head.hash[:16], head.hash.upper()):
        assert faults(url, text) == []


def test_a_rewritten_journal_is_found_with_an_earlier_head(journal: Journal, url: str, tmp_path: Path) -> None:
    old_head = journal.head()
    rows = list(journal.entries())
    head = Head(29, rows[28].hash)
    tamper(tmp_path, "DELETE FROM entry WHERE seq > 29")
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        for row in rows[29:]:
            forged = follow(head, row.entry.replace('"n":28', '"n":0'))
            connection.execute(
                "INSERT INTO entry VALUES (?, ?, ?, ?)", (forged.seq, forged.entry, forged.prev, forged.hash)
            )
            head = Head(forged.seq, forged.hash)
    assert faults(url) == []
    assert faults(url, str(old_head)) == [("edited", LENGTH, LENGTH)]
    assert faults(url, old_head.hash) == [("cut", LENGTH + 1, LENGTH + 1)]


def test_a_head_that_is_none_is_bad_input(journal: Journal, url: str) -> None:
    with pytest.raises(BadInput, match="--head: a journal head is"):
        faults(url, "12345")


def test_another_offices_journal_is_found(journal: Journal, url: str) -> None:
    (fault,) = Journal.look_into(url).verify("jepara").faults
    assert fault == Fault("foreign", 1, 1, "this is the journal of another office: 'kudus', not 'jepara'")


@pytest.mark.parametrize("entry", ['{"type": "x"}\n', '{"at":"2026-01-01T00:00:00Z"}\n', "nonsense"])
def test_an_entry_that_was_not_written_by_cadangan_is_found(
    journal: Journal, url: str, tmp_path: Path, entry: str
) -> None:
    row = follow(journal.head(), entry)
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?)", (row.seq, row.entry, row.prev, row.hash))
    assert faults(url) == [("foreign", LENGTH + 1, LENGTH + 1)]


def test_a_damaged_file_is_told(journal: Journal, url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = (tmp_path / "journal.db").read_bytes()
    # The last page holds the newest entries.
    (tmp_path / "journal.db").write_bytes(data[:-4096] + b"\xff" * 4096)
    result = Journal.look_into(url).verify("kudus")
    (fault,) = result.faults
    assert (fault.kind, fault.first) == ("damaged", result.count + 1)
    assert 1 < result.count < LENGTH


def test_verifying_changes_nothing(journal: Journal, url: str, tmp_path: Path) -> None:
    journal.head()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name == "journal.db"}
    faults(url)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_a_journal_on_a_read_only_medium_can_be_verified(journal: Journal, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as medium:
        copy = Path(shutil.copy(tmp_path / "journal.db", medium))
        copy.chmod(0o444)
        Path(medium).chmod(0o555)
        child = os.fork()
        if child == 0:
            # Root may write everywhere.
            if os.geteuid() == 0:
                os.setuid(65534)
            os._exit(0 if faults(f"sqlite:///{copy}") == [] else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert [path.name for path in Path(medium).iterdir()] == ["journal.db"]
        Path(medium).chmod(0o755)


def test_progress_is_told(journal: Journal, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cadangan.evidence.verification._TELL_EVERY", 10)
    told: list[int] = []
    Journal.look_into(url).verify("kudus", progress=told.append)
    assert told == [10, 20, 30, 40]


def test_an_exported_file_verifies_like_the_journal(journal: Journal, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    assert write_rows(journal.entries(), file) == LENGTH
    assert verify(read_rows(file), "kudus", str(journal.head())).faults == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda lines: [*lines[:8], *lines[9:]], [("removed", 9, 9)]),
        (lambda lines: [*lines[:8], lines[9], lines[8], *lines[10:]], [("reordered", 9, 9)]),
        (lambda lines: [*lines[:8], lines[8].replace(b'n\\":7', b'n\\":8'), *lines[9:]], [("edited", 9, 9)]),
        (lambda lines: [*lines[:8], lines[8][:-9] + b"\n", *lines[9:]], [("damaged", 9, 9)]),
        (lambda lines: [*lines[:8], b'{"seq":9}\n', *lines[9:]], [("damaged", 9, 9)]),
    ],
)
def test_a_changed_export_is_found(journal: Journal, tmp_path: Path, change, found) -> None:
    file = tmp_path / "journal.jsonl"
    write_rows(journal.entries(), file)
    file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))
    assert [(f.kind, f.first, f.last) for f in verify(read_rows(file), "kudus").faults] == found


def test_an_export_replaces_no_file(journal: Journal, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    file.write_text("mine")
    with pytest.raises(BadInput, match="exists already"):
        write_rows(journal.entries(), file)
    assert file.read_text() == "mine"


def test_an_export_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no file"):
        verify(read_rows(tmp_path / "none"), "kudus")
