"""Where everything in a YAML text stands: a tree that keeps places, by the same parser as Ansible's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from cadangan.errors import BadInput

Path = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_RESOLVER: Any = yaml.resolver.Resolver()
_DEPTH = 64
_KEEPS_BREAKS = re.compile(r"[|>]\d?\+")
_BYTE_ORDER_MARK = "\ufeff"
STRING = "tag:yaml.org,2002:str"
_INTEGER = "tag:yaml.org,2002:int"
_NULL = "tag:yaml.org,2002:null"


@dataclass(slots=True)
class Entry:
    """A pair of a mapping (`key` is a node) or an item of a list (`key` is None); `start` is where it begins.

    An item of a list in block style begins with its hyphen.
    """

    start: int
    key: Node | None
    value: Node


@dataclass(slots=True)
class Node:
    """One value and its place: `text[start:end]`, with its anchor and tag, without comments and blank lines after it.

    `kind` is `scalar`, `mapping`, `sequence` or `alias`; `flow` says that it is written with braces or brackets.
    """

    kind: str
    start: int
    end: int
    tag: str = ""
    anchor: str = ""
    text: str = ""
    flow: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_null(self) -> bool:
        return self.kind == "scalar" and self.tag == _NULL

    @property
    def piece(self) -> str | int | None:
        """What a path calls this key; None if no path can."""
        if self.kind == "scalar" and self.tag == STRING:
            return self.text
        return int(self.text) if self.tag == _INTEGER and self.text.isdecimal() else None

    def entry(self, piece: str | int) -> Entry | None:
        """The pair with that key or the item with that number; None if there is none."""
        if self.kind == "mapping":
            return next((each for each in self.entries if each.key and each.key.piece == piece), None)
        if self.kind == "sequence" and isinstance(piece, int) and 0 <= piece < len(self.entries):
            return self.entries[piece]
        return None

    def nodes(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for each in self.entries:
            if each.key:
                yield from each.key.nodes()
            yield from each.value.nodes()

    def meaning(self, changed: Mapping[int, object] | None = None) -> object:
        """What the text says here, however it is written; for nodes whose `id` is in `changed`, what stands there."""
        if changed and id(self) in changed:
            return changed[id(self)]
        if self.kind not in ("mapping", "sequence"):
            return self.kind, self.tag, self.anchor, self.text
        return self.meaning_of(self.entries, changed)

    def meaning_of(self, entries: Iterable[Entry], changed: Mapping[int, object] | None = None) -> object:
        """What this mapping or list would mean with these entries."""
        parts = ((each.key.meaning() if each.key else None, each.value.meaning(changed)) for each in entries)
        return self.kind, self.tag, self.anchor, tuple(parts)


def read_tree(text: str, name: str) -> Node:
    """The tree of a text with one YAML document; `BadInput` with line and column of `name` if it is not one."""
    skipped = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0
    with faults_told(text, name):
        return _Reader(text, skipped, name).document()


@contextmanager
def faults_told(text: str, name: str) -> Iterator[None]:
    """Turn what the YAML library raises about `text` into `BadInput` with line and column of `name`."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        problem = str(error.problem or error.context or "is not YAML").splitlines()[0]
        advice = "Correct the YAML there; indentation and quotes are the usual cause."
        raise BadInput(problem, where=where, advice=advice) from error
    except yaml.reader.ReaderError as error:
        line, column = place_of(text, error.position)
        raise BadInput(f"is not YAML: {error.reason}", where=f"{name}:{line}:{column}") from error


def nearest(node: Node, path: Path) -> Node:
    """What stands at `path` from `node`, or the nearest thing on the way to it."""
    for piece in path:
        entry = node.entry(piece)
        if entry is None:
            break
        node = entry.value
    return node


@lru_cache(maxsize=10_000)
def implicit_tag(text: str, implicit: tuple[bool, bool] = (True, False)) -> str:
    """The tag that a scalar without one has; `implicit` as the parser tells it: written plain, or in quotes."""
    return str(_RESOLVER.resolve(yaml.ScalarNode, text, implicit))


def place_of(text: str, position: int) -> tuple[int, int]:
    """Line and column of a position, from 1."""
    breaks = list(LINE_BREAK.finditer(text, 0, position))
    return len(breaks) + 1, position - (breaks[-1].end() if breaks else 0) + 1


class _Reader:
    """Makes nodes of the parser's events, which differ too much in their attributes for one type."""

    def __init__(self, text: str, skipped: int, name: str) -> None:
        self._text = text
        self._skipped = skipped
        self._name = name
        self._events = iter(yaml.parse(text[skipped:], _LOADER))
        self._anchors: set[str] = set()

    def document(self) -> Node:
        next(self._events)
        if not isinstance(event := next(self._events), yaml.DocumentStartEvent):
            start = self._start(event)
            return Node("scalar", start, start, _NULL)
        root = self._node(next(self._events), 0)
        next(self._events)
        if not isinstance(event := next(self._events), yaml.StreamEndEvent):
            raise self._fault(event, "is a second YAML document", "Keep one document in a file.")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if depth > _DEPTH:
            raise self._fault(event, "is nested too deeply")
        start, end = self._start(event), self._skipped + event.end_mark.index
        if isinstance(event, yaml.AliasEvent):
            return Node("alias", start, end, text=str(event.anchor))
        if event.anchor:
            if event.anchor in self._anchors:
                raise self._fault(event, f"anchor &{event.anchor} is there twice", "Give one of the two another name.")
            self._anchors.add(event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            tag = event.tag or implicit_tag(event.value, event.implicit)
            if event.style in ("|", ">"):
                end = self._end_of_block_text(start, end)
            return Node("scalar", start, end, tag, event.anchor or "", event.value)
        node = Node("", start, end, event.tag or "", event.anchor or "", flow=event.flow_style)
        if isinstance(event, yaml.MappingStartEvent):
            node.kind = "mapping"
            self._fill_mapping(node, depth)
        else:
            node.kind = "sequence"
            self._fill_sequence(node, depth)
        return node

    def _fill_mapping(self, node: Node, depth: int) -> None:
        keys = set()
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if key.meaning() in keys:
                raise self._fault(event, f"{key.text!a} is there twice", "Keep one of the two.")
            keys.add(key.meaning())
            value = self._node(next(self._events), depth + 1)
            if value.start == value.end:
                # The parser tells different places of nothing; it stands behind the colon.
                colon = self._text.find(":", key.end, value.start)
                value.start = value.end = colon + 1 if colon >= 0 else key.end
            node.entries.append(Entry(key.start, key, value))
        self._finish(node, event)

    def _fill_sequence(self, node: Node, depth: int) -> None:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            value = self._node(event, depth + 1)
            node.entries.append(Entry(value.start if node.flow else self._hyphen_before(value.start), None, value))
        self._finish(node, event)

    def _hyphen_before(self, position: int) -> int:
        while self._text[position - 1].isspace():
            position -= 1
        return position - 1

    def _finish(self, node: Node, event: Any) -> None:
        # In block style the parser's end lies behind the comments that follow.
        node.end = self._skipped + event.end_mark.index if node.flow else node.entries[-1].value.end

    def _end_of_block_text(self, start: int, end: int) -> int:
        header = LINE_BREAK.split(self._text[start:end], maxsplit=1)[0]
        if not _KEEPS_BREAKS.search(header):
            return start + len(self._text[start:end].rstrip())
        breaks = list(LINE_BREAK.finditer(self._text, start, end))
        return breaks[-1].start() if breaks else end

    def _start(self, event: Any) -> int:
        return self._skipped + int(event.start_mark.index)

    def _fault(self, event: Any, what: str, advice: str = "") -> BadInput:
        mark = event.start_mark
        return BadInput(what, where=f"{self._name}:{mark.line + 1}:{mark.column + 1}", advice=advice)
