"""Small changes to an office's own files that keep their comments and order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from cadangan.procedure.officials import Officials
from cadangan.register.office import OFFICE_FILE, OFFICIALS_FILE, Office, OfficeFile
from cadangan.register.yaml_file import YamlFile, load_tree


def add_official_key(office: Office, person: str, key: str) -> None:
    """Add a public key to a person in `officials.yml`; `BadInput`, and no change, if it is not acceptable."""
    office.officials.get(person)
    path = office.root / OFFICIALS_FILE
    tree = load_tree(path)
    _append(tree["officials"][person], "keys", key)
    _replace(path, tree, Officials)


def add_recipient(office: Office, holder: str, key: str) -> None:
    """Add a recipient of backup sets to `office.yml`; `BadInput`, and no change, if it is not acceptable."""
    path = office.root / OFFICE_FILE
    tree = load_tree(path)
    _append(tree.setdefault("policy", CommentedMap()), "recipients", CommentedMap(holder=holder, key=key))
    _replace(path, tree, OfficeFile)


def _append(parent: CommentedMap, name: str, value: Any) -> None:
    entries = parent.setdefault(name, [])
    entries.append(value)
    if hasattr(entries, "fa"):
        entries.fa.set_block_style()


def _replace(path: Path, tree: CommentedMap, model: type[BaseModel]) -> None:
    YamlFile(path, tree).validate(model)
    changed = path.with_name(f"{path.name}.new")
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    with changed.open("w", encoding="utf-8") as file:
        yaml.dump(tree, file)
    changed.replace(path)
