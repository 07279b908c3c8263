"""PostgreSQL by way of the one narrow function: backup, damage, restore, and everything that has to be refused."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_postgresql import Backup, create_database, load_backup, take_backup
from support.postgresql_server import PostgresqlServer
from support.postgresql_target import PostgresqlTarget
from support.signed_office import Keyring

HOSTILE = [
    "x'; DROP DATABASE postgres; --",
    '"; DROP DATABASE postgres; --',
    "-h evil",
    "--help",
    "dbname=postgres host=evil",
    "postgresql://evil/postgres",
    "{{ lookup('pipe', 'touch /tmp/jinja') }}",
    "$(touch /tmp/shell)",
    "back\\slash 'quote' \"double\"",
    ":x :'y' :\"z\"",
    "..%2F..",
    "basis dåta ☃",
]
ROWS = "SELECT count(*) || ' ' || coalesce(sum(nilai), 0) FROM siswa"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as running:
        yield running


@pytest.fixture
def database(server: PostgresqlServer) -> Iterator[str]:
    """The one database of the server, small and plain, besides what PostgreSQL brings."""
    make_siswa(server, "siswa")
    yield "siswa"
    for name in others(server):
        quoted = name.replace('"', '""')
        server.sql("postgres", f'DROP DATABASE "{quoted}" WITH (FORCE)')


@pytest.fixture
def target(
    tmp_path: Path, keyring: Keyring, server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> PostgresqlTarget:
    return PostgresqlTarget(tmp_path, keyring, server, monkeypatch)


def make_siswa(server: PostgresqlServer, name: str, rows: int = 1000) -> None:
    create_database(server, name)
    server.sql(
        name,
        "CREATE TABLE siswa (id int PRIMARY KEY, nama text, nilai int);"
        f"INSERT INTO siswa SELECT n, 'siswa ' || n, n % 10 FROM generate_series(1, {rows}) AS n",
    )


def others(server: PostgresqlServer) -> list[str]:
    return [name for name in server.databases() if name not in ("postgres", "template0", "template1")]


def failed(outcome: dict[str, Any], *words: str) -> None:
    """It failed, saying so in these words."""
    assert outcome["result"] == "failed", outcome
    for word in words:
        assert word in outcome["message"], outcome["message"]


class TestRestore:
    def test_replace_brings_the_data_back_while_applications_are_connected(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str
    ) -> None:
        backup = target.back_up(database)
        before = server.sql(database, ROWS)
        server.sql(database, "DELETE FROM siswa WHERE id > 10; DROP INDEX IF EXISTS x; ALTER TABLE siswa ADD rusak int")
        damaged = server.sql(database, ROWS)
        with server.session(database) as application:
            application.stdin.write(b"BEGIN; SELECT 1 FROM siswa LIMIT 1;\n")
            application.stdin.flush()
            assert application.stdout.readline() == b"1\n"
            outcome = target.restore(backup, database, "replace")
            assert outcome["result"] == "done", outcome
            said, _ = application.communicate(b"SELECT 2;\n", timeout=10)
            assert said == b"" and application.returncode != 0
        assert server.sql(database, ROWS) == before
        aside = outcome["facts"]["aside"]
        assert aside == "siswa_sebelum_r-2026-0002-1"
        assert server.sql(aside, ROWS) == damaged
        assert others(server) == [database, aside]

    def test_copy_leaves_the_original_alone(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str
    ) -> None:
        backup = target.back_up(database)
        server.sql(database, "DELETE FROM siswa")
        assert target.restore(backup, "salinan")["result"] == "done"
        assert server.sql("salinan", ROWS) == "1000 4500"
        assert server.sql(database, ROWS) == "0 0"
        failed(target.restore(backup, "salinan"), "'salinan' already")

    def test_drills_leave_nothing(self, target: PostgresqlTarget, server: PostgresqlServer, database: str) -> None:
        backup = target.back_up(database, drill=True)
        assert backup["facts"]["drilled"] is True
        assert target.drill(backup, database)["result"] == "done"
        assert others(server) == [database]

    def test_replace_of_a_lost_database(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str
    ) -> None:
        backup = target.back_up(database)
        server.sql("postgres", "DROP DATABASE siswa")
        outcome = target.restore(backup, database, "replace")
        assert (outcome["result"], outcome["facts"]["aside"]) == ("done", "")
        assert server.sql(database, ROWS) == "1000 4500"

    def test_what_is_restored_but_not_equal_is_not_put_in_place(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up(database)
        honest = target.engine.proof_of

        def damaging(engine: Any, name: str) -> list[dict[str, str]]:
            server.sql(name, "DELETE FROM siswa WHERE id = 7")
            return honest(engine, name)

        monkeypatch.setattr(target.engine, "proof_of", damaging)
        failed(target.restore(backup, database, "replace"), "changed: rows 'public.siswa'")
        failed(target.drill(backup, database), "changed: rows 'public.siswa'")
        assert others(server) == [database]

    def test_check_mode_changes_nothing(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str
    ) -> None:
        assert target.backup(database, check=True)["result"] == "checked"
        backup = target.back_up(database)
        events = list(target.ledger.events())
        for mode, name in (("copy", "salinan"), ("replace", database)):
            assert target.restore(backup, name, mode, check=True)["result"] == "checked"
        assert list(target.ledger.events()) == events
        assert others(server) == [database]

    def test_leftovers_of_crashed_runs_go_and_nothing_else(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str
    ) -> None:
        create_database(server, "cadangan_scratch_r_2026_0009_1")
        create_database(server, "cadangan_pangan")
        target.back_up(database)
        assert others(server) == ["cadangan_pangan", database]


class TestSwap:
    def test_it_fails_leaving_everything_as_before(self, server: PostgresqlServer, database: str) -> None:
        engine = server.engine(database)
        make_siswa(server, "baru", 5)
        create_database(server, "sudah ada")
        before = others(server)
        with pytest.raises(EngineError, match="already exists"):
            engine.swap("baru", database, "sudah ada")
        with pytest.raises(EngineError, match="already exists"):
            engine.swap("baru", database, "")
        assert others(server) == before
        assert server.sql(database, ROWS) == "1000 4500"

    def test_prepared_transactions_prevent_it(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str
    ) -> None:
        backup = target.back_up(database)
        server.sql(database, "BEGIN; DELETE FROM siswa WHERE id = 1; PREPARE TRANSACTION 'x'")
        try:
            failed(target.restore(backup, database, "replace"), "1 prepared transactions")
        finally:
            server.sql(database, "ROLLBACK PREPARED 'x'")
        assert others(server) == [database]

    def test_applications_that_reconnect_all_the_time_do_not_prevent_it(
        self, server: PostgresqlServer, database: str
    ) -> None:
        make_siswa(server, "baru", 5)
        script = f"while :; do {server.binaries}/psql -X -q -d \"$1\" -c 'SELECT pg_sleep(60)'; done"
        argv = ["bash", "-c", script, "bash", server.conninfo(database)]
        become = {"user": server.account} if server.account == "postgres" else {}
        storm = [
            subprocess.Popen(argv, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/", **become)
            for _ in range(3)
        ]
        try:
            server.engine(database).swap("baru", database, "lama")
        finally:
            for shell in storm:
                shell.kill()
                shell.wait()
        server.sql(
            "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'"
        )
        assert server.sql(database, ROWS).startswith("5 ")
        assert server.sql("lama", ROWS) == "1000 4500"

    def test_postgres_itself_can_be_replaced(self, server: PostgresqlServer, database: str) -> None:
        server.engine("postgres").swap(database, "postgres", "postgres_lama")
        try:
            assert server.sql("postgres", ROWS) == "1000 4500"
        finally:
            server.sql(
                "template1", "ALTER DATABASE postgres RENAME TO siswa; ALTER DATABASE postgres_lama RENAME TO postgres"
            )


class TestNames:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_hostile_name_is_a_name(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str, name: str
    ) -> None:
        make_siswa(server, name, 100)
        backup = target.back_up(name)
        assert target.set(backup).manifest["database"] == name
        server.sql(name, "DELETE FROM siswa")
        outcome = target.restore(backup, name, "replace")
        assert outcome["result"] == "done", outcome
        assert server.sql(name, ROWS) == "100 450"
        assert sorted(others(server)) == sorted([database, name, outcome["facts"]["aside"]])
        assert not Path("/tmp/jinja").exists() and not Path("/tmp/shell").exists()

    def test_a_line_break_in_a_name(self, server: PostgresqlServer, database: str) -> None:
        name = "baris\nsatu\\q\n\\! touch /tmp/shell"
        make_siswa(server, name, 10)
        engine = server.engine(name)
        backup = take_backup(engine)
        scratch = load_backup(engine, backup, name, "replace")
        assert differences(backup.manifest["proof"], engine.proof_of(scratch)) == []
        engine.swap(scratch, name, engine.aside_name(name, "x"))
        assert server.sql(name, ROWS) == "10 45"
        assert not Path("/tmp/shell").exists()

    @pytest.mark.parametrize("name", ["", "a" * 64, "å" * 32, "nol\0", "cadangan_scratch_x"])
    def test_what_can_not_be_a_name_is_refused(self, server: PostgresqlServer, name: str) -> None:
        with pytest.raises(EngineError, match=r"can not be the name|scratch database"):
            server.engine(name).check_backup()


class TestBackupRefused:
    def test_a_database_that_is_not_there(self, target: PostgresqlTarget, database: str) -> None:
        failed(target.backup("tidak ada"), "no database 'tidak ada'")

    def test_a_template(self, target: PostgresqlTarget, database: str) -> None:
        failed(target.backup("template1"), "'template1' is a template")

    def test_no_server(self, target: PostgresqlTarget, database: str) -> None:
        target.place["instance"] = "5999"
        failed(target.backup(database), "port 5999", "No such file or directory")

    def test_a_lock_held_longer_than_the_limit(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str
    ) -> None:
        with server.session(database) as holder:
            holder.stdin.write(b"BEGIN; LOCK TABLE siswa; SELECT 'locked';\n")
            holder.stdin.flush()
            assert holder.stdout.readline() == b"locked\n"
            failed(target.backup(database, options={"lock_timeout": 1}), "'public.siswa'", "within 1 s")
            holder.stdin.close()
        assert target.partials() == []
        target.back_up(database)

    def test_a_client_older_than_the_server(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str, tmp_path: Path
    ) -> None:
        old = client_folder(server, tmp_path, 'echo "pg_dump (PostgreSQL) 13.4 (Debian)"')
        failed(target.backup(database, options={"client_directories": [str(old)]}), "is 13.4", "older", "which is 15.")

    def test_no_client(self, target: PostgresqlTarget, database: str, tmp_path: Path) -> None:
        failed(target.backup(database, options={"client_directories": [str(tmp_path)]}), "No PostgreSQL client")

    def test_a_server_that_goes_away_in_mid_dump(
        self, target: PostgresqlTarget, server: PostgresqlServer, database: str, tmp_path: Path
    ) -> None:
        make_siswa(server, "besar", 300_000)
        clients = client_folder(server, tmp_path, KILLING.format(binaries=server.binaries, data=server.data))
        try:
            outcome = target.backup("besar", options={"client_directories": [str(clients)]})
        finally:
            server.start()
        failed(outcome, "pg_dump ended with status 1")
        assert target.partials() == []
        assert list(target.repository.rglob("manifest.json")) == []
        assert [event["kind"] for event in target.ledger.events()] == ["attempt", "outcome"]
        target.back_up("besar")

    def test_an_account_without_the_rights(
        self, tmp_path: Path, keyring: Keyring, fresh_postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create_database(fresh_postgresql, "siswa")
        fresh_postgresql.sql(
            "postgres", "CREATE ROLE other SUPERUSER; UPDATE pg_authid SET rolsuper = rolname = 'other'"
        )
        target = PostgresqlTarget(tmp_path, keyring, fresh_postgresql, monkeypatch)
        failed(target.backup("siswa"), "not a superuser")

    def test_a_standby(
        self, tmp_path: Path, keyring: Keyring, fresh_postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create_database(fresh_postgresql, "siswa")
        fresh_postgresql.stop()
        (fresh_postgresql.data / "standby.signal").touch()
        fresh_postgresql.start()
        target = PostgresqlTarget(tmp_path, keyring, fresh_postgresql, monkeypatch)
        failed(target.backup("siswa"), "standby")


@pytest.fixture(scope="module")
def backup(server: PostgresqlServer) -> Backup:
    make_siswa(server, "contoh", 10)
    taken = take_backup(server.engine("contoh"))
    server.sql("postgres", "DROP DATABASE contoh")
    return taken


class TestRestoreRefused:
    """What `check_restore` finds out before anything is changed."""

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"versions": [("server", "16.2"), ("client", "16.2")]}, "PostgreSQL 16.2, newer than this server"),
            (
                {"versions": [("server", "15.1"), ("client", "99.1")]},
                "older than the one that made the backup",
            ),
            ({"proof": [("tablespace", "cepat", "in use")]}, "lacks tablespaces of the database: cepat"),
            ({"proof": [("extension", "postgis", "x")]}, "lacks extensions of the database: postgis"),
            ({"proof": [("database", "ctype", "xx_YY.UTF-8")]}, "lacks the locale 'xx_YY.UTF-8'"),
            ({"parts": [{"name": "data", "plain_bytes": 10**15}]}, "needs about 1500000000000000 bytes"),
        ],
        ids=["newer server", "newer client", "tablespace", "extension", "locale", "space"],
    )
    def test_with_what_is_missing(
        self, server: PostgresqlServer, database: str, backup: Backup, change: dict[str, Any], message: str
    ) -> None:
        manifest = copy.deepcopy(backup.manifest)
        if "versions" in change:
            manifest["versions"] = [{"name": name, "value": value} for name, value in change["versions"]]
        for kind, name, value in change.get("proof", []):
            manifest["proof"] = [f for f in manifest["proof"] if (f["kind"], f["name"]) != (kind, name)]
            manifest["proof"].append({"kind": kind, "name": name, "value": value})
        manifest["parts"] = change.get("parts", manifest["parts"])
        with pytest.raises(EngineError, match=message):
            server.engine("contoh").check_restore(manifest, "copy", "baru")

    def test_over_a_template(self, server: PostgresqlServer, backup: Backup) -> None:
        with pytest.raises(EngineError, match="is a template"):
            server.engine("contoh").check_restore(backup.manifest, "replace", "template1")

    def test_a_part_of_another_format(self, server: PostgresqlServer) -> None:
        with pytest.raises(EngineError, match="in the format 'mysqldump'"):
            server.engine("contoh").load({"name": "data", "format": "mysqldump"}, "baru")

    def test_dropping_what_is_no_scratch_database(self, server: PostgresqlServer, database: str) -> None:
        with pytest.raises(EngineError, match="not a scratch database"):
            server.engine(database).drop(database)
        assert others(server) == [database]


# Lets 100 kB of the dump through, then ends the server as a power cut would.
KILLING = """
[ "$1" = --version ] && exec {binaries}/pg_dump --version
coproc {binaries}/pg_dump "$@"
head -c 100000 <&"${{COPROC[0]}}"
kill -QUIT "$(head -n 1 {data}/postmaster.pid)"
cat <&"${{COPROC[0]}}"
wait "$COPROC_PID"
"""


def client_folder(server: PostgresqlServer, folder: Path, pg_dump: str) -> Path:
    """A folder of clients in which pg_dump is this script."""
    clients = Path(server.folder) / folder.name
    clients.mkdir()
    for name in ("psql", "pg_restore"):
        (clients / name).symlink_to(server.binaries / name)
    script = clients / "pg_dump"
    script.write_text(f"#!/bin/bash\n{pg_dump}\n")
    script.chmod(0o755)
    return clients
