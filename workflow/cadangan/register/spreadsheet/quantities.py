"""Numbers, sizes and lengths of time as people write them in cells, and as the register writes them."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from pydantic import TypeAdapter

from cadangan.procedure.fields import Size, size_text, span_text
from cadangan.register.spreadsheet.columns import fold

_PLAIN = re.compile(r"[0-9]+")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?:,[0-9]{3}){2,}")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]+")
_WITH_UNIT = re.compile(r"([0-9.,]+)\s*(.*)", re.DOTALL)

_BYTES = {"kb": 10**3, "k": 10**3, "mb": 10**6, "m": 10**6, "gb": 10**9, "g": 10**9, "tb": 10**12, "t": 10**12}
_MOST_BYTES = 10_000 * 10**12
_MOST_MINUTES = 99_999 * 1440
_SIZE: TypeAdapter[int] = TypeAdapter(Size)
_MINUTES = {
    unit: minutes
    for minutes, units in (
        (1, "min m menit minute minutes"),
        (60, "h jam hour hours j"),
        (1440, "d hari day days"),
    )
    for unit in units.split()
}
_SPAN_WORDS = {"id": ("hari", "jam", "menit"), "en": ("days", "hours", "minutes")}


def number_of(text: str) -> Decimal:
    """`1,5` and `1.5` alike; `ValueError` for what is no number, or two: `1.024` is 1024 here and 1.024 there."""
    if _AMBIGUOUS.fullmatch(text):
        whole, part = re.split("[.,]", text)
        raise ValueError(f"{text!r} may mean {whole}{part} or {whole}.{part}; write it without point and comma")
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _THOUSANDS.fullmatch(text):
        return Decimal(re.sub("[.,]", "", text))
    if _DECIMAL.fullmatch(text):
        return Decimal(text.replace(",", "."))
    raise ValueError(f"{text!r} is no number")


def count_of(value: str | float) -> int:
    """`8` for `8`, `8.0`, `8 core` and `8 vCPU`."""
    parts = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?\s*[^\W\d]*", str(value).strip())
    if not parts:
        raise ValueError(f"{value!r} must be a whole number, like 8")
    return int(parts[1])


def size_of(value: str | float, unit: str) -> str:
    """A size as the register writes it; a number alone has the `unit` that the heading says."""
    number, said = _number_and_unit(value, unit)
    if said not in _BYTES:
        raise ValueError(f"{value!r} must be a size with its unit, like 500 MB, 32 GB or 1.5 TB")
    count = number * _BYTES[said]
    if count >= _MOST_BYTES:
        raise ValueError(f"{value!r} is more than the register takes")
    text = size_text(int(count))
    if _SIZE.validate_python(text) != count:
        raise ValueError(f"{value!r} has too many digits: the register has three after the point, like 16.393 GB")
    return text


def sizes(text: str) -> list[str]:
    """A size of the register in the ways in which a cell may have it, the most readable one first."""
    number, unit = text.split()
    count = Decimal(number) * _BYTES[unit.lower()]
    return [text, *(f"{(count / length).normalize():f} {unit}" for unit, length in (("MB", 10**6), ("kB", 10**3)))]


def span_of(value: str | float, unit: str) -> str:
    """A length of time as the register writes it; a number alone has the `unit` that the heading says."""
    number, said = _number_and_unit(value, unit)
    minutes = number * _MINUTES.get(said, 0)
    if not 0 < minutes <= _MOST_MINUTES or minutes != int(minutes):
        raise ValueError(f"{value!r} must be a length of time with its unit, like 30 menit, 24 jam or 7 hari")
    return span_text(timedelta(minutes=int(minutes)))


def span_words(text: str, language: str) -> str:
    """A length of time of the register in words: `24 jam`."""
    number, unit = text.split()
    words = dict(zip(("d", "h", "min"), _SPAN_WORDS[language], strict=True))
    return f"{number} {words[unit]}"


def _number_and_unit(value: str | float, unit: str) -> tuple[Decimal, str]:
    if isinstance(value, int | float):
        return Decimal(str(value)), fold(unit)
    parts = _WITH_UNIT.fullmatch(value.strip())
    if not parts:
        raise ValueError(f"{value!r} is no number")
    return number_of(parts[1]), fold(parts[2]) or fold(unit)
