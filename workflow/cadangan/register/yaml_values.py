"""The plain values of a YAML tree, as Ansible's loader gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from cadangan.errors import BadInput
from cadangan.register.yaml_tree import STRING, Node, implicit_tag, place_of

_MERGE = "tag:yaml.org,2002:merge"
_UNSAFE = "!unsafe"
_VAULTED = ("!vault", "!vault-encrypted")
_CONSTRUCTOR: Any = yaml.constructor.SafeConstructor()


@dataclass(frozen=True, repr=False)
class Tagged:
    """A value with a tag that only Ansible understands, unopened: a vaulted text for instance."""

    tag: str
    text: str

    def __repr__(self) -> str:
        return f"a value with the tag {self.tag}"


def values_of(tree: Node, text: str, name: str) -> Any:
    """What the tree of `text` says, dates as dates; `BadInput` with line and column of `name` at what says nothing."""
    return _Values(text, name).value(tree)


class _Values:
    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._anchored: dict[str, Any] = {}

    def value(self, node: Node) -> Any:
        if node.kind == "alias":
            if node.text not in self._anchored:
                raise self._fault(node, "found undefined alias")
            return self._anchored[node.text]
        value = self._own_value(node)
        if node.anchor:
            self._anchored[node.anchor] = value
        return value

    def _own_value(self, node: Node) -> Any:
        if node.kind == "mapping":
            return self._mapping(node)
        if node.kind == "sequence":
            return [self.value(each.value) for each in node.entries]
        tag = node.tag if node.tag != _UNSAFE else implicit_tag(node.text)
        if tag == STRING:
            return node.text
        if tag in _VAULTED:
            return Tagged(tag, node.text)
        try:
            return _CONSTRUCTOR.construct_object(yaml.ScalarNode(tag, node.text))
        except (ValueError, yaml.YAMLError) as error:
            raise self._fault(node, f"can not be read as {tag.rpartition(':')[2]}: {node.text!a}") from error

    def _mapping(self, node: Node) -> dict[Any, Any]:
        merged: dict[Any, Any] = {}
        own: dict[Any, Any] = {}
        for entry in node.entries:
            assert entry.key is not None
            if entry.key.tag == _MERGE:
                merged = self._merged(entry.value) | merged
                continue
            key = self.value(entry.key)
            try:
                own[key] = self.value(entry.value)
            except TypeError as error:
                raise self._fault(entry.key, "can not be a key") from error
        return merged | own

    def _merged(self, node: Node) -> dict[Any, Any]:
        """What `<<` brings: of several mappings the first one that has a key."""
        value = self.value(node)
        found: dict[Any, Any] = {}
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                raise self._fault(node, "can not be merged, as it is no mapping")
            found = each | found
        return found

    def _fault(self, node: Node, what: str) -> BadInput:
        line, column = place_of(self._text, node.start)
        return BadInput(what, where=f"{self._name}:{line}:{column}")
