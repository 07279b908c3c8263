"""The JSON Schema of the register: it takes what the reader takes, and what is committed was made from it."""

from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cadangan.register.new_office import write_example_office
from cadangan.register.schema import SCHEMA_FILE, asset_schema, inventory_schema
from cadangan.register.written_asset import WrittenAsset
from cadangan.register.yaml_edit import YamlText
from jsonschema import Draft202012Validator, FormatChecker
from support import field_table

ROOT = Path(__file__).parents[2]

FULL: dict[str, Any] = {
    "number": "0001",
    "name": "Server satu",
    "status": "in_operation",
    "life": {"planned": "2023-11-01", "in_operation": "2024-01-15"},
    "agency": "disdukcapil",
    "owner": {"position": "Sekretaris", "name": "Siti", "nip": "0"},
    "location": "Rak 1",
    "category": "high",
    "classification": {"confidentiality": "high", "integrity": "high", "availability": "low"},
    "personal_data": "specific",
    "machine": {"kind": "physical", "serial": "S-1", "cpus": 8, "memory": "32 GB"},
    "operating_system": {"name": "Debian", "version": "12"},
    "addresses": ["192.0.2.1", "fd00::1"],
    "support": [{"what": "hardware", "until": "2030-01-01"}],
    "databases": [
        {
            "engine": "postgresql",
            "instance": "5432",
            "name": "siak",
            "agency": "dpmptsp",
            "size": "1.5 TB",
            "objectives": {"recovery_point": "24 h", "recovery_time": "90min"},
            "retention": {"last": 3, "minimum": 1},
        }
    ],
    "drill_host": [{"engine": "sqlite", "folder": "/srv/drill"}],
    "repository": {"root": "/srv/sets", "port": 2222, "reserve": "50 GB", "daily_quota": "1 TB"},
}
VALUES: list[Any] = [
    *("", "x", "ABC", "24 h", "0 h", "50 GB", "5 GiB", "2026-01-02", "2026-13-02", "192.0.2.7", "192.0.2.777"),
    *("/srv", "a\nb", "x" * 501, "retired", "high"),
    *(0, 5, -1, 70000, True, 1.5, None, [], {}, ["x"], {"x": 1}),
]
ASSET = Draft202012Validator(asset_schema(), format_checker=FormatChecker())


def places(value: Any, before: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(place for piece, part in parts for place in places(part, (*before, piece)))]


def reader_takes(asset: Any) -> bool:
    return not isinstance(WrittenAsset("db-01", asset, lambda _: "").read(), list)


def test_both_take_a_full_asset() -> None:
    assert reader_takes(FULL)
    assert not list(ASSET.iter_errors(FULL))


@pytest.mark.parametrize("place", places(FULL)[1:], ids=lambda place: ".".join(map(str, place)))
def test_both_take_and_refuse_the_same(place: tuple[str | int, ...]) -> None:
    for value in VALUES:
        asset = copy.deepcopy(FULL)
        parent: Any = asset
        for piece in place[:-1]:
            parent = parent[piece]
        parent[place[-1]] = value
        assert ASSET.is_valid(asset) == reader_takes(asset), value


@pytest.mark.parametrize("place", [each for each in places(FULL)[1:] if isinstance(each[-1], str)])
def test_both_know_what_must_be_there_and_what_must_not(place: tuple[str | int, ...]) -> None:
    asset = copy.deepcopy(FULL)
    parent: Any = asset
    for piece in place[:-1]:
        parent = parent[piece]
    del parent[place[-1]]
    assert ASSET.is_valid(asset) == reader_takes(asset)
    parent["unknown"] = 1
    assert not ASSET.is_valid(asset)
    assert not reader_takes(asset)


def test_the_example_fits_the_schema() -> None:
    data = YamlText((ROOT / "inventory" / "servers.yml").read_text("utf-8")).data
    # YAML has dates, JSON has not.
    data = json.loads(json.dumps(data, default=str))
    validator = Draft202012Validator(inventory_schema(), format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(data)] == []
    data["servers"]["hosts"]["db-kudus-01"]["cadangan_asset"]["sttus"] = "x"
    assert not validator.is_valid(data)


def test_it_is_a_schema_and_every_field_of_an_asset_has_a_short_description() -> None:
    Draft202012Validator.check_schema(inventory_schema())
    schema = asset_schema()
    for model in (schema, *schema["$defs"].values()):
        for field in model["properties"].values():
            assert 0 < len(field["description"]) < 120


def test_the_committed_schema_is_that_of_the_model() -> None:
    committed = (ROOT / "inventory" / SCHEMA_FILE).read_text("utf-8")
    assert json.loads(committed) == inventory_schema(), "run: make schema"


def test_the_example_names_the_schema() -> None:
    first = (ROOT / "inventory" / "servers.yml").read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SCHEMA_FILE}"


def test_a_new_office_has_the_schema(tmp_path: Path) -> None:
    write_example_office(tmp_path / "office", date(2026, 11, 25))
    assert json.loads((tmp_path / "office" / "inventory" / SCHEMA_FILE).read_text("utf-8")) == inventory_schema()


def test_the_table_in_the_documentation_is_that_of_the_model() -> None:
    page = field_table.PAGE.read_text("utf-8")
    assert page == field_table.page_with_table(page), "run: make schema"
