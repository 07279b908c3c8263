"""MariaDB and MySQL by way of the one narrow function: backup, damage, restore, and all that has to be refused."""

from __future__ import annotations

import copy
import functools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import mysql_family_swap
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import identifier
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_engine import FamilyEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import run
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_mysql_family import told
from support.awkward_postgresql import Backup, load_backup, take_backup
from support.mysql_family_server import FamilyServer, option_file
from support.mysql_family_target import FamilyTarget
from support.signed_office import Keyring

pytestmark = pytest.mark.usefixtures("own_state")

HOSTILE = [
    "x'; DROP DATABASE siswa; --",
    "`; DROP DATABASE siswa; --",
    "-h evil",
    "--help",
    "{{ lookup('pipe', 'touch /tmp/jinja') }}",
    "$(touch /tmp/shell)",
    "back\\slash 'quote' \"double\"",
    "basis_dåta%",
]
ROWS = "SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(nilai), 0)) FROM siswa"


@pytest.fixture
def server(family_for_all: FamilyServer) -> Iterator[FamilyServer]:
    """A server of each product, without databases and accounts."""
    yield family_for_all
    family_for_all.reset()


@pytest.fixture
def database(server: FamilyServer) -> str:
    make_siswa(server, "siswa")
    return "siswa"


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, server: FamilyServer, monkeypatch: pytest.MonkeyPatch) -> FamilyTarget:
    return FamilyTarget(tmp_path, keyring, server, monkeypatch)


def make_siswa(server: FamilyServer, name: str, rows: int = 1000) -> None:
    values = ",".join(f"({number}, 'siswa {number}', {number % 10})" for number in range(1, rows + 1))
    server.create(name)
    server.sql(
        name,
        "CREATE TABLE siswa (id int PRIMARY KEY, nama varchar(100), nilai int); CREATE TABLE catatan (x int);"
        f"INSERT INTO siswa VALUES {values};"
        "CREATE TRIGGER catat AFTER DELETE ON siswa FOR EACH ROW INSERT INTO catatan VALUES (OLD.id)",
    )


def is_mariadb(server: FamilyServer) -> bool:
    return server.engine_class.name == "mariadb"


def failed(outcome: dict[str, Any], *words: str) -> None:
    """It failed, saying so in these words."""
    assert outcome["result"] == "failed", outcome
    for word in words:
        assert word in outcome["message"], outcome["message"]


class TestRestore:
    def test_replace_brings_the_data_back_and_says_how_long_it_took(
        self, target: FamilyTarget, server: FamilyServer, database: str
    ) -> None:
        backup = target.back_up(database)
        before = server.sql(database, ROWS)
        server.sql(database, "DELETE FROM siswa WHERE id > 10; ALTER TABLE siswa ADD rusak int")
        outcome = target.restore(backup, database, "replace")
        assert outcome["result"] == "done", outcome
        assert server.sql(database, ROWS) == before
        aside = outcome["facts"]["aside"]
        assert aside == "siswa_sebelum_r-2026-0002-1"
        assert server.sql(aside, ROWS) == "10 45"
        assert server.databases() == [database, aside]
        assert f"for {outcome['facts']['gap_milliseconds']} ms applications saw neither" in outcome["message"]
        server.sql(database, "DELETE FROM siswa WHERE id = 1")
        assert server.sql(database, "SELECT x FROM catatan") == "1"

    def test_copies_and_drills_leave_the_original_alone(
        self, target: FamilyTarget, server: FamilyServer, database: str
    ) -> None:
        backup = target.back_up(database, drill=True)
        server.sql(database, "DELETE FROM siswa")
        assert target.restore(backup, "salinan")["result"] == "done"
        assert target.drill(backup, database)["result"] == "done"
        assert server.sql("salinan", ROWS) == "1000 4500"
        assert server.sql(database, ROWS) == "0 0"
        assert server.databases() == ["salinan", database]
        failed(target.restore(backup, "salinan"), "'salinan' already")

    def test_replace_of_a_lost_database(self, target: FamilyTarget, server: FamilyServer, database: str) -> None:
        backup = target.back_up(database)
        server.sql("", "DROP DATABASE siswa")
        outcome = target.restore(backup, database, "replace")
        assert (outcome["result"], outcome["facts"]["aside"]) == ("done", "")
        assert server.sql(database, ROWS) == "1000 4500"

    def test_what_is_restored_but_not_equal_is_not_put_in_place(
        self, target: FamilyTarget, server: FamilyServer, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up(database)
        honest = FamilyEngine.proof_of

        def damaging(engine: FamilyEngine, name: str) -> list[dict[str, str]]:
            server.sql(name, "UPDATE siswa SET nama = 'siswa  7' WHERE id = 7")
            return honest(engine, name)

        monkeypatch.setattr(FamilyEngine, "proof_of", damaging)
        failed(target.restore(backup, database, "replace"), "changed: rows 'siswa'")
        failed(target.drill(backup, database), "changed: rows 'siswa'")
        assert server.databases() == [database]

    def test_check_mode_changes_nothing(self, target: FamilyTarget, server: FamilyServer, database: str) -> None:
        assert target.backup(database, check=True)["result"] == "checked"
        backup = target.back_up(database)
        events = list(target.ledger.events())
        for mode, name in (("copy", "salinan"), ("replace", database)):
            assert target.restore(backup, name, mode, check=True)["result"] == "checked"
        assert list(target.ledger.events()) == events
        assert server.databases() == [database]

    def test_leftovers_of_crashed_runs_go_and_nothing_else(
        self, target: FamilyTarget, server: FamilyServer, database: str
    ) -> None:
        server.create("cadangan_scratch_r_2026_0009_1")
        server.create("cadangan_pangan")
        server.create("cadangan_scratchx")
        target.back_up(database)
        assert server.databases() == ["cadangan_pangan", "cadangan_scratchx", database]


class Crashed(BaseException):
    """The run was killed here."""


def write_once(write: Callable[[dict[str, Any]], None], written: list[Any], plan: dict[str, Any]) -> None:
    """Who was killed writes no second plan."""
    if not written:
        written.append(plan)
        write(plan)


class TestSwap:
    @pytest.fixture
    def restored(self, server: FamilyServer, database: str) -> tuple[FamilyEngine, str, str]:
        """An engine, a schema to be swapped in, and how the damaged original is."""
        engine = server.engine(database)
        backup = take_backup(engine)
        server.sql(database, "DELETE FROM siswa WHERE id > 10")
        return engine, load_backup(engine, backup, database, "replace"), told(server, database)

    def test_a_lock_that_is_not_had_in_time_leaves_everything_as_before(
        self, server: FamilyServer, database: str, restored: tuple[FamilyEngine, str, str]
    ) -> None:
        engine, scratch, before = restored
        impatient = server.engine(database, lock_timeout=1)
        with server.session(database) as application:
            application.stdin.write(b"BEGIN; SELECT 1 FROM siswa LIMIT 1;\n")
            application.stdin.flush()
            assert application.stdout.readline() == b"1\n"
            with pytest.raises(EngineError, match="Lock wait timeout"):
                impatient.swap(scratch, database, "lama")
            application.stdin.close()
        assert server.databases() == [scratch, database]
        assert told(server, database) == before
        engine.swap(scratch, database, "lama")

    def test_a_failure_after_the_tables_moved_moves_them_back(
        self, server: FamilyServer, database: str, restored: tuple[FamilyEngine, str, str], monkeypatch: Any
    ) -> None:
        engine, scratch, before = restored
        honest = mysql_family_swap.Exchange.plan

        def failing(exchange: mysql_family_swap.Exchange) -> dict[str, Any]:
            plan = honest(exchange)
            return {**plan, "change": plan["change"] + "SELECT * FROM nowhere.nothing;\n"}

        monkeypatch.setattr(mysql_family_swap.Exchange, "plan", failing)
        with pytest.raises(EngineError, match="nowhere"):
            engine.swap(scratch, database, "lama")
        assert server.databases() == [scratch, database]
        assert told(server, database) == before

    @pytest.mark.parametrize("moved", [False, True])
    def test_the_next_run_ends_what_a_crash_left(
        self,
        server: FamilyServer,
        database: str,
        restored: tuple[FamilyEngine, str, str],
        monkeypatch: pytest.MonkeyPatch,
        moved: bool,
    ) -> None:
        engine, scratch, before = restored
        honest = engine._run

        def crashing(script: str, schema: str) -> bytes:
            head, rename, rest = script.partition("RENAME TABLE")
            honest(head + rename + rest.partition(";\n")[0] + ";" if moved and rename else head, schema)
            if rename:
                raise Crashed
            return b""

        def crashed(plan: dict[str, Any]) -> None:
            raise Crashed

        monkeypatch.setattr(engine, "_run", crashing)
        monkeypatch.setattr(engine, "_end", crashed)
        monkeypatch.setattr(engine._plans, "write", functools.partial(write_once, engine._plans.write, []))
        with pytest.raises(Crashed):
            engine.swap(scratch, database, "lama")
        assert server.sql(database, "SHOW TRIGGERS") == ""
        again = server.engine(database)
        assert again.leftovers() == ([] if moved else [scratch])
        assert "catat" in server.sql(database, "SHOW TRIGGERS")
        assert (told(server, database) == before) is not moved
        assert server.sql(database, ROWS) == ("1000 4500" if moved else "10 45")
        assert list(again._plans.all()) == []

    def test_it_fails_where_a_name_is_taken(
        self, server: FamilyServer, database: str, restored: tuple[FamilyEngine, str, str]
    ) -> None:
        engine, scratch, before = restored
        server.create("lama")
        for aside in ("", "lama"):
            with pytest.raises(EngineError, match="already"):
                engine.swap(scratch, database, aside)
        assert told(server, database) == before

    def test_applications_that_write_all_the_time_do_not_prevent_it(
        self, server: FamilyServer, database: str, restored: tuple[FamilyEngine, str, str]
    ) -> None:
        engine, scratch, _before = restored
        over = threading.Event()

        def write() -> None:
            with server.session(database) as application:
                number = 100_000
                while not over.is_set():
                    number += 1
                    application.stdin.write(b"INSERT INTO siswa VALUES (%d, 'baru', 0);\n" % number)
                    application.stdin.flush()
                    time.sleep(0.002)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            time.sleep(0.3)
            engine.swap(scratch, database, "lama")
            time.sleep(0.3)
        finally:
            over.set()
            writer.join()
        old, new = (
            int(server.sql(name, "SELECT COUNT(*) FROM siswa WHERE id > 100000")) for name in ("lama", database)
        )
        assert old > 0 and new > 0
        ids = server.sql(
            "",
            "SELECT COUNT(*), MAX(id) - 100000 FROM (SELECT id FROM lama.siswa WHERE id > 100000"
            f" UNION ALL SELECT id FROM {database}.siswa WHERE id > 100000) AS b",
        ).split()
        assert ids[0] == ids[1], "a write was lost between the old database and the new one"

    def test_a_foreign_key_of_another_database_prevents_it(
        self, target: FamilyTarget, server: FamilyServer, database: str
    ) -> None:
        backup = target.back_up(database)
        server.create("lain")
        server.sql("lain", "CREATE TABLE t (id int, CONSTRAINT k FOREIGN KEY (id) REFERENCES siswa.siswa (id))")
        try:
            failed(target.restore(backup, database, "replace"), "'lain'.'t' refers to 'siswa'")
        finally:
            server.sql("lain", "DROP TABLE t")

    def test_names_kept_aside_fit(self, server: FamilyServer) -> None:
        engine = server.engine("x")
        for name in ("siswa", "a" * 64, "å" * 64):
            aside = engine.aside_name(name, "r-2026-0001-12")
            assert aside.endswith("_sebelum_r-2026-0001-12") and len(aside) <= 64


class TestNames:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_hostile_name_is_a_name(
        self, target: FamilyTarget, server: FamilyServer, database: str, name: str
    ) -> None:
        make_siswa(server, name, 100)
        server.sql("", f"CREATE USER u@'%'; GRANT SELECT ON {identifier(name)}.siswa TO u@'%'")
        backup = target.back_up(name)
        assert target.set(backup).manifest["database"] == name
        server.sql(name, "DELETE FROM siswa")
        outcome = target.restore(backup, name, "replace")
        assert outcome["result"] == "done", outcome
        assert server.sql(name, ROWS) == "100 450"
        assert server.databases() == sorted([database, name, outcome["facts"]["aside"]])
        assert not Path("/tmp/jinja").exists() and not Path("/tmp/shell").exists()
        assert "scratch" not in server.sql("", "SHOW GRANTS FOR u@'%'")

    def test_databases_that_differ_in_case_or_accents_alone_are_told_apart(
        self, target: FamilyTarget, server: FamilyServer, database: str
    ) -> None:
        server.sql(database, "CREATE TABLE anak (x int REFERENCES siswa (id))")
        others = ["CADANGAN_SCRATCH_X", "Siswa", "siswá"]
        for name in others:
            make_siswa(server, name, 10)
            server.sql(name, "CREATE TABLE lain (x int REFERENCES siswa (id)); CREATE PROCEDURE p() DO 0")
        backup = target.back_up(database, drill=True)
        assert not [fact for fact in target.set(backup).manifest["proof"] if fact["name"] in ("lain", "p")]
        server.sql(database, "DELETE FROM siswa")
        outcome = target.restore(backup, "siswä")
        assert outcome["result"] == "done", outcome
        outcome = target.restore(backup, database, "replace")
        assert outcome["result"] == "done", outcome
        assert server.databases() == sorted([*others, "siswä", database, outcome["facts"]["aside"]])
        for name, rows in (("siswä", "1000 4500"), (database, "1000 4500"), ("Siswa", "10 45"), ("siswá", "10 45")):
            assert server.sql(name, ROWS) == rows

    @pytest.mark.parametrize("name", ["", "a" * 65, "nol\0", "mysql", "SYS", "cadangan_scratch_x", "spasi "])
    def test_what_can_not_be_a_name_is_refused(self, server: FamilyServer, name: str) -> None:
        with pytest.raises(EngineError, match=r"can not be the name|scratch database|server itself"):
            server.engine(name).check_backup()


class TestSnapshot:
    def test_dump_and_proof_agree_beside_writers(self, server: FamilyServer, database: str) -> None:
        server.sql(database, "CREATE TABLE pasang (a int, b int); INSERT INTO pasang VALUES (0, 0)")
        over = threading.Event()

        def write() -> None:
            with server.session(database) as application:
                while not over.wait(0.001):
                    application.stdin.write(
                        b"BEGIN; UPDATE pasang SET a = a + 1; UPDATE pasang SET b = b + 1;"
                        b"DELETE FROM siswa ORDER BY id LIMIT 1; COMMIT;\n"
                    )
                    application.stdin.flush()

        writer = threading.Thread(target=write)
        writer.start()
        engine = server.engine(database)
        try:
            for _ in range(4):
                backup = take_backup(engine)
                name = load_backup(engine, backup, database)
                assert differences(backup.manifest["proof"], engine.proof_of(name)) == []
                assert server.sql(name, "SELECT a - b FROM pasang") == "0"
                engine.drop(name)
        finally:
            over.set()
            writer.join()

    @pytest.mark.parametrize("change", ["ALTER TABLE siswa ADD baru int", "TRUNCATE siswa", "DROP TABLE catatan",
                                        "CREATE VIEW v AS SELECT 1 AS x"])  # fmt: skip
    def test_a_change_of_definitions_meanwhile_is_noticed(
        self, server: FamilyServer, database: str, change: str
    ) -> None:
        engine = server.engine(database)
        with engine.snapshot() as snapshot:
            [data, *_] = snapshot.parts()
            run(data.command)
            server.sql(database, change)
            with pytest.raises(EngineError, match=r"changed|doesn't exist"):
                snapshot.proof()

    def test_tables_without_transactions_are_refused_or_locked(
        self, target: FamilyTarget, server: FamilyServer, database: str
    ) -> None:
        server.sql(
            database,
            "CREATE TABLE lama (x int) ENGINE = MyISAM; INSERT INTO lama VALUES (1), (2);"
            "CREATE TABLE ingatan (x int) ENGINE = MEMORY",
        )
        if is_mariadb(server):
            server.sql(database, "CREATE TABLE aria (x int) ENGINE = Aria")
            failed(target.backup(database), "'aria' (Aria)")
        failed(target.backup(database), "'ingatan' (MEMORY)", "'lama' (MyISAM)", "no transactions")
        engine = server.engine(database, nontransactional="lock")
        with engine.snapshot() as snapshot, server.session(database) as writer:
            writer.stdin.write(
                b"INSERT INTO siswa VALUES (0, '', 0); SELECT 'free'; INSERT INTO lama VALUES (3);SELECT 'waited';\n"
            )
            writer.stdin.flush()
            assert writer.stdout.readline() == b"free\n"
            for part in snapshot.parts():
                run(part.command)
            proof = snapshot.proof()
            assert server.sql(database, "SELECT COUNT(*) FROM lama") == "2"
            snapshot.close()
            assert writer.stdout.readline() == b"waited\n"
            writer.stdin.close()
        assert [fact["value"][:7] for fact in proof if (fact["kind"], fact["name"]) == ("rows", "lama")] == ["2 rows,"]
        outcome = target.backup(database, options={"nontransactional": "lock"})
        assert outcome["result"] == "done", outcome
        drilled = target.drill(outcome, database)
        assert drilled["result"] == "done", drilled

    @pytest.mark.parametrize("column", ["longblob", "longtext", "geometry"])
    def test_a_change_in_what_is_longer_than_max_allowed_packet_is_seen(
        self, server: FamilyServer, column: str
    ) -> None:
        points = "ST_GeomFromText(CONCAT('LINESTRING(0 0', REPEAT(',1 1', 200000), ',{} 2)'))"
        text = "CONCAT('\"', REPEAT('x', 2000000), '{}\"')"
        value = points if column == "geometry" else text
        server.create("besar")
        server.sql("besar", f"CREATE TABLE t (isi {column}); INSERT INTO t VALUES ({value.format(1)})")
        server.sql("", "SET GLOBAL max_allowed_packet = 1048576")
        engine = server.engine("besar")
        before = engine.proof_of("besar")
        assert engine.proof_of("besar") == before
        server.sql("", "SET GLOBAL max_allowed_packet = DEFAULT")
        assert engine.proof_of("besar") == before
        server.sql("besar", f"UPDATE t SET isi = {value.format(2)}")
        server.sql("", "SET GLOBAL max_allowed_packet = 1048576")
        changed = [fact["name"] for fact in engine.proof_of("besar") if fact not in before]
        server.sql("", "SET GLOBAL max_allowed_packet = DEFAULT")
        assert changed == ["t"]


class TestBackupRefused:
    def test_a_database_that_is_not_there(self, target: FamilyTarget, database: str) -> None:
        failed(target.backup("tidak ada"), "no database 'tidak ada'")

    def test_no_server(self, target: FamilyTarget, database: str) -> None:
        failed(target.backup(database, options={"socket": "/nonexistent/socket"}), "/nonexistent/socket")

    def test_writers_that_can_not_be_held_up_in_time(
        self, target: FamilyTarget, server: FamilyServer, database: str
    ) -> None:
        with server.session(database) as holder:
            holder.stdin.write(b"LOCK TABLES siswa WRITE; SELECT 'locked';\n")
            holder.stdin.flush()
            assert holder.stdout.readline() == b"locked\n"
            failed(target.backup(database, options={"lock_timeout": 1}), "within 1 s")
            holder.stdin.close()
        assert target.partials() == []
        target.back_up(database)

    def test_a_broken_view(self, target: FamilyTarget, server: FamilyServer, database: str) -> None:
        server.sql(database, "CREATE TABLE t (x int); CREATE VIEW v AS SELECT x FROM t; DROP TABLE t")
        failed(target.backup(database), "The view 'v' refers to what is not there")

    @pytest.mark.parametrize("lacking", ["SELECT", "LOCK TABLES", "TRIGGER", "EVENT", "SHOW VIEW", "RELOAD", "EXECUTE"])
    def test_an_account_without_the_rights(
        self, target: FamilyTarget, server: FamilyServer, database: str, tmp_path: Path, lacking: str
    ) -> None:
        options = {"option_file": server.account_without(lacking, tmp_path)}
        failed(target.backup(database, options=options), f"lacks privileges on *.*: {lacking}")

    def test_an_account_by_a_protected_option_file(
        self, target: FamilyTarget, server: FamilyServer, database: str, tmp_path: Path
    ) -> None:
        server.sql("", "CREATE USER c@localhost IDENTIFIED BY 'p'; GRANT ALL ON *.* TO c@localhost WITH GRANT OPTION")
        path = option_file(tmp_path)
        assert target.backup(database, options={"option_file": path})["result"] == "done"
        Path(path).chmod(0o640)
        failed(target.backup(database, options={"option_file": path}), "is not protected")

    @pytest.mark.parametrize("is_old", [True, False])
    def test_an_unsuitable_client(
        self, target: FamilyTarget, server: FamilyServer, database: str, tmp_path: Path, is_old: bool
    ) -> None:
        """An old one, and that of the other product under the same name."""
        old = {True: "from 10.6.1-MariaDB", False: "Ver 8.0.1 for Linux"}
        version = old[is_mariadb(server) is is_old]
        for program in server.programs[1:]:
            fake = tmp_path / Path(program).name
            fake.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo {version!r} && exit\nexec {program} "$@"\n')
            fake.chmod(0o755)
        told = "older than the server" if is_old else f"No {server.engine_class.dialect.product} client"
        failed(target.backup(database, options={"client_directories": [str(tmp_path)]}), told)

    def test_a_server_that_goes_away_in_mid_dump(
        self, target: FamilyTarget, server: FamilyServer, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_siswa(server, "besar", 200_000)
        engine = server.engine("besar")
        with engine.snapshot() as snapshot:
            server.kill()
            with pytest.raises(EngineError, match="dump ended with status"):
                run(snapshot.parts()[0].command)
                snapshot.proof()
        server.start()
        assert target.partials() == []
        target.back_up("besar")


@pytest.fixture
def taken(server: FamilyServer) -> Backup:
    make_siswa(server, "Contoh", 10)
    backup = take_backup(server.engine("Contoh"))
    server.sql("", "DROP DATABASE Contoh")
    return backup


class TestRestoreRefused:
    """What `check_restore` finds out before anything is changed."""

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"versions": [("server", "99.1.1-x"), ("client", "9.0.1")]}, r"M\w+ 99.1.1-x, newer"),
            ({"versions": [("server", "9.0.1"), ("client", "99.1.0")]}, "older than the one that made the backup"),
            ({"parts": [{"name": "data", "plain_bytes": 10**15}]}, "needs about 1500000000000000 bytes"),
        ],
        ids=["newer server", "newer client", "space"],
    )
    def test_with_what_is_missing(
        self, server: FamilyServer, taken: Backup, change: dict[str, Any], message: str
    ) -> None:
        manifest = copy.deepcopy(taken.manifest)
        if "versions" in change:
            manifest["versions"] = [{"name": name, "value": value} for name, value in change["versions"]]
        manifest["parts"] = change.get("parts", manifest["parts"])
        with pytest.raises(EngineError, match=message):
            server.engine("Contoh").check_restore(manifest, "copy", "baru")

    def test_a_read_only_server(self, server: FamilyServer, taken: Backup) -> None:
        server.sql("", "SET GLOBAL read_only = 1")
        try:
            with pytest.raises(EngineError, match="read-only"):
                server.engine("Contoh").check_restore(taken.manifest, "copy", "baru")
        finally:
            server.sql("", "SET GLOBAL read_only = 0")

    def test_a_part_of_another_format(self, server: FamilyServer) -> None:
        with pytest.raises(EngineError, match="in the format 'sql'"):
            server.engine("Contoh").load({"name": "data", "format": "sql"}, "baru")

    def test_dropping_what_is_no_scratch_database(self, server: FamilyServer, database: str) -> None:
        with pytest.raises(EngineError, match="not a scratch database"):
            server.engine(database).drop(database)
        assert server.databases() == [database]
