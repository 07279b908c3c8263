"""SQLite: consistent copies beside writers, a proof that sees every change, and a swap that loses nothing."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import places, proof, sqlite_files
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run

AWKWARD_SCHEMA = """
PRAGMA user_version = 42;
PRAGMA application_id = 4711;
CREATE TABLE plain (id INTEGER PRIMARY KEY AUTOINCREMENT, a, b TEXT DEFAULT 'x', c REAL, d BLOB);
CREATE TABLE norowid (k TEXT, n INTEGER, PRIMARY KEY (k, n)) WITHOUT ROWID;
CREATE TABLE hidden (rowid TEXT, _rowid_ TEXT, oid TEXT);
CREATE TABLE generated (a INTEGER, b AS (a * 2) VIRTUAL, c AS (a + 1) STORED);
CREATE TABLE "quoted "" table" ("select" TEXT, "a b" TEXT, "it's" TEXT);
CREATE TABLE "data berbaris
baru" (x);
CREATE TABLE "Ünïcode 表" ("Größe" TEXT);
CREATE TABLE "-- ; DROP TABLE plain" (x);
CREATE TABLE empty (x);
CREATE INDEX plain_a ON plain (a);
CREATE UNIQUE INDEX plain_c ON plain (c) WHERE c > 0;
CREATE INDEX plain_covering ON plain (b, a);
CREATE VIEW everything AS SELECT a, b FROM plain;
CREATE TRIGGER note AFTER INSERT ON "quoted "" table" BEGIN INSERT INTO empty VALUES ('new'); DELETE FROM empty; END;
CREATE VIRTUAL TABLE documents USING fts5 (title, body);
CREATE VIRTUAL TABLE boxes USING rtree (id, min_x, max_x);
INSERT INTO plain (a, b, c, d) VALUES (1, 'one', 1.5, x'00ff'), ('1', NULL, -0.0, ''), (NULL, '', 1e300, 'text'),
    (9223372036854775807, 'nul' || char(0) || 'inside', 9e999, zeroblob(5000)), (1.0, 'é', 0.1, x'');
DELETE FROM plain WHERE id = 5;
INSERT INTO norowid VALUES ('b', 2), ('a', 1);
INSERT INTO hidden VALUES ('1', '2', '3');
INSERT INTO generated (a) VALUES (1), (2);
INSERT INTO "quoted "" table" VALUES ('a', 'b', 'c');
INSERT INTO "Ünïcode 表" VALUES ('groß');
INSERT INTO documents VALUES ('surat', 'permohonan cadangan');
INSERT INTO boxes VALUES (1, 0.5, 1.5);
"""


def make(path: Path, script: str = AWKWARD_SCHEMA, *before: str) -> str:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    for statement in before:
        connection.execute(statement)
    connection.executescript(script)
    connection.commit()
    connection.close()
    return str(path)


def execute(database: str, script: str) -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous=OFF")
    connection.executescript(script)
    connection.commit()
    connection.close()


def engine(database: str, **options: object) -> SqliteEngine:
    return SqliteEngine("", database, {"lock_timeout": 0.3, **options})


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setattr(places, "state_dir", lambda: str(folder))
    return folder


@pytest.fixture
def database(tmp_path: Path) -> str:
    return make(tmp_path / "app.db")


def dump(database: str) -> tuple[bytes, list[Fact]]:
    with engine(database).snapshot() as snapshot:
        return run(snapshot.parts()[0].command), snapshot.proof()


def restored(database: str, data: bytes) -> str:
    made = engine(database)
    name = made.scratch_name(database, "r-2026-0001-1")
    made.create(name)
    run(made.load({"name": "data"}, name), data)
    return name


def differences(database: str, facts: list[Fact]) -> list[str]:
    _data, now = dump(database)
    return proof.differences(facts, now)


@contextlib.contextmanager
def another_process(database: str, script: str) -> Iterator[None]:
    """A process that runs `script` with `c`, a connection to the database, and then waits."""
    program = (
        f"import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\n{script}\n"
        "print('ready', flush=True)\ntime.sleep(60)"
    )
    argv = [sys.executable, "-c", program, database]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            process.kill()


@pytest.mark.parametrize(
    "pragma",
    ["journal_mode=wal", "encoding='UTF-16le'", "page_size=512", "page_size=65536", "auto_vacuum=incremental"],
)
def test_a_restored_database_equals_its_proof(tmp_path: Path, pragma: str) -> None:
    database = make(tmp_path / "app.db", AWKWARD_SCHEMA, f"PRAGMA {pragma}")
    data, facts = dump(database)
    name = restored(database, data)
    assert proof.differences(facts, engine(database).proof_of(name)) == []
    assert {"kind": "check", "name": "integrity", "value": "ok"} in facts
    assert len([fact for fact in facts if fact["kind"] == "rows of"]) > 15
    # Nothing is left beside the restored file that would belong to another one.
    assert sqlite_files.present(name) == []


@pytest.mark.parametrize("script", ["", "PRAGMA user_version = 7"], ids=["no bytes", "no tables"])
def test_an_empty_database_is_a_database(tmp_path: Path, script: str) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    database = make(path, script)
    engine(database).check_backup()
    data, facts = dump(database)
    assert proof.differences(facts, engine(database).proof_of(restored(database, data))) == []


CHANGES = {
    "lost row": ("DELETE FROM plain WHERE id = 1", "rows of 'plain'"),
    "added row": ("INSERT INTO norowid VALUES ('c', 3)", "rows of 'norowid'"),
    "changed value": ("UPDATE plain SET b = 'two' WHERE id = 1", "rows of 'plain'"),
    "integer became text": ("UPDATE plain SET a = '1' WHERE id = 1", "rows of 'plain'"),
    "integer became real": ("UPDATE plain SET a = 1.0 WHERE id = 1", "rows of 'plain'"),
    "text became blob": ("UPDATE plain SET d = x'74657874' WHERE id = 3", "rows of 'plain'"),
    "null became empty": ("UPDATE plain SET b = '' WHERE id = 2", "rows of 'plain'"),
    "text after a nul byte": ("UPDATE plain SET b = 'nul' || char(0) || 'other' WHERE id = 4", "rows of 'plain'"),
    "last byte of a blob": ("UPDATE plain SET d = zeroblob(4999) || x'01' WHERE id = 4", "rows of 'plain'"),
    "another row number": ("UPDATE generated SET rowid = 9 WHERE a = 2", "rows of 'generated'"),
    "full text": ("UPDATE documents SET body = 'lain'", "rows of 'documents_content'"),
    "sequence": ("UPDATE sqlite_sequence SET seq = 99", "rows of 'sqlite_sequence'"),
    "lost index": ("DROP INDEX plain_a", "lost: index 'plain_a'"),
    "lost trigger": ("DROP TRIGGER note", "lost: trigger 'note'"),
    "lost view": ("DROP VIEW everything", "lost: view 'everything'"),
    "lost table": ('DROP TABLE "-- ; DROP TABLE plain"', "lost: table '-- ; DROP TABLE plain'"),
    "added table": ("CREATE TABLE more (x)", "added: table 'more'"),
    "added column": ("ALTER TABLE empty ADD COLUMN y DEFAULT 1", "changed: table 'empty'"),
    "application's version": ("PRAGMA user_version = 43", "setting 'user_version'"),
    "application's id": ("PRAGMA application_id = 1", "setting 'application_id'"),
    "journal mode": ("PRAGMA journal_mode = wal", "setting 'journal'"),
}


@pytest.mark.parametrize(("change", "told"), CHANGES.values(), ids=CHANGES.keys())
def test_the_proof_sees(database: str, change: str, told: str) -> None:
    _data, facts = dump(database)
    execute(database, change)
    assert [line for line in differences(database, facts) if told in line]


def test_the_proof_stays_the_same_without_a_change(database: str) -> None:
    _data, facts = dump(database)
    execute(database, "BEGIN; UPDATE plain SET b = 'two'; ROLLBACK; VACUUM")
    assert differences(database, facts) == []


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_copy_is_consistent_beside_a_writer(tmp_path: Path, mode: str) -> None:
    script = "CREATE TABLE pair (a INTEGER, b INTEGER); INSERT INTO pair VALUES (0, 0)"
    database = make(tmp_path / "app.db", script, f"PRAGMA journal_mode={mode}")
    execute(database, "CREATE TABLE filler AS SELECT zeroblob(4000) FROM (SELECT 1 UNION SELECT 2)")
    over = threading.Event()

    def write() -> None:
        connection = sqlite3.connect(database, timeout=30, isolation_level=None)
        while not over.wait(0.001):
            connection.executescript("BEGIN IMMEDIATE; UPDATE pair SET a = a + 1; UPDATE pair SET b = b + 1; COMMIT")
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            with engine(database, lock_timeout=30).snapshot() as snapshot:
                data, facts = run(snapshot.parts()[0].command), snapshot.proof()
            name = str(tmp_path / f"copy-{number}")
            Path(name).write_bytes(data)
            assert proof.differences(facts, engine(database).proof_of(name)) == []
            connection = sqlite3.connect(name)
            assert connection.execute("SELECT a - b FROM pair").fetchone() == (0,)
            connection.close()
    finally:
        over.set()
        writer.join()


def test_what_is_only_in_the_log_is_copied(tmp_path: Path) -> None:
    database = make(tmp_path / "app.db", "CREATE TABLE t (a)", "PRAGMA journal_mode=wal")
    with another_process(database, "c.execute('INSERT INTO t VALUES (1)')"):
        assert Path(database + "-wal").stat().st_size > 0
        data, _facts = dump(database)
    copy = tmp_path / "copy.db"
    copy.write_bytes(data)
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT a FROM t").fetchall() == [(1,)]
    connection.close()


def test_a_snapshot_leaves_no_copy(database: str, state: Path) -> None:
    with engine(database).snapshot():
        assert len(list((state / "staging").iterdir())) == 1
    assert list((state / "staging").iterdir()) == []


def test_a_locked_database_is_told_after_the_timeout(database: str, state: Path) -> None:
    with another_process(database, "c.execute('BEGIN EXCLUSIVE')"), pytest.raises(EngineError, match="locked"):
        engine(database).snapshot()
    assert list((state / "staging").iterdir()) == []


def test_a_damaged_database_is_not_backed_up(database: str) -> None:
    size = Path(database).stat().st_size
    with Path(database).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 8192))
    with pytest.raises(EngineError, match=r"app\.db"):
        dump(database)


def test_an_unfinished_transaction_of_a_crash_is_left_to_the_application(database: str) -> None:
    # What a crash leaves: the journal of a transaction that was being written.
    big = "c.execute('PRAGMA cache_size=1')\nc.execute('BEGIN')\nc.execute('UPDATE plain SET d = zeroblob(100000)')"
    with another_process(database, big):
        journal, half = Path(database + "-journal").read_bytes(), Path(database).read_bytes()
    Path(database).write_bytes(half)
    Path(database + "-journal").write_bytes(journal)
    with pytest.raises(EngineError) as refused:
        dump(database)
    assert "open the database once" in refused.value.advice
    assert Path(database).read_bytes() == half


def _text_file(path: Path) -> None:
    path.write_text("not a database, but long enough to be one")


def _folder(path: Path) -> None:
    path.mkdir()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _link(path: Path) -> None:
    path.symlink_to(make(path.with_name("real.db")))


def _nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (_text_file, "is not an SQLite database"),
        (_folder, "is not a regular file"),
        (_fifo, "is not a regular file"),
        (_link, "is a symbolic link to"),
        (_nothing, "There is no database"),
    ],
)
def test_what_is_no_database_is_refused(tmp_path: Path, prepare: Callable[[Path], None], told: str) -> None:
    path = tmp_path / "app.db"
    prepare(path)
    with pytest.raises(EngineError, match=told):
        engine(str(path)).check_backup()


@pytest.mark.parametrize("path", ["app.db", "/srv/../etc/passwd", "/srv//app.db", "/tmp/app.db-wal", "/tmp/a\0b"])
def test_a_path_must_be_plain(path: str) -> None:
    with pytest.raises(EngineError):
        sqlite_files.check_path(path)


def test_links_among_the_folders_are_followed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "srv").symlink_to(tmp_path / "data")
    assert sqlite_files.check_path(str(tmp_path / "srv" / "app.db")) == str(tmp_path / "data" / "app.db")


HOSTILE = ["-rf", "a b'c\"d", "{{ lookup('pipe', 'touch x') }}", "$(touch x)", "?mode=memory", "%41#x", "é\nü", "." * 9]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    database = make(tmp_path / name)
    engine(database).check_backup()
    data, facts = dump(database)
    made = engine(database)
    scratch = restored(database, data)
    assert proof.differences(facts, made.proof_of(scratch)) == []
    aside = made.aside_name(database, "r-2026-0001-1")
    made.swap(scratch, database, aside)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, Path(aside).name])


def test_the_longest_name_has_room_for_a_scratch_name(tmp_path: Path) -> None:
    database = make(tmp_path / ("ü" * 120))
    made = engine(database)
    made.create(made.scratch_name(database, "r-2026-0001-1"))
    assert len(os.fsencode(Path(made.aside_name(database, "r-2026-0001-1")).name)) <= 255


def replacement(database: str) -> tuple[SqliteEngine, str, str]:
    """An engine, a new database to be swapped in, and the name for the old one."""
    made = engine(database)
    data, _facts = dump(database)
    return made, restored(database, data), made.aside_name(database, "r-2026-0001-1")


def values(database: str) -> list[object]:
    connection = sqlite3.connect(database)
    rows = [row[0] for row in connection.execute("SELECT b FROM plain WHERE id = 1")]
    connection.close()
    return rows


def test_a_swap_keeps_owner_mode_and_attributes(database: str) -> None:
    Path(database).chmod(0o640)
    if os.geteuid() == 0:
        os.chown(database, 0, 34)
    os.setxattr(database, "user.label", b"penting")
    made, new, aside = replacement(database)
    made.swap(new, database, aside)
    status, old = Path(database).stat(), Path(aside).stat()
    assert status.st_mode & 0o7777 == 0o640
    assert (status.st_uid, status.st_gid) == (old.st_uid, old.st_gid)
    assert os.getxattr(database, "user.label") == b"penting"


def test_a_swap_keeps_what_was_only_in_the_log(tmp_path: Path) -> None:
    database = make(tmp_path / "app.db", AWKWARD_SCHEMA, "PRAGMA journal_mode=wal")
    made, new, aside = replacement(database)
    with another_process(database, "c.execute(\"UPDATE plain SET b = 'only in the log'\")"):
        pass
    assert Path(database + "-wal").stat().st_size > 0
    made.swap(new, database, aside)
    assert values(aside) == ["only in the log"] and values(database) == ["one"]
    execute(database, "PRAGMA integrity_check")
    assert sqlite_files.present(database) == []


def test_a_swap_replaces_a_database_that_sqlite_can_not_open(tmp_path: Path) -> None:
    database = make(tmp_path / "app.db", AWKWARD_SCHEMA, "PRAGMA journal_mode=wal")
    made, new, aside = replacement(database)
    with another_process(database, "c.execute(\"UPDATE plain SET b = 'only in the log'\")"):
        pass
    Path(database).write_bytes(b"\xff" * 8192)
    log = Path(database + "-wal").read_bytes()
    made.swap(new, database, aside)
    assert values(database) == ["one"]
    assert Path(aside).read_bytes() == b"\xff" * 8192 and Path(aside + "-wal").read_bytes() == log
    assert sqlite_files.present(database) == []


@pytest.mark.parametrize(
    ("script", "mode"),
    [
        ("c.execute('BEGIN'); c.execute('SELECT * FROM plain').fetchone()", "delete"),
        ("c.execute('BEGIN IMMEDIATE')", "delete"),
        ("c.execute('SELECT * FROM plain').fetchall()", "delete"),
        ("c.execute('SELECT * FROM plain').fetchall()", "wal"),
    ],
    ids=["reader", "writer", "idle", "idle with a log"],
)
def test_a_database_in_use_is_not_replaced(database: str, script: str, mode: str) -> None:
    execute(database, f"PRAGMA journal_mode={mode}")
    made, new, aside = replacement(database)
    before = Path(database).read_bytes()
    with another_process(database, script):
        with pytest.raises(EngineError, match="is in use"):
            made.check_swap(database)
        with pytest.raises(EngineError, match="is in use"):
            made.swap(new, database, aside)
        assert Path(database).read_bytes() == before and not Path(aside).exists() and Path(new).exists()


def test_a_failed_swap_puts_everything_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = make(tmp_path / "app.db", AWKWARD_SCHEMA, "PRAGMA journal_mode=wal")
    made, new, aside = replacement(database)
    Path(database).write_bytes(b"\xff" * 8192)
    Path(database + "-wal").write_bytes(b"the log")

    def contents() -> dict[str, bytes]:
        # The shared memory file is only an index of the log, which SQLite makes again.
        return {path.name: path.read_bytes() for path in tmp_path.iterdir() if not path.name.endswith("-shm")}

    before = contents()

    def fail(*_names: str) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(EngineError, match="Input/output error"):
        made.swap(new, database, aside)
    assert contents() == before


def test_a_copy_does_not_replace_anything(database: str, tmp_path: Path) -> None:
    made, new, _aside = replacement(database)
    with pytest.raises(EngineError, match="exists already"):
        made.swap(new, database, "")
    other = str(tmp_path / "other.db")
    Path(other + "-wal").write_bytes(b"of another database")
    with pytest.raises(EngineError, match="of another database"):
        made.check_restore({"parts": []}, "copy", other)
    with pytest.raises(EngineError, match="exists already"):
        made.swap(new, other, "")
    assert not Path(other).exists()


def test_a_database_that_is_gone_is_replaced_without_its_stale_log(database: str) -> None:
    made, new, aside = replacement(database)
    Path(database).unlink()
    Path(database + "-wal").write_bytes(b"of the one that is gone")
    made.swap(new, database, aside)
    assert values(database) == ["one"]
    assert Path(aside + "-wal").exists() and not Path(database + "-wal").exists()


def test_only_scratch_databases_are_dropped(database: str) -> None:
    with pytest.raises(EngineError, match="is not a scratch database"):
        engine(database).drop(database)
    assert Path(database).exists()


def test_no_room_for_the_restored_database(database: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="needs 1152921504606846976 bytes"):
        engine(database).check_restore({"parts": [{"plain_bytes": 1 << 60}]}, "copy", str(tmp_path / "new.db"))


@pytest.mark.parametrize("staging", ["relative", "/dev/null/x"])
def test_a_place_for_the_copy_that_can_not_be(database: str, staging: str) -> None:
    with pytest.raises(EngineError):
        engine(database, staging=staging).check_backup()


def test_collations_of_an_application_do_not_hinder_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    connection = sqlite3.connect(path)
    connection.create_collation("LOKAL", lambda a, b: (a > b) - (a < b))
    connection.executescript(
        "CREATE TABLE t (a TEXT COLLATE LOKAL); CREATE INDEX i ON t (a); INSERT INTO t VALUES ('x')"
    )
    connection.close()
    data, facts = dump(str(path))
    assert proof.differences(facts, engine(str(path)).proof_of(restored(str(path), data))) == []
