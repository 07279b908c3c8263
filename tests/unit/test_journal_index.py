"""The index of cases is only a cache: it follows the journal whatever happens to either."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from cadangan.evidence.chain import Head, Row, follow
from cadangan.evidence.journal import Journal

Entry = dict[str, Any]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'journal.db'}"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "journal-cache.db"


@pytest.fixture
def journal(url: str) -> Journal:
    journal = Journal.open(url, "kudus")
    for number in range(12):
        journal.append({"type": "x", "case": f"B-2026-{number % 3 + 1:04d}", "n": number})
    journal.append({"type": "trust"})
    return journal


def total(entries: list[Entry]) -> dict[str, int]:
    return {"total": sum(entry["n"] for entry in entries)}


def numbers(journal: Journal, case: str) -> list[int]:
    return [row.content["n"] for row in journal.of_case(case)]


def test_the_entries_of_a_case(journal: Journal) -> None:
    assert numbers(journal, "B-2026-0002") == [1, 4, 7, 10]
    assert journal.of_case("B-2026-0009") == []
    assert journal.cases() == ["B-2026-0001", "B-2026-0002", "B-2026-0003"]


def test_summaries_follow_new_entries_and_are_made_once(journal: Journal) -> None:
    made: list[int] = []

    def counted(entries: list[Entry]) -> dict[str, int]:
        made.append(len(entries))
        return total(entries)

    assert journal.index(counted)["B-2026-0001"] == {"total": 0 + 3 + 6 + 9}
    assert made == [4, 4, 4]
    journal.append({"type": "x", "case": "B-2026-0001", "n": 100})
    assert journal.index(counted)["B-2026-0001"] == {"total": 118}
    assert made == [4, 4, 4, 5]
    assert journal.index(counted, version="another")["B-2026-0001"] == {"total": 118}
    assert made == [4, 4, 4, 5, 5, 4, 4]


def test_summaries_of_two_kinds_do_not_get_into_each_others_way(journal: Journal) -> None:
    made: list[str] = []

    def count(entries: list[Entry]) -> dict[str, int]:
        made.append("count")
        return {"count": len(entries)}

    for _ in range(2):
        assert journal.index(total)["B-2026-0001"] == {"total": 18}
        assert journal.index(count, kind="count")["B-2026-0001"] == {"count": 4}
    assert len(made) == 3


def test_the_entries_of_some_types(journal: Journal) -> None:
    journal.append({"type": "y", "n": 12})
    assert [row.seq for row in journal.of_types(["trust", "y"])] == [14, 15]
    assert [row.content["n"] for row in journal.of_types(["x"])] == list(range(12))
    journal.append({"type": "y", "n": 13})
    assert [row.content["n"] for row in journal.of_types(["y"])] == [12, 13]
    assert list(journal.of_types(["z"])) == list(journal.of_types([])) == []


def test_many_entries_of_a_type_are_read_in_portions(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cadangan.evidence.journal._ROWS_AT_ONCE", 5)
    assert [row.content["n"] for row in journal.of_types(["x"])] == list(range(12))


def test_many_cases_are_summed_up_in_order_of_their_opening(url: str) -> None:
    journal = Journal.open(url, "kudus")
    cases = [f"B-2026-{number:04d}" for number in range(120, 0, -1)]
    for number, case in enumerate(cases):
        journal.append({"type": "x", "case": case, "n": number})
    assert list(journal.index(total).items()) == [(case, {"total": n}) for n, case in enumerate(cases)]


def test_the_cache_may_be_deleted(journal: Journal, cache: Path) -> None:
    before = journal.index(total)
    cache.unlink()
    assert journal.index(total) == before
    assert cache.exists()


@pytest.mark.parametrize("content", [b"", b"not a database" * 500])
def test_a_damaged_cache_is_made_anew(journal: Journal, cache: Path, content: bytes) -> None:
    before = journal.index(total)
    cache.write_bytes(content)
    assert journal.index(total) == before
    assert numbers(journal, "B-2026-0002") == [1, 4, 7, 10]
    assert sqlite3.connect(cache).execute("SELECT count(*) FROM mention").fetchone() == (12,)


def test_a_cache_that_cannot_be_written_is_done_without(journal: Journal, cache: Path) -> None:
    cache.unlink(missing_ok=True)
    cache.mkdir()
    assert numbers(journal, "B-2026-0002") == [1, 4, 7, 10]


def test_the_cache_of_another_layout_is_made_anew(journal: Journal, cache: Path) -> None:
    journal.cases()
    with sqlite3.connect(cache) as connection:
        connection.execute("DROP TABLE mention")
        connection.execute("PRAGMA user_version = 99")
    assert numbers(journal, "B-2026-0002") == [1, 4, 7, 10]


def test_a_replaced_journal_is_noticed(journal: Journal, url: str, tmp_path: Path) -> None:
    assert journal.index(total)["B-2026-0001"] == {"total": 18}
    (tmp_path / "journal.db").unlink()
    other = Journal.open(url, "kudus")
    for number in range(20):
        other.append({"type": "x", "case": "B-2026-0001", "n": number + 50})
    assert numbers(other, "B-2026-0001") == list(range(50, 70))
    assert other.cases() == ["B-2026-0001"]


def test_a_journal_put_back_from_an_older_copy_is_noticed(journal: Journal, url: str, tmp_path: Path) -> None:
    copy = sqlite3.connect(tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "journal.db") as source:
        source.backup(copy)
    copy.close()
    journal.append({"type": "x", "case": "B-2026-0002", "n": 100})
    assert numbers(journal, "B-2026-0002") == [1, 4, 7, 10, 100]
    for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "copy.db").rename(tmp_path / "journal.db")
    assert numbers(Journal.open(url, "kudus"), "B-2026-0002") == [1, 4, 7, 10]


def test_a_reader_that_lags_behind_the_cache_does_not_spoil_it(journal: Journal) -> None:
    """Another process may have brought the cache further than this one knew the journal."""
    behind = journal.head()
    journal.append({"type": "x", "case": "B-2026-0001", "n": 1})
    journal.cases()

    class Lagging:
        """Sees an old head once, as one does that is overtaken between its head and the cache's lock."""

        heads = [behind]

        def head(self) -> Head:
            return self.heads.pop() if self.heads else journal.head()

        def row(self, seq: int) -> Row | None:
            return journal.row(seq)

        def rows(self, seqs: Any) -> list[Row]:
            return journal.rows(seqs)

        def entries(self, from_seq: int = 1) -> Any:
            assert from_seq > behind.seq, "the cache was thrown away"
            return journal.entries(from_seq)

    assert journal._index.entries_of(Lagging(), "B-2026-0001") == [2, 5, 8, 11, 15]


def test_follow_makes_the_row_that_append_writes(journal: Journal) -> None:
    head = journal.head()
    row = journal.append({"type": "x"})
    assert follow(head, row.entry) == row
