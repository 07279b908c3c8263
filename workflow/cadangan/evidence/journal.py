"""The journal: the append-only, hash-chained record of everything, safe with many writers."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan import __version__
from cadangan.errors import BadInput, Missing, WorkFailed
from cadangan.evidence.chain import GENESIS, SEE_ALL_FAULTS, Head, Row, follow
from cadangan.evidence.index import CaseIndex, Summary
from cadangan.evidence.journal_database import ENTRY, JournalDatabase
from cadangan.evidence.verification import Progress, Verification, verify
from cadangan.procedure import moment

Entry = dict[str, Any]

_ROWS_AT_ONCE = 1000
_ROWS = sa.select(ENTRY.c.seq, ENTRY.c.entry, ENTRY.c.prev, ENTRY.c.hash)


class HeadMoved(WorkFailed):
    """Somebody else wrote to the journal first."""


class Reader(Protocol):
    """What reads the journal: the journal itself, or a view of it inside `append_if`."""

    @property
    def id(self) -> str: ...
    def head(self) -> Head: ...
    def entries(self, from_seq: int = 1) -> Iterator[Row]: ...
    def of_types(self, types: Collection[str]) -> Iterator[Row]: ...
    def of_case(self, case: str) -> list[Row]: ...
    def cases(self) -> list[str]: ...
    def index(
        self, summarise: Callable[[list[Entry]], Summary], version: str = __version__, kind: str = "case"
    ) -> dict[str, Summary]: ...


class _Indexed(ABC):
    """Rows found by way of the index of cases and types, in whichever way rows are read."""

    _index: CaseIndex

    @abstractmethod
    def head(self) -> Head:
        """The newest entry's number and hash."""

    @abstractmethod
    def row(self, seq: int) -> Row | None:
        """The row of that number; None if there is none."""

    @abstractmethod
    def rows(self, seqs: Iterable[int]) -> list[Row]:
        """The rows of these numbers, in order."""

    @abstractmethod
    def entries(self, from_seq: int = 1) -> Iterator[Row]:
        """All rows from the one numbered `from_seq`, in order."""

    def of_case(self, case: str) -> list[Row]:
        """The rows of one case, in order; empty if there is no such case."""
        return self.rows(self._index.entries_of(self, case))

    def cases(self) -> list[str]:
        """Ids of all cases, in the order in which they were opened."""
        return self._index.cases(self)

    def of_types(self, types: Collection[str]) -> Iterator[Row]:
        """The rows that have one of these types, in order."""
        seqs = self._index.entries_of_types(self, types)
        for start in range(0, len(seqs), _ROWS_AT_ONCE):
            yield from self.rows(seqs[start : start + _ROWS_AT_ONCE])

    def index(
        self, summarise: Callable[[list[Entry]], Summary], version: str = __version__, kind: str = "case"
    ) -> dict[str, Summary]:
        """What `summarise` makes of the entries of each case, by case id, in the order of their opening.

        Summaries are kept under the name `kind`, so `summarise` must depend on nothing but the entries; when it
        changes, so must `version`.
        """
        return self._index.summaries(self, summarise, version, kind)


class View(_Indexed):
    """The journal through one connection, inside one transaction."""

    def __init__(self, connection: sa.Connection, index: CaseIndex) -> None:
        self._connection = connection
        self._index = index

    @property
    def id(self) -> str:
        """The journal's UUID, which its first entry gives it."""
        return str(self.opening()["journal"])

    def opening(self) -> Entry:
        """The content of the first entry; `WorkFailed` if there is none."""
        first = self.row(1)
        if first is None or first.content.get("type") != "opened":
            raise WorkFailed(
                "the journal does not begin with the entry that opens it",
                advice=SEE_ALL_FAULTS,
            )
        return first.content

    def head(self) -> Head:
        newest = self._connection.execute(
            sa.select(ENTRY.c.seq, ENTRY.c.hash).order_by(ENTRY.c.seq.desc()).limit(1)
        ).first()
        return Head(*newest) if newest else Head(0, GENESIS)

    def row(self, seq: int) -> Row | None:
        found = self._connection.execute(_ROWS.where(ENTRY.c.seq == seq)).first()
        return Row(*found) if found else None

    def rows(self, seqs: Iterable[int]) -> list[Row]:
        found = self._connection.execute(_ROWS.where(ENTRY.c.seq.in_(list(seqs))).order_by(ENTRY.c.seq))
        return [Row(*row) for row in found]

    def entries(self, from_seq: int = 1) -> Iterator[Row]:
        query = _ROWS.where(ENTRY.c.seq >= from_seq).order_by(ENTRY.c.seq)
        for row in self._connection.execute(query, execution_options={"stream_results": True}):
            yield Row(*row)

    def next_case_number(self, prefix: str, year: int) -> str:
        """The first free id, as `B-2026-0001`; nobody else gets it if the same `append_if` writes it."""
        series = f"{prefix}-{year}-"
        return f"{series}{self._index.highest_number(self, series) + 1:04d}"

    def write(self, entry: Entry) -> Row:
        """Add an entry at the end; for the journal's own use, in a transaction of the only writer."""
        row = follow(self.head(), _as_text(entry))
        self._connection.execute(ENTRY.insert(), _columns(row))
        return row


class Journal(_Indexed):
    """An office's journal. Holds no connection open, so that it may be used after a fork."""

    def __init__(self, database: JournalDatabase, index: CaseIndex) -> None:
        self._database = database
        self._index = index

    @classmethod
    def open(cls, url: str, office: str, *, cache: Path | None = None, make: bool = True) -> Journal:
        """Open the journal at `url`; if there is none yet, `make` it or raise `Missing`.

        The index of cases lies beside a SQLite journal; for PostgreSQL in the folder `cache`, or else in
        memory. Raises `BadInput` for an unusable URL, `WorkFailed` if the database cannot be used or holds
        another office's journal.
        """
        database = JournalDatabase(url)
        if not database.exists():
            if not make:
                raise Missing(
                    f"the journal is gone: {database}",
                    where="office.yml: journal",
                    advice="Put it back from a copy, and check that with: cadangan journal verify --head HEAD",
                )
            database.create(_first_row(office))
        journal = cls(database, CaseIndex(_index_file(database, cache)))
        with journal._reading() as view:
            if view.head().seq == 0:
                database.create(_first_row(office))
            owner = view.opening()["office"]
        if owner != office:
            raise WorkFailed(
                f"{database} is the journal of the office {owner!r}, not of {office!r}",
                where="office.yml: journal",
                advice="Every office has a journal of its own: name this office's one.",
            )
        return journal

    @classmethod
    def look_into(cls, url: str, *, cache: Path | None = None) -> Journal:
        """A journal to be read and verified only: nothing is made or checked. `Missing` if there is none."""
        database = JournalDatabase(url, read_only=True)
        if not database.exists():
            raise Missing(
                f"there is no journal yet: {database}",
                advice="It begins with the first entry, when trust is compiled or a request comes in.",
            )
        return cls(database, CaseIndex(_index_file(database, cache)))

    @property
    def id(self) -> str:
        with self._reading() as view:
            return view.id

    def head(self) -> Head:
        with self._reading() as view:
            return view.head()

    def row(self, seq: int) -> Row | None:
        with self._reading() as view:
            return view.row(seq)

    def rows(self, seqs: Iterable[int]) -> list[Row]:
        with self._reading() as view:
            return view.rows(seqs)

    def entries(self, from_seq: int = 1) -> Iterator[Row]:
        with self._reading() as view:
            yield from view.entries(from_seq)

    def verify(self, office: str, expected_head: str | None = None, progress: Progress | None = None) -> Verification:
        """Check every entry; see `cadangan.evidence.verification.verify`."""
        return verify(self.entries(), office, expected_head, progress)

    def append(self, entry: Entry, expect_head: str | None = None) -> Row:
        """Write an entry, and return when it is on the disk.

        With `expect_head`, a hash, nothing is written and `HeadMoved` is raised if the head is another one.
        """
        with self._database.writing() as connection:
            view = View(connection, self._index)
            if expect_head is not None and view.head().hash != expect_head:
                raise HeadMoved("the journal has grown meanwhile", advice="Nothing was written. Try again.")
            return view.write(entry)

    def append_if(self, build: Callable[[View], Entry | None]) -> Row | None:
        """Check and write in one transaction, while no other process can write.

        `build` sees the journal as it is and returns the entry, or None to write nothing, or raises to
        refuse. It should be quick: everybody else waits.
        """
        with self._database.writing() as connection:
            view = View(connection, self._index)
            entry = build(view)
            return None if entry is None else view.write(entry)

    @contextmanager
    def _reading(self) -> Iterator[View]:
        with self._database.reading() as connection:
            yield View(connection, self._index)


def _first_row(office: str) -> dict[str, object]:
    opened = {"type": "opened", "office": office, "journal": str(uuid.uuid4())}
    return _columns(follow(Head(0, GENESIS), _as_text(opened)))


def _as_text(entry: Entry) -> str:
    if not isinstance(entry.get("type"), str):
        raise ValueError("a journal entry needs a type")
    try:
        return canonical.dumps({"at": moment.now(), **entry}).decode("ascii")
    except canonical.CanonicalError as error:
        raise BadInput(f"this cannot be written to the journal: {error}") from error


def _columns(row: Row) -> dict[str, object]:
    return {"seq": row.seq, "entry": row.entry, "prev": row.prev, "hash": row.hash}


def _index_file(database: JournalDatabase, cache: Path | None) -> Path | None:
    if database.file:
        return database.file.with_name(f"{database.file.stem}-cache{database.file.suffix}")
    return cache / "journal-cache.db" if cache else None
