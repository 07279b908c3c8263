"""Small changes to an office's own files that keep their comments and order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from cadangan.errors import BadInput
from cadangan.procedure.names import did_you_mean
from cadangan.procedure.officials import Officials
from cadangan.procedure.policy import FEWEST_RECIPIENTS
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


def retire_recipient(office: Office, holder: str) -> None:
    """Take a recipient out of `office.yml`; `BadInput`, and no change, unless two others remain."""
    path = office.root / OFFICE_FILE
    tree = load_tree(path)
    recipients = _recipients(tree)
    del recipients[_place_of(recipients, holder)]
    if len(recipients) < FEWEST_RECIPIENTS:
        raise BadInput(
            f"without {holder} only {len(recipients)} could open backup sets; there must be {FEWEST_RECIPIENTS}",
            where=f"{path}: policy.recipients",
            advice="Add another one first: cadangan trust add-recipient HOLDER KEY",
        )
    _replace(path, tree, OfficeFile)


def rotate_recipient(office: Office, holder: str, key: str) -> None:
    """Give a recipient in `office.yml` another key; `BadInput`, and no change, if it is not acceptable."""
    path = office.root / OFFICE_FILE
    tree = load_tree(path)
    recipients = _recipients(tree)
    recipients[_place_of(recipients, holder)]["key"] = key
    _replace(path, tree, OfficeFile)


def keep_journal_here(root: Path) -> None:
    """Let the office in `root` have its journal in its own folder, wherever `office.yml` says that it is."""
    tree = load_tree(root / OFFICE_FILE)
    if tree.pop("journal", None) is not None:
        _replace(root / OFFICE_FILE, tree, OfficeFile)


def _recipients(tree: CommentedMap) -> list[CommentedMap]:
    found: list[CommentedMap] = (tree.get("policy") or {}).get("recipients") or []
    return found


def _place_of(recipients: list[CommentedMap], holder: str) -> int:
    names = [entry["holder"] for entry in recipients]
    if holder not in names:
        raise BadInput(f"{holder!a} can not open backup sets", where=OFFICE_FILE, advice=did_you_mean(holder, names))
    return names.index(holder)


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
