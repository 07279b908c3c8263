"""A plain inventory is read as Ansible itself reads it, with the place of every field; the rest is left to it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from cadangan.errors import BadInput
from cadangan.register.ansible_inventory import read_by_ansible
from cadangan.register.plain_inventory import read_plain
from cadangan.register.written_asset import WrittenAsset
from hypothesis import given, settings
from hypothesis import strategies as st

ASSET = "cadangan_asset: {number: '1', name: a, status: planned, agency: x}\n"

VALUES = [
    "plain",
    "'quoted'",
    '"with \\u00e9"',
    "12",
    "yes",
    "1.5",
    "2026-01-02",
    "~",
    "0o17",
    "017",
    "1:30",
    "\"{{ lookup('pipe', 'id') }}\"",
    "!unsafe '{{ x }}'",
    "!unsafe '5'",
    "!vault |\n                    $ANSIBLE_VAULT;1.1;AES256\n                    3030",
    "|\n                    lines\n                    more\n",
    "[a, {b: 1}]",
    "&{} text",
]


@st.composite
def hosts(draw: st.DrawFn, margin: str) -> str:
    text = ""
    for host in draw(st.lists(st.sampled_from(["db-01", "db-02", "web.kudus", "x_1"]), max_size=3, unique=True)):
        shape = draw(st.sampled_from(["registered", "registered", "bare", "null", "flow"]))
        text += f"{margin}{host}:" + (" {ansible_port: 2222}" if shape == "flow" else "") + "\n"
        if shape in ("registered", "bare"):
            text += f"{margin}  ansible_host: {draw(st.sampled_from(VALUES))}\n"
        if shape == "registered":
            text += f"{margin}  cadangan_asset:\n{margin}    name: {draw(st.sampled_from(VALUES))}\n"
            text += f"{margin}    databases:\n{margin}    - name: {draw(st.sampled_from(VALUES))}\n"
            text += f"{margin}    number: {host}\n"
    return text


@st.composite
def files(draw: st.DrawFn) -> str:
    text = "# a register\n"
    anchors = iter(range(1000))
    for group in draw(st.lists(st.sampled_from(["servers", "all", "others"]), min_size=1, max_size=2, unique=True)):
        text += f"{group}:\n"
        for part in draw(st.permutations(["hosts", "vars", "children"])):
            if part == "hosts":
                text += "  hosts:\n" + draw(hosts("    "))
            elif part == "vars" and draw(st.booleans()):
                text += "  vars: {ansible_user: root, ansible_host: of-the-group}\n"
            elif part == "children" and draw(st.booleans()):
                text += "  children:\n    inner:\n      hosts:\n" + draw(hosts("        "))
    return re.sub("{}", lambda _: f"a{next(anchors)}", text)


def told(written: list[WrittenAsset]) -> dict[str, Any]:
    """What both readers must agree in."""
    return {each.host: (_comparable(each.raw), _places(each), _comparable(each.port)) for each in written}


def _places(written: WrittenAsset) -> list[str]:
    # Ansible does not remember where these two stand.
    forgotten = written.raw["name"] is None or isinstance(written.raw["name"], bool)
    fields: list[tuple[str | int, ...]] = [(), ("number",), ("databases", 0), ("unknown",)]
    return [written.where(each) for each in (*fields, *([] if forgotten else [("name",)]))]


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_comparable(part) for part in value]
    return type(value).__name__, getattr(value, "tag", value)


@given(st.dictionaries(st.sampled_from(["a.yml", "b.yaml", "sub/c.yml"]), files(), min_size=1), st.booleans())
@settings(max_examples=40)
def test_a_plain_inventory_is_read_as_by_ansible(texts: dict[str, str], own_file: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_text(text)
        if own_file:
            (Path(folder) / "host_vars").mkdir()
            (Path(folder) / "host_vars" / "x_1.yml").write_text(ASSET + "ansible_port: 22\n")
        plain = read_plain(Path(folder))
        if plain is not None:
            assert told(plain) == told(read_by_ansible(Path(folder)))


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    (tmp_path / "servers.yml").write_text(f"servers:\n  hosts:\n    db-01:\n      ansible_host: a\n      {ASSET}")
    return tmp_path


def test_the_fixture_is_plain(inventory: Path) -> None:
    (written,) = read_plain(inventory) or ()
    assert (written.host, written.address, written.port) == ("db-01", "a", None)
    assert told([written]) == told(read_by_ansible(inventory))


NOT_PLAIN = {
    "another kind of file": ("hosts.ini", "[servers]\ndb-02\n"),
    "a file without an ending": ("hosts", "servers:\n  hosts:\n    db-02:\n"),
    "a plugin": ("more.yml", "plugin: advanced_host_list\n"),
    "computed assets": ("groups.yml", "plugin: constructed\ncompose: {cadangan_asset: x}\n"),
    "a range": ("more.yml", "others: {hosts: {'db-[10:12]': {}}}\n"),
    "a port in the name": ("more.yml", "others: {hosts: {'db-02:22': {}}}\n"),
    "variables of a group": ("more.yml", f"others: {{hosts: {{db-02: }}, vars: {{{ASSET.strip()}}}}}\n"),
    "a file of a group": ("group_vars/servers.yml", ASSET),
    "a file of a group in a folder": ("group_vars/all/main.yml", ASSET),
    "a host twice": ("more.yml", f"others: {{hosts: {{db-01: {{{ASSET.strip()}}}}}}}\n"),
    "a host twice, in its own file": ("host_vars/db-01.yml", ASSET),
    "hosts as a list": ("more.yml", "others: {hosts: [db-02]}\n"),
    "an unknown part": ("more.yml", "others: {host: {db-02: }}\n"),
    "an alias for hosts": ("more.yml", "a: {hosts: &h {db-02: }}\nb: {hosts: *h}\n"),
    "a merge of hosts": ("more.yml", "a: {hosts: &h {db-02: }}\nb: {hosts: {<<: *h}}\n"),
    "a number as host": ("more.yml", "others: {hosts: {7: }}\n"),
    "an empty file": ("more.yml", "# nothing\n"),
    "a list": ("more.yml", "- db-02\n"),
    "a program": ("more.yml", "#!/bin/true\nservers:\n"),
}


@pytest.mark.parametrize(("name", "text"), NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_is_not_plain_is_left_to_ansible(inventory: Path, name: str, text: str) -> None:
    (inventory / name).parent.mkdir(parents=True, exist_ok=True)
    (inventory / name).write_text(text)
    assert read_plain(inventory) is None


IGNORED = {
    "a hidden file": (".draft.yml", "a: ["),
    "a text": ("notes.md", "# notes"),
    "groups by what is registered": ("zz.yml", "plugin: ansible.builtin.constructed\nkeyed_groups: []\n"),
    "an encrypted file of secrets": ("group_vars/all/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3030\n"),
    "an encrypted file of a host": ("host_vars/db-01/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3030\n"),
    "other variables of a group": ("group_vars/servers.yml", "ansible_user: root\n"),
}


@pytest.mark.parametrize(("name", "text"), IGNORED.values(), ids=IGNORED)
def test_what_registers_nothing_does_not_matter(inventory: Path, name: str, text: str) -> None:
    (inventory / name).parent.mkdir(parents=True, exist_ok=True)
    (inventory / name).write_text(text)
    assert [each.host for each in read_plain(inventory) or ()] == ["db-01"]


def test_a_broken_file_is_told(inventory: Path) -> None:
    (inventory / "more.yml").write_text("a: [\n")
    with pytest.raises(BadInput, match=r"more\.yml:2:1: "):
        read_plain(inventory)


def test_a_vaulted_value_is_no_value_of_any_field(inventory: Path) -> None:
    vaulted = "!vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          3030\n"
    text = (inventory / "servers.yml").read_text().replace("{number: '1', name: a, ", "\n        ").replace("}", "")
    text = text.replace("status: planned, agency: x", f"status: {vaulted}        agency: x")
    (inventory / "servers.yml").write_text(text)
    for written in (read_plain(inventory), read_by_ansible(inventory)):
        assert written is not None
        faults = written[0].read()
        assert isinstance(faults, list)
        (fault,) = [each for each in faults if each.location == ("status",)]
        assert fault.what.endswith("not a value with the tag !vault")
