"""The exact shape of a document: its keys, all of them and no other, and the exact type of every value."""

from __future__ import annotations

import re
from typing import Any, Callable, NamedTuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.canonical import CanonicalError, loads
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

RULE = "A document of the gate has exactly the keys and types that FORMATS.md gives."


class Rule(NamedTuple):
    """A condition on a single value, and the words for it."""

    words: str
    holds: Callable[[Any], bool]


def is_integer(value: object) -> bool:
    """Whether `value` is an integer; `true` is none, though Python says so."""
    return isinstance(value, int) and not isinstance(value, bool)


def one_of(*choices: str) -> Rule:
    """One of these strings."""
    return Rule("one of " + ", ".join(choices), lambda value: isinstance(value, str) and value in choices)


def matching(pattern: str, words: str) -> Rule:
    """A string that matches `pattern` as a whole."""
    compiled = re.compile(pattern)
    return Rule(words, lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None)


TEXT = Rule("text", lambda value: isinstance(value, str))
LINE = Rule("text that is not empty", lambda value: isinstance(value, str) and value != "" and "\0" not in value)
FLAG = Rule("true or false", lambda value: isinstance(value, bool))
COUNT = Rule("a number from 0", lambda value: is_integer(value) and value >= 0)
NUMBER = Rule("a number from 1", lambda value: is_integer(value) and value >= 1)
TIME = Rule("a time such as 2026-11-25T02:06:37Z", moment.is_time)
DIGEST = matching(r"[0-9a-f]{64}", "a SHA-256 digest")
# Names become parts of paths: neither a slash nor a dot at the start.
NAME = matching(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,252}", "a name of letters, digits, '.', '_' and '-'")
CASE = matching(r"[BDR]-[0-9]{4}-[0-9]{4,12}", "a case id such as B-2026-0001")
SIGNED_TEXT = {"text": LINE, "signature": LINE}


def nullable(rule: Rule) -> Rule:
    """`rule`, or null."""
    return Rule(rule.words + ", or null", lambda value: value is None or rule.holds(value))


def constant(wanted: Any) -> Rule:
    """Exactly this value."""
    return Rule(repr(wanted), lambda value: type(value) is type(wanted) and value == wanted)


def check(value: Any, shape: Any, where: str) -> None:
    """`Refused`, naming the place in `where`, unless `value` has `shape`.

    A shape is a `Rule`, an object of shapes, or a list of one shape that every entry has.
    """
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise Refused(f"{where} is not an object.", RULE)
        for key in shape:
            if key not in value:
                raise Refused(f"{where}.{key} is missing.", RULE)
        for key in value:
            if key not in shape:
                raise Refused(f"{where}.{key} does not belong there.", RULE)
        for key, inner in shape.items():
            check(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise Refused(f"{where} is not a list.", RULE)
        for index, entry in enumerate(value):
            check(entry, shape[0], f"{where}[{index}]")
    elif not shape.holds(value):
        raise Refused(f"{where} is not {shape.words}.", RULE)


def read(text: str | bytes, shape: Any, where: str) -> dict[str, Any]:
    """The document in the canonical JSON `text`; `Refused` unless it is canonical and has `shape`."""
    document = parse(text, where)
    check(document, shape, where)
    return document


def parse(text: str | bytes, where: str) -> dict[str, Any]:
    """The document in the canonical JSON `text`; `Refused` unless it is canonical."""
    try:
        return loads(text.encode("ascii") if isinstance(text, str) else text)
    except UnicodeEncodeError:
        raise Refused(f"{where} holds characters that are not ASCII.", RULE) from None
    except CanonicalError as error:
        raise Refused(f"{where} is not canonical JSON: {error}.", RULE) from None
