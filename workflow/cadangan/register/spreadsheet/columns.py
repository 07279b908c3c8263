"""Which columns a spreadsheet of the register has, and by which headings they are known."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from cadangan.errors import BadInput
from cadangan.procedure.names import did_you_mean

DATABASES = "databases"
"""Fields that begin with it are of one database: a server may have several rows of them."""

LANGUAGES = ("id", "en")
_IN_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")


@dataclass(frozen=True)
class Column:
    """A field of the register as a column.

    `field` is its dotted path in `cadangan_asset`, or the host's own `host` and `ansible_host`; `kind` says how its
    cells are read; `title` are the headings that we write, by language; `about` is what a date is about, where the
    heading says it.
    """

    field: str
    kind: str
    title: tuple[tuple[str, str], ...] = ()
    about: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.field.split("."))

    @property
    def is_of_database(self) -> bool:
        return self.path[0] == DATABASES

    @property
    def may_repeat(self) -> bool:
        """Whether several columns may be of this field: what they hold is put together."""
        return self.kind in ("addresses", "support", "support_until")

    def heading(self, language: str) -> str:
        return dict(self.title)[language]


@dataclass(frozen=True)
class Heading:
    """A heading that was understood: its column, and the unit that it says in brackets, such as `GB`."""

    column: Column
    unit: str = ""


def fold(text: str) -> str:
    """`text` without what people write differently: case, accents, punctuation and line breaks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(re.findall(r"\w+", plain))


@cache
def all_columns() -> tuple[Column, ...]:
    """Every column that the register can be written to, in their order."""
    columns = []
    for name, entry in _data()["columns"].items():
        field, _, about = name.partition(" ")
        title = tuple((language, entry[language][0]) for language in LANGUAGES)
        columns.append(Column(field, entry["kind"], title, about))
    return tuple(columns)


def sheet_name(language: str) -> str:
    """What the sheet is called that we write."""
    return str(_data()["sheet"][language])


def column_of(field: str) -> Column:
    """The column of a field; `BadInput` with the nearest one."""
    for column in all_columns():
        if field == column.field and not column.about:
            return column
    raise BadInput(f"there is no field {field!r}", advice=did_you_mean(field, (each.field for each in all_columns())))


def understand(levels: Iterable[str]) -> Heading | None:
    """What a heading means; of headings in several rows, all words together first, then the lowest row alone."""
    words = [text for text in levels if fold(text)]
    for said in [" ".join(words), *reversed(words)]:
        column = _known().get(heading_key(said))
        if column is not None:
            unit = _IN_BRACKETS.search(said)
            return Heading(column, unit[1].strip() if unit else "")
    return None


def nearest_heading(text: str) -> str:
    """`Did you mean …?` for a heading that nobody knows; empty if none is near."""
    advice = did_you_mean(
        text, (said for entry in _data()["columns"].values() for said in (*entry["id"], *entry["en"]))
    )
    return advice if advice.startswith("Did") else ""


@lru_cache(maxsize=4096)
def heading_key(text: str) -> tuple[str, ...]:
    """What makes two headings the same: their words, in any order, without what is in brackets."""
    folded = f" {fold(_IN_BRACKETS.sub(' ', text))} "
    for phrase, word in _data()["phrases"].items():
        folded = folded.replace(f" {phrase} ", f" {word} ")
    return tuple(sorted(set(folded.split())))


@cache
def _known() -> dict[tuple[str, ...], Column]:
    known: dict[tuple[str, ...], Column] = {}
    for column, entry in zip(all_columns(), _data()["columns"].values(), strict=True):
        for said in (*entry["id"], *entry["en"]):
            known.setdefault(heading_key(said), column)
    return known


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("columns.toml").read_text("utf-8"))
