# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The index of a dump: a line for each key, with the digest of its value. By it a key that differs can be named.

It is a part of the backup set, encrypted like the data: names of keys can be secrets, such as those of sessions.
"""

from __future__ import annotations

import os
from typing import Dict, Iterator, List, Set, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import redis_proof
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, text
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_proof import Group, Item, Unsteady

INDEX = "keys"
"""Name of the part, and of its file in a folder of ours."""

_NAMED = 20


def line(item: Item) -> bytes:
    """The line of an item: database, type, end, digest and name, with tabs between them."""
    words = (str(item.database), item.kind, str(item.end), item.digest.hex(), item.name.hex())
    return "\t".join(words).encode("ascii") + b"\n"


def changed_keys(connection: Connection, folder: str, groups: Set[Group], since: int) -> List[str]:
    """A line for each key (the first ones) that is not as the index in `folder` has it; only `groups` are looked at."""
    known: Dict[Tuple[int, bytes], Item] = {}
    for item in _read(os.path.join(folder, INDEX)):
        if item.group(since) in groups:
            known[item.database, item.name] = item
    lines = []
    try:
        for item in redis_proof.items(connection):
            before = known.pop((item.database, item.name), None)
            if before is None and item.group(since) in groups:
                lines.append(f"added: {_name(item)}")
            elif before not in (None, item):
                lines.append(f"changed: {_name(item)}")
    except Unsteady:
        pass  # The names are only a help.
    lines += [f"lost: {_name(item)}" for item in known.values()]
    return lines[:_NAMED]


def _read(path: str) -> Iterator[Item]:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        for entry in file:
            database, kind, end, digest, name = entry.decode("ascii").rstrip("\n").split("\t")
            yield Item(int(database), bytes.fromhex(name), kind, int(end), bytes.fromhex(digest))


def _name(item: Item) -> str:
    return f"key {text(item.name)!a} ({item.kind}) in database {item.database}"
