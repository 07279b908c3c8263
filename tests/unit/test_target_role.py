"""The role `target`: its defaults are those that its argument spec gives."""

from __future__ import annotations

from pathlib import Path

import yaml

ROLE = Path(__file__).parents[2] / "roles" / "target"


def test_defaults_are_those_of_the_spec() -> None:
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert defaults == {name: option["default"] for name, option in options.items() if "default" in option}
