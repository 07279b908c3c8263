"""What a cell says, as the register writes it; and the other way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import ADDRESS
from ansible_collections.diskominfo.cadangan.plugins.module_utils.shape import NAME

from cadangan.register.spreadsheet import quantities
from cadangan.register.spreadsheet.columns import Heading
from cadangan.register.spreadsheet.dates import day_of
from cadangan.register.spreadsheet.sheet import ERROR, Uncomputed, Value
from cadangan.register.spreadsheet.vocabulary import Vocabulary

_TEXTS = ("text", "path", "choice", "product", "engine")
_NOTHING = {"", "-", "--", "–", "—", "n/a", "N/A"}
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
_LOST = "\N{REPLACEMENT CHARACTER}"
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
        exact = _exact(value)
        if isinstance(value, str):
            _refuse(value if exact is None else exact)
        if exact is not None and heading.column.kind in _TEXTS:
            return exact
        return self._readers[heading.column.kind](heading, value)

    def write(self, heading: Heading, value: Any, language: str) -> Value:
        """The most readable cell that says `value` and nothing else; `ValueError` if no cell can."""
        for candidate in self._candidates(heading, value, language):
            try:
                if self.read(heading, candidate) == value:
                    return candidate
            except ValueError as error:
                reason = str(error)
            else:
                reason = "a cell would say something else"
        raise ValueError(reason)

    def _engine(self, field: str, text: str) -> str | Product:
        known = self._vocabulary.meaning(field, text)
        if known is not None:
            return known
        product = _product(text)
        known = self._vocabulary.meaning(field, product.name) if isinstance(product, Product) else None
        return Product(known, product.version, known) if known and isinstance(product, Product) else text

    def _candidates(self, heading: Heading, value: Any, language: str) -> Iterator[Value]:
        """Ways to write `value`, never one that a spreadsheet program takes for a formula."""
        match heading.column.kind:
            case "choice":
                plain = [self._vocabulary.word(heading.column.field, value, language), value]
            case "size":
                plain = quantities.sizes(value)
            case "span":
                plain = [quantities.span_words(value, language)]
            case "addresses":
                plain = ["\n".join(value)]
            case "support":
                plain = ["\n".join(f"{each['what']}: {each['until']}" for each in value)]
            case "records":
                plain = [json.dumps(value, ensure_ascii=False)]
            case _:
                plain = [value]
        yield from (each for each in plain if not (isinstance(each, str) and each[:1] in "=+-@"))
        if isinstance(value, str):
            yield _quoted(value)


def _refuse(text: str) -> None:
    if ERROR.fullmatch(text.strip()):
        raise ValueError(f"holds the error {text.strip()}")
    if _TEMPLATE.search(text):
        raise ValueError("holds {{, {% or {#, which Ansible takes for commands")
    if _LOST in text:
        raise ValueError(f"{text!r} has lost a letter when it was saved in another encoding; type it again")


def _exact(value: Value) -> str | None:
    """What stands in quotation marks is meant letter by letter, with escapes as in JSON."""
    if not (isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"'):
        return None
    try:
        exact = json.loads(value)
    except ValueError:
        return None
    return exact if isinstance(exact, str) else None


def _quoted(text: str) -> str:
    """`text` such that nothing of it gets lost in a cell: no control characters, no spaces that programs merge."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(
        "\\u0020" if quoted.startswith("  ", number) else each if each.isprintable() else json.dumps(each)[1:-1]
        for number, each in enumerate(quoted)
    )


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
    for line in _text(value).splitlines():
        what, colon, until = line.rpartition(":")
        if not (colon and what.strip()):
            raise ValueError(f"{line!r} must say what and until when, like Debian 12: 30 Juni 2028")
        found.append({"what": what.strip(), "until": day_of(until)})
    return found


def _records(value: Any) -> list[Any]:
    try:
        found = json.loads(_text(value))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise ValueError('must be a list in the form of JSON, like [{"engine": …, "instance": "5432"}]')
    return found
