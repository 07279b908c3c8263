"""The shapes of the journal's entries that a case rests on (FORMATS, "Journal"), for who reads them as a stranger."""

from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape

_OBJECT = shape.Rule("an object", lambda value: isinstance(value, dict))
_OBJECTS = [_OBJECT]
_CASE = {"case": shape.CASE}
_SIGNED = {**_CASE, **shape.SIGNED_TEXT, "digest": shape.DIGEST}

_SHAPES: dict[str, dict[str, Any]] = {
    "opened": {"office": shape.NAME, "journal": shape.LINE},
    "trust": {"serial": shape.NUMBER, "digest": shape.DIGEST, "bundle": shape.LINE},
    "onboarded": {"asset": shape.NAME, "ledger": shape.TEXT, "last": shape.COUNT, "key": shape.LINE},
    "imported": {"set": shape.LINE, "key": shape.LINE, "key_known": shape.FLAG},
    "withdrawal": {**_SIGNED, "number": shape.NUMBER},
    "request": {**_CASE, "request": shape.LINE, "digest": shape.DIGEST},
    "proposal": {**_CASE, "window": {"from": shape.TIME, "until": shape.TIME}, "person": shape.NAME},
    "decision": _SIGNED,
    "order": {**_SIGNED, "permit": shape.LINE},
    "started": {
        **_CASE,
        "run": shape.LINE,
        "order": shape.DIGEST,
        "items": [shape.LINE],
        "host": shape.TEXT,
        "via": shape.TEXT,
    },
    "outcome": {
        **_CASE,
        "run": shape.LINE,
        "item": shape.LINE,
        "asset": shape.NAME,
        "result": shape.one_of("done", "failed", "refused", "unreachable"),
        "message": shape.TEXT,
        "facts": _OBJECT,
        "ledger": shape.TEXT,
        "last": shape.COUNT,
    },
    "ended": {
        **_CASE,
        "run": shape.LINE,
        "result": shape.one_of("done", "failed", "unknown", "interrupted"),
        "items": [{"item": shape.LINE, "result": shape.LINE, "message": shape.TEXT}],
    },
    "document": {**_CASE, "document": shape.LINE, "sha256": shape.DIGEST, "name": shape.LINE},
}
_ENTRY = {"type": shape.LINE, "at": shape.TIME}
_REQUEST = {
    "type": shape.constant("request"),
    "office": shape.NAME,
    "case": shape.CASE,
    "agency": shape.NAME,
    "at": shape.TIME,
    "applicant": shape.NAME,
    "subject": shape.TEXT,
    "letter": {"number": shape.TEXT, "date": shape.TEXT},
    "attachments": [{"name": shape.LINE, "sha256": shape.DIGEST}],
    "sealed": shape.DIGEST,
    "items": _OBJECTS,
}
_BUNDLE = {"text": shape.LINE, "signatures": [{"person": shape.NAME, "signature": shape.LINE}]}


def read_entry(text: bytes, where: str) -> dict[str, Any]:
    """The entry in these bytes; `Refused` unless it is canonical and has what its type needs, also in its texts.

    Keys that are not known here are let pass, and so are types: a newer version may have written them.
    """
    entry = shape.parse(text, where)
    _check(entry, _ENTRY, where)
    _check(entry, _SHAPES.get(entry["type"], {}), where)
    if entry["type"] == "trust":
        shape.check(shape.parse(entry["bundle"], where), _BUNDLE, f"{where}.bundle")
    if entry["type"] == "request":
        read_request(entry["request"])
    return entry


def is_known(entry_type: str) -> bool:
    """Whether entries of this type are read here."""
    return entry_type in _SHAPES


def read_request(text: str) -> dict[str, Any]:
    """The request in an entry; `Refused` unless it has what a request needs."""
    request = shape.parse(text, "request")
    _check(request, _REQUEST, "request")
    return request


def _check(value: dict[str, Any], wanted: dict[str, Any], where: str) -> None:
    shape.check({key: value[key] for key in wanted if key in value}, wanted, where)
