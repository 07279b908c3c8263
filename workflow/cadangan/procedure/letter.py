"""The request letter as the clerk types it in: a YAML file, checked here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cadangan.procedure.fields import Day, Line


class LetterItem(BaseModel):
    """One work item as the letter names it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    asset: Line
    engine: Line
    instance: str = Field(default="", max_length=100)
    database: Annotated[str, Field(min_length=1, max_length=4096)]
    drill: bool | None = None
    set: Line | None = None
    mode: Literal["copy", "replace", "drill"] | None = None
    target: Annotated[str, Field(min_length=1, max_length=4096)] | None = None


class Letter(BaseModel):
    """A request letter (surat permohonan): who asks, why, and for what; a disposal is asked for in the same way."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["backup", "restore", "disposal"]
    number: Line
    date: Day
    subject: Line
    nature: Line = "Biasa"
    agency: Line
    applicant: Line
    reason: Annotated[str, Field(min_length=1, max_length=5000)]
    attachments: list[Line] = []
    items: Annotated[list[LetterItem], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _items_fit_the_kind(self) -> Letter:
        for number, item in enumerate(self.items, start=1):
            where = f"items[{number}]"
            if self.kind == "backup":
                _refuse_fields(item, where, "backup", "set", "mode", "target")
            elif self.kind == "disposal":
                _refuse_fields(item, where, "disposal", "mode", "target", "drill")
                if item.set is None:
                    raise ValueError(f"{where}.set is missing: a disposal names each set")
            else:
                if item.mode is None:
                    raise ValueError(f"{where}.mode is missing: copy, replace or drill")
                if item.mode == "copy" and item.target is None:
                    raise ValueError(f"{where}.target is missing: a copy needs the name of the new database")
                if item.mode == "drill" and item.target is not None:
                    raise ValueError(f"{where}.target: a drill restores to a scratch place and takes no target")
                if item.mode == "replace" and item.target not in (None, item.database):
                    raise ValueError(f"{where}.target must be the database itself when mode is replace")
                if item.drill is not None:
                    raise ValueError(f"{where}.drill belongs to a backup; for a drill alone use mode: drill")
        return self

    @property
    def prefix(self) -> str:
        """`B` for a backup case, `R` for a restore case, `D` for a disposal case."""
        return self.kind[0].upper()


def _refuse_fields(item: LetterItem, where: str, kind: str, *names: str) -> None:
    for name in names:
        if getattr(item, name) is not None:
            raise ValueError(f"{where}.{name} does not belong to a letter of the kind {kind}")
