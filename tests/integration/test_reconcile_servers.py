"""Reconciling servers through Ansible: one that fits beside some that hang, lie, have no Python, or are not there."""

from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from cadangan.register.reconcile import Difference, Reconciliation
from support.office import AGENCY, Office

PYTHON = "/usr/bin/python3"
HOSTILE = "{{ lookup('pipe', 'touch %s') }}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def result(folder: Path) -> Reconciliation:
    """What reconciling all of these servers at once came to."""
    database = folder / "warga.db"
    sqlite3.connect(database).close()
    answers = json.dumps({"changed": False, "asset": {"at": "2026-11-25T02:06:37Z", "hostname": "db\x1b[2J"}})
    fits = {"databases": [sqlite(str(database)), sqlite(HOSTILE % (folder / "owned"))]}
    hosts = {
        "cocok": host(folder, 1, PYTHON, **fits),
        "menggantung": host(folder, 2, program(folder, "hangs", "exec sleep 15"), cadangan_facts_timeout=5),
        "berbohong": host(folder, 3, program(folder, "lies", f"cat >/dev/null; echo '{answers}'")),
        "tanpa-python": host(folder, 4, "/nonexistent/python3"),
        "tidak-ada": {
            **host(folder, 5, PYTHON),
            **{"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": free_port()},
        },
    }
    office = Office(folder)
    office.types("init", str(office.root))
    (office.root / "inventory" / "servers.yml").write_text(json.dumps({"servers": {"hosts": hosts}}))
    office.types("register", "reconcile", status=1)
    [file] = (office.root / "reconcile").iterdir()
    return Reconciliation.from_json(json.loads(file.read_text()))


def host(folder: Path, number: int, python: str, databases: Any = (), **variables: object) -> dict[str, object]:
    asset = {"number": str(number), "name": "Server", "status": "in_operation", "agency": AGENCY}
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": python,
        "cadangan_asset": {**asset, "databases": list(databases)},
        **variables,
    }


def sqlite(name: str) -> dict[str, str]:
    return {"engine": "sqlite", "name": name}


def program(folder: Path, name: str, script: str) -> str:
    """A program that stands for Python on a server."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ("menggantung", "it did not answer in time"),
        ("berbohong", "its answer can not be used: field hostname holds a character that does not print"),
        ("tanpa-python", "it has no Python that Ansible finds"),
        ("tidak-ada", "Connection refused"),
    ],
)
def test_what_does_not_answer_as_it_should_is_unreachable(result: Reconciliation, server: str, reason: str) -> None:
    [found] = [asset for asset in result.assets if asset.host == server]
    assert (found.state, found.facts_at) == ("unreachable", None)
    assert reason in found.reason


def test_the_others_spoil_nothing_of_it_and_names_are_no_templates(result: Reconciliation, folder: Path) -> None:
    [found] = [asset for asset in result.assets if asset.host == "cocok"]
    assert found.differences == (Difference(f"sqlite {HOSTILE % (folder / 'owned')}", "there", "not there"),)
    assert not (folder / "owned").exists()
    assert [file.name for file in (folder / "office" / "facts").iterdir()] == ["cocok.json"]
