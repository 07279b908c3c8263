# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts about the content of a PostgreSQL database: rows, large objects and the state of sequences.

A table's fact is the number of its rows and a sum of their hashes: neither order nor duplicates nor the place
of a row matter. The hash takes types whose binary form is the same everywhere as they are; all others go in as
text, because their hashes depend on type ids or do not tell apart what prints differently (1.0 and 1.00).
"""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

from typing import Dict, List, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_schema import (
    RELATIONS,
    digest,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import (
    Session,
    identifier,
    literal,
)

_AS_THEY_ARE = "bool int2 int4 int8 uuid date time timestamp bytea"

# Tables of extensions are carried only if the extension says so, and then only the rows that it names.
_TABLES = f"""
SELECT json_build_array(n.nspname, c.relname, i.type, i.identity, x.condition,
    (SELECT json_agg(json_build_array(a.attname, t.typname) ORDER BY a.attname COLLATE "C")
        FROM pg_attribute AS a
        LEFT JOIN pg_type AS t ON t.oid = a.atttypid AND t.typnamespace = 'pg_catalog'::regnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''))
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN (SELECT unnest(extconfig) AS id, unnest(extcondition) AS condition FROM pg_extension) AS x ON x.id = c.oid,
    pg_identify_object('pg_class'::regclass, c.oid, 0) AS i
WHERE c.relkind = {{kind}} AND (x.id IS NOT NULL OR c.oid IN (SELECT oid FROM {RELATIONS} AS r))
ORDER BY c.oid
"""

# Trailing zeros and pages of zeros may be stored or left out.
_LARGE_OBJECTS = f"""
SELECT json_build_array('large objects', 'content', count(*) || ' pages, ' || coalesce(sum(
        hash_record_extended(ROW(loid::int8, pageno, content), 0)::numeric), 0), NULL)
FROM (SELECT loid, pageno, rtrim(data, '\\x00') AS content FROM pg_largeobject) AS p WHERE content <> ''
UNION ALL
SELECT json_build_array('large objects', 'sizes', count(*) || ', ' || coalesce(sum(
        hash_record_extended(ROW(loid::int8, size), 0)::numeric), 0), NULL)
FROM (SELECT loid, max(pageno::int8 * 2048 + length(data)) AS size FROM pg_largeobject GROUP BY 1) AS s
UNION ALL
SELECT json_build_array('large objects', 'owners', count(*) || ', ' || coalesce(sum(
        hash_record_extended(ROW(oid::int8, {digest("json_build_array(pg_get_userbyid(lomowner), acl)")}
            COLLATE "C"), 0)::numeric), 0), NULL)
FROM pg_largeobject_metadata, LATERAL (
    SELECT json_agg(e ORDER BY e) FROM (
        SELECT json_build_array(pg_get_userbyid(grantee), privilege_type, is_grantable)::text COLLATE "C" AS e
        FROM aclexplode(coalesce(lomacl, acldefault('L', lomowner)))) AS entries) AS l (acl)
"""


def tables(session: Session) -> List[Tuple[str, str]]:
    """Name as SQL, and readable name, of every table whose rows are carried."""
    return [(_qualified(row), row[3]) for row in session.rows(_TABLES.format(kind="'r'"))]


def rows(session: Session) -> List[list]:
    """Rows [kind, name, value, null] about the content of tables and large objects."""
    found = []
    for table in session.rows(_TABLES.format(kind="'r'")):
        condition, columns = table[4] or "", table[5] or []
        value = f"count(*) || ' rows, ' || coalesce(sum({_hash(columns)}::numeric), 0)"
        fact = f"json_build_array('rows', {literal(table[3])}, {value}, NULL)"
        found += session.look(f"SELECT {fact} FROM ONLY {_qualified(table)} {condition}")
    return found + session.look(_LARGE_OBJECTS)


def sequences(session: Session) -> Dict[str, Tuple[int, bool]]:
    """The state of every sequence: last value, and whether that was given out. No snapshot holds it still."""
    states = {}
    for sequence in session.rows(_TABLES.format(kind="'S'")):
        [[value, is_called]] = session.rows(
            f"SELECT json_build_array(last_value, is_called) FROM {_qualified(sequence)}"
        )
        states[sequence[3]] = (value, is_called)
    return states


def _hash(columns: List[list]) -> str:
    binary, text = [], []
    for name, type_name in columns:
        if type_name in _AS_THEY_ARE.split():
            binary.append(identifier(name))
        elif type_name in ("text", "varchar"):
            binary.append(f'{identifier(name)} COLLATE pg_catalog."C"')
        else:
            text.append(identifier(name))
    if text:
        binary.append(f'textin(record_out(ROW({", ".join(text)}))) COLLATE pg_catalog."C"')
    return f"hash_record_extended(ROW({', '.join(binary)}), 0)"


def _qualified(row: list) -> str:
    return f"{identifier(row[0])}.{identifier(row[1])}"
