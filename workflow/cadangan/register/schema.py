"""The JSON Schema of an inventory with the asset register, made from the model: for editors, and for the documentation.

It says of the text in the file what the model says of the values: sizes are texts like `50 GB`, a database may leave
out its agency, and the name of a server is the key under which it stands.
"""

from __future__ import annotations

from typing import Any

from cadangan.procedure.fields import size_text
from cadangan.register.asset import Asset
from cadangan.register.written_asset import VARIABLE

SCHEMA_FILE = ".asset.schema.json"
"""Its name beside the inventory's files. Ansible would read it as an inventory if it were not hidden."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def inventory_schema() -> dict[str, Any]:
    """The schema of a YAML file that names groups, hosts and their `cadangan_asset`."""
    asset = asset_schema()
    definitions = asset.pop("$defs")
    group = {"$ref": "#/$defs/Group"}
    return {
        "$schema": _DIALECT,
        "title": "Ansible's inventory as an asset register",
        "type": "object",
        "additionalProperties": group,
        "$defs": {
            "Group": {
                "description": "A group of hosts, with hosts and groups in it.",
                "type": ["object", "null"],
                "properties": {
                    "hosts": _named({"$ref": "#/$defs/Host"}),
                    "children": _named(group),
                    "vars": {"$ref": "#/$defs/Host"},
                },
                "additionalProperties": False,
            },
            "Host": {
                "description": "The variables of a host; a registered server is one with `cadangan_asset`.",
                "type": ["object", "null"],
                "properties": {VARIABLE: {"$ref": "#/$defs/Asset"}},
            },
            "Asset": asset,
            **definitions,
        },
    }


def asset_schema() -> dict[str, Any]:
    """The schema of `cadangan_asset`, with the parts that it is made of in `$defs`."""
    schema: dict[str, Any] = _tidied(Asset.model_json_schema())
    del schema["properties"]["host"]
    schema["required"].remove("host")
    schema["$defs"]["Database"]["required"].remove("agency")
    return schema


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["object", "null"], "additionalProperties": values}


def _tidied(part: Any) -> Any:
    """Without what pydantic adds that says nothing: titles that repeat names, and defaults that are nothing."""
    if isinstance(part, list):
        return [_tidied(each) for each in part]
    if not isinstance(part, dict):
        return part
    tidy = {
        key: {name: _tidied(value) for name, value in each.items()} if key in ("properties", "$defs") else _tidied(each)
        for key, each in part.items()
        if key not in ("title", "default")
    }
    default = part.get("default")
    if default not in (None, "", []) and not isinstance(default, dict):
        tidy["default"] = size_text(default) if part.get("type") == "string" and isinstance(default, int) else default
    return tidy
