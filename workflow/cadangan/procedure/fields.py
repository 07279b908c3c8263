"""Kinds of values that several files of an office have."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
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


_SIZE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,3})?) ?(MB|GB|TB)")
_BYTES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


def _from_size(value: Any) -> int:
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"must be a size like 500 MB, 50 GB or 1.5 TB, not {value!r}")
    return int(Decimal(found[1]) * _BYTES[found[2]])


Size = Annotated[int, BeforeValidator(_from_size)]
"""Bytes, written for people in decimal units: `50 GB`."""
