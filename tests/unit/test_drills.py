"""Drills as routine: what is due, and the letters that ask for them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import set_id
from cadangan.evidence.catalogue import Catalogue
from support.desk import Desk
from support.signed_office import RECIPIENTS, Keyring

pytestmark = pytest.mark.slow

INVENTORY = {
    "servers": {
        "hosts": {
            "db-01": {
                "cadangan_asset": {
                    "number": "1",
                    "name": "Server satu",
                    "status": "in_operation",
                    "agency": "disdukcapil",
                    "databases": [
                        {"engine": "postgresql", "instance": "5432", "name": "siak"},
                        {"engine": "sqlite", "name": "/srv/a.db"},
                        {"engine": "redis", "instance": "6379", "name": "all"},
                    ],
                }
            },
            "uji-01": {
                "cadangan_asset": {
                    "number": "2",
                    "name": "Server uji",
                    "status": "in_operation",
                    "agency": "dpmptsp",
                    "databases": [{"engine": "postgresql", "instance": "5432", "name": "izin"}],
                    "drill_host": [
                        {"engine": "postgresql", "instance": "5499"},
                        {"engine": "sqlite", "folder": "/srv/uji"},
                    ],
                }
            },
        }
    }
}
SIAK = ("disdukcapil", "db-01", "postgresql", "5432", "siak")
FILE = ("disdukcapil", "db-01", "sqlite", "", "/srv/a.db")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Path:
    desk = Desk(tmp_path_factory.mktemp("drills") / "office", keyring)
    desk.furnish({f"pemegang {number}": key for number, key in enumerate(RECIPIENTS)})
    (desk.root / "inventory" / "servers.yml").write_text(json.dumps(INVENTORY))
    return desk.root


@pytest.fixture
def desk(tmp_path: Path, made: Path, keyring: Keyring) -> Desk:
    shutil.copytree(made, tmp_path / "office")
    return Desk(tmp_path / "office", keyring)


def back_up(desk: Desk, place: tuple[str, ...], at: str, drilled: bool = False) -> str:
    """A set of that database, as journal and catalogue know of it."""
    agency, asset, engine, _instance, database = place
    case = "B-2026-0001"
    made = set_id(agency, asset, engine, database, at, case, "1")
    where = dict(zip(("agency", "asset", "engine", "instance", "database"), place, strict=True))
    item = {"id": "1", "action": "backup", **where}
    desk.journal.append({"type": "request", "case": case, "request": json.dumps({"items": [item]})})
    facts = {"set": made, "drilled": drilled, "manifest": "0" * 64, "bytes": 1, "snapshot_at": at}
    desk.journal.append(
        {"type": "outcome", "case": case, "item": "1", "result": "done", "at": at, "asset": asset, "facts": facts}
    )
    manifest = {"set": made, "snapshot_at": at, "drilled": drilled, **where}
    Catalogue(desk.root / "sets").keep(made, canonical.dumps(manifest), "", b"")
    return made


def letters(desk: Desk, *arguments: str) -> list[dict[str, Any]]:
    answer = desk.asks("drill", "request", *arguments)
    return [yaml.safe_load(Path(each["letter"]).read_text()) for each in answer["letters"]]


def test_every_database_says_when_it_was_last_proven(desk: Desk) -> None:
    back_up(desk, SIAK, "2026-11-01T00:00:00Z", drilled=True)
    newest = back_up(desk, SIAK, "2026-11-02T00:00:00Z")
    back_up(desk, FILE, "2026-11-03T00:00:00Z", drilled=True)
    rows = {row["database"]: row for row in desk.asks("drill", "due")["databases"]}
    assert {name: (row["last_proven"], row["due"]) for name, row in rows.items()} == {
        "siak": ("2026-11-01T00:00:00Z", True),
        "/srv/a.db": ("2026-11-03T00:00:00Z", False),
        "all": (None, False),
        "izin": (None, False),
    }
    assert rows["siak"]["newest_set"] == newest
    said = desk.types("drill", "due").splitlines()
    assert said[-1].startswith("proven 2026-11-03T00:00:00Z")
    assert "NOT RESTORED YET" in next(line for line in said if "siak" in line)


def test_letters_ask_for_the_newest_set_of_each_database_one_for_each_agency(desk: Desk) -> None:
    back_up(desk, SIAK, "2026-11-01T00:00:00Z")
    newest = back_up(desk, SIAK, "2026-11-02T00:00:00Z")
    file = back_up(desk, FILE, "2026-11-03T00:00:00Z", drilled=True)
    (letter,) = letters(desk)
    assert (letter["kind"], letter["agency"], letter["applicant"]) == ("restore", "disdukcapil", "opd-disdukcapil")
    assert {item["set"]: item["mode"] for item in letter["items"]} == {newest: "drill", file: "drill"}
    assert [item["set"] for item in letters(desk, "--due", "--letters", str(desk.root))[0]["items"]] == [newest]
    assert "there is no set to drill" in desk.types("drill", "request", "--asset", "uji-01", status=4)


def test_a_drill_host_takes_the_sets_of_the_engines_that_it_has(desk: Desk) -> None:
    siak, file = back_up(desk, SIAK, "2026-11-02T00:00:00Z"), back_up(desk, FILE, "2026-11-03T00:00:00Z")
    back_up(desk, ("disdukcapil", "db-01", "redis", "6379", "all"), "2026-11-03T00:00:00Z")
    answer = desk.asks("drill", "request", "--on", "uji-01", "--file", "--agency", "disdukcapil")
    assert [row["engine"] for row in answer["left_out"]] == ["redis"]
    case = desk.asks("case", "show", answer["letters"][0]["case"])
    items = {item["set"]: item for item in case["items"]}
    assert {set_: (item["asset"], item["instance"], item["database"]) for set_, item in items.items()} == {
        siak: ("uji-01", "5499", "siak"),
        file: ("uji-01", "", "/srv/uji/a.db"),
    }
    assert {item["action"] for item in items.values()} == {"drill"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mode": "copy", "target": "lain"}, "is not registered on uji-01"),
        ({"instance": "5432"}, "is not registered on uji-01"),
        ({"set": "newest"}, "say which set, by its id"),
        ({"engine": "sqlite", "instance": "", "database": "/etc/a.db"}, "is not registered on uji-01"),
        ({"engine": "sqlite", "instance": "", "database": "/srv/uji/../a.db"}, "is not registered on uji-01"),
        ({"engine": "sqlite", "instance": "", "database": "/srv/uji/.."}, "is not registered on uji-01"),
        ({"engine": "sqlite", "instance": "", "database": "/srv/uji/"}, "is not registered on uji-01"),
        ({"asset": "db-01"}, "is not registered on db-01"),
    ],
)
def test_a_drill_host_is_for_drills_of_named_sets_in_its_places_alone(
    desk: Desk, change: dict[str, str], said: str
) -> None:
    back_up(desk, SIAK, "2026-11-02T00:00:00Z")
    (letter,) = letters(desk, "--on", "uji-01")
    letter["items"] = [letter["items"][0] | change]
    path = desk.root / "letters" / "own.yml"
    path.write_text(yaml.safe_dump(letter))
    assert said in desk.types("request", str(path), status=2)


def test_an_agency_does_not_get_the_set_of_another_on_a_drill_host(desk: Desk) -> None:
    back_up(desk, SIAK, "2026-11-02T00:00:00Z")
    (letter,) = letters(desk, "--on", "uji-01")
    path = desk.root / "letters" / "own.yml"
    path.write_text(yaml.safe_dump(letter | {"agency": "dpmptsp", "applicant": "opd-dpmptsp"}))
    assert "is of agency disdukcapil" in desk.types("request", str(path), status=2)


def test_a_drill_host_out_of_operation_takes_nothing(desk: Desk) -> None:
    back_up(desk, SIAK, "2026-11-02T00:00:00Z")
    desk.changes("inventory/servers.yml", '"Server uji", "status": "in_operation"', '"Server uji", "status": "retired"')
    assert "is not in operation" in desk.types("drill", "request", "--on", "uji-01", "--file", status=2)


def test_nobody_who_may_ask_is_told(desk: Desk) -> None:
    back_up(desk, ("dpmptsp", "uji-01", "postgresql", "5432", "izin"), "2026-11-02T00:00:00Z")
    desk.changes("officials.yml", "        agency: dpmptsp", "        agency: disdukcapil")
    assert "nobody speaks for agency dpmptsp today" in desk.types("drill", "request", status=2)
