"""`cadangan register`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.desk import Desk
from support.signed_office import Keyring


@pytest.fixture
def desk(tmp_path: Path, keyring: Keyring) -> Desk:
    desk = Desk(tmp_path / "kudus", keyring)
    desk.types("init", str(desk.root))
    return desk


def test_servers_are_listed(desk: Desk) -> None:
    said = desk.types("register", "list")
    assert "db-kudus-01           in_operation  disdukcapil" in said
    assert "postgresql:5432 layanan_kependudukan" in said
    assert said.endswith("3 servers\n")


def test_servers_are_chosen_by_status_and_agency(desk: Desk) -> None:
    def hosts(*options: str) -> list[str]:
        return [asset["host"] for asset in desk.asks("register", "list", *options)["assets"]]

    assert hosts("--status", "planned") == ["arsip-kudus-01"]
    assert hosts("--agency", "dpmptsp") == ["app-kudus-01"]
    assert hosts("--status", "planned", "--status", "in_operation", "--agency", "disdukcapil") == [
        "arsip-kudus-01",
        "db-kudus-01",
    ]
    assert hosts("--status", "retired") == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--status", "opration"], "there is no status 'opration'\nDid you mean 'in_operation'?"),
        (["--agency", "dukcapil"], "there is no agency 'dukcapil'\nDid you mean 'disdukcapil'?"),
    ],
)
def test_what_nobody_can_mean_is_refused(desk: Desk, options: list[str], says: str) -> None:
    assert says in desk.types("register", "list", *options, status=2)


def test_one_server_is_shown_as_it_is_written(desk: Desk) -> None:
    said = desk.types("register", "show", "db-kudus-01")
    assert said.startswith("db-kudus-01:\n  number: 1.3.2.10.01.02.001/0001\n")
    assert "      objectives:\n        recovery_point: 24 h\n        recovery_time: 4 h\n" in said
    shown = desk.asks("register", "show", "arsip-kudus-01")
    assert shown["repository"] == {"root": "/srv/cadangan", "reserve": "50 GB"}
    assert said.endswith("\nNever reviewed\n") and shown["reviews"] == []


def test_an_unknown_server_is_refused(desk: Desk) -> None:
    assert "'db-kudus-1' is not in the asset register" in desk.types("register", "show", "db-kudus-1", status=2)


def test_the_schema_is_printed(desk: Desk) -> None:
    schema = json.loads(desk.types("register", "schema"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "number" in schema["$defs"]["Asset"]["required"]


def test_the_register_is_checked(desk: Desk) -> None:
    desk.changes("inventory/servers.yml", "agency: dpmptsp", "agncy: dpmptsp")
    said = desk.types("register", "check", status=2)
    assert "inventory/servers.yml:65:9: app-kudus-01: cadangan_asset.agency: is missing" in said
    assert "cadangan_asset.agncy: is not a field here. Did you mean 'agency'?" in said
    found = desk.asks("register", "check", status=2)
    assert (found["assets"], found["wrong"]) == (3, 2)
    first = found["findings"][0]
    assert {"grade", "file", "line", "column", "host", "field", "what"} == first.keys()
    assert (first["line"], first["column"], first["field"]) == (65, 9, "cadangan_asset.agency")


def test_what_is_missing_is_told_by_grade_in_one_line_for_a_server(desk: Desk) -> None:
    desk.changes("inventory/servers.yml", "              recovery_point: 24 h\n", "")
    desk.changes("inventory/servers.yml", "        category: high ", "        category: ~ ")
    said = desk.types("register", "check", status=1)
    assert ": db-kudus-01: missing: category, databases[1].objectives.recovery_point\n" in said
    assert "3 servers: 0 wrong, 2 grave, " in said


def test_the_example_office_has_nothing_grave(desk: Desk) -> None:
    assert desk.asks("register", "check")["grave"] == 0


def test_names_do_nothing_to_the_terminal(desk: Desk) -> None:
    desk.changes("inventory/servers.yml", "name: layanan_kependudukan", r'name: "a\e[31mb"')
    desk.changes("inventory/servers.yml", "        category: low", r'        "\e[31mcolour": 1')
    for command in (["list"], ["show", "db-kudus-01"], ["check"]):
        assert "\x1b" not in desk.types("register", *command, status=2)


def test_the_commands_of_the_documentation_do_what_it_says(desk: Desk) -> None:
    page = (Path(__file__).parents[2] / "docs" / "ASSET-REGISTER.md").read_text("utf-8")
    commands = [line.split()[1:] for line in page.splitlines() if line.startswith("cadangan register ")]
    assert ["register", "check"] in commands
    for command in commands:
        desk.types(*command)
