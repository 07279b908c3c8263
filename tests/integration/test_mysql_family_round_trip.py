"""The awkward databases of MariaDB and MySQL come back as they were, by our proof and by the products' own dumps."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_mysql_family import make_awkward, told
from support.awkward_postgresql import Backup, load_backup, take_backup
from support.mariadb_server import MariadbServer
from support.mysql_family_server import FamilyServer
from support.mysql_server import MysqlServer

pytestmark = pytest.mark.usefixtures("own_state")


DAMAGE = (
    "ALTER TABLE unit DROP FOREIGN KEY kepala_unit; SET foreign_key_checks = 0; DROP TABLE orang;"
    "DROP VIEW hitung; CREATE TABLE hitung (x int);"
    "DROP TRIGGER ingat; DROP PROCEDURE catat; DROP EVENT berkala; DELETE FROM duplicates;"
    "CREATE VIEW orang AS SELECT 1 AS x; CREATE PROCEDURE baru() DO 0; DROP VIEW `atas hitung`, `aaa dulu`;"
    "CREATE TRIGGER lain BEFORE INSERT ON kosong FOR EACH ROW SET @x = 1; ALTER DATABASE COLLATE utf8mb4_bin;"
)
DAMAGE_OF = {
    "mariadb": "DROP TABLE versioned; DROP SEQUENCE mundur; INSERT INTO ticketed (x) VALUES (3);"
    "ALTER DATABASE COMMENT 'rusak'",
    "mysql": "DROP TABLE keyless; ALTER TABLE made DROP KEY functional",
}


@pytest.fixture(scope="module", params=[MariadbServer, MysqlServer], ids=["mariadb", "mysql"])
def original(request: pytest.FixtureRequest) -> Iterator[FamilyServer]:
    """A server with the awkward database in it, whose events do not run."""
    with request.param() as server:
        make_awkward(server)
        server.sql("", "SET GLOBAL event_scheduler = OFF")
        yield server


@pytest.fixture(scope="module")
def backup(original: FamilyServer) -> Backup:
    return take_backup(original.engine("awkward"))


@pytest.fixture
def copies(original: FamilyServer) -> Iterator[None]:
    """Whatever a test restores goes."""
    yield
    for name in original.databases():
        if name != "awkward":
            original.sql("", f"SET foreign_key_checks = 0; DROP DATABASE `{name}`")


@pytest.fixture(scope="module")
def another(original: FamilyServer) -> Iterator[FamilyServer]:
    with type(original)() as server:
        yield server


@pytest.fixture
def other(another: FamilyServer) -> Iterator[FamilyServer]:
    """A server of the same product without databases and accounts."""
    yield another
    another.reset()


def is_mariadb(server: FamilyServer) -> bool:
    return server.engine_class.name == "mariadb"


def test_loaded_beside_the_original_it_is_the_same(original: FamilyServer, backup: Backup, copies: None) -> None:
    engine = original.engine("awkward")
    name = load_backup(engine, backup, "awkward")
    assert differences(backup.manifest["proof"], engine.proof_of(name)) == []
    expected = told(original, "awkward").replace("PRESERVE ENABLE", "PRESERVE DISABLE")
    assert told(original, name) == expected
    assert engine.leftovers() == [name]


def test_put_in_the_place_of_the_damaged_one_it_is_the_same(other: FamilyServer) -> None:
    server = other
    make_awkward(server)
    engine = server.engine("awkward")
    backup = take_backup(engine)
    before = told(server, "awkward")
    server.sql("awkward", DAMAGE + DAMAGE_OF[server.engine_class.name])
    damaged = told(server, "awkward")
    scratch = load_backup(engine, backup, "awkward", "replace")
    took = engine.swap(scratch, "awkward", "lama")
    assert took is not None and 0 < took < 60_000
    assert told(server, "awkward") == before
    assert re.sub(r"`lama`(?=\.| CHARACTER)", "`awkward`", told(server, "lama")) == damaged
    assert server.databases() == ["awkward", "lama"]
    # And it can be backed up again.
    assert differences(backup.manifest["proof"], take_backup(engine).manifest["proof"]) == []


def test_a_foreign_key_whose_parent_was_lost_does_not_hold_on_to_the_new_one(other: FamilyServer) -> None:
    server = other
    server.create("sekolah")
    server.sql(
        "sekolah",
        "CREATE TABLE kelas (id int PRIMARY KEY); INSERT INTO kelas VALUES (1);"
        "CREATE TABLE siswa (id int, FOREIGN KEY (id) REFERENCES kelas (id));"
        "INSERT INTO siswa VALUES (1)",
    )
    engine = server.engine("sekolah")
    backup = take_backup(engine)
    server.sql("sekolah", "SET foreign_key_checks = 0; DROP TABLE kelas")
    engine.swap(load_backup(engine, backup, "sekolah", "replace"), "sekolah", "lama")
    server.sql("sekolah", "DELETE FROM siswa; DELETE FROM kelas")
    assert server.sql("lama", "SELECT COUNT(*) FROM siswa") == "1"
    engine.check_swap("sekolah")


def test_events_do_not_run_before_their_database_is_in_place(other: FamilyServer) -> None:
    server = other
    server.create("acara")
    server.sql(
        "acara", "CREATE TABLE log (x int); CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO log VALUES (1)"
    )
    engine = server.engine("acara")
    backup = take_backup(engine)
    scratch = load_backup(engine, backup, "acara", "replace")
    count = f"SELECT COUNT(*) FROM `{scratch}`.log"
    before = server.sql("", count)
    time.sleep(2.2)
    assert server.sql("", count) == before
    engine.swap(scratch, "acara", "acara_lama")
    status = "SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '{}'"
    assert server.sql("", status.format("acara")) == "ENABLED"
    assert server.sql("", status.format("acara_lama")) == "DISABLED"


def make_place(server: FamilyServer) -> None:
    """A database to be replaced."""
    server.create("awkward")
    if is_mariadb(server):
        # A table takes its numbers from it.
        server.sql("awkward", "CREATE SEQUENCE nomor")


def test_accounts_are_made_where_they_are_missing(other: FamilyServer, backup: Backup) -> None:
    server = other
    make_place(server)
    server.sql("", "CREATE USER penulis@'%' IDENTIFIED BY 'lain'")
    password = server.sql("", "SHOW CREATE USER penulis@'%'")
    engine = server.engine("awkward")
    scratch = load_backup(engine, backup, "awkward", "replace")
    engine.swap(scratch, "awkward", "lama")
    assert server.sql("", "SHOW CREATE USER penulis@'%'") == password
    assert "GRANT SELECT ON `awkward`.* TO `o'x`@`10.%`" in server.sql("", "SHOW GRANTS FOR `o'x`@`10.%`")
    assert "ON `awkward`.`duplicates` TO `pembaca`" in server.sql("", "SHOW GRANTS FOR pembaca")
    grants = server.sql("", "SHOW GRANTS FOR penulis@'%'")
    assert "PROCEDURE `awkward`.`catat`" in grants and "GRANT `pembaca`" in grants
    users = server.sql("", "SELECT User FROM mysql.user").split()
    assert "lain" not in users
    # It was there, and stays as it was.
    assert default_roles(server) == ""


def default_roles(server: FamilyServer) -> str:
    """Which roles are active when `penulis` connects."""
    mariadb, mysql = (
        "SELECT default_role FROM mysql.user WHERE User = 'penulis'",
        "SELECT DEFAULT_ROLE_USER FROM mysql.default_roles WHERE USER = 'penulis'",
    )
    return server.sql("", mariadb if is_mariadb(server) else mysql)


def test_an_account_that_is_made_has_its_default_roles(other: FamilyServer, backup: Backup) -> None:
    make_place(other)
    engine = other.engine("awkward")
    engine.swap(load_backup(engine, backup, "awkward", "replace"), "awkward", "lama")
    assert default_roles(other) == "pembaca"


def test_a_drill_makes_no_account(other: FamilyServer, backup: Backup) -> None:
    server = other
    make_place(server)
    users = server.sql("", "SELECT User FROM mysql.user")
    load_backup(server.engine("awkward"), backup, "awkward", "drill")
    assert server.sql("", "SELECT User FROM mysql.user") == users


@pytest.mark.parametrize("part", ["data", "objects"])
def test_a_stream_that_is_cut_short_is_noticed(original: FamilyServer, backup: Backup, copies: None, part: str) -> None:
    stream = backup.streams[part]
    cut = Backup(backup.manifest, {**backup.streams, part: stream[: len(stream) // 2]})
    engine = original.engine("awkward")
    with pytest.raises(EngineError):
        name = load_backup(engine, cut, "awkward")
        lines = differences(cut.manifest["proof"], engine.proof_of(name))
        raise EngineError(lines[0])


def test_position_and_versions_are_told(original: FamilyServer, backup: Backup) -> None:
    assert {entry["name"] for entry in backup.manifest["position"]} == {
        "binlog file",
        "binlog position",
        "gtid_binlog_pos" if is_mariadb(original) else "gtid_executed",
    }
    assert [entry["name"] for entry in backup.manifest["versions"]] == ["server", "client"]
    assert b"GTID" not in backup.streams["data"]


class TestMariadbAlone:
    def test_a_copy_draws_from_its_own_sequence(self, mariadb: MariadbServer) -> None:
        engine = mariadb.engine("awkward")
        backup = take_backup(engine)
        engine.swap(load_backup(engine, backup, "salinan", "copy"), "salinan", "")
        default = (
            "SELECT COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE TABLE_NAME = 'ticketed' AND COLUMN_NAME = 'id'"
        )
        assert mariadb.sql("", f"{default} AND TABLE_SCHEMA = 'salinan'") == "nextval(`salinan`.`nomor`)"
        assert mariadb.sql("", f"{default} AND TABLE_SCHEMA = 'awkward'") == "nextval(`awkward`.`nomor`)"
        mariadb.sql("", "SET foreign_key_checks = 0; DROP DATABASE salinan")

    def test_a_sequence_that_is_needed_and_not_there_is_told(
        self, mariadb: MariadbServer, mariadb_of_its_own: MariadbServer
    ) -> None:
        backup = take_backup(mariadb.engine("awkward"))
        with pytest.raises(EngineError, match="the sequence 'nomor' of 'awkward', which is not there"):
            load_backup(mariadb_of_its_own.engine("awkward"), backup, "awkward", "replace")


class TestMysqlAlone:
    def test_a_negative_zero_that_the_dump_loses_is_no_difference(self) -> None:
        with MysqlServer() as server:
            server.create("nol")
            server.sql("nol", "CREATE TABLE t (x double); INSERT INTO t VALUES (-0e0), (NULL), (1)")
            # And with names that are no patterns.
            server.sql("", "SET GLOBAL partial_revokes = 1; CREATE USER u@'%'; GRANT SELECT ON `nol`.* TO u@'%'")
            engine = server.engine("nol")
            backup = take_backup(engine)
            name = load_backup(engine, backup, "nol", "replace")
            assert differences(backup.manifest["proof"], engine.proof_of(name)) == []
            engine.swap(name, "nol", "lama")
            assert "GRANT SELECT ON `nol`.* TO `u`@`%`" in server.sql("", "SHOW GRANTS FOR u@'%'")

    def test_a_server_that_wants_primary_keys_takes_what_has_none(self) -> None:
        with MysqlServer() as server:
            server.create("lama")
            server.sql("lama", "CREATE TABLE t (x int); INSERT INTO t VALUES (1), (1)")
            engine = server.engine("lama")
            backup = take_backup(engine)
            server.sql("", "SET GLOBAL sql_require_primary_key = 1, GLOBAL sql_generate_invisible_primary_key = 1")
            name = load_backup(engine, backup, "lama")
            assert differences(backup.manifest["proof"], engine.proof_of(name)) == []
