"""What a cell says, as the register writes it; and the other way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import ADDRESS
from ansible_collections.diskominfo.cadangan.plugins.module_utils.shape import NAME

from cadangan.register.spreadsheet import quantities
from cadangan.register.spreadsheet.columns import Heading
from cadangan.register.spreadsheet.dates import day_of
from cadangan.register.spreadsheet.exact_text import LOST, escaped, exact_text, is_safe, quoted
from cadangan.register.spreadsheet.sheet import ERROR, Uncomputed, Value
from cadangan.register.spreadsheet.vocabulary import Vocabulary

_TEXTS = ("text", "path", "choice", "product", "engine")
_NOTHING = {"", "-", "--", "–", "—", "n/a", "N/A"}
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
_EXACT_DIGITS = 15
"""Spreadsheet programs keep so many digits of a number."""
_ROUNDED = re.compile(r"[0-9][.,][0-9]+E\+[0-9]+", re.IGNORECASE)


@dataclass(frozen=True)
class Product:
    """A product with its version in one cell, `Debian 12`; `alone` is what it is called where the version is told."""

    name: str
    version: str
    alone: str


class Cells:
    """Reads and writes the cells of columns, with the words of an office."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._readers: dict[str, Callable[[Heading, Any], Any]] = {
            "text": lambda heading, value: _line(value),
            "path": lambda heading, value: _text(value).strip(),
            "host": lambda heading, value: _host(value),
            "reached_at": lambda heading, value: _reached_at(value),
            "choice": lambda heading, value: vocabulary.choose(heading.column.field, _line(value)),
            "product": lambda heading, value: _product(_line(value)),
            "engine": lambda heading, value: self._engine(heading.column.field, _line(value)),
            "day": lambda heading, value: day_of(value),
            "count": lambda heading, value: quantities.count_of(value),
            "size": lambda heading, value: quantities.size_of(value, heading.unit),
            "span": lambda heading, value: quantities.span_of(value, heading.unit),
            "addresses": lambda heading, value: _addresses(value),
            "support": lambda heading, value: _support(value),
            "support_until": lambda heading, value: [{"what": heading.column.about, "until": day_of(value)}],
            "records": lambda heading, value: _records(value),
        }

    def read(self, heading: Heading, value: Value) -> Any:
        """What the cell says; None if nothing, `ValueError` if it can not be understood."""
        if isinstance(value, Uncomputed):
            raise ValueError("holds a formula whose result is not in the file; open it, let it compute, and save it")
        if isinstance(value, str):
            value = value.strip()
        if value is None or value in _NOTHING:
            return None
        exact = exact_text(value) if heading.column.kind in _TEXTS else None
        if exact is not None:
            _refuse_template(exact)
            return exact
        if isinstance(value, str):
            _refuse(value)
        return self._readers[heading.column.kind](heading, value)

    def write(self, heading: Heading, value: Any, language: str) -> Value:
        """The most readable cell that says `value` and nothing else; `ValueError` if no cell can."""
        reason = "a cell would say something else"
        for candidate in self._candidates(heading, value, language):
            if isinstance(candidate, str) and not is_safe(candidate):
                continue
            try:
                if self.read(heading, candidate) == value:
                    return candidate
            except ValueError as error:
                reason = str(error)
        raise ValueError(reason)

    def _engine(self, field: str, text: str) -> str | Product:
        known = self._vocabulary.meaning(field, text)
        if known is not None:
            return known
        product = _product(text)
        known = self._vocabulary.meaning(field, product.name) if isinstance(product, Product) else None
        return Product(known, product.version, known) if known and isinstance(product, Product) else text

    def _candidates(self, heading: Heading, value: Any, language: str) -> list[Value]:
        """Ways to write `value`, the most readable one first."""
        match heading.column.kind:
            case "choice":
                return [self._vocabulary.word(heading.column.field, value, language), value, quoted(value)]
            case "size":
                return [*quantities.sizes(value)]
            case "span":
                return [quantities.span_words(value, language)]
            case "addresses":
                return ["\n".join(value)]
            case "support":
                return ["\n".join(_support_line(each["what"], each["until"]) for each in value)]
            case "records":
                return [escaped(json.dumps(value, ensure_ascii=False))]
        return [value, quoted(value)] if isinstance(value, str) else [value]


def _refuse(text: str) -> None:
    if ERROR.fullmatch(text.strip()):
        raise ValueError(f"holds the error {text.strip()}")
    _refuse_template(text)
    if LOST in text:
        raise ValueError(f"{text!r} has lost a letter when it was saved in another encoding; type it again")


def _refuse_template(text: str) -> None:
    if _TEMPLATE.search(text):
        raise ValueError("holds {{, {% or {#, which Ansible would run as a template")


def _text(value: Any) -> str:
    match value:
        case bool() | date():
            raise ValueError(f"holds {value}, which is no text; format the cell as text and type it again")
        case int() | float():
            if abs(value) >= 10**_EXACT_DIGITS:
                raise ValueError(
                    f"holds a number, of which only the first {_EXACT_DIGITS} digits are right; "
                    "format the cell as text and type it again"
                )
            return str(int(value)) if value == int(value) else str(value)
    if _ROUNDED.fullmatch(value):
        raise ValueError(f"{value!r} has lost its last digits; format the cell as text and type it again")
    return str(value)


def _line(value: Any) -> str:
    return " ".join(_text(value).split())


def _product(text: str) -> str | Product:
    parts = re.fullmatch(r"(.*\S)\s+v?([0-9].*)", text)
    return Product(parts[1], parts[2], text) if parts else text


def _host(value: Any) -> str:
    text = _line(value)
    if not NAME.holds(text):
        raise ValueError(f"must be {NAME.words}, not {text!r}")
    return text


def _reached_at(value: Any) -> str:
    text = _line(value)
    if not ADDRESS.holds(text):
        raise ValueError(f"must be {ADDRESS.words}, not {text!r}")
    return text


def _addresses(value: Any) -> list[str]:
    found = []
    for each in re.split(r"[\s,;]+", _text(value).strip()):
        try:
            found.append(str(ip_address(re.sub(r"/[0-9]{1,3}$", "", each))))
        except ValueError:
            raise ValueError(f"{each!r} is no address like 10.10.1.11 or fd00::11") from None
    return found


def _support(value: Any) -> list[dict[str, Any]]:
    found = []
    for line in _text(value).split("\n"):
        said, colon, until = line.rpartition(":")
        exact = exact_text(said)
        what = " ".join(said.split()) if exact is None else exact
        if not (colon and what):
            raise ValueError(f"{line!r} must say what and until when, like Debian 12: 30 Juni 2028")
        _refuse_template(what)
        found.append({"what": what, "until": day_of(until)})
    return found


def _support_line(what: str, until: date) -> str:
    plain = f"{what}: {until}"
    try:
        _refuse(plain)
        same = _support(plain) == [{"what": what, "until": until}]
    except ValueError:
        same = False
    return plain if same and is_safe(plain) else f"{quoted(what)}: {until}"


def _records(value: Any) -> list[Any]:
    try:
        found = json.loads(_text(value))
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        found = None
    _refuse_template(json.dumps(found, ensure_ascii=False))
    if not isinstance(found, list):
        raise ValueError('must be a list in the form of JSON, like [{"engine": …, "instance": "5432"}]')
    return found
