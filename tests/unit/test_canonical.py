"""Canonical JSON: one form only, and nothing that reads in two ways."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)


def nested(levels: int) -> dict[str, Any]:
    value: Any = []
    for _level in range(levels - 2):
        value = [value]
    return {"a": value}


@given(OBJECTS)
def test_what_is_written_reads_back_equal(obj: dict[str, Any]) -> None:
    assert canonical.loads(canonical.dumps(obj)) == obj


@given(OBJECTS, st.booleans(), st.booleans(), st.sampled_from([None, 1]))
def test_another_spelling_is_refused(obj: dict[str, Any], ascii_only: bool, sort: bool, indent: int | None) -> None:
    other = json.dumps(obj, ensure_ascii=ascii_only, sort_keys=sort, indent=indent).encode() + b"\n"
    if other != canonical.dumps(obj):
        with pytest.raises(canonical.CanonicalError):
            canonical.loads(other)


@given(st.binary(max_size=40))
def test_any_bytes_are_canonical_or_refused(data: bytes) -> None:
    try:
        obj = canonical.loads(data)
    except canonical.CanonicalError:
        return
    assert canonical.dumps(obj) == data


def test_form() -> None:
    obj = {"b": [1, -0, True, None], "a": "é\n/<"}
    assert canonical.dumps(obj) == b'{"a":"\\u00e9\\n/<","b":[1,0,true,null]}\n'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"{}\n\n",
        b"{ }\n",
        b"[]\n",
        b"null\n",
        b"1\n",
        b'"text"\n',
        b"\xef\xbb\xbf{}\n",
        b'{"a":"\xc3\xa9"}\n',
        b'{"a":"\\u00E9"}\n',
        b'{"a":"\\/"}\n',
        b'{"a":"\\u0041"}\n',
        b'{"a":1.0}\n',
        b'{"a":1e2}\n',
        b'{"a":-0}\n',
        b'{"a":01}\n',
        b'{"a":NaN}\n',
        b'{"a":Infinity}\n',
        b'{"a":9007199254740992}\n',
        b'{"a":-9007199254740992}\n',
        b'{"a":' + b"9" * 5000 + b"}\n",
        b'{"a":1,"a":1}\n',
        b'{"b":1,"a":1}\n',
        b'{"A":1}\n',
        b'{"1a":1}\n',
        b'{"a-b":1}\n',
        b'{"":1}\n',
        b'{"a\\n":1}\n',
        b'{"a":"\\ud800"}\n',
        b'{"a":"\\udc00\\ud800"}\n',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
        canonical.dumps(nested(16)).replace(b"[]", b"[[]]"),
    ],
)
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(canonical.CanonicalError):
        canonical.loads(data)


@pytest.mark.parametrize(
    "value", [1.0, 2**53, "\ud800", b"bytes", ("tuple",), {1}, nested(16), {"A": 1}, {1: 1}, object()]
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(canonical.CanonicalError):
        canonical.dumps({"a": value})


def test_only_an_object_is_a_document() -> None:
    with pytest.raises(canonical.CanonicalError):
        canonical.dumps([])  # type: ignore[arg-type]


def test_depth_16_is_the_last() -> None:
    assert canonical.loads(canonical.dumps(nested(16))) == nested(16)


def test_limit_counts_every_byte() -> None:
    data = canonical.dumps({"a": "x" * (canonical.LIMIT - 9)})
    assert len(data) == canonical.LIMIT
    assert canonical.loads(data)
    with pytest.raises(canonical.CanonicalError, match="more than"):
        canonical.dumps({"a": "x" * (canonical.LIMIT - 8)})
    with pytest.raises(canonical.CanonicalError, match="more than"):
        canonical.loads(data, limit=canonical.LIMIT - 1)
    assert canonical.dumps({"a": "x" * canonical.LIMIT}, canonical.MANIFEST_LIMIT)


def test_what_is_too_long_is_not_even_parsed() -> None:
    with pytest.raises(canonical.CanonicalError, match="more than"):
        canonical.loads(b"[" * (canonical.LIMIT + 1))


def test_digest_is_sha256() -> None:
    assert canonical.digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("text", ["Dinas Pendidikan", "é", "日本", "", "{{ lookup('pipe', 'id') }}"])
def test_plain_text_may_be_signed(text: str) -> None:
    canonical.check_text({"a": [text, 1, None]})


@pytest.mark.parametrize("text", ["e\u0301", "\u212b", "abc\u202egpj.exe", "\u2066a\u2069", "\u200f"])
def test_misleading_text_may_not_be_signed(text: str) -> None:
    with pytest.raises(canonical.CanonicalError):
        canonical.check_text({"a": [{"b": text}]})
