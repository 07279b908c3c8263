"""Disaster day from nothing: the page as it stands there, with the repository and the officials' keys alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.office import BIN, EXECUTOR
from support.private_machine import ASSET, PrivateOffice, content, fill, inventory, item

PAGE = Path(__file__).parents[2] / "docs" / "DISASTER-DAY.md"
NEW_SERVER = "server-baru"


def commands(step: str) -> str:
    """The page's shell commands of one step."""
    (block,) = re.findall(rf"^```sh {step}\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    return str(block)


class Survivor(PrivateOffice):
    """What is there when the control host is gone: its own folder, an empty machine, repository and keys."""

    def by_the_page(self, step: str, **variables: str) -> str:
        """Run the commands of a step of the page."""
        named = {
            "REPOSITORY": str(self.folder / "repository"),
            "IDENTITY": str(self.identity("kasi")),
            "OFFICE": str(self.root),
            "KEYS": str(self.keys),
            "CADANGAN_OFFICE": str(self.root),
        }
        environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": os.environ["HOME"]} | named | variables
        done = subprocess.run(
            self.command("bash", "-euo", "pipefail", "-c", commands(step)),
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def lose_everything(self) -> None:
        """Control host and database server: their folders and what the gate kept."""
        shutil.rmtree(self.root)
        for name in ("config", "state"):
            shutil.rmtree(self.folder / name)
            (self.folder / name).mkdir(mode=0o700)


def add_new_server(office: Survivor, database: Path, drills: Path) -> None:
    """The machine comes back under another name, and also takes drills of others' sets."""
    servers: dict[str, Any] = json.loads(inventory([database]))
    host = servers["servers"]["hosts"].pop(ASSET)
    lost = {"cadangan_asset": host["cadangan_asset"] | {"status": "retired"}}
    host["cadangan_asset"] |= {"number": "2", "drill_host": [{"engine": "sqlite", "folder": str(drills)}]}
    servers["servers"]["hosts"] = {NEW_SERVER: host, ASSET: lost}
    (office.root / "inventory" / "servers.yml").write_text(json.dumps(servers))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Survivor]:
    database = tmp_path / "warga.db"
    fill(database)
    office = Survivor.on_this_machine(tmp_path, [database])
    assert isinstance(office, Survivor)
    yield office


def test_from_repository_and_keys_to_restored_data(office: Survivor, tmp_path: Path) -> None:
    database = tmp_path / "warga.db"
    first = back_up(office, database)
    office.cadangan("onboard", "--new-key", ASSET)
    assert len({entry["key"] for entry in office.entries("onboarded")}) == 2
    database.unlink()
    fill(database, rows=300)
    newest = back_up(office, database)
    assert office.cadangan("set", "verify")["faults"] == {}
    office.cadangan("journal", "send")
    before, head = content(database), office.cadangan("journal", "head")["hash"]
    pin = office.cadangan("trust", "check")["serial1"]
    assert office.cadangan("journal", "sent")["newer"] == 0

    office.lose_everything()
    database.unlink()
    office.by_the_page("recover", PIN=pin, HEAD=head)
    said = office.by_the_page("check", PIN=pin, HEAD=head)
    assert "nothing is wrong" in said and "2 sets checked, 0 damaged." in said

    drills = tmp_path / "drills"
    drills.mkdir()
    add_new_server(office, database, drills)
    office.by_the_page("onboard")
    (letter,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    wanted = yaml.safe_load(letter)
    wanted["date"] = datetime.now().date()
    wanted["items"][0] |= {"asset": NEW_SERVER, "database": str(database), "set": newest}
    (office.root / "letters").mkdir(exist_ok=True)
    (office.root / "letters" / "bencana.yml").write_text(yaml.safe_dump(wanted))
    office.by_the_page("restore")
    assert content(database) == before
    assert "0 are newer" in office.by_the_page("afterwards")

    drill(office, first, drills)


def drill(office: Survivor, set_id: str, drills: Path) -> None:
    """A set of the lost server is drilled where its database never was, and nothing stays of it."""
    case = office.permitted(
        "restore",
        [
            {
                "asset": NEW_SERVER,
                "engine": "sqlite",
                "database": str(drills / "warga.db"),
                "set": set_id,
                "mode": "drill",
            }
        ],
    )
    done = office.cadangan("execute", case, "--as", EXECUTOR, "--identity", str(office.identity("kabid")))
    assert done["result"] == "done"
    assert list(drills.iterdir()) == []


def back_up(office: Survivor, database: Path) -> str:
    case = office.permitted("backup", [item(database)])
    done = office.cadangan("execute", case, "--as", EXECUTOR)
    office.finish(case)
    return str(done["items"][0]["facts"]["set"])
