"""The table of fields in docs/ASSET-REGISTER.md, made from the schema. `make schema` writes it there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cadangan.register.schema import asset_schema

PAGE = Path(__file__).parents[2] / "docs" / "ASSET-REGISTER.md"
BEGIN, END = "<!-- Made by `make schema` from here -->\n", "<!-- to here -->\n"


def table() -> str:
    schema = asset_schema()
    rows = [f"| {' | '.join(row)} |\n" for row in _rows(schema, schema["$defs"], "")]
    return "| field | value | meaning |\n| --- | --- | --- |\n" + "".join(rows)


def page_with_table(page: str) -> str:
    """The page with the table of today between its marks."""
    found = re.search(f"{re.escape(BEGIN)}.*{re.escape(END)}", page, re.DOTALL)
    assert found, "the marks are not there"
    return page.replace(found[0], BEGIN + table() + END)


def _rows(model: dict[str, Any], definitions: dict[str, Any], before: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model["properties"].items():
        needed = name in model["required"] if "required" in model else False
        kind = _without_null(field)
        inner, below = kind, f"{before}{name}."
        if kind.get("type") == "array":
            inner, below = kind["items"], f"{before}{name}[]."
        yield (
            f"{'**' if needed else ''}`{before}{name}`{'**' if needed else ''}",
            _value(kind, field, definitions),
            field["description"],
        )
        if "$ref" in inner:
            yield from _rows(_definition(inner, definitions), definitions, below)


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" not in field or "type" in field:
        return field
    kind: dict[str, Any] = next(each for each in field["anyOf"] if each.get("type") != "null")
    return kind


def _definition(kind: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definitions[kind["$ref"].rpartition("/")[2]]
    return found


def _value(kind: dict[str, Any], field: dict[str, Any], definitions: dict[str, Any]) -> str:
    default = f"; `{field['default']}` if left out" if "default" in field else ""
    if "$ref" in kind:
        return "names with values"
    if "enum" in kind:
        return ", ".join(f"`{each}`" for each in kind["enum"])
    if kind["type"] == "array":
        items = _without_null(kind["items"])
        return "list of names with values" if "$ref" in items else "list of addresses"
    if kind["type"] == "integer":
        return f"whole number{default}"
    if kind.get("format") == "date":
        return "date, `2026-11-25`"
    if "examples" in kind:
        return f"like `{kind['examples'][0]}`{default}"
    return "text"


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text("utf-8")), "utf-8")
