"""Many processes write to one journal, some are killed: no acknowledged entry is lost, and the chain is whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cadangan.errors import WorkFailed
from cadangan.evidence.journal import Journal
from support.postgresql_server import PostgresqlServer

WRITERS = 20
KILLED = 8
ENTRIES = 15
SCRIPT = Path(__file__).parents[1] / "support" / "journal_writer.py"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as server:
        hba = server.data / "pg_hba.conf"
        rule = "local all keeper,writer trust\n"
        hba.write_text(rule + hba.read_text())
        server.run("pg_ctl", "reload", "-D", str(server.data))
        server.sql("postgres", "CREATE ROLE keeper LOGIN; CREATE ROLE writer LOGIN;")
        yield server


@pytest.fixture
def database(server: PostgresqlServer) -> Iterator[str]:
    """A fresh database, owned by `keeper`."""
    server.sql("postgres", "CREATE DATABASE journal OWNER keeper")
    yield "journal"
    server.sql("postgres", "DROP DATABASE journal WITH (FORCE)")


def url_of(server: PostgresqlServer, role: str) -> str:
    return f"postgresql://{role}@/journal?host={server.folder}&port={server.port}"


def connect(server: PostgresqlServer, role: str) -> psycopg.Connection:
    return psycopg.connect(host=str(server.folder), port=server.port, dbname="journal", user=role)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.db"
    server = request.getfixturevalue("server")
    request.getfixturevalue("database")
    Journal.open(url_of(server, "keeper"), "kudus")
    with connect(server, "keeper") as connection:
        connection.execute("GRANT SELECT, INSERT ON entry TO writer")
    return url_of(server, "writer")


class Writer:
    """A writing process, and what the journal acknowledged to it."""

    def __init__(self, url: str, name: str, count: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, SCRIPT, url, "kudus", name, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n", self.process.stderr and self.process.stderr.read()
        self.acknowledged: list[tuple[int, str]] = []
        self._reader = threading.Thread(target=self._read)

    def go(self) -> None:
        assert self.process.stdin
        self._reader.start()
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def finish(self) -> int:
        status = self.process.wait(120)
        self._reader.join()
        return status

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            # The last line of a killed process may be cut.
            if line.endswith("\n"):
                seq, digest = line.split()
                self.acknowledged.append((int(seq), digest))


def test_twenty_writers_of_whom_some_are_killed(url: str) -> None:
    chance = random.Random(2026)
    patient = [Writer(url, f"patient-{number}", ENTRIES) for number in range(WRITERS - KILLED)]
    doomed = [Writer(url, f"doomed-{number}", 10**6) for number in range(KILLED)]
    for writer in (*patient, *doomed):
        writer.go()
    for writer in doomed:
        time.sleep(chance.uniform(0.05, 0.4))
        writer.process.kill()
    assert [writer.finish() for writer in doomed] == [-9] * KILLED
    assert [writer.finish() for writer in patient] == [0] * len(patient)
    assert any(writer.acknowledged for writer in doomed)

    journal = Journal.open(url, "kudus")
    assert journal.verify("kudus").faults == []
    hashes = {row.seq: row.hash for row in journal.entries()}
    for writer in (*patient, *doomed):
        assert [(seq, hashes.get(seq)) for seq, _ in writer.acknowledged] == writer.acknowledged
    assert sum(len(writer.acknowledged) for writer in patient) == len(patient) * ENTRIES
    # Each killed writer may have written one entry more than it could tell.
    told = 1 + sum(len(writer.acknowledged) for writer in (*patient, *doomed))
    assert told <= journal.head().seq <= told + KILLED
    of_case = journal.of_case("B-2026-0001")
    assert [row.seq for row in of_case] == [
        row.seq for row in journal.entries() if row.content.get("case") == "B-2026-0001"
    ]


def test_an_account_that_may_only_insert_and_select_is_enough(server: PostgresqlServer, database: str) -> None:
    kept = Journal.open(url_of(server, "keeper"), "kudus")
    with connect(server, "keeper") as connection:
        connection.execute("GRANT SELECT, INSERT ON entry TO writer")
    journal = Journal.open(url_of(server, "writer"), "kudus")
    row = journal.append({"type": "x", "case": "B-2026-0001"})
    assert [found.seq for found in journal.of_case("B-2026-0001")] == [row.seq]
    assert journal.verify("kudus", str(kept.head())).faults == []
    for statement in ("UPDATE entry SET entry = '{}'", "DELETE FROM entry", "TRUNCATE entry"):
        with (
            connect(server, "writer") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_an_account_that_may_not_make_the_table_is_told_what_to_do(server: PostgresqlServer, database: str) -> None:
    with pytest.raises(WorkFailed, match="grant this account SELECT and INSERT"):
        Journal.open(url_of(server, "writer"), "kudus")


def test_a_table_without_entries_becomes_a_journal(server: PostgresqlServer, database: str) -> None:
    with connect(server, "keeper") as connection:
        connection.execute(
            "CREATE TABLE entry (seq bigint PRIMARY KEY, entry text NOT NULL, prev text NOT NULL UNIQUE,"
            " hash text NOT NULL UNIQUE)"
        )
        connection.execute("GRANT SELECT, INSERT ON entry TO writer")
    journal = Journal.open(url_of(server, "writer"), "kudus")
    assert journal.row(1).content["office"] == "kudus"


def test_tampering_in_postgresql_is_found(server: PostgresqlServer, database: str) -> None:
    journal = Journal.open(url_of(server, "keeper"), "kudus")
    for number in range(5):
        journal.append({"type": "x", "n": number})
    with connect(server, "keeper") as connection:
        connection.execute("UPDATE entry SET entry = replace(entry, '\"n\":2', '\"n\":9') WHERE seq = 4")
        connection.execute("DELETE FROM entry WHERE seq = 2")
    faults = Journal.look_into(url_of(server, "keeper")).verify("kudus").faults
    assert [(fault.kind, fault.first) for fault in faults] == [("removed", 2), ("edited", 4)]


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkFailed, match="cannot be used") as caught:
        Journal.open(f"postgresql://u:Rahasia1@/journal?host={tmp_path}", "kudus")
    assert "Rahasia1" not in str(caught.value)


def test_a_writer_that_never_ends_is_waited_for_only_so_long(
    server: PostgresqlServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.open(url_of(server, "keeper"), "kudus")
    monkeypatch.setattr("cadangan.evidence.journal_database.WAIT_SECONDS", 1)

    def write_again(view: object) -> None:
        journal.append({"type": "x"})

    with pytest.raises(WorkFailed, match="another process has been writing"):
        journal.append_if(write_again)
    assert journal.head().seq == 1


def test_a_fork_does_not_share_the_journals_connection(url: str) -> None:
    journal = Journal.open(url, "kudus")
    child = os.fork()
    if child == 0:
        journal.append({"type": "x"})
        os._exit(0)
    journal.append({"type": "x"})
    assert os.waitpid(child, 0)[1] == 0
    assert journal.head().seq == 3
    assert journal.verify("kudus").faults == []
