"""How a new value is written into a YAML text: as people write it, quoted exactly when YAML needs it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from cadangan.register.yaml_tree import STRING, implicit_tag

Value = str | int | bool | date | None | list[Any] | Mapping[str, Any]

_EMITTER: Any = yaml.emitter.Emitter(io.StringIO())
# What YAML 1.2, but not Ansible's YAML 1.1, reads as a number.
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")


def scalar(value: str | int | bool | date | None, *, in_flow: bool) -> str:
    """One value in one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if _is_plain(value, in_flow) else _quoted(value)


def flow(value: Value) -> str:
    """The value in one line, with braces and brackets."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{scalar(key, in_flow=True)}: {flow(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value, in_flow=True)


def needs_lines(value: Value) -> bool:
    """Whether in block style the value stands in lines of its own: a mapping or list that is not empty."""
    return isinstance(value, Mapping | list) and bool(value)


def lines(value: Value, step: int) -> list[str]:
    """The value in block style, not indented itself, what is in it by `step` spaces."""
    if not needs_lines(value):
        return [inline(value)]
    if isinstance(value, Mapping):
        return [line for key, part in value.items() for line in _pair(key, part, step)]
    assert isinstance(value, list)
    return [line for part in value for line in _item(part, step)]


def inline(value: Value) -> str:
    """A value that needs no lines of its own."""
    return flow(value) if isinstance(value, Mapping | list) else scalar(value, in_flow=False)


def _pair(key: str, value: Value, step: int) -> list[str]:
    name = scalar(key, in_flow=False)
    if needs_lines(value):
        return [f"{name}:", *(" " * step + line for line in lines(value, step))]
    return [f"{name}: {inline(value)}"]


def _item(value: Value, step: int) -> list[str]:
    first, *others = lines(value, step)
    return [f"- {first}", *(f"  {line}" for line in others)]


def _is_plain(text: str, in_flow: bool) -> bool:
    found = _EMITTER.analyze_scalar(text)
    allowed = found.allow_flow_plain if in_flow else found.allow_block_plain
    is_string = implicit_tag(text) == STRING and not _NUMBER.fullmatch(text)
    return allowed and not found.multiline and is_string


def _quoted(text: str) -> str:
    # Without `...`, which ends a document, as nothing follows a quoted text.
    dumped: str = yaml.dump(text, Dumper=yaml.SafeDumper, default_style='"', allow_unicode=True, width=float("inf"))
    return dumped.removesuffix("\n")
