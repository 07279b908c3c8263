"""Sizes and lengths of time: what was read is written again as the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cadangan.procedure.fields import Size, Span, size_text, span_text
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

SIZE: TypeAdapter[Any] = TypeAdapter(Size)
SPAN: TypeAdapter[Any] = TypeAdapter(Span)


@given(st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3})? ?(MB|GB|TB)", fullmatch=True))
def test_a_size_is_written_as_the_same_size(text: str) -> None:
    size = SIZE.validate_python(text)
    assert SIZE.validate_python(size_text(size)) == size
    assert SIZE.dump_python(size, mode="json") == size_text(size)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (10**10, "10 GB"),
        (1_500_000_000_000, "1.5 TB"),
        (10**12, "1 TB"),
        (500 * 10**6, "500 MB"),
        (16_777_216_000, "16.777 GB"),
        (1, "0 MB"),
    ],
)
def test_a_size_is_written_for_people(size: int, text: str) -> None:
    assert size_text(size) == text


@given(st.from_regex(r"[1-9][0-9]{0,4} ?(min|h|d)", fullmatch=True))
def test_a_length_of_time_is_written_as_the_same(text: str) -> None:
    span = SPAN.validate_python(text)
    assert SPAN.validate_python(span_text(span)) == span
    assert SPAN.dump_python(span, mode="json") == span_text(span)


@pytest.mark.parametrize(("hours", "text"), [(24, "24 h"), (36, "36 h"), (48, "2 d"), (1.5, "90 min")])
def test_a_length_of_time_is_written_for_people(hours: float, text: str) -> None:
    assert span_text(timedelta(hours=hours)) == text
