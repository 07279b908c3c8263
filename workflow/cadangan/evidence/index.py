"""Which entries belong to which case or are of which type, beside the journal: a cache, which may be deleted any time.

It lies in a SQLite file of its own. It is brought up to date by reading the journal's newer entries, and
made anew when the journal is no longer the one that it was made from. Where no file can be written it lives
in memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cadangan.evidence.chain import Head, Row

Entry = dict[str, Any]
Summary = dict[str, Any]
Answer = TypeVar("Answer")

_MEMORY = ":memory:"
_LAYOUT = 2
_WAIT_SECONDS = 60
_CASES_AT_ONCE = 50
_TABLES = f"""
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS seen;
DROP TABLE IF EXISTS mention;
DROP TABLE IF EXISTS typed;
DROP TABLE IF EXISTS span;
DROP TABLE IF EXISTS summary;
CREATE TABLE seen (seq INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE mention (case_id TEXT, seq INTEGER, PRIMARY KEY (case_id, seq)) WITHOUT ROWID;
CREATE TABLE typed (type TEXT, seq INTEGER, PRIMARY KEY (type, seq)) WITHOUT ROWID;
CREATE TABLE span (case_id TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE summary (kind TEXT, case_id TEXT, summary TEXT, summed_up_to INTEGER, summed_up_by TEXT,
                      PRIMARY KEY (kind, case_id)) WITHOUT ROWID;
PRAGMA user_version = {_LAYOUT};
COMMIT;
"""


class Source(Protocol):
    """The journal as the index reads it: each call sees the journal as it is at that moment."""

    def head(self) -> Head: ...
    def row(self, seq: int) -> Row | None: ...
    def rows(self, seqs: Iterable[int]) -> list[Row]: ...
    def entries(self, from_seq: int = 1) -> Iterator[Row]: ...


class CaseIndex:
    """The cache in `file`; `None` keeps it in memory, for as long as this object lives."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._memory: sqlite3.Connection | None = None

    def entries_of(self, source: Source, case: str) -> list[int]:
        """Numbers of the entries that concern a case."""
        question = "SELECT seq FROM mention WHERE case_id = ? ORDER BY seq"
        return self._ask(source, lambda cache: [seq for (seq,) in cache.execute(question, (case,))])

    def entries_of_types(self, source: Source, types: Collection[str]) -> list[int]:
        """Numbers of the entries that have one of these types, in order."""
        marks = ", ".join("?" * len(types))
        question = f"SELECT seq FROM typed WHERE type IN ({marks}) ORDER BY seq"  # noqa: S608 - question marks alone
        return self._ask(source, lambda cache: [seq for (seq,) in cache.execute(question, list(types))])

    def cases(self, source: Source) -> list[str]:
        """Ids of all cases, in the order in which they were opened."""
        question = "SELECT case_id FROM span ORDER BY first"
        return self._ask(source, lambda cache: [case for (case,) in cache.execute(question)])

    def highest_number(self, source: Source, series: str) -> int:
        """The highest N among the cases `<series>N`, 0 if there is none."""
        question = "SELECT max(CAST(substr(case_id, ?) AS INTEGER)) FROM span WHERE case_id GLOB ?"
        values = (len(series) + 1, f"{series}[0-9]*")
        return self._ask(source, lambda cache: cache.execute(question, values).fetchone()[0] or 0)

    def summaries(
        self, source: Source, summarise: Callable[[list[Entry]], Summary], version: str, kind: str
    ) -> dict[str, Summary]:
        """What `summarise` makes of each case's entries, by case; `version` is that of `summarise`, `kind` its name."""

        def answer(cache: sqlite3.Connection) -> dict[str, Summary]:
            _sum_up(cache, source, summarise, version, kind)
            question = "SELECT case_id, summary FROM span JOIN summary USING (case_id) WHERE kind = ? ORDER BY first"
            return {case: json.loads(summary) for case, summary in cache.execute(question, (kind,))}

        return self._ask(source, answer)

    def _ask(self, source: Source, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            with self._connected() as cache:
                _catch_up(cache, source)
                return question(cache)
        except sqlite3.DatabaseError as error:
            if self._file is None:
                raise
            if not isinstance(error, sqlite3.OperationalError):
                self._file.unlink(missing_ok=True)
            return CaseIndex(None)._ask(source, question)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        if self._file is None:
            self._memory = self._memory or _connect(_MEMORY)
            yield self._memory
            return
        # Not kept open: a connection must not be shared by two processes, and Ansible forks.
        with closing(_connect(str(self._file))) as cache:
            yield cache


def _connect(file: str) -> sqlite3.Connection:
    if file != _MEMORY:
        Path(file).touch(mode=0o640)
    cache = sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        cache.execute("PRAGMA synchronous = NORMAL")
        if cache.execute("PRAGMA user_version").fetchone()[0] != _LAYOUT:
            cache.executescript(_TABLES)
    except sqlite3.Error:
        cache.close()
        raise
    return cache


@contextmanager
def _writing(cache: sqlite3.Connection) -> Iterator[None]:
    cache.execute("BEGIN IMMEDIATE")
    try:
        yield
        cache.execute("COMMIT")
    except BaseException:
        cache.execute("ROLLBACK")
        raise


def _catch_up(cache: sqlite3.Connection, source: Source) -> None:
    """Take in the entries that the cache has not seen; start over if it comes from another journal."""
    if _seen(cache) == source.head():
        return
    with _writing(cache):
        # Read after the lock: another process may have caught up, and the journal only grows.
        seen = _seen(cache)
        known = source.row(seen.seq)
        if known is None or known.hash != seen.hash:
            for table in ("seen", "mention", "typed", "span", "summary"):
                cache.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
            seen = Head(0, "")
        for row in source.entries(seen.seq + 1):
            cache.execute("INSERT INTO typed VALUES (?, ?)", (str(row.content.get("type")), row.seq))
            case = row.content.get("case")
            if isinstance(case, str):
                cache.execute("INSERT INTO mention VALUES (?, ?)", (case, row.seq))
                cache.execute(
                    "INSERT INTO span (case_id, first, last) VALUES (?1, ?2, ?2)"
                    " ON CONFLICT (case_id) DO UPDATE SET last = ?2",
                    (case, row.seq),
                )
            seen = Head(row.seq, row.hash)
        cache.execute("DELETE FROM seen")
        cache.execute("INSERT INTO seen VALUES (?, ?)", seen)


def _seen(cache: sqlite3.Connection) -> Head:
    return Head(*(cache.execute("SELECT seq, hash FROM seen").fetchone() or (0, "")))


def _sum_up(
    cache: sqlite3.Connection,
    source: Source,
    summarise: Callable[[list[Entry]], Summary],
    version: str,
    kind: str,
) -> None:
    """Make the summaries that are missing, older than their case's last entry, or of another version."""
    stale = cache.execute(
        "SELECT span.case_id FROM span LEFT JOIN summary ON summary.case_id = span.case_id AND kind = ?"
        " WHERE summed_up_to IS NOT last OR summed_up_by IS NOT ? ORDER BY first",
        (kind, version),
    ).fetchall()
    for start in range(0, len(stale), _CASES_AT_ONCE):
        cases: dict[str, list[Row]] = {case: [] for (case,) in stale[start : start + _CASES_AT_ONCE]}
        marks = ", ".join("?" * len(cases))
        question = f"SELECT seq, case_id FROM mention WHERE case_id IN ({marks})"  # noqa: S608 - question marks alone
        case_of = dict(cache.execute(question, list(cases)).fetchall())
        for row in source.rows(case_of):
            cases[case_of[row.seq]].append(row)
        with _writing(cache):
            cache.executemany(
                "INSERT OR REPLACE INTO summary VALUES (?, ?, ?, ?, ?)",
                [
                    (kind, case, json.dumps(summarise([row.content for row in rows])), rows[-1].seq, version)
                    for case, rows in cases.items()
                ],
            )
