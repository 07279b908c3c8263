"""The awkward MariaDB database comes back as it was, by our proof and by mariadb-dump, which knows nothing of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_mariadb import make_awkward, told
from support.awkward_postgresql import Backup, load_backup, take_backup
from support.mariadb_server import MariadbServer

pytestmark = pytest.mark.usefixtures("own_state")


@pytest.fixture(scope="module")
def backup(mariadb: MariadbServer) -> Backup:
    return take_backup(mariadb.engine("awkward"))


@pytest.fixture
def copies(mariadb: MariadbServer) -> Iterator[None]:
    """Whatever a test restores goes."""
    yield
    for name in mariadb.databases():
        if name != "awkward":
            mariadb.sql("", f"SET foreign_key_checks = 0; DROP DATABASE `{name}`")


def test_loaded_beside_the_original_it_is_the_same(mariadb: MariadbServer, backup: Backup, copies: None) -> None:
    engine = mariadb.engine("awkward")
    name = load_backup(engine, backup, "awkward")
    assert differences(backup.manifest["proof"], engine.proof_of(name)) == []
    expected = told(mariadb, "awkward").replace("PRESERVE ENABLE", "PRESERVE DISABLE")
    assert told(mariadb, name) == expected
    assert engine.leftovers() == [name]


def test_put_in_the_place_of_the_damaged_one_it_is_the_same(mariadb_of_its_own: MariadbServer) -> None:
    server = mariadb_of_its_own
    make_awkward(server)
    engine = server.engine("awkward")
    backup = take_backup(engine)
    before = told(server, "awkward")
    server.sql(
        "awkward",
        "ALTER TABLE unit DROP FOREIGN KEY kepala_unit; SET foreign_key_checks = 0; DROP TABLE orang, versioned;"
        "DROP VIEW hitung; CREATE TABLE hitung (x int);"
        "DROP TRIGGER ingat; DROP PROCEDURE catat; DROP EVENT berkala; DELETE FROM duplicates; DROP SEQUENCE mundur;"
        "CREATE VIEW orang AS SELECT 1 AS x; CREATE PROCEDURE baru() DO 0; DROP VIEW `atas hitung`, `aaa dulu`;"
        "CREATE TRIGGER lain BEFORE INSERT ON empty FOR EACH ROW SET @x = 1; INSERT INTO ticketed (x) VALUES (3);"
        "ALTER DATABASE COLLATE utf8mb4_bin COMMENT 'rusak'",
    )
    damaged = told(server, "awkward")
    scratch = load_backup(engine, backup, "awkward", "replace")
    took = engine.swap(scratch, "awkward", "lama")
    assert took is not None and 0 < took < 60_000
    assert told(server, "awkward") == before
    assert re.sub(r"`lama`(?=\.| CHARACTER)", "`awkward`", told(server, "lama")) == damaged
    assert server.databases() == ["awkward", "lama"]
    # And it can be backed up again.
    assert differences(backup.manifest["proof"], take_backup(engine).manifest["proof"]) == []


def test_a_foreign_key_whose_parent_was_lost_does_not_hold_on_to_the_new_one(mariadb_of_its_own: MariadbServer) -> None:
    server = mariadb_of_its_own
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


def test_events_do_not_run_before_their_database_is_in_place(mariadb_of_its_own: MariadbServer) -> None:
    server = mariadb_of_its_own
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


def test_a_copy_draws_from_its_own_sequence(mariadb: MariadbServer, backup: Backup, copies: None) -> None:
    engine = mariadb.engine("awkward")
    engine.swap(load_backup(engine, backup, "salinan", "copy"), "salinan", "")
    default = (
        "SELECT COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE TABLE_NAME = 'ticketed' AND COLUMN_NAME = 'id'"
    )
    assert mariadb.sql("", f"{default} AND TABLE_SCHEMA = 'salinan'") == "nextval(`salinan`.`nomor`)"
    assert mariadb.sql("", f"{default} AND TABLE_SCHEMA = 'awkward'") == "nextval(`awkward`.`nomor`)"


def test_accounts_are_made_where_they_are_missing(mariadb_of_its_own: MariadbServer, backup: Backup) -> None:
    server = mariadb_of_its_own
    server.sql(
        "", "CREATE USER penulis@'%' IDENTIFIED BY 'lain'; CREATE DATABASE awkward; CREATE SEQUENCE awkward.nomor"
    )
    password = server.sql("", "SHOW CREATE USER penulis@'%'")
    engine = server.engine("awkward")
    scratch = load_backup(engine, backup, "awkward", "replace")
    engine.swap(scratch, "awkward", "lama")
    assert server.sql("", "SHOW CREATE USER penulis@'%'") == password
    assert "GRANT SELECT ON `awkward`.* TO `o'x`@`10.%`" in server.sql("", "SHOW GRANTS FOR `o'x`@`10.%`")
    assert "ON `awkward`.`duplicates` TO `pembaca`" in server.sql("", "SHOW GRANTS FOR pembaca")
    assert "PROCEDURE `awkward`.`catat`" in server.sql("", "SHOW GRANTS FOR penulis@'%'")
    users = server.sql("", "SELECT User FROM mysql.user").split()
    assert "lain" not in users


def test_a_drill_makes_no_account(mariadb_of_its_own: MariadbServer, backup: Backup) -> None:
    server = mariadb_of_its_own
    server.sql("", "CREATE DATABASE awkward; CREATE SEQUENCE awkward.nomor")
    users = server.sql("", "SELECT User FROM mysql.user")
    load_backup(server.engine("awkward"), backup, "awkward", "drill")
    assert server.sql("", "SELECT User FROM mysql.user") == users


def test_a_sequence_that_is_needed_and_not_there_is_told(mariadb_of_its_own: MariadbServer, backup: Backup) -> None:
    with pytest.raises(EngineError, match="the sequence 'nomor' of 'awkward', which is not there"):
        load_backup(mariadb_of_its_own.engine("awkward"), backup, "awkward", "replace")


@pytest.mark.parametrize("part", ["data", "objects"])
def test_a_stream_that_is_cut_short_is_noticed(mariadb: MariadbServer, backup: Backup, copies: None, part: str) -> None:
    stream = backup.streams[part]
    cut = Backup(backup.manifest, {**backup.streams, part: stream[: len(stream) // 2]})
    engine = mariadb.engine("awkward")
    with pytest.raises(EngineError):
        name = load_backup(engine, cut, "awkward")
        lines = differences(cut.manifest["proof"], engine.proof_of(name))
        raise EngineError(lines[0])


def test_position_and_versions_are_told(backup: Backup) -> None:
    assert {entry["name"] for entry in backup.manifest["position"]} == {
        "binlog file",
        "binlog position",
        "gtid_binlog_pos",
    }
    assert [entry["name"] for entry in backup.manifest["versions"]] == ["server", "client"]
    assert b"GTID" not in backup.streams["data"]
