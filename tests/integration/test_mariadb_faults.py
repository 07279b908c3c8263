"""MariaDB when its host or the server fails, or when it is set up in another way than the one that was backed up."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import mysql_family_checks
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, Part
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_mariadb import MariadbEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_snapshot import FamilySnapshot
from support.awkward_mysql_family import make_awkward, told
from support.awkward_postgresql import load_backup, take_backup
from support.mariadb_server import MariadbServer
from support.mysql_family_target import FamilyTarget
from support.signed_office import Keyring
from support.small_disk import mounted, small_disk

pytestmark = pytest.mark.usefixtures("own_state")

MEGABYTE = 1 << 20


@pytest.fixture
def server(mariadb_of_its_own: MariadbServer) -> MariadbServer:
    return mariadb_of_its_own


@pytest.fixture
def database(server: MariadbServer) -> str:
    """A database whose content does not compress: twelve rows of one mebibyte."""
    server.create("arsip")
    server.sql("arsip", "CREATE TABLE foto (id int PRIMARY KEY, isi longblob)")
    for number in range(12):
        server.sql("arsip", f"INSERT INTO foto VALUES ({number}, X'{os.urandom(MEGABYTE).hex()}')")
    return "arsip"


@pytest.fixture
def target(tmp_path: Path, keyring: Keyring, server: MariadbServer, monkeypatch: pytest.MonkeyPatch) -> FamilyTarget:
    return FamilyTarget(tmp_path, keyring, server, monkeypatch)


@pytest.fixture
def disk() -> Iterator[Path]:
    """A file system with little room, where any account may write."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        with small_disk(Path(name) / "disk", "size=260m,mode=1777") as folder:
            yield folder


@pytest.fixture
def restart(server: MariadbServer) -> Iterator[Callable[..., None]]:
    """Starts the server again with other settings, for this test alone."""

    def again(*settings: str) -> None:
        server.stop()
        server.start(*settings)

    yield again
    again()


def failed(outcome: dict[str, Any], message: str, advice: str = "") -> None:
    """It failed, saying so in these words."""
    assert outcome["result"] == "failed", outcome
    assert message in outcome["message"], outcome["message"]
    assert advice in outcome["advice"], outcome["advice"]


class TestFullDisk:
    def test_of_the_repository(
        self, target: FamilyTarget, server: MariadbServer, database: str, tmp_path: Path
    ) -> None:
        before = told(server, database)
        with small_disk(tmp_path / "kecil", "size=4m,mode=700") as disk:
            with mounted(target.repository, "--bind", str(disk)):
                failed(target.backup(database, drill=True), "No space left on device", "Make room")
            assert [path for path in disk.rglob("*") if path.is_file()] == []
        assert (server.databases(), told(server, database)) == ([database], before)

    def test_of_the_server(
        self, target: FamilyTarget, server: MariadbServer, database: str, disk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up(database)
        before = told(server, database)
        monkeypatch.setattr(mysql_family_checks, "space", lambda *_: None)
        with MariadbServer(disk / "server") as full:
            # So that what gets full is not its folder for temporary files.
            full.sql("", "SET GLOBAL binlog_cache_size = 67108864")
            full.create("arsip")
            full.sql("arsip", "CREATE TABLE asli (x int)")
            usage = os.statvfs(disk)
            with (disk / "filler").open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, usage.f_bavail * usage.f_frsize - 6 * MEGABYTE)
            target.options = full.options
            for restored in (
                target.restore(backup, database, "replace"),
                target.restore(backup, "salinan"),
                target.drill(backup, database),
            ):
                failed(restored, "is full", "Make room for the server's data")
                assert (full.databases(), full.sql("arsip", "SHOW TABLES")) == (["arsip"], "asli")
            (disk / "filler").unlink()
            assert target.restore(backup, database, "replace")["result"] == "done"
            assert told(full, database) == before

    def test_of_its_temporary_files(
        self, target: FamilyTarget, server: MariadbServer, database: str, disk: Path, restart: Callable[..., None]
    ) -> None:
        backup = target.back_up(database)
        before = told(server, database)
        with (disk / "filler").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, 258 * MEGABYTE)
        restart(f"--tmpdir={disk}")
        failed(target.restore(backup, database, "replace"), "No space left on device", "(datadir, tmpdir)")
        assert (server.databases(), told(server, database)) == ([database], before)
        restart()


class TestPacket:
    def test_a_row_that_is_too_large_for_the_server(self, target: FamilyTarget, server: MariadbServer) -> None:
        server.create("besar")
        server.sql("besar", "CREATE TABLE t (isi longblob); INSERT INTO t VALUES (REPEAT('x', 9000000))")
        backup = target.back_up("besar")
        before = server.sql("besar", "CHECKSUM TABLE t")
        # In a dump it is twice as long.
        for outcome in (target.restore(backup, "besar", "replace"), target.backup("besar", drill=True)):
            failed(outcome, "Server has gone away", "larger than its max_allowed_packet")
        assert (server.databases(), server.sql("besar", "CHECKSUM TABLE t")) == (["besar"], before)
        server.sql("", "SET GLOBAL max_allowed_packet = 33554432")
        assert target.drill(backup, "besar")["result"] == "done"
        server.sql("", "SET GLOBAL max_allowed_packet = DEFAULT")

    def test_a_server_that_can_not_prove_its_rows(
        self, target: FamilyTarget, server: MariadbServer, database: str
    ) -> None:
        backup = target.back_up(database)
        server.sql("", "SET GLOBAL max_allowed_packet = 65536")
        for outcome in (target.backup(database), target.restore(backup, "salinan")):
            failed(outcome, "max_allowed_packet is 65536", "SET GLOBAL")
        server.sql("", "SET GLOBAL max_allowed_packet = DEFAULT")


@pytest.mark.parametrize(
    ("engine", "file", "at", "message"),
    [
        ("MyISAM", "t.MYI", 0, "The table 't' can not be read"),
        ("MyISAM", "t.MYD", 500, "Table 't' is marked as crashed"),
        ("Aria", "t.MAD", 9000, "when dumping table `t`"),
        ("InnoDB", "t.ibd", 4 * 16384, "Index for table 't' is corrupt"),
        ("InnoDB", "t.ibd", 0, "The table 't' can not be read"),
        ("InnoDB", "t.frm", 0, "The table 't' can not be read"),
    ],
)
def test_a_damaged_table(
    target: FamilyTarget, server: MariadbServer, engine: str, file: str, at: int, message: str
) -> None:
    server.create("rusak")
    server.sql(
        "rusak",
        f"CREATE TABLE t (id int PRIMARY KEY, isi varchar(2000)) ENGINE = {engine};"
        "INSERT INTO t SELECT seq, REPEAT('x', 1500) FROM seq_1_to_500",
    )
    server.stop()
    path = server.data / "rusak" / file
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + b"\xa5" * 3000 + whole[at + 3000 :])
    server.start()
    failed(target.backup("rusak", options={"nontransactional": "lock"}), message, "CHECK TABLE")
    assert target.partials() == []
    server.stop()
    path.write_bytes(whole)
    server.start()


class TestOtherSettings:
    def test_content_does_not_depend_on_modes_and_time_zone(
        self, server: MariadbServer, restart: Callable[..., None]
    ) -> None:
        database = make_awkward(server)
        server.sql("", "SET GLOBAL event_scheduler = OFF")
        usual = take_backup(server.engine(database))
        properties = f"SELECT * FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '{database}'"
        before = told(server, database), server.sql("", properties)
        restart(
            "--sql-mode=ANSI,NO_BACKSLASH_ESCAPES,TRADITIONAL,PIPES_AS_CONCAT,NO_UNSIGNED_SUBTRACTION",
            "--default-time-zone=+07:00",
            "--character-set-server=latin1",
            "--explicit-defaults-for-timestamp=OFF",
            "--event-scheduler=OFF",
        )
        strange = take_backup(server.engine(database))
        assert strange.manifest["proof"] == usual.manifest["proof"]
        for backup in (usual, strange):
            engine = server.engine(database)
            engine.swap(load_backup(engine, backup, database, "replace"), database, "lama")
            assert (told(server, database), server.sql("", properties)) == before
            server.sql("", "SET foreign_key_checks = 0; DROP DATABASE lama")
        restart("--event-scheduler=OFF")
        assert (told(server, database), server.sql("", properties)) == before

    def test_names_that_the_server_would_change(
        self, target: FamilyTarget, server: MariadbServer, restart: Callable[..., None]
    ) -> None:
        server.create("siswa")
        server.sql("siswa", "CREATE TABLE nilai (x int)")
        small = target.back_up("siswa")
        server.sql("siswa", "CREATE TABLE Nilai (x int)")
        large = target.back_up("siswa")
        server.sql("siswa", "DROP TABLE Nilai")
        restart("--lower-case-table-names=1")
        failed(target.restore(large, "siswa", "replace"), "would change the names of tables: 'Nilai'", "the setting of")
        failed(target.restore(small, "Salinan"), "'Salinan'", "lower case")
        assert server.databases() == ["siswa"]
        assert target.restore(small, "siswa", "replace")["result"] == "done"
        restart()
        assert target.drill(large, "siswa")["result"] == "done"


class TestMidway:
    """What happens to a server while it is at work for us."""

    @staticmethod
    def when_parts_are_asked_for(monkeypatch: pytest.MonkeyPatch, event: Callable[[], object]) -> None:
        honest = FamilySnapshot.parts

        def disturbed(snapshot: FamilySnapshot) -> list[Part]:
            event()
            return honest(snapshot)

        monkeypatch.setattr(FamilySnapshot, "parts", disturbed)

    @staticmethod
    def when_objects_are_loaded(monkeypatch: pytest.MonkeyPatch, event: Callable[[], object]) -> None:
        honest = MariadbEngine.load

        def disturbed(engine: MariadbEngine, part: dict[str, Any], name: str) -> Command:
            if part["name"] == "objects":
                event()
            return honest(engine, part, name)

        monkeypatch.setattr(MariadbEngine, "load", disturbed)

    def test_it_ends_while_it_dumps(
        self, target: FamilyTarget, server: MariadbServer, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = told(server, database)
        self.when_parts_are_asked_for(monkeypatch, server.kill)
        failed(target.backup(database), "mariadb-dump ended with status", "Look at the server's log")
        assert target.partials() == []
        server.start()
        assert told(server, database) == before

    def test_it_ends_while_it_restores(
        self, target: FamilyTarget, server: MariadbServer, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup = target.back_up(database)
        before = told(server, database)
        with monkeypatch.context() as context:
            self.when_objects_are_loaded(context, server.kill)
            failed(target.restore(backup, database, "replace"), "Can't connect", "Start the server")
        server.start()
        assert told(server, database) == before
        assert target.restore(backup, "salinan")["result"] == "done"
        assert server.databases() == [database, "salinan"]

    def test_it_is_made_read_only(
        self,
        target: FamilyTarget,
        server: MariadbServer,
        database: str,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        before = told(server, database)

        def read_only() -> None:
            server.sql("", "SET GLOBAL read_only = 1")

        with monkeypatch.context() as context:
            self.when_parts_are_asked_for(context, read_only)
            backup = target.back_up(database)
        server.sql("", "SET GLOBAL read_only = 0")
        options = {"option_file": server.account_without("READ ONLY ADMIN", tmp_path)}
        self.when_objects_are_loaded(monkeypatch, read_only)
        failed(target.restore(backup, database, "replace", options=options), "--read-only", "can be written")
        server.sql("", "SET GLOBAL read_only = 0")
        assert told(server, database) == before


@pytest.mark.parametrize("lacking", ["INSERT", "CREATE ROUTINE", "SET USER", "DROP"])
def test_a_restore_by_an_account_without_the_rights(
    target: FamilyTarget, server: MariadbServer, database: str, tmp_path: Path, lacking: str
) -> None:
    backup = target.back_up(database)
    options = {"option_file": server.account_without(lacking, tmp_path)}
    failed(target.restore(backup, "salinan", options=options), f"lacks privileges on *.*: {lacking}", "Grant them")
    assert server.databases() == [database]
