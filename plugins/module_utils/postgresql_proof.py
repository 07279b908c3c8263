# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof of a PostgreSQL database: all facts of one snapshot, and facts of another server in the same terms."""

from __future__ import annotations

import re
from typing import Dict, List, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import postgresql_content, postgresql_schema
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_database import properties
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import Session

DEFINITION = " definition"
"""Kinds that end so hold what PostgreSQL printed: comparable among servers of one major version."""

SEQUENCE = "sequence value"
_MOVED = " or up to "

States = Dict[str, Tuple[int, bool]]


def facts(session: Session, major: int) -> List[Fact]:
    """All facts but the state of sequences, in the transaction that the session is in."""
    found = properties(session) + postgresql_content.rows(session)
    for query in postgresql_schema.object_queries(major):
        found += session.look(postgresql_schema.objects(query))
    found += session.look(postgresql_schema.REMARKS) + session.look(postgresql_schema.PRIVILEGES)
    return [fact for row in found for fact in _facts(*row)]


def database_facts(session: Session) -> List[Fact]:
    """Only the facts about the database as a whole, which are enough to make an empty one like it."""
    return [fact for row in properties(session) for fact in _facts(*row)]


def sequence_facts(before: States, after: States) -> List[Fact]:
    """The state of sequences that was read before the dump and after it: pg_dump saw something between."""
    result = []
    for name in sorted(before.keys() & after.keys()):
        value = _state(*before[name])
        if before[name] != after[name]:
            value += _MOVED + _state(*after[name])
        result.append(_fact(SEQUENCE, name, value))
    return result


def in_terms_of(expected: List[Fact], found: List[Fact], same_major: bool) -> List[Fact]:
    """`found`, with what can not differ otherwise said as in `expected`, so that equality means faithfulness.

    A sequence that moved during the dump is as expected if it is within those bounds. Definitions printed by
    another major version are as expected if they are there.
    """
    values = {(fact["kind"], fact["name"]): fact["value"] for fact in expected}
    result = []
    for fact in found:
        value = values.get((fact["kind"], fact["name"]))
        as_expected = value is not None and (
            (fact["kind"] == SEQUENCE and _within(fact["value"], value))
            or (fact["kind"].endswith(DEFINITION) and not same_major)
        )
        result.append({**fact, "value": value} if as_expected else fact)
    return result


def _facts(kind: str, name: str, value: str, definition: str) -> List[Fact]:
    result = []
    if value is not None:
        result.append(_fact(kind, name, value))
    if definition is not None:
        result.append(_fact(kind + DEFINITION, name, definition))
    return result


def _fact(kind: str, name: str, value: str) -> Fact:
    return {"kind": kind, "name": _percent_encoded(name), "value": _percent_encoded(value)}


def _percent_encoded(text: str) -> str:
    """The text in printable ASCII, still readable; bytes that are not text survive as well."""
    data = text.encode("utf-8", "surrogateescape")
    return re.sub(rb"[^ -$&-~]", lambda match: b"%%%02X" % ord(match.group()), data).decode("ascii")


def _state(value: int, is_called: bool) -> str:
    return f"{value} {'given out' if is_called else 'next'}"


def _within(found: str, expected: str) -> bool:
    bounds = [int(text.split()[0]) for text in expected.split(_MOVED)]
    return len(bounds) == 2 and min(bounds) <= int(found.split()[0]) <= max(bounds)
