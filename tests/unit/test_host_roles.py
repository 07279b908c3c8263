"""The roles that make hosts ready: their defaults are those that their argument specs give."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).parents[2] / "roles"


@pytest.mark.parametrize("role", ["target", "repository"])
def test_defaults_are_those_of_the_spec(role: str) -> None:
    specs = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    defaults = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text())
    options = specs["main"]["options"]
    assert defaults == {name: option["default"] for name, option in options.items() if "default" in option}
