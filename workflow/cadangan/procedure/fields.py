"""Kinds of values that several files of an office have."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

Line = Annotated[str, Field(min_length=1, max_length=500)]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


def _from_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"must be a date like 2026-11-25, not {value!r}") from None


# YAML reads a date as a date only without quotes; JSON, which is YAML too, has them always.
Day = Annotated[date, BeforeValidator(_from_text)]
