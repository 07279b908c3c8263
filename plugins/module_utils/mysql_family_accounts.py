# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The accounts and roles that have privileges on a schema, as an SQL script.

Only those that have some on this very schema: one agency's backup must not hold the passwords of all others. The script
creates accounts that are missing, alters none, and grants what they had on the schema, whatever its name is then.
"""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

import re
from typing import Dict, List, Match

from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_dialect import (
    Dialect,
    Holder,
    identifier,
    literal,
    quoted,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_session import Session

_GRANT = re.compile(
    r"(?P<head>GRANT .+? ON )(?P<what>(?:FUNCTION |PROCEDURE |PACKAGE BODY |PACKAGE )?)"
    r"`(?P<schema>(?:[^`]|``)*)`\.(?P<thing>\*|`(?:[^`]|``)*`)(?P<tail> TO .+)",
    re.DOTALL,
)
_HOLDERS = """
SELECT User, Host FROM mysql.db WHERE {schema} LIKE Db
UNION SELECT User, Host FROM mysql.tables_priv WHERE Db = {schema}
UNION SELECT User, Host FROM mysql.procs_priv WHERE Db = {schema}
"""

_HEAD = """\
-- Creates accounts that are missing, and grants what they had on the schema; alters no account.
-- In a drill, which leaves nothing, @cadangan_schema is empty.
SET @cadangan_schema = COALESCE(@cadangan_schema, DATABASE()), sql_mode = '';
SET @schema = CONCAT('`', REPLACE(@cadangan_schema, '`', '``'), '`');
"""


def script(session: Session, schema: str) -> str:
    """The script, which is to be run in the schema that the privileges are to be on."""
    holders = [(row[0], row[1]) for row in session.rows(_HOLDERS.format(schema=literal(schema)))]
    dialect = session.dialect
    roles = [
        ((user, host), (role, role_host))
        for user, host, role, role_host in session.rows(dialect.memberships)
        if (role, role_host) in holders and host
    ]
    lines = [_HEAD, f"SET @pattern = {dialect.pattern};\n"]
    accounts = sorted({*holders, *(member for member, dummy in roles)} - {dialect.everybody})
    for number, holder in enumerate(accounts):
        lines.append(f"SET @cadangan_missing_{number} = {_missing(holder)};\n")
        lines.append(_performed(dialect, quoted(dialect.creation(holder, session.rows))))
    for holder in sorted(set(holders)):
        lines += [_performed(dialect, grant) for grant in _grants(session, holder, schema)]
    for member, role in roles:
        lines.append(_performed(dialect, quoted(f"GRANT {dialect.named(role)} TO {dialect.named(member)}")))
    defaults: Dict[Holder, List[Holder]] = {}
    for user, host, role, role_host in session.rows(dialect.default_roles):
        if ((user, host), (role, role_host)) in roles:
            defaults.setdefault((user, host), []).append((role, role_host))
    for member, default in defaults.items():
        # Of the accounts that were there, none is altered.
        statement = quoted(dialect.defaulting(member, default))
        made = f"@cadangan_missing_{accounts.index(member)}"
        lines.append(_performed(dialect, f"IF({made}, {statement}, 'DO 0')"))
    return "".join(lines)


def revoking(session: Session, schema: str) -> str:
    """SQL that takes all privileges on a schema, and on things in it, from everybody."""
    lines = []
    for user, host in session.rows(_HOLDERS.format(schema=literal(schema))):
        for grant in _on_schema(session, (user, host)):
            if grant["schema"] in (identifier(schema)[1:-1], _pattern(schema)):
                on = f"{grant['what']}`{grant['schema']}`.{grant['thing']} FROM {session.dialect.named((user, host))}"
                if "WITH GRANT OPTION" in grant["tail"]:
                    lines.append(f"REVOKE GRANT OPTION ON {on};\n")
                lines.append(f"REVOKE ALL PRIVILEGES ON {on};\n")
    return "".join(lines)


def _grants(session: Session, holder: Holder, schema: str) -> List[str]:
    """SQL expressions for the grants on the schema or on things in it."""
    found = []
    for grant in _on_schema(session, holder):
        name, whole = grant["schema"].replace("``", "`"), grant["thing"] == "*"
        if name == schema or (whole and _matches(session, schema, name)):
            # Only where a grant is on a whole schema is the name a pattern.
            target = "@pattern" if whole else "@schema"
            head = grant["head"] + grant["what"]
            found.append(f"CONCAT({quoted(head)}, {target}, {quoted('.' + grant['thing'] + grant['tail'])})")
    return found


def _on_schema(session: Session, holder: Holder) -> List[Match[str]]:
    """The grants of an account that are on some schema, in their parts."""
    statements = session.rows(f"SHOW GRANTS FOR {session.dialect.named(holder)}")
    return [grant for grant in (_GRANT.fullmatch(statement) for (statement,) in statements) if grant is not None]


def _pattern(schema: str) -> str:
    """The pattern that matches this schema alone, as SHOW GRANTS quotes it."""
    return identifier(schema.replace("_", "\\_").replace("%", "\\%"))[1:-1]


def _matches(session: Session, schema: str, pattern: str) -> bool:
    return session.value(f"SELECT {literal(schema)} LIKE {literal(pattern)}") == "1"


def _missing(holder: Holder) -> str:
    user, host = holder
    return f"NOT EXISTS (SELECT 1 FROM mysql.user WHERE User = {quoted(user)} AND Host = {quoted(host)})"


def _performed(dialect: Dialect, expression: str) -> str:
    return dialect.performed(f"IF(@cadangan_schema = '', 'DO 0', {expression})")
