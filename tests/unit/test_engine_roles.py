"""The engine contract: the same entry points and options in every engine role, and what stands behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ROLES = sorted((ROOT / "roles").glob("engine_*"))
ENTRY_POINTS = {"preflight", "backup", "restore", "drill"}
SHARED = {"cadangan_case", "cadangan_item", "cadangan_run"}


def load(path: Path) -> dict:
    return yaml.safe_load(path.read_text("utf-8"))


def test_there_are_engine_roles() -> None:
    assert {"engine_postgresql", "engine_sqlite"} <= {role.name for role in ROLES}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
class TestEngineRole:
    def test_has_the_entry_points_and_a_spec_for_each(self, role: Path) -> None:
        specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
        assert set(specs) >= ENTRY_POINTS
        for entry in ENTRY_POINTS:
            assert (role / "tasks" / f"{entry}.yml").is_file()
            assert specs[entry]["short_description"]

    def test_takes_the_same_options_everywhere(self, role: Path) -> None:
        specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
        own = {frozenset(set(specs[entry]["options"]) - SHARED) for entry in ENTRY_POINTS}
        assert len(own) == 1
        assert all(name.startswith(f"{role.name}_") for name in own.pop())
        for entry in ENTRY_POINTS:
            for name in SHARED:
                option = specs[entry]["options"][name]
                assert (option["type"], option["required"]) == ("str", True)
                assert option["description"]

    def test_defaults_are_those_of_the_specs(self, role: Path) -> None:
        specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
        defaults = load(role / "defaults" / "main.yml") or {}
        for entry in ENTRY_POINTS:
            said = {name: option["default"] for name, option in specs[entry]["options"].items() if "default" in option}
            assert said == defaults

    def test_goes_through_the_gate_alone(self, role: Path) -> None:
        engine = role.name.removeprefix("engine_")
        for entry in ENTRY_POINTS:
            tasks = load(role / "tasks" / f"{entry}.yml")
            assert [set(task) & {"diskominfo.cadangan.work"} for task in tasks] == [{"diskominfo.cadangan.work"}]
            module = tasks[0]["diskominfo.cadangan.work"]["module"]
            assert engine in module
        assert load(role / "tasks" / "preflight.yml")[0]["check_mode"] is True

    def test_has_engine_file_modules_scenario_and_readme(self, role: Path) -> None:
        engine = role.name.removeprefix("engine_")
        for path in (
            f"plugins/module_utils/engine_{engine}.py",
            f"plugins/modules/{engine}_backup.py",
            f"plugins/modules/{engine}_restore.py",
            f"molecule/{engine}/molecule.yml",
            f"roles/{role.name}/README.md",
        ):
            assert (ROOT / path).is_file(), path
