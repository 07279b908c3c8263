"""Kinds of values that several files of an office have."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated, Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from pydantic import AfterValidator, BeforeValidator, Field


def _as_it_looks(text: str) -> str:
    """`text` in Unicode's composed form; `ValueError` if it could show as something else than it is."""
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError(f"holds a line break or a control character: {text!a}")
    composed = unicodedata.normalize("NFC", text)
    canonical.check_text(composed)
    return composed


Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_as_it_looks)]
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
