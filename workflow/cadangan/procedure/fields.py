"""Kinds of values that several files of an office have."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema


def _as_it_looks(text: str) -> str:
    """`text` in Unicode's composed form; `ValueError` if it could show as something else than it is."""
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError(f"holds a line break or a control character: {text!a}")
    composed = unicodedata.normalize("NFC", text)
    canonical.check_text(composed)
    return composed


Line = Annotated[
    str,
    Field(min_length=1, max_length=500, json_schema_extra={"pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"}),
    AfterValidator(_as_it_looks),
]
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


def size_text(size: int) -> str:
    """`size` bytes as a `Size` is written, exact if it was written so; else what is less than a kB is rounded off."""
    holding = [unit for unit, factor in _BYTES.items() if size < 10_000 * factor] or ["TB"]
    exact = [unit for unit in holding if size >= _BYTES[unit] and size * 1000 % _BYTES[unit] == 0]
    unit = exact[-1] if exact else holding[0]
    return f"{(Decimal(size) / _BYTES[unit]).quantize(Decimal('0.001')).normalize():f} {unit}"


Size = Annotated[
    int,
    BeforeValidator(_from_size),
    PlainSerializer(size_text, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^{_SIZE.pattern}$", "examples": ["50 GB"]}),
]
"""Bytes, written for people in decimal units: `50 GB`."""


_SPAN = re.compile(r"([1-9][0-9]{0,4}) ?(min|h|d)")
_SPAN_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _from_span(value: Any) -> timedelta:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"must be a length of time like 30 min, 24 h or 7 d, not {value!r}")
    return int(found[1]) * _SPAN_UNITS[found[2]]


def span_text(span: timedelta) -> str:
    """`span` as a `Span` is written, in the largest unit that says it in whole numbers, days only from the second."""
    unit = next(unit for unit in ("d", "h", "min") if span % _SPAN_UNITS[unit] == timedelta(0))
    if unit == "d" and span < 2 * _SPAN_UNITS["d"]:
        unit = "h"
    return f"{span // _SPAN_UNITS[unit]} {unit}"


Span = Annotated[
    timedelta,
    BeforeValidator(_from_span),
    PlainSerializer(span_text, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^{_SPAN.pattern}$", "examples": ["24 h"]}),
]
"""A length of time, written for people: `24 h`."""
