"""What the words in cells mean: of the register's own choices, of agencies, and of an office's mapping file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from cadangan.procedure.names import did_you_mean
from cadangan.register.spreadsheet.columns import LANGUAGES, fold

AGENCY_FIELDS = ("agency", "databases.agency")


class Vocabulary:
    """`agencies` are the names of the office's agencies by id; `own` what else words mean, by field."""

    def __init__(self, agencies: Mapping[str, str], own: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._agencies = agencies
        self._own = own or {}
        self._known: dict[str, dict[str, str]] = {}

    def meaning(self, field: str, text: str) -> str | None:
        """What `text` means in a field that has choices; None if nobody knows."""
        if field not in self._known:
            self._known[field] = self._meanings(field)
        return self._known[field].get(fold(text))

    def choose(self, field: str, text: str) -> str:
        """The same; `ValueError` with the nearest word if nobody knows."""
        found = self.meaning(field, text)
        if found is None:
            advice = did_you_mean(text, self._words(field, "id") | self._words(field, "en"))
            raise ValueError(f"{text!r} is not known here. {advice}".rstrip())
        return found

    def word(self, field: str, value: str, language: str) -> str:
        """The word that we write for a value; the value itself if there is none."""
        return next((word for word, meaning in self._words(field, language).items() if meaning == value), value)

    def _words(self, field: str, language: str) -> dict[str, str]:
        if field in AGENCY_FIELDS:
            return {name: agency for agency, name in self._agencies.items()}
        return {entry[language][0]: value for value, entry in _choices(field).items()}

    def _meanings(self, field: str) -> dict[str, str]:
        if field in AGENCY_FIELDS:
            known = {fold(text): agency for agency, name in self._agencies.items() for text in (name, agency)}
        else:
            known = {
                fold(text): value
                for value, entry in _choices(field).items()
                for text in (value, *(said for language in LANGUAGES for said in entry[language]))
            }
        return known | {fold(text): value for text, value in self._own.get(field, {}).items()}


def engine_default(engine: str, field: str) -> str | None:
    """What `port` or `name` is for an engine when nothing is said of it; None for those that have no such default."""
    default: str | None = _data()["engine"].get(engine, {}).get(field)
    return default


def begins_as_remark(text: str) -> bool:
    """Whether a text begins as sums, remarks below a table and signatures do."""
    return fold(text.split(maxsplit=1)[0]) in _data()["no_server"]["begins"]


def _choices(field: str) -> dict[str, Any]:
    table = _data()["choices"].get(field)
    found: dict[str, Any] = _data()[table] if table else {}
    return found


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))
