"""Small changes to a YAML text that leave every other byte as it is: comments, order, anchors, quotes, line ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cadangan.errors import BadInput
from cadangan.register import yaml_writing
from cadangan.register.yaml_tree import LINE_BREAK, Entry, Node, Path, nearest, read_tree
from cadangan.register.yaml_values import values_of
from cadangan.register.yaml_writing import Value

_STEP = 2


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
        start, end = _range_in_flow(parent, entry) if parent.flow else self._range_in_block(parent, entry)
        return self._spliced(trail[:-1], start, end, "", parent.meaning_of(remaining), dropped=entry.value)

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
        entry = trail[-1]
        if any(each.value.flow for each in trail[:-1]):
            start, end, new = self._replacement_in_flow(entry, value)
        elif len(trail) == 1:
            start, end, new = self._replacement_of_all(entry.value, value)
        elif entry.key is None:
            start, end, new = self._replacement_of_item(entry.value, value)
        else:
            start, end, new = self._replacement_of_pair(entry, entry.key, value)
        return self._spliced(trail, start, end, new, _meaning(value), dropped=entry.value)

    def _replacement_in_flow(self, entry: Entry, value: Value) -> tuple[int, int, str]:
        start, end = entry.value.start, entry.value.end
        lacking = ""
        if start == end and entry.key is not None:
            lacking = " " if self.text[start - 1] == ":" else ": "
        return start, end, lacking + yaml_writing.flow(value)

    def _replacement_of_all(self, node: Node, value: Value) -> tuple[int, int, str]:
        new = self._break.join(yaml_writing.lines(value, self._step))
        if node.start < node.end:
            return node.start, node.end, new
        end = len(self.text)
        unfinished = self.text.strip("\ufeff") and self._line_start(end) < end
        return end, end, (self._break if unfinished else "") + new + self._break

    def _replacement_of_item(self, node: Node, value: Value) -> tuple[int, int, str]:
        gap = " " if node.start == node.end else ""
        margin = self._break + " " * (self._column(node.start) + len(gap))
        return node.start, node.end, gap + margin.join(yaml_writing.lines(value, self._step))

    def _replacement_of_pair(self, entry: Entry, key: Node, value: Value) -> tuple[int, int, str]:
        """From behind the colon, and with the comment there."""
        node = entry.value
        start = self.text.index(":", key.end) + 1
        end = self._line_end(start)
        if node.start <= end:
            end = self._line_end(node.end)
            comment = self.text[node.end : end]
        else:
            comment, end = self.text[start:end], node.end
        if not yaml_writing.needs_lines(value):
            return start, end, f" {yaml_writing.inline(value)}{comment}"
        margin = self._break + " " * (self._column(entry.start) + self._step)
        return start, end, comment.rstrip() + margin + margin.join(yaml_writing.lines(value, self._step))

    def _extended(self, trail: list[Entry], new: Mapping[str, Value] | list[Value]) -> YamlText:
        """With `new` at the end of the mapping or list to which `trail` leads, and which has entries."""
        node = trail[-1].value
        end = node.entries[-1].value.end
        if node.flow:
            added = ", " + yaml_writing.flow(new)[1:-1]
        else:
            end = self._line_end(end)
            margin = self._break + " " * self._column(node.entries[0].start)
            added = "".join(margin + line for line in yaml_writing.lines(new, self._step))
        entries = [*node.entries, *_tree_of(new).entries]
        return self._spliced(trail, end, end, added, node.meaning_of(entries))

    def _range_in_block(self, parent: Node, entry: Entry) -> tuple[int, int]:
        """From where to where an entry goes: its whole lines, if it is alone in them."""
        start = self._line_start(entry.start)
        if self.text[start : entry.start].strip(" "):
            following = parent.entries.index(entry) + 1
            return entry.start, parent.entries[following].start if following < len(parent.entries) else entry.value.end
        end = self._line_end(entry.value.end)
        behind = LINE_BREAK.match(self.text, end)
        if behind:
            return start, behind.end()
        return self._line_end(self._line_start(start - 1)), end

    def _spliced(
        self, trail: list[Entry], start: int, end: int, new: str, meaning: object, *, dropped: Node | None = None
    ) -> YamlText:
        """With `new` for `text[start:end]`, if the last of `trail` then has this `meaning` and no other changes."""
        node = trail[-1].value
        used = {each.text for each in self.tree.nodes() if each.kind == "alias"}
        changed = [each.value for each in trail] + (list(dropped.nodes()) if dropped else [])
        if any(each.anchor in used for each in changed if each.anchor):
            raise self._fault(node, "can not be changed alone: other places use it through its anchor")
        after = YamlText(self.text[:start] + new + self.text[end:], self.name)
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
    def _break(self) -> str:
        found = LINE_BREAK.search(self.text)
        return found[0] if found else "\n"

    @cached_property
    def _step(self) -> int:
        """By how much the text indents a mapping in a mapping."""
        for node in self.tree.nodes():
            for each in node.entries if node.kind == "mapping" and not node.flow else ():
                if each.value.kind == "mapping" and not each.value.flow:
                    return self._column(each.value.entries[0].start) - self._column(each.start)
        return _STEP

    def _line_start(self, position: int) -> int:
        before = max(self.text.rfind(each, 0, max(position, 0)) for each in "\n\r\x85\u2028\u2029")
        return before + 1

    def _line_end(self, position: int) -> int:
        found = LINE_BREAK.search(self.text, position)
        return found.start() if found else len(self.text)

    def _column(self, position: int) -> int:
        return len(self.text[self._line_start(position) : position].lstrip("\ufeff"))


def _range_in_flow(parent: Node, entry: Entry) -> tuple[int, int]:
    number = parent.entries.index(entry)
    if number:
        return parent.entries[number - 1].value.end, entry.value.end
    return entry.start, parent.entries[1].start


def _nested(path: Path, value: Value) -> Value:
    for piece in reversed(path):
        value = [value] if piece == 0 else {str(piece): value}
    return value


def _tree_of(value: Value) -> Node:
    return read_tree(yaml_writing.flow(value), "value")


def _meaning(value: Value) -> object:
    return _tree_of(value).meaning()
