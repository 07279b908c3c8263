"""Where in a YAML text a change goes, and what is written there: the piece of text that makes way, and what for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from cadangan.register import yaml_writing
from cadangan.register.yaml_tree import LINE_BREAK, Entry, Node
from cadangan.register.yaml_writing import Value

_STEP = 2


class Splice(NamedTuple):
    """`new` for `text[start:end]`."""

    start: int
    end: int
    new: str


class Splicer:
    """Finds the places for changes in a text with that tree, and writes as the text is written."""

    def __init__(self, text: str, tree: Node) -> None:
        self._text = text
        self._tree = tree

    def replacing(self, trail: list[Entry], value: Value) -> Splice:
        """`value` in the place of the last thing of `trail`, which leads there from the whole."""
        entry = trail[-1]
        if any(each.value.flow for each in trail[:-1]):
            return self._replacing_in_flow(entry, value)
        if len(trail) == 1:
            return self._replacing_all(entry.value, value)
        if entry.key is None:
            return self._replacing_item(entry.value, value)
        return self._replacing_pair(entry, entry.key, value)

    def extending(self, node: Node, new: Mapping[str, Value] | list[Value]) -> Splice:
        """`new` at the end of a mapping or list that has entries."""
        end = node.entries[-1].value.end
        if node.flow:
            return Splice(end, end, ", " + yaml_writing.flow(new)[1:-1])
        end = self._line_end(end)
        margin = self._break + " " * self._column(node.entries[0].start)
        return Splice(end, end, "".join(margin + line for line in yaml_writing.lines(new, self._step)))

    def removing(self, parent: Node, entry: Entry) -> Splice:
        """Nothing in the place of one of several entries of `parent`."""
        return self._removing_in_flow(parent, entry) if parent.flow else self._removing_in_block(parent, entry)

    def _replacing_in_flow(self, entry: Entry, value: Value) -> Splice:
        start, end = entry.value.start, entry.value.end
        lacking = ""
        if start == end and entry.key is not None:
            lacking = " " if self._text[start - 1] == ":" else ": "
        return Splice(start, end, lacking + yaml_writing.flow(value))

    def _replacing_all(self, node: Node, value: Value) -> Splice:
        new = self._break.join(yaml_writing.lines(value, self._step))
        if node.start < node.end:
            return Splice(node.start, node.end, new)
        end = len(self._text)
        unfinished = self._text.strip("\ufeff") and self._line_start(end) < end
        return Splice(end, end, (self._break if unfinished else "") + new + self._break)

    def _replacing_item(self, node: Node, value: Value) -> Splice:
        gap = " " if node.start == node.end else ""
        margin = self._break + " " * (self._column(node.start) + len(gap))
        return Splice(node.start, node.end, gap + margin.join(yaml_writing.lines(value, self._step)))

    def _replacing_pair(self, entry: Entry, key: Node, value: Value) -> Splice:
        """From behind the colon, and with the comment there."""
        node = entry.value
        start = self._text.index(":", key.end) + 1
        end = self._line_end(start)
        if node.start <= end:
            end = self._line_end(node.end)
            comment = self._text[node.end : end]
        else:
            comment, end = self._text[start:end], node.end
        if not yaml_writing.needs_lines(value):
            return Splice(start, end, f" {yaml_writing.inline(value)}{comment}")
        margin = self._break + " " * (self._column(entry.start) + self._step)
        return Splice(start, end, comment.rstrip() + margin + margin.join(yaml_writing.lines(value, self._step)))

    def _removing_in_flow(self, parent: Node, entry: Entry) -> Splice:
        number = parent.entries.index(entry)
        if number:
            return Splice(parent.entries[number - 1].value.end, entry.value.end, "")
        return Splice(entry.start, parent.entries[1].start, "")

    def _removing_in_block(self, parent: Node, entry: Entry) -> Splice:
        start = self._line_start(entry.start)
        if self._text[start : entry.start].strip(" "):
            # Behind the hyphen of a list: what follows takes the place.
            following = parent.entries.index(entry) + 1
            end = parent.entries[following].start if following < len(parent.entries) else entry.value.end
            return Splice(entry.start, end, "")
        end = self._line_end(entry.value.end)
        behind = LINE_BREAK.match(self._text, end)
        if behind:
            return Splice(start, behind.end(), "")
        return Splice(self._line_end(self._line_start(start - 1)), end, "")

    @cached_property
    def _break(self) -> str:
        found = LINE_BREAK.search(self._text)
        return found[0] if found else "\n"

    @cached_property
    def _step(self) -> int:
        """By how much the text indents a mapping in a mapping."""
        for node in self._tree.nodes():
            for each in node.entries if node.kind == "mapping" and not node.flow else ():
                if each.value.kind == "mapping" and not each.value.flow:
                    return self._column(each.value.entries[0].start) - self._column(each.start)
        return _STEP

    def _line_start(self, position: int) -> int:
        before = max(self._text.rfind(each, 0, max(position, 0)) for each in "\n\r\x85\u2028\u2029")
        return before + 1

    def _line_end(self, position: int) -> int:
        found = LINE_BREAK.search(self._text, position)
        return found.start() if found else len(self._text)

    def _column(self, position: int) -> int:
        return len(self._text[self._line_start(position) : position].lstrip("\ufeff"))
