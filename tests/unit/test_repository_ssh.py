"""A repository host is used like a folder, keeps what it is sent, and tells what it does not take."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from support.repository_server import RepositoryServer, Wire, make_key
from support.sent_set import write_set
from support.signed_office import ASSET


@pytest.fixture(scope="module")
def asset_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asset") / "asset_key"
    make_key(path)
    return path


@pytest.fixture
def server(tmp_path: Path, asset_key: Path) -> RepositoryServer:
    public = asset_key.with_suffix(".pub").read_text().strip()
    return RepositoryServer(tmp_path, {ASSET: [public], "db-02": [public]})


@pytest.fixture
def wire(server: RepositoryServer, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(server, monkeypatch)


def test_a_set_that_was_sent_is_whole_there(wire: Wire, asset_key: Path) -> None:
    sent = write_set(wire.sender(), asset_key)
    assert wire.server.repository.sets() == [sent.id]
    found = BackupSet(wire.operator().find(sent.id))
    assert list(found.faults()) == [] and found.digest == sent.digest
    assert sent.receipt == canonical.loads(found.small_file("receipt.json"))
    assert sent.receipt["manifest"] == sent.digest and sent.receipt["by"] == ASSET
