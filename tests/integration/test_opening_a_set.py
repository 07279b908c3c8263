"""The page for the day when Cadangan is gone: its commands, run as they stand there, on sets that Cadangan made."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import places
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import SetWriter
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Engine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_files import FilesEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_sqlite import SqliteEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import set_id
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from support.awkward_files import differences, make_awkward
from support.awkward_redis import fill
from support.mysql_family_server import FamilyServer
from support.postgresql_server import PostgresqlServer
from support.redis_server import RedisServer

PAGE = Path(__file__).parents[2] / "docs" / "OPENING-A-SET.md"
AT = "2026-11-25T02:06:37Z"
ROLE = "cadangan_test_owner"


def commands(engine: str) -> str:
    """The page's shell commands, without those for other engines and without the clearing up at its end."""
    blocks = re.findall(r"^```sh ?([a-z]*)\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    *opening, (_, clearing) = [(of, block) for of, block in blocks if of in ("", engine)]
    assert clearing.startswith("rm -r")
    assert any(of == engine for of, _ in opening)
    return "".join(block for _, block in opening)


@dataclass
class Holder:
    """What somebody who opens a set has: the set, an identity, and the public key of the server."""

    folder: Path
    set: Path
    identity: Path
    server_key: str
    account: str | None = None

    @property
    def opened(self) -> Path:
        return self.folder / "opened"

    def open(self, engine: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the page's commands as the account that owns the folder."""
        named = {
            "SET": str(self.set),
            "IDENTITY": str(self.identity),
            "SERVER_KEY": self.server_key,
            "OPENED": str(self.opened),
            **environment,
        }
        become = {}
        if self.account is not None and os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, self.account, self.account)
            become = {"user": self.account, "group": self.account}
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail"],
            input=commands(engine),
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", **named},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **become,
        )


def backed_up(engine: Engine, name: str, folder: Path, account: str | None = None) -> Holder:
    """A published set of the engine's database, made as a backup makes it."""
    repository = FolderRepository(str(folder / "repository"))
    Path(repository.name).mkdir()
    asset_key, identity = folder / "asset_key", folder / "identity.txt"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", asset_key], check=True)
    subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True)
    recipient = subprocess.run(["age-keygen", "-y", identity], check=True, capture_output=True, text=True).stdout
    set_name = set_id("dukcapil", "db-01", name, engine.database, AT, "B-2026-0001", "1")
    described = {
        "office": "kudus",
        "journal": "8f7c1f0e-0000-4000-8000-000000000000",
        "case": "B-2026-0001",
        "item": "1",
        "permit": "0" * 64,
        "order": "0" * 64,
        "head": "0" * 64,
        "set": set_name,
        "agency": "dukcapil",
        "asset": "db-01",
        "engine": name,
        "instance": engine.instance,
        "database": engine.database,
        "started_at": AT,
        "finished_at": AT,
        "drilled": False,
    }
    with (
        SetWriter(repository, set_name, Progress(str(folder / "progress.json"))) as writer,
        engine.snapshot() as snapshot,
    ):
        for part in snapshot.parts():
            writer.add(part, None, 3)
        described |= {
            "versions": engine.versions(),
            "position": snapshot.position,
            "snapshot_at": snapshot.snapshot_at,
            "proof": snapshot.proof(),
        }
        writer.seal(described, [recipient.strip()], str(asset_key))
        writer.publish()
    key = asset_key.with_suffix(".pub").read_text().strip()
    return Holder(folder, Path(repository.name, set_name), identity, key, account)


@pytest.fixture
def sqlite_holder(tmp_path: Path) -> Holder:
    database = tmp_path / "perpustakaan.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE buku (judul TEXT)")
        connection.executemany("INSERT INTO buku VALUES (?)", [(f"Buku {number}",) for number in range(2000)])
    connection.close()
    engine = SqliteEngine("", str(database), {"staging": str(tmp_path / "staging")})
    return backed_up(engine, "sqlite", tmp_path)


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as running:
        yield running


def test_a_sqlite_set_opens_without_cadangan(sqlite_holder: Holder) -> None:
    done = sqlite_holder.open("sqlite")
    assert done.returncode == 0, done.stderr
    assert 'Good "manifest@cadangan" signature' in done.stdout
    assert "data: whole" in done.stdout
    assert "data: as it was dumped" in done.stdout
    with sqlite3.connect(sqlite_holder.opened / "database.sqlite") as connection:
        assert connection.execute("SELECT count(*), max(rowid) FROM buku").fetchone() == (2000, 2000)
    connection.close()


def test_what_was_opened_is_for_its_owner_only(sqlite_holder: Holder) -> None:
    assert sqlite_holder.open("sqlite").returncode == 0
    for path in (sqlite_holder.opened, *sqlite_holder.opened.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_set_of_files_opens_without_cadangan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "state_dir", lambda: str(tmp_path / "state"))
    folder = make_awkward(tmp_path / "unggahan")
    holder = backed_up(FilesEngine("", folder, {}), "files", tmp_path)
    done = holder.open("files")
    assert done.returncode == 0, done.stderr
    assert "data: as it was dumped" in done.stdout
    assert differences(folder, holder.opened / "files") == []


def test_a_postgresql_set_opens_without_cadangan(server: PostgresqlServer) -> None:
    server.sql("postgres", f"CREATE ROLE {ROLE} LOGIN PASSWORD 'x'; CREATE DATABASE siak OWNER {ROLE}")
    server.sql("postgres", "ALTER DATABASE siak SET work_mem = '9MB'")
    server.sql("siak", f"SET ROLE {ROLE}; CREATE TABLE warga AS SELECT n FROM generate_series(1, 5000) AS n")
    folder = server.folder / "holder"
    folder.mkdir()
    holder = backed_up(server.engine("siak"), "postgresql", folder, server.account)
    server.sql("postgres", f"DROP DATABASE siak; DROP ROLE {ROLE}")

    connect = {"PGHOST": str(server.folder), "PGPORT": server.port, "PATH": f"{server.binaries}:{os.environ['PATH']}"}
    done = holder.open("postgresql", NEW="kembali", **connect)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": whole") == done.stdout.count(": as it was dumped") == 3
    assert server.sql("kembali", "SELECT count(*), sum(n) FROM warga") == "5000|12502500"
    assert server.sql("kembali", "SELECT tableowner FROM pg_tables WHERE tablename = 'warga'") == ROLE
    assert server.sql("kembali", "SHOW work_mem") == "9MB"


def test_a_set_of_mariadb_or_mysql_opens_without_cadangan(family_for_all: FamilyServer, tmp_path: Path) -> None:
    server, name = family_for_all, family_for_all.engine_class.name
    server.create("siak", "COLLATE latin1_bin")
    numbers = "WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 1000) SELECT n FROM t"
    server.sql("siak", f"CREATE TABLE warga AS {numbers}; CREATE TABLE catatan (n int)")
    server.sql("siak", "CREATE TRIGGER hapus AFTER DELETE ON warga FOR EACH ROW INSERT INTO catatan VALUES (OLD.n)")
    server.sql("siak", "CREATE USER petugas IDENTIFIED BY 'x'; GRANT SELECT ON siak.warga TO petugas")
    holder = backed_up(server.engine("siak"), name, tmp_path)
    server.sql("", "DROP DATABASE siak; DROP USER petugas")

    (tmp_path / ".my.cnf").write_text(f"[client]\nsocket = {server.socket}\n")
    clients = Path(str(shutil.which(server.programs[1]))).parent
    done = holder.open(name, NEW="kembali", PATH=f"{clients}:{os.environ['PATH']}")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": whole") == done.stdout.count(": as it was dumped") == 3
    assert server.sql("kembali", "DELETE FROM warga WHERE n = 7; SELECT SUM(n) FROM warga; SELECT n FROM catatan") == (
        "500493\n7"
    )
    assert "GRANT SELECT ON `kembali`.`warga`" in server.sql("", "SHOW GRANTS FOR petugas")


def test_a_redis_set_opens_without_cadangan(tmp_path: Path) -> None:
    with RedisServer() as server:
        fill(server, value_size=200_000, keys=100)
        before = server.digest()
        holder = backed_up(server.engine(), "redis", tmp_path)
        done = holder.open("redis")
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(": whole") == done.stdout.count(": as it was dumped") == 2
        server.end(signal.SIGKILL)
        shutil.copyfile(holder.opened / "redis" / "dump.rdb", server.data / "dump.rdb")
        server.start()
        assert server.digest() == before


def test_a_manifest_that_was_changed_is_noticed(sqlite_holder: Holder) -> None:
    manifest = sqlite_holder.set / "manifest.json"
    manifest.write_text(manifest.read_text().replace("B-2026-0001", "B-2026-0002"))
    done = sqlite_holder.open("sqlite")
    assert done.returncode != 0
    assert not list(sqlite_holder.opened.glob("data*"))


def test_a_part_that_was_changed_is_noticed(sqlite_holder: Holder) -> None:
    part = sqlite_holder.set / "data.zst.age"
    content = bytearray(part.read_bytes())
    content[-1] ^= 1
    part.write_bytes(content)
    done = sqlite_holder.open("sqlite")
    assert "data: DAMAGED" in done.stdout
    assert done.returncode != 0


def test_the_key_of_somebody_else_opens_nothing(sqlite_holder: Holder) -> None:
    stranger = sqlite_holder.folder / "stranger.txt"
    subprocess.run(["age-keygen", "-o", stranger], check=True, capture_output=True)
    sqlite_holder.identity = stranger
    done = sqlite_holder.open("sqlite")
    assert done.returncode != 0
    assert not (sqlite_holder.opened / "data").exists()
