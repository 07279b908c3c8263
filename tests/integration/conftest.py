"""Servers that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import places
from support.awkward_mysql_family import make_awkward as make_awkward_mariadb
from support.awkward_postgresql import Backup, make_awkward, take_backup
from support.mariadb_server import MariadbServer
from support.mysql_family_server import FamilyServer
from support.mysql_server import MysqlServer
from support.postgresql_server import PostgresqlServer


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server with the awkward database in it."""
    with PostgresqlServer() as server:
        make_awkward(server)
        yield server


@pytest.fixture(scope="session")
def awkward_backup(postgresql: PostgresqlServer) -> Backup:
    return take_backup(postgresql.engine("awkward"))


@pytest.fixture
def fresh_postgresql() -> Iterator[PostgresqlServer]:
    """A server that has nothing yet."""
    with PostgresqlServer() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariadbServer]:
    """A MariaDB server with the awkward database in it, whose events do not run."""
    with MariadbServer() as server:
        make_awkward_mariadb(server)
        server.sql("", "SET GLOBAL event_scheduler = OFF")
        yield server


@pytest.fixture(scope="module")
def mariadb_of_its_own_for_all() -> Iterator[MariadbServer]:
    """A MariaDB server for the tests of one file."""
    with MariadbServer() as server:
        yield server


@pytest.fixture
def mariadb_of_its_own(mariadb_of_its_own_for_all: MariadbServer) -> Iterator[MariadbServer]:
    """A server without databases and accounts."""
    yield mariadb_of_its_own_for_all
    mariadb_of_its_own_for_all.reset()


@pytest.fixture(scope="module", params=[MariadbServer, MysqlServer], ids=["mariadb", "mysql"])
def family_for_all(request: pytest.FixtureRequest) -> Iterator[FamilyServer]:
    """A server of each product for the tests of one file."""
    with request.param() as server:
        yield server


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an engine keeps beside a server, it keeps for this test alone."""
    monkeypatch.setattr(places, "state_dir", lambda: str(tmp_path / "state"))
