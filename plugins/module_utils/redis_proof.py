# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts about what is in a server: every key of every database, with type, end and value, and its functions.

Keys that have an end are put into periods, by when they end: months later those whose period has begun are gone by
nature, and the others must all be there. Periods are the longer the further away they are.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Set, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, RedisError, text
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_values import (
    MAY_FAIL,
    READERS,
    Reader,
    Value,
    added,
    digest_of,
)

LASTING = "keys"
PASSING = "passing keys"
"""Kinds of the facts about keys without and with an end."""

_KEYS_AT_ONCE = 500
_ATTEMPTS = 5
_NEVER = -1
_SHORTEST_PERIOD = 10  # 2**10 ms
_PERIODS_PER_DOUBLING = 5  # 2**5

Group = Tuple[str, str]
"""Kind and name of the fact that a key belongs to."""


class Unsteady(Exception):
    """So many keys ended meanwhile that the server rearranged them, and gave some of them twice."""


@dataclass(frozen=True)
class Item:
    """A key (or a field of a hash with an end of its own) in a database; `end` is in milliseconds since 1970."""

    database: int
    name: bytes
    kind: str
    end: int
    digest: bytes

    def group(self, since: int) -> Group:
        """The fact it belongs to, in a proof whose periods count from `since` (milliseconds since 1970)."""
        if self.end == _NEVER:
            return LASTING, f"{self.database} {self.kind}"
        return PASSING, f"{self.database} {self.kind} from {period(self.end, since)}"


Items = Iterator[Item]


@dataclass
class Summary:
    """Number of items and sum of their digests for each group."""

    groups: Dict[Group, List[int]] = field(default_factory=dict)

    def add(self, group: Group, item: Item) -> None:
        count, total = self.groups.get(group, (0, 0))
        entry = digest_of(item.name, item.kind.encode(), b"%d" % item.end, item.digest)
        self.groups[group] = [count + 1, added(total, entry)]

    def facts(self) -> List[Fact]:
        return [
            {"kind": kind, "name": name, "value": f"{count} keys {total:032x}"}
            for (kind, name), (count, total) in sorted(self.groups.items())
        ]


def period(end: int, since: int) -> int:
    """When the period begins that `end` lies in; all in milliseconds since 1970."""
    ahead = max(end - since, 0)
    width = 1 << max(ahead.bit_length() - 1 - _PERIODS_PER_DOUBLING, _SHORTEST_PERIOD)
    return since + ahead // width * width


def standing(facts: List[Fact], at: int) -> List[Fact]:
    """Those facts that still hold at a time (milliseconds since 1970): no key in them can have ended."""
    return [fact for fact in facts if fact["kind"] != PASSING or _begin(fact["name"]) > at]


def databases(facts: List[Fact]) -> Set[int]:
    """Numbers of the databases that have keys."""
    return {int(fact["name"].partition(" ")[0]) for fact in facts if fact["kind"] in (LASTING, PASSING)}


def functions(connection: Connection) -> List[Fact]:
    """Facts about the function libraries, which belong to the data."""
    facts = []
    for library in connection.call("FUNCTION", "LIST", "WITHCODE"):
        about = dict(zip(library[::2], library[1::2]))
        digest = digest_of(about[b"engine"], about[b"library_code"]).hex()
        facts.append({"kind": "functions", "name": text(about[b"library_name"]), "value": digest})
    return facts


def items(connection: Connection) -> Items:
    """Everything in a private server. Raises Unsteady."""
    for name in sorted(connection.info("keyspace")):
        yield from _database(connection, int(name[2:]))


def now() -> int:
    """The time in milliseconds since 1970."""
    return int(time.time() * 1000)


def _database(connection: Connection, number: int) -> Items:
    connection.call("SELECT", number)
    cursor, found, gone = b"0", 0, 0
    while True:
        cursor, keys = connection.call("SCAN", cursor, "COUNT", _KEYS_AT_ONCE)
        read = list(_read(connection, number, keys))
        yield from read
        found += len(keys)
        gone += _gone(connection, keys)
        if cursor == b"0":
            break
    if found - gone != connection.call("DBSIZE"):
        raise Unsteady


def _gone(connection: Connection, keys: List[bytes]) -> int:
    """How many of the keys have ended meanwhile. To ask for one removes it."""
    return sum(answer == 0 for answer in connection.pipeline([("EXISTS", key) for key in keys]))


def _read(connection: Connection, database: int, keys: List[bytes]) -> Items:
    asked = [question for key in keys for question in (("TYPE", key), ("PEXPIRETIME", key))]
    answers = list(connection.pipeline(asked))
    known = {}
    readers = {}
    for key, kind, end in zip(keys, answers[::2], answers[1::2]):
        if kind == b"none" or end == -2:
            continue
        if kind not in READERS:
            raise EngineError(
                f"The key {text(key)!a} in database {database} is a {text(kind)}, which can not be proven",
                "Only the types of Redis without modules can be backed up.",
            )
        known[key] = (kind.decode(), end)
        readers[key] = READERS[kind](key)
    for key, value in _values(connection, readers).items():
        kind, end = known[key]
        yield from _items_of(database, key, kind, end, value)


def _items_of(database: int, key: bytes, kind: str, end: int, value: Value) -> Items:
    own_end = end
    for name, field_end, digest in value.passing:
        first_end = field_end if end == _NEVER else min(end, field_end)
        yield Item(database, key + b" field " + name, f"{kind} field", first_end, digest)
    if value.passing and not value.lasting:
        # It ends with its last field.
        last = max(field_end for _name, field_end, _digest in value.passing)
        own_end = last if end == _NEVER else min(end, last)
    yield Item(database, key, kind, own_end, value.digest)


def _values(connection: Connection, readers: Dict[bytes, Reader]) -> Dict[bytes, Value]:
    """Let all readers ask, again and again all at once, until they are done. Keys that end meanwhile are left out."""
    values: Dict[bytes, Value] = {}
    questions: Dict[bytes, Any] = {key: next(reader) for key, reader in readers.items()}
    while questions:
        asked, questions = questions, {}
        for key, answer in zip(asked, connection.pipeline(asked.values())):
            if isinstance(answer, RedisError) and asked[key][0] not in MAY_FAIL:
                if "no such key" in answer.message:
                    continue
                raise answer
            try:
                questions[key] = readers[key].send(answer)
            except StopIteration as done:
                values[key] = done.value
    return values


def _begin(name: str) -> int:
    return int(name.rpartition(" from ")[2])


def take(connection: Connection, since: int, keep: Callable[[Items], None]) -> Tuple[List[Fact], int]:
    """The facts about a private server, and the time (milliseconds since 1970) at which they hold.

    `keep` is given the items, all of which it must take, more than once if need be.
    """
    for _attempt in range(_ATTEMPTS):
        summary = Summary()
        try:
            keep(_counted(items(connection), summary, since))
        except Unsteady:
            continue
        at = now()
        return standing(summary.facts(), at) + functions(connection), at
    raise EngineError("Too many keys end while they are compared", "Run it again when fewer do.")


def _counted(found: Items, summary: Summary, since: int) -> Items:
    for item in found:
        summary.add(item.group(since), item)
        yield item
