"""Small changes to a YAML text that leave every other byte as it is: comments, order, anchors, quotes, line ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cadangan.errors import BadInput
from cadangan.register import yaml_writing
from cadangan.register.yaml_splice import Splice, Splicer
from cadangan.register.yaml_tree import LINE_BREAK, Entry, Node, Path, nearest, read_tree
from cadangan.register.yaml_values import values_of
from cadangan.register.yaml_writing import Value


@dataclass(frozen=True)
class YamlText:
    """A YAML text with one document; every change gives a new one.

    A path is the keys and list positions (from 0) that lead to a value. `name` stands in errors, as a file would.
    All raise `BadInput`, with line and column, if the text is not YAML or holds a key twice.
    """

    text: str
    name: str = "YAML"

    @cached_property
    def tree(self) -> Node:
        """Where everything in the text stands."""
        return read_tree(self.text, self.name)

    @cached_property
    def data(self) -> Any:
        """The whole as plain values; dates as dates, tags of Ansible's as `Tagged`."""
        return values_of(self.tree, self.text, self.name)

    def value(self, path: Path) -> Any:
        """The value at `path`; `KeyError` if there is none."""
        found = self.data
        for piece in path:
            try:
                found = found[piece]
            except (KeyError, IndexError, TypeError):
                raise KeyError(path) from None
        return found

    def node(self, path: Path) -> Node | None:
        """What stands at `path`; None if nothing does."""
        trail = self._trail(path)
        return trail[-1].value if len(trail) > len(path) else None

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column, from 1, of the value at `path`, or of the nearest thing to it that the text has."""
        return self.place_of(nearest(self.tree, path))

    def place_of(self, node: Node) -> tuple[int, int]:
        """Line and column, from 1, of a node of the tree."""
        line = bisect_right(self._line_starts, node.start)
        return line, node.start - self._line_starts[line - 1] + 1

    def set(self, path: Path, value: Value) -> YamlText:
        """With `value` at `path`, whose way is made where it lacks; only what differs is written.

        `BadInput` if that is impossible without changing something else, such as another use of an anchor.
        """
        if self._has(path, value):
            return self
        trail = self._trail(path)
        node, rest = trail[-1].value, path[len(trail) - 1 :]
        if not rest:
            return self._changed_into(path, node, value)
        wanted = _nested(rest[1:], value)
        if node.is_null or (node.kind in ("mapping", "sequence") and not node.entries):
            return self._replaced(trail, [wanted] if rest[0] == 0 else {str(rest[0]): wanted})
        if node.kind == "mapping":
            return self._extended(trail, {str(rest[0]): wanted})
        if node.kind == "sequence" and rest[0] == len(node.entries):
            return self._extended(trail, [wanted])
        raise self._fault(node, f"has no place for {'.'.join(map(str, rest))}")

    def add(self, path: Path, entries: Mapping[str, Value]) -> YamlText:
        """With new keys in the mapping at `path`, which is made where it lacks; `BadInput` at a key that is there."""
        trail = self._trail(path)
        node = trail[-1].value
        if len(trail) <= len(path) or node.kind != "mapping" or not node.entries:
            return self.set(path, entries)
        for key in entries:
            if node.entry(key):
                raise self._fault(node, f"has {key!a} already")
        return self._extended(trail, entries)

    def remove(self, path: Path) -> YamlText:
        """Without the key or list item at `path` and the comment behind it; `KeyError` if there is none."""
        trail = self._trail(path)
        if not path or len(trail) <= len(path):
            raise KeyError(path)
        entry, parent = trail[-1], trail[-2].value
        remaining = [each for each in parent.entries if each is not entry]
        if not remaining:
            return self._replaced(trail[:-1], {} if parent.kind == "mapping" else [])
        splice = self._splicer.removing(parent, entry)
        return self._spliced(trail[:-1], splice, parent.meaning_of(remaining), dropped=entry.value)

    def _has(self, path: Path, value: Value) -> bool:
        try:
            return repr(self.value(path)) == repr(value)
        except KeyError:
            return False

    def _trail(self, path: Path) -> list[Entry]:
        """What `path` leads through, from the whole text to the last thing that is there."""
        trail = [Entry(self.tree.start, None, self.tree)]
        for piece in path:
            entry = trail[-1].value.entry(piece)
            if entry is None:
                break
            trail.append(entry)
        return trail

    def _changed_into(self, path: Path, node: Node, value: Value) -> YamlText:
        """`value` in the place of `node`, going down as far as both are of one kind."""
        changed = self
        if isinstance(value, Mapping) and value and node.kind == "mapping" and node.entries:
            for key, part in value.items():
                changed = changed.set((*path, key), part)
            for entry in node.entries:
                assert entry.key is not None
                if entry.key.piece is None:
                    raise self._fault(entry.key, "is a key that can not be changed here")
                if entry.key.piece not in value:
                    changed = changed.remove((*path, entry.key.piece))
            return changed
        if isinstance(value, list) and value and node.kind == "sequence" and node.entries:
            for number in range(len(node.entries) - 1, len(value) - 1, -1):
                changed = changed.remove((*path, number))
            for number, part in enumerate(value):
                changed = changed.set((*path, number), part)
            return changed
        return self._replaced(self._trail(path), value)

    def _replaced(self, trail: list[Entry], value: Value) -> YamlText:
        """`value` in the place of the last thing of `trail`."""
        splice = self._splicer.replacing(trail, value)
        return self._spliced(trail, splice, _tree_of(value).meaning(), dropped=trail[-1].value)

    def _extended(self, trail: list[Entry], new: Mapping[str, Value] | list[Value]) -> YamlText:
        """With `new` at the end of the mapping or list to which `trail` leads, and which has entries."""
        node = trail[-1].value
        meaning = node.meaning_of([*node.entries, *_tree_of(new).entries])
        return self._spliced(trail, self._splicer.extending(node, new), meaning)

    def _spliced(self, trail: list[Entry], splice: Splice, meaning: object, *, dropped: Node | None = None) -> YamlText:
        """The text after a change, if the last of `trail` then has this `meaning` and nothing else another one."""
        node = trail[-1].value
        used = {each.text for each in self.tree.nodes() if each.kind == "alias"}
        changed = [each.value for each in trail] + (list(dropped.nodes()) if dropped else [])
        if any(each.anchor in used for each in changed if each.anchor):
            raise self._fault(node, "can not be changed alone: other places use it through its anchor")
        after = YamlText(self.text[: splice.start] + splice.new + self.text[splice.end :], self.name)
        try:
            right = after.tree.meaning() == self.tree.meaning({id(node): meaning})
        except BadInput:
            right = False
        if not right:
            raise self._fault(node, "is written in a way that can not be changed here")
        return after

    def _fault(self, node: Node, what: str) -> BadInput:
        line, column = self.place_of(node)
        return BadInput(what, where=f"{self.name}:{line}:{column}", advice="Change it by hand.")

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in LINE_BREAK.finditer(self.text))]

    @cached_property
    def _splicer(self) -> Splicer:
        return Splicer(self.text, self.tree)


def _nested(path: Path, value: Value) -> Value:
    for piece in reversed(path):
        value = [value] if piece == 0 else {str(piece): value}
    return value


def _tree_of(value: Value) -> Node:
    return read_tree(yaml_writing.flow(value), "value")
