"""All words that a reader of a document sees, in one catalogue per language (`words/<language>.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Words:
    """The catalogue of one language."""

    language: str
    catalogue: dict[str, dict[str, str]]

    def __call__(self, key: str, **values: object) -> str:
        """The words for `key` (`table.name`) with `values` put in; `KeyError` if there are none."""
        table, name = key.split(".", 1)
        return self.catalogue[table][name].format_map(values)

    def name(self, table: str, name: str) -> str:
        """How people call `name`, or `name` itself when the catalogue has no word for it."""
        return self.catalogue[table].get(name, name)


@cache
def words(language: str) -> Words:
    """The catalogue of `language` (`id` or `en`)."""
    source = resources.files(__package__).joinpath("words", f"{language}.toml").read_text("utf-8")
    catalogue: dict[str, Any] = tomllib.loads(source)
    return Words(language, catalogue)
