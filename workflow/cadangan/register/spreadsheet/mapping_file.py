"""An office's own mapping file: what its spreadsheet's headings and words mean, where Cadangan can not know."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cadangan.errors import BadInput
from cadangan.procedure.fields import Line
from cadangan.register.spreadsheet.columns import Column, Heading, all_columns, column_of, heading_key
from cadangan.register.yaml_file import YamlFile

IGNORE: Final = "ignore"
_TARGET = re.compile(r"(?P<field>[a-z_.]+)(?: (?P<about>[^()]+?))?(?: \((?P<unit>[^()]+)\))?")


def _target(text: str) -> str:
    if text != IGNORE:
        heading_for(text)
    return text


def _known_field(field: str) -> str:
    heading_for(field)
    return field


class MappingFile(BaseModel):
    """What the file may say."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sheet: Line | None = None
    """The sheet to read."""
    heading_rows: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1, max_length=3)] | None = None
    """The rows of its headings, as the spreadsheet program numbers them."""
    columns: dict[Line, Annotated[str, AfterValidator(_target)]] = {}
    """What headings mean: a field, or `ignore`."""
    words: dict[Annotated[str, AfterValidator(_known_field)], dict[Line, Line]] = {}
    """By field: what words in its cells mean."""
    fixed: dict[Annotated[str, AfterValidator(_known_field)], Any] = {}
    """By field: what is so of every server of which the spreadsheet does not say it."""

    @cached_property
    def _targets(self) -> dict[tuple[str, ...], str]:
        return {heading_key(heading): target for heading, target in self.columns.items()}

    def target(self, text: str) -> str | None:
        """What the file says that a heading means."""
        return self._targets.get(heading_key(text))


def read_mapping(path: Path) -> MappingFile:
    """The mapping file; `BadInput` with file, line and field if it is wrong, `Missing` if it is not there."""
    return YamlFile.read(path).validate(MappingFile)


def heading_for(target: str) -> Heading:
    """The heading that a mapping file means by `machine.memory (GB)` or `support Licence`; `ValueError` otherwise."""
    parts = _TARGET.fullmatch(target)
    if not parts:
        raise ValueError(f"must be a field, like machine.memory or machine.memory (GB), or {IGNORE}; not {target!r}")
    try:
        column = column_of(parts["field"])
    except BadInput as error:
        raise ValueError(f"{error.message}. {error.advice}") from None
    if parts["about"]:
        dated = next(each for each in all_columns() if each.kind == "support_until")
        if column.field != dated.field:
            raise ValueError(f"only {dated.field} takes words after it, as in {dated.field} Licence")
        column = Column(dated.field, dated.kind, about=parts["about"])
    return Heading(column, parts["unit"] or "")
