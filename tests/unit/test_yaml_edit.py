"""Changes to a YAML text: the value that was meant changes, and no other byte does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from cadangan.errors import BadInput
from cadangan.register.yaml_edit import YamlText
from cadangan.register.yaml_tree import LINE_BREAK, place_of
from cadangan.register.yaml_values import Tagged
from hypothesis import given, settings
from hypothesis import strategies as st

TEXT = """\
# The register.
servers:
  hosts:
    db-01:   # the first
      ansible_host: 192.0.2.1
      secret: !vault |
          $ANSIBLE_VAULT;1.1;AES256
          3030

      # what it is
      cadangan_asset:
        number: "0001"	# with	tabs
        name: 'Server satu'
        status: planned           # in_operation soon
        agency: disdukcapil
        databases:
        - engine: postgresql   # the first database
          name: siak
        - {engine: sqlite, name: /srv/a.db}
        empty:
        remarks: >-
          long
          text

    # the second
    db-02: {a: 1, b: [1, 2]}
  vars: &vars
    x: 1
other:
  vars: *vars
"""
ASSET = ("servers", "hosts", "db-01", "cadangan_asset")


def changed(old: str, new: str, text: str = TEXT) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


CHANGES = {
    "plain": ((*ASSET, "status"), "retired", "status: planned  ", "status: retired  "),
    "double quotes": ((*ASSET, "number"), "0002", '"0001"', '"0002"'),
    "single quotes": ((*ASSET, "name"), "yes", "'Server satu'", '"yes"'),
    "nothing": ((*ASSET, "empty"), 5, "empty:", "empty: 5"),
    "nothing to a mapping": ((*ASSET, "empty", "a"), 5, "empty:\n", "empty:\n          a: 5\n"),
    "folded text": ((*ASSET, "remarks"), "short", "remarks: >-\n          long\n          text", "remarks: short"),
    "a new key": ((*ASSET, "location"), "rak 1", "text\n\n", "text\n        location: rak 1\n\n"),
    "a new key with a mapping": (
        (*ASSET, "life", "planned"),
        date(2026, 1, 2),
        "text\n\n",
        "text\n        life:\n          planned: 2026-01-02\n\n",
    ),
    "a new item": (
        (*ASSET, "databases", 2),
        {"engine": "files", "name": "/srv"},
        "/srv/a.db}\n",
        "/srv/a.db}\n        - engine: files\n          name: /srv\n",
    ),
    "a field of an item": ((*ASSET, "databases", 0, "name"), "pajak", "name: siak", "name: pajak"),
    "a new field of an item": (
        (*ASSET, "databases", 0, "size"),
        "1 GB",
        "name: siak\n",
        "name: siak\n          size: 1 GB\n",
    ),
    "in braces": (("servers", "hosts", "db-02", "a"), "x, y", "a: 1", 'a: "x, y"'),
    "new in braces": (("servers", "hosts", "db-02", "c"), ["d"], "2]}", "2], c: [d]}"),
    "new in brackets": (("servers", "hosts", "db-02", "b", 2), {"e": True}, "2]", "2, {e: true}]"),
    "a vaulted value": (
        ("servers", "hosts", "db-01", "secret"),
        "open",
        "!vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          3030",
        "open",
    ),
    "a scalar to a mapping": (
        (*ASSET, "agency"),
        {"a": 1},
        "agency: disdukcapil\n",
        "agency:\n          a: 1\n",
    ),
    "with a comment to a mapping": (
        (*ASSET, "status"),
        {"a": 1},
        "status: planned           # in_operation soon\n",
        "status:           # in_operation soon\n          a: 1\n",
    ),
    "a list to a scalar": (
        (*ASSET, "databases"),
        "none",
        TEXT[TEXT.index("databases:") : TEXT.index("        empty:")],
        "databases: none\n",
    ),
    "an alias": (("other", "vars"), 5, "*vars", "5"),
    "a new host": (("servers", "hosts", "db-03"), {"x": []}, "[1, 2]}\n", "[1, 2]}\n    db-03:\n      x: []\n"),
}


@pytest.mark.parametrize(("path", "value", "old", "new"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_value_is_set_and_the_rest_is_as_it_was(
    path: tuple[str | int, ...], value: Any, old: str, new: str, line_break: str
) -> None:
    after = YamlText(TEXT.replace("\n", line_break)).set(path, value)
    assert after.text == changed(old, new).replace("\n", line_break)
    assert after.value(path) == value
    assert type(after.value(path)) is type(value)


def test_a_mapping_is_set_by_what_differs_in_it() -> None:
    text = YamlText("a:\n  b: 1 # one\n  c: [1]\n  d: x # gone\n")
    assert text.set(("a",), {"b": 1, "c": [1, 2], "e": "new"}).text == "a:\n  b: 1 # one\n  c: [1, 2]\n  e: new\n"


def test_a_list_is_set_by_what_differs_in_it() -> None:
    text = YamlText("a:\n- 1 # one\n- 2 # two\n- 3 # three\n")
    assert text.set(("a",), [1, 5]).text == "a:\n- 1 # one\n- 5 # two\n"


REMOVED = {
    "a line": ((*ASSET, "agency"), "        agency: disdukcapil\n", ""),
    "with its comment": ((*ASSET, "number"), '        number: "0001"\t# with\ttabs\n', ""),
    "an item": ((*ASSET, "databases", 1), "        - {engine: sqlite, name: /srv/a.db}\n", ""),
    "behind a hyphen": (
        (*ASSET, "databases", 0, "engine"),
        "engine: postgresql   # the first database\n          ",
        "",
    ),
    "first in braces": (("servers", "hosts", "db-02", "a"), "a: 1, ", ""),
    "last in braces": (("servers", "hosts", "db-02", "b"), ", b: [1, 2]", ""),
    "a text": ((*ASSET, "remarks"), "        remarks: >-\n          long\n          text\n", ""),
    "nothing": ((*ASSET, "empty"), "        empty:\n", ""),
    "the only key": (("other", "vars"), "other:\n  vars: *vars\n", "other: {}\n"),
}


@pytest.mark.parametrize(("path", "old", "new"), REMOVED.values(), ids=REMOVED)
def test_a_key_is_removed_and_the_rest_is_as_it_was(path: tuple[str | int, ...], old: str, new: str) -> None:
    assert YamlText(TEXT).remove(path).text == changed(old, new)


def test_what_is_not_there_can_not_be_removed() -> None:
    with pytest.raises(KeyError):
        YamlText(TEXT).remove((*ASSET, "owner"))


@pytest.mark.parametrize("end", ["", "\n", "\n# end", "\n\n"])
def test_the_end_of_the_text_stays(end: str) -> None:
    assert YamlText(f"a:\n  b: 1{end}").set(("a", "c"), 2).text == f"a:\n  b: 1\n  c: 2{end}"
    assert YamlText(f"a: 1\nb: 2{end}").set(("b",), 3).text == f"a: 1\nb: 3{end}"


def test_the_last_line_without_a_line_break_is_removed() -> None:
    assert YamlText("a: 1\nb: 2").remove(("b",)).text == "a: 1"


@pytest.mark.parametrize("empty", ["", "# nothing yet\n", "# nothing yet", "---\n", "\ufeff", "a: {}\n", "a:\n"])
def test_an_empty_text_is_filled(empty: str) -> None:
    after = YamlText(empty).set(("a", "b"), ["c"])
    assert after.text.startswith(empty.removesuffix(" {}\n").removesuffix("\n"))
    assert after.data == {"a": {"b": ["c"]}}


def test_a_byte_order_mark_stays() -> None:
    assert YamlText("\ufeffa: 1\nb: 2\n").set(("c",), 3).text == "\ufeffa: 1\nb: 2\nc: 3\n"
    assert YamlText("\ufeffa: 1\n").set(("a",), 3).text == "\ufeffa: 3\n"


def test_blank_lines_that_belong_to_a_text_stay() -> None:
    assert YamlText("a: |+\n  x\n\n\nb: 1\n").set(("b",), 2).text == "a: |+\n  x\n\n\nb: 2\n"
    assert (
        YamlText("a:\n  b: |+\n    x\n\n\nc: 1\n").set(("a", "d"), 2).text == "a:\n  b: |+\n    x\n\n\n  d: 2\nc: 1\n"
    )


REFUSED = {
    "used through an anchor": (("servers", "vars"), 1, ":27:9: can not be changed alone"),
    "in what is used through an anchor": (("servers", "vars", "x"), 2, "can not be changed alone"),
    "below an alias": (("other", "vars", "x"), 2, ":30:9: has no place for x"),
    "below a text": ((*ASSET, "name", "first"), 2, ":13:15: has no place for first"),
    "beyond the end of a list": ((*ASSET, "databases", 5), 2, ":17:9: has no place for 5"),
}


@pytest.mark.parametrize(("path", "value", "says"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_changed_alone_is_refused(path: tuple[str | int, ...], value: Any, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        YamlText(TEXT, "servers.yml").set(path, value)
    assert says in str(refused.value)
    assert "Change it by hand." in str(refused.value)


WRONG = {
    "not YAML": ("a: {\n", "servers.yml:2:1: "),
    "twice": ("a: 1\nb: 2\na: 3\n", "servers.yml:3:1: 'a' is there twice"),
    "an anchor twice": ("a: &x 1\nb: &x 2\n", "servers.yml:2:4: anchor &x is there twice"),
    "two documents": ("a: 1\n---\nb: 2\n", "servers.yml:2:1: is a second YAML document"),
    "deep": ("[" * 100, "servers.yml:1:66: is nested too deeply"),
    "control character": ("a: \x01\n", "servers.yml:1:4: is not YAML"),
    "unknown alias": ("a: *b\n", "servers.yml:1:4: found undefined alias"),
    "unknown tag": ("a: !secret x\n", "servers.yml:1:4: can not be read as !secret: 'x'"),
    "no date": ("a: 2026-13-01\n", "servers.yml:1:4: can not be read as timestamp: '2026-13-01'"),
}


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_text_is_told_with_its_place(text: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        _ = YamlText(text, "servers.yml").data
    assert str(refused.value).startswith(says)


def test_tags_of_ansible_are_kept_unopened() -> None:
    assert YamlText("a: !vault x\n").value(("a",)) == Tagged("!vault", "x")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((*ASSET, "status"), (14, 17)),
        ((*ASSET, "databases", 1, "name"), (19, 34)),
        ((*ASSET, "unknown"), (12, 9)),
        ((), (2, 1)),
    ],
)
def test_a_place_is_told_by_line_and_column(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    assert YamlText(TEXT).place(path) == place


# --- Any text, any change


def load(text: str) -> Any:
    """As Ansible reads it."""
    return yaml.load(text, yaml.CSafeLoader)


KEYS = st.sampled_from(["a", "b", "c-1", "1", "yes", "x: y", "# z", "é", "- q"])
TEXTS = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=8),
    st.sampled_from(
        ["", "1", "0o7", "1e3", "yes", "~", "null", "<<", "=", "2026-01-02", "1:30", "a: b", "a #b", "::1", "-", "? x"]
    ),
)
SCALARS = st.one_of(TEXTS, st.integers(-(10**6), 10**6), st.booleans(), st.dates(), st.none())
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def exact(value: Any) -> Any:
    """`value` such that 1, true and "1" differ, and the order of keys does not count."""
    if isinstance(value, dict):
        return {key: exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [exact(part) for part in value]
    return type(value), value


class Writer:
    """Writes values in all the styles that hands use, with comments where they can stand."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def mapping(self, values: dict[str, Any], margin: str) -> str:
        return "".join(f"{margin}{self.key(key)}:{self.behind(value, margin)}" for key, value in values.items())

    def behind(self, value: Any, margin: str) -> str:
        """What stands behind a colon or hyphen, to the end of its lines."""
        inner = margin + " " * self.draw(st.integers(1, 3))
        if value and isinstance(value, dict | list) and self.draw(st.booleans()):
            write = self.mapping if isinstance(value, dict) else self.sequence
            return f"{self.comment('')}\n{write(value, inner)}{self.blank()}"
        if value is None and self.draw(st.booleans()):
            return f"{self.comment('')}\n"
        if isinstance(value, str) and value.isalpha() and value.isascii() and self.draw(st.booleans()):
            return f" {self.draw(st.sampled_from(['|-', '>-']))}{self.comment()}\n{inner}{value}\n{self.blank()}"
        return f" {self.flow(value)}{self.comment()}\n"

    def sequence(self, values: list[Any], margin: str) -> str:
        return "".join(f"{margin}-{self.behind(value, margin)}" for value in values)

    def flow(self, value: Any) -> str:
        style = self.draw(st.sampled_from([None, '"', "'"]))
        flow_style = True if isinstance(value, dict | list) else None
        dumped = yaml.safe_dump(
            value, default_style=style, default_flow_style=flow_style, width=10**9, allow_unicode=True
        )
        return dumped.removesuffix("\n").removesuffix("\n...")

    def key(self, key: str) -> str:
        return yaml.safe_dump(key, width=10**9).removesuffix("\n").removesuffix("\n...")

    def comment(self, gap: str = "\t") -> str:
        """A comment or none; `gap` may stand before it, as a tab can behind a value only."""
        return self.draw(st.sampled_from(["", "", "  # ä: [\t{", f"{gap} # x"]))

    def blank(self) -> str:
        return self.draw(st.sampled_from(["", "", "\n", "   \n", "# left\n", "      # right: -\n"]))


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    values = draw(st.dictionaries(KEYS, VALUES, min_size=1, max_size=3))
    text = draw(st.sampled_from(["", "# head\n", "---\n"])) + Writer(draw).mapping(values, "")
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text, load(text)


def paths(value: Any, before: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(path for piece, part in parts for path in paths(part, (*before, piece)))]


@given(st.data())
@settings(max_examples=150)
def test_setting_a_value_changes_that_value_alone(data: st.DataObject) -> None:
    text, before = data.draw(documents())
    path = data.draw(st.sampled_from(paths(before)[1:]))
    value = data.draw(VALUES)
    after = YamlText(text).set(path, value)
    expected = load(text)
    parent = expected
    for piece in path[:-1]:
        parent = parent[piece]
    parent[path[-1]] = value
    assert exact(load(after.text)) == exact(expected)
    assert_the_rest_stays(text, after.text, path)


def assert_the_rest_stays(before: str, after: str, path: tuple[str | int, ...]) -> None:
    """All lines before the changed key or item, and all behind its value, are as they were."""
    text = YamlText(before)
    parent, node = text.node(path[:-1]), text.node(path)
    assert parent is not None and node is not None
    entry = next(each for each in parent.entries if each.value is node)
    first, last = place_of(before, entry.start)[0], place_of(before, node.end)[0]
    lines = LINE_BREAK.split(before)
    assert LINE_BREAK.split(after)[: first - 1] == lines[: first - 1]
    assert not lines[last:] or LINE_BREAK.split(after)[-len(lines[last:]) :] == lines[last:]


@given(documents())
def test_setting_what_is_there_changes_nothing(document: tuple[str, dict[str, Any]]) -> None:
    text, values = document
    for path in paths(values):
        found = YamlText(text).value(path)
        assert YamlText(text).set(path, found).text == text


@given(VALUES, st.sampled_from(["a: 1\n", "a: {b: 1}\n"]))
def test_whatever_is_written_is_read_again(value: Any, text: str) -> None:
    path = ("a", "new") if "{" in text else ("new",)
    after = YamlText(text).set(path, value)
    read = load(after.text)
    assert exact(read["a"]["new"] if len(path) > 1 else read["new"]) == exact(value)
