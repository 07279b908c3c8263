# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A PostgreSQL database as a whole: facts about its properties, and an empty one with the same."""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

from typing import Dict, List
from urllib.parse import unquote

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_schema import RELATIONS, digest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import (
    Session,
    identifier,
    literal,
)

KIND = "database"
"""Facts of this kind are readable, because an empty database is made from them."""

_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}

# Columns came and were renamed: the provider in 15, ICU rules in 16, one name for all locales in 17.
_PROPERTIES = f"""
WITH d AS (SELECT d.*, to_jsonb(d) AS j FROM pg_database AS d WHERE datname = current_database())
SELECT json_build_array('{KIND}', name, value, NULL) FROM d, LATERAL (VALUES
    ('encoding', pg_encoding_to_char(encoding)),
    ('collate', datcollate::text),
    ('ctype', datctype::text),
    ('provider', coalesce(j->>'datlocprovider', 'c')),
    ('locale', coalesce(j->>'datlocale', j->>'daticulocale')),
    ('icu rules', j->>'daticurules'),
    ('tablespace', (SELECT spcname::text FROM pg_tablespace WHERE oid = dattablespace)),
    ('owner', pg_get_userbyid(datdba)::text),
    ('connection limit', datconnlimit::text),
    ('privileges', (SELECT {digest("json_agg(e ORDER BY e)")} FROM (
        SELECT json_build_array(pg_get_userbyid(grantor), CASE grantee WHEN 0 THEN 'public'
            ELSE pg_get_userbyid(grantee)::text END, privilege_type, is_grantable)::text COLLATE "C" AS e
        FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))) AS entries)),
    ('comment', (SELECT {digest("description")} FROM pg_shdescription
        WHERE classoid = 'pg_database'::regclass AND objoid = d.oid))
) AS property (name, value) WHERE value IS NOT NULL
UNION ALL
SELECT json_build_array('{KIND}', 'setting ' || quote_ident(split_part(setting, '=', 1))
        || CASE setrole WHEN 0 THEN '' ELSE ' of role ' || quote_ident(pg_get_userbyid(setrole)) END,
    {digest("setting")}, NULL)
FROM d JOIN pg_db_role_setting ON setdatabase = d.oid, unnest(setconfig) AS setting
UNION ALL
SELECT json_build_array('tablespace', spcname, 'in use', NULL) FROM pg_tablespace
WHERE oid IN (SELECT dattablespace FROM d)
OR oid IN (SELECT reltablespace FROM {RELATIONS} AS r) OR oid IN (
    SELECT c.reltablespace FROM pg_index AS x JOIN {RELATIONS} AS t ON t.oid = x.indrelid
    JOIN pg_class AS c ON c.oid = x.indexrelid)
"""


def properties(session: Session) -> List[list]:
    """Rows [kind, name, value, null] about the database that the session is connected to."""
    return session.look(_PROPERTIES)


def named(facts: List[Fact], kind: str) -> Dict[str, str]:
    """Name and value of the facts of one kind, as they are in the database."""
    return {_decoded(fact["name"]): _decoded(fact["value"]) for fact in facts if fact["kind"] == kind}


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogateescape")


def creation(name: str, wanted: Dict[str, str], server_major: int) -> str:
    """The statement that makes an empty database with the wanted properties (facts of the kind `database`)."""
    provider = wanted["provider"]
    if provider not in _PROVIDERS:
        raise EngineError(f'The locale provider "{provider}" of the database backed up is not known')
    words = [
        f"CREATE DATABASE {identifier(name)} TEMPLATE template0",
        f"ENCODING {literal(wanted['encoding'])}",
        f"LC_COLLATE {literal(wanted['collate'])}",
        f"LC_CTYPE {literal(wanted['ctype'])}",
        f"TABLESPACE {identifier(wanted['tablespace'])}",
    ]
    if server_major >= 15:
        words.append(f"LOCALE_PROVIDER {_PROVIDERS[provider]}")
    if provider == "i":
        words.append(f"ICU_LOCALE {literal(wanted['locale'])}")
    if provider == "b":
        words.append(f"BUILTIN_LOCALE {literal(wanted['locale'])}")
    if "icu rules" in wanted:
        words.append(f"ICU_RULES {literal(wanted['icu rules'])}")
    return " ".join(words)
