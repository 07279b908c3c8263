"""One letter for all of an application: its uploads, its cache and its database, on servers of three kinds."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from support.awkward_files import differences, make_awkward
from support.awkward_redis import fill
from support.mariadb_server import MariadbServer
from support.office import EXECUTOR
from support.private_machine import ASSET, PrivateOffice
from support.redis_server import RedisServer

ROWS = "SELECT COUNT(*), SUM(CRC32(nama)) FROM warga"


@dataclass
class Application:
    """An application's three stores; `letter` names them in the order that its agency wants."""

    uploads: Path
    cache: RedisServer
    database: MariadbServer

    @property
    def letter(self) -> list[dict[str, str]]:
        return [
            {"asset": ASSET, "engine": "files", "database": str(self.uploads)},
            {"asset": ASSET, "engine": "redis", "instance": self.cache.port, "database": "all"},
            {"asset": ASSET, "engine": "mariadb", "instance": self.database.port, "database": "layanan"},
        ]

    @property
    def register(self) -> list[dict[str, str]]:
        return [
            {"name" if key == "database" else key: value for key, value in item.items() if key != "asset"}
            for item in self.letter
        ]

    def damage(self) -> None:
        (self.uploads / "foto.jpg").unlink()
        self.cache.call("FLUSHALL")
        self.database.sql("layanan", "DELETE FROM warga WHERE id > 10")


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("aplikasi")
    make_awkward(folder / "unggahan")
    with RedisServer() as cache, MariadbServer() as database:
        fill(cache, value_size=200_000, keys=100)
        database.create("layanan")
        database.sql(
            "layanan",
            "CREATE TABLE warga (id int PRIMARY KEY, nama varchar(99));"
            "INSERT INTO warga SELECT seq, CONCAT('warga ', seq) FROM seq_1_to_1000",
        )
        yield Application(folder / "unggahan", cache, database)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, application: Application) -> PrivateOffice:
    return PrivateOffice.on_this_machine(
        tmp_path_factory.mktemp("office"),
        [],
        application.register,
        engine_mariadb_socket=str(application.database.socket),
    )


def execute(office: PrivateOffice, case: str, fails: int | None = None) -> None:
    office.cadangan("execute", case, "--as", EXECUTOR, "--identity", str(office.identity("kasi")), fails=fails)


def text_of(report: Path) -> str:
    """What a PDF says, on one line."""
    return " ".join("\n".join(page.extract_text() for page in PdfReader(report).pages).split())


def results(run: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["item"], item["result"]) for item in run["items"]]


def digest_of_copy(folder: Path) -> str:
    """What a server that begins with a restored copy says about all it holds."""
    with RedisServer() as server:
        server.end(signal.SIGKILL)
        subprocess.run(["cp", "--preserve=ownership", folder / "dump.rdb", server.data], check=True)
        server.start()
        return server.digest()


def test_all_of_an_application_goes_through_one_case(office: PrivateOffice, application: Application) -> None:
    uploads, cache, database = application.uploads, application.cache, application.database
    original = uploads.parent / "asli"
    subprocess.run(["cp", "--archive", "--", uploads, original], check=True)
    before = cache.digest(), database.sql("layanan", ROWS)

    backup = office.permitted("backup", application.letter)
    office.cadangan("execute", backup, "--as", EXECUTOR)
    outcomes = [entry for entry in office.entries("outcome") if entry["case"] == backup]
    assert [entry["item"] for entry in outcomes] == ["1", "2", "3"], "not in the order of the letter"
    assert {(entry["result"], entry["facts"]["drilled"]) for entry in outcomes} == {("done", True)}

    application.damage()
    copy = cache.folder / "salinan"
    files, redis, mariadb = application.letter
    restore = office.permitted(
        "restore",
        [{**files, "mode": "replace"}, {**redis, "mode": "copy", "target": str(copy)}, {**mariadb, "mode": "replace"}],
    )
    cache.end(signal.SIGKILL)
    execute(office, restore, fails=1)
    # The failure of one is told with the state of the others, which got their turn.
    shown = office.cadangan("case", "show", restore)
    assert (shown["status"], shown["next"]) == ("open", "execute")
    assert results(shown["runs"][0]) == [("1", "done"), ("2", "failed"), ("3", "done")]
    typed = " ".join(office.types("case", "show", restore).split())
    for line in ("✓ 1. restore", "· 2. restore", "✓ 3. restore", "item 1: done", "item 2: failed", "item 3: done"):
        assert line in typed
    assert f"No server answers at port {cache.port}" in typed
    assert differences(original, uploads) == []
    assert database.sql("layanan", ROWS) == before[1]
    assert not copy.exists()
    interim = office.root / "interim.pdf"
    office.cadangan("document", restore, "--out", str(interim))
    report = text_of(interim)
    assert re.findall(r"\b(Berhasil|Gagal)\b(?!\))", report) == ["Berhasil", "Gagal", "Berhasil"]
    assert f"Butir 2 (Gagal): No server answers at port {cache.port}" in report
    assert "Butir 2 belum berhasil: atasi hambatannya" in report

    cache.start()
    execute(office, restore)
    assert results(office.cadangan("case", "show", restore)["runs"][1]) == [("2", "done")]
    assert digest_of_copy(copy) == before[0]
    for case in (backup, restore):
        office.finish(case)
        report = text_of(office.root / "cases" / case / f"Laporan-{case}-terkonfirmasi.pdf")
        assert re.findall(r"Berkas aplikasi|Redis, port|MariaDB, port|Berhasil|Gagal", report) == [
            *("Berkas aplikasi", "Berhasil", "Redis, port", "Berhasil", "MariaDB, port", "Berhasil")
        ]
