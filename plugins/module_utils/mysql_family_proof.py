# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof of a schema: facts about its objects and rows, and facts of another server in the same terms."""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import hashlib
import re
from typing import Dict, List, Set, Tuple
from urllib.parse import unquote_to_bytes

from ansible_collections.diskominfo.cadangan.plugins.module_utils import mysql_family_content
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import identifier, literal
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_session import Session

DATABASE = "database"
EVENT_STATUS = "event status"
NEEDED = "sequence needed"
"""Facts of this kind name sequences, with their schema, from which columns take their defaults."""

_MOVED = " or up to "
_SEQUENCE = re.compile(r"(?:next|last)val\(`((?:[^`]|``)*)`\.`((?:[^`]|``)*)`\)")

_EVENT_STATUSES = "SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {schema}"
_SEQUENCE_STATE = (
    "SELECT start_value, minimum_value, maximum_value, increment, cache_size, cycle_option FROM {sequence}"
)

Counters = Dict[Tuple[str, str], int]


def schema_facts(session: Session, schema: str) -> List[Fact]:
    """Facts about every object of the schema, but not about its rows and counters."""
    name = literal(schema)
    properties_ = session.dialect.properties
    [row] = session.rows(f"SELECT {', '.join(properties_)} FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {name}")
    found = [_fact(DATABASE, key, _percent_encoded(value)) for key, value in zip(properties_, row)]
    digests: Dict[Tuple[str, str], "hashlib._Hash"] = {}
    for query in session.dialect.queries.values():
        for kind, thing, *properties in session.rows(query.format(schema=name)):
            _take(digests, (kind, thing), properties)
    needed: Set[Tuple[str, str]] = set()
    session.execute(f"USE {identifier(schema)}")
    for table, kind in mysql_family_content.tables(session, schema).items():
        if kind == "SEQUENCE":
            query = _SEQUENCE_STATE.format(sequence=identifier(table))
            _take(digests, ("sequence", table), session.rows(query)[0])
        else:
            statement = _definition(session, table)
            _take(digests, ("table definition", table), [mysql_family_content.without_counter(statement)])
            needed.update(_SEQUENCE.findall(statement))
    for (view,) in session.rows(f"SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {name}"):
        _take(digests, ("view definition", view), session.rows(f"SHOW CREATE VIEW {identifier(view)}")[0][1:2])
    found += [_fact(kind, thing, digest.hexdigest()) for (kind, thing), digest in digests.items()]
    for parts in sorted(needed):
        found.append(_fact(NEEDED, "\0".join(part.replace("``", "`") for part in parts), "in use"))
    statuses = session.rows(_EVENT_STATUSES.format(schema=name))
    return found + [_fact(EVENT_STATUS, event, status) for event, status in statuses]


def row_facts(session: Session, schema: str) -> List[Fact]:
    """Facts about the rows of every table, as the session's transaction sees them."""
    return [_fact("rows", table, value) for table, value in mysql_family_content.rows(session, schema)]


def counter_facts(before: Counters, after: Counters) -> List[Fact]:
    """The state of counters that was read before the dump and after it: the dump saw something between."""
    found = []
    for kind, name in sorted(before.keys() | after.keys()):
        # What is not told, is 1.
        first, last = (counters.get((kind, name), 1) for counters in (before, after))
        found.append(_fact(kind, name, str(first) + (f"{_MOVED}{last}" if first != last else "")))
    return found


def in_terms_of(expected: List[Fact], found: List[Fact], same_series: bool) -> List[Fact]:
    """`found`, with what can not differ otherwise said as in `expected`, so that equality means faithfulness.

    A counter that moved during the dump is as expected if it is within those bounds. Definitions printed by another
    series are as expected if they are there. Events wait, disabled, until their schema is in its place.
    """
    values = {(fact["kind"], fact["name"]): fact["value"] for fact in expected}
    result = []
    for fact in found:
        value = values.get((fact["kind"], fact["name"]))
        as_expected = value is not None and (
            fact["kind"] == EVENT_STATUS
            or (fact["kind"].endswith(" definition") and not same_series)
            or (_MOVED in value and _within(fact["value"], value))
        )
        result.append({**fact, "value": value} if as_expected else fact)
    return result


def properties(facts: List[Fact]) -> Dict[str, str]:
    """The properties of the schema as a whole, by the names of `Dialect.properties`."""
    return {fact["name"]: decoded(fact["value"]) for fact in facts if fact["kind"] == DATABASE}


def needed_sequences(facts: List[Fact]) -> List[Tuple[str, str]]:
    """Schema and name of the sequences from which columns take their defaults."""
    found = [decoded(fact["name"]).partition("\0") for fact in facts if fact["kind"] == NEEDED]
    return [(parts[0], parts[2]) for parts in found]


def is_enabled(facts: List[Fact], event: str) -> bool:
    """Whether the event of that name was enabled."""
    return _fact(EVENT_STATUS, event, "ENABLED") in facts


def decoded(text: str) -> str:
    """A name as it was before a fact was made of it."""
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")


def _definition(session: Session, table: str) -> str:
    """How the table is made. The first look at it: the server does not always say which table is damaged."""
    try:
        return session.rows(f"SHOW CREATE TABLE {identifier(table)}")[0][1]
    except EngineError as error:
        raise EngineError(f"The table {table!a} can not be read: {error.message}", error.advice) from error


def _take(digests: Dict[Tuple[str, str], "hashlib._Hash"], key: Tuple[str, str], properties: List[str]) -> None:
    digest = digests.setdefault(key, hashlib.sha256())
    for text in properties:
        data = text.encode("utf-8", "surrogateescape")
        digest.update(b"%d:%b," % (len(data), data))


def _fact(kind: str, name: str, value: str) -> Fact:
    return {"kind": kind, "name": _percent_encoded(name), "value": value}


def _percent_encoded(name: str) -> str:
    """A readable name in printable ASCII; bytes that are not text survive as well."""
    data = name.encode("utf-8", "surrogateescape")
    return re.sub(rb"[^ -$&-~]", lambda match: b"%%%02X" % ord(match.group()), data).decode("ascii")


def _within(found: str, expected: str) -> bool:
    bounds = [int(text) for text in expected.split(_MOVED)]
    return min(bounds) <= int(found) <= max(bounds)
