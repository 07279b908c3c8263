"""The database under the journal: one table, how to connect to it, and the lock for one writer at a time.

A SQLite file has triggers that refuse to change or delete an entry. They guard against mistakes; tampering is
found by verifying. On PostgreSQL grant the account of Cadangan SELECT and INSERT on `entry`, nothing more.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from cadangan.errors import BadInput, CadanganError, Missing, WorkFailed
from cadangan.evidence.durable import sync_folder

WHERE = "office.yml: journal"
WAIT_SECONDS = 60
_SQLITE = "sqlite:///"
_FORMS = "Give sqlite:///FILE (with four slashes for an absolute path) or postgresql://USER@HOST/DATABASE."
_LOCK_NOT_AVAILABLE = "55P03"
_INSUFFICIENT_PRIVILEGE = "42501"
# "cadangan" as a number: every writer of every journal in one PostgreSQL database takes this lock.
_ADVISORY_LOCK = int.from_bytes(b"cadangan")

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_METADATA = sa.MetaData()
ENTRY = sa.Table(
    "entry",
    _METADATA,
    sa.Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("prev", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
)

_GUARDS = [
    f"""CREATE TRIGGER entry_refuse_{change.lower()} BEFORE {change} ON entry
        BEGIN SELECT RAISE(ABORT, 'journal entries are never changed or deleted'); END"""
    for change in ("UPDATE", "DELETE")
]


class JournalDatabase:
    """Transactions on the database that `url` names. Opens nothing until it is asked to.

    With `read_only` a SQLite file is opened such that SQLite itself refuses to write to it.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.file = _file(url)
        if self.file:
            self._name = str(self.file)
            self._engine = _sqlite_engine(self.file, read_only)
        else:
            server = _server(url)
            self._name = server.render_as_string(hide_password=True)
            self._engine = _postgresql_engine(server)

    def __str__(self) -> str:
        return self._name

    def exists(self) -> bool:
        """Whether there is a journal's table, with or without entries."""
        if self.file and not self.file.exists():
            return False
        with self.reading() as connection:
            return sa.inspect(connection).has_table(ENTRY.name)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read-only transaction; on SQLite it sees the journal as it was at its first statement."""
        with self._explained(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction of the only writer: waits for its turn, commits at the end, undoes all on error."""
        writer = self._engine.execution_options(writing=True)
        with self._explained(), writer.begin() as connection:
            yield connection

    def create(self, first_row: dict[str, object]) -> None:
        """Make the table with its first row, unless somebody else has done so in the meantime."""
        if self.file:
            with self._explained():
                _create_file(self.file, first_row)
            if not self.exists():
                raise WorkFailed(f"{self} is a SQLite database, but holds no journal", where=WHERE)
            return
        with self.writing() as connection:
            _METADATA.create_all(connection)
            if not connection.execute(sa.select(sa.exists().select_from(ENTRY))).scalar():
                connection.execute(ENTRY.insert(), first_row)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Tell a user, not a programmer, what is wrong with the database."""
        try:
            yield
        except DBAPIError as error:
            raise self._explain(error) from error

    def _explain(self, error: DBAPIError) -> CadanganError:
        # By codes, not by messages: PostgreSQL's are in the server's language.
        code = getattr(error.orig, "sqlite_errorcode", None) or getattr(error.orig, "sqlstate", None)
        if code == sqlite3.SQLITE_NOTADB:
            return WorkFailed(
                f"{self} is not a SQLite database: it is damaged, or another file is named as the journal",
                where=WHERE,
                advice="Put it back from a copy, and check that with: cadangan journal verify --head HEAD",
            )
        if code in (sqlite3.SQLITE_BUSY, _LOCK_NOT_AVAILABLE):
            return WorkFailed(
                f"another process has been writing to the journal {self} for more than {WAIT_SECONDS} s",
                advice="Nothing was written. Try again.",
            )
        if code == _INSUFFICIENT_PRIVILEGE:
            return WorkFailed(
                f"the account may not use the journal {self}: {error.orig}",
                where=WHERE,
                advice="Open a new journal once as an account that may make a table, such as the database's owner. "
                "Then grant this account SELECT and INSERT on the table entry.",
            )
        return WorkFailed(f"the journal {self} cannot be used: {error.orig}", where=WHERE)


def _file(url: str) -> Path | None:
    """The file of a `sqlite:///FILE`, taken literally; None if `url` names no file."""
    name = url.removeprefix(_SQLITE) if url.startswith(_SQLITE) else ""
    return Path(name) if name not in ("", ":memory:") else None


def _server(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise BadInput("this is not a database URL", where=WHERE, advice=_FORMS) from error
    if parsed.drivername != "postgresql":
        shown = parsed.render_as_string(hide_password=True)
        raise BadInput(f"a journal cannot be kept in {shown}", where=WHERE, advice=_FORMS)
    return parsed.set(drivername="postgresql+psycopg")


def _sqlite_engine(file: Path, read_only: bool) -> sa.Engine:
    engine = sa.create_engine("sqlite://", creator=lambda: _connect(file, read_only), poolclass=NullPool)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgresql_engine(url: sa.URL) -> sa.Engine:
    try:
        # No pool: Ansible forks, and a connection must not be shared by two processes.
        engine = sa.create_engine(url, poolclass=NullPool, isolation_level="READ COMMITTED")
    except ModuleNotFoundError as error:
        raise Missing(
            f"a journal on PostgreSQL needs the Python package {error.name}",
            where=WHERE,
            advice="Install it with: pip install 'cadangan[postgresql-journal]'",
        ) from error

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")

    return engine


def _connect(file: Path, read_only: bool) -> sqlite3.Connection:
    try:
        return _configured(file, "mode=ro" if read_only else "mode=rw")
    except sqlite3.OperationalError:
        # Reading needs a file beside the journal for locks; where none can be made, nobody writes either.
        if read_only and not _wal(file).exists() and not os.access(file.parent, os.W_OK):
            return _configured(file, "mode=ro&immutable=1")
        raise


def _configured(file: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(file.absolute()))}?{options}", uri=True, timeout=WAIT_SECONDS, isolation_level=None
    )
    try:
        connection.text_factory = _text
        # Every commit is on the disk when it returns: what was acknowledged is never lost.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("SELECT 1 FROM sqlite_schema")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _text(stored: bytes) -> str:
    """Text even of a damaged entry, so that verifying can name it."""
    return stored.decode("utf-8", "surrogateescape")


def _wal(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _create_file(file: Path, first_row: dict[str, object]) -> None:
    """Make a journal beside its place and link it there: it appears whole, and the first maker wins."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
            draft = Path(folder, file.name)
            # SQLite gives its files beside the journal the same permissions.
            os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
            engine = sa.create_engine("sqlite://", creator=lambda: _connect(draft, False), poolclass=NullPool)
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                _METADATA.create_all(connection)
                for guard in _GUARDS:
                    connection.exec_driver_sql(guard)
                connection.execute(ENTRY.insert(), first_row)
                connection.commit()
            try:
                file.hardlink_to(draft)
            except FileExistsError:
                return
        sync_folder(file.parent)
    except OSError as error:
        raise WorkFailed(f"the journal {file} cannot be made: {error.strerror}", where=WHERE) from error
