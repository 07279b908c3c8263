"""Servers that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.awkward_postgresql import Backup, make_awkward, take_backup
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
