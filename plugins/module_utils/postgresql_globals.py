# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a PostgreSQL database needs outside itself, as SQL scripts for psql: its roles, and its own properties.

Not `pg_dumpall --globals-only`: that would put the passwords of everybody on the server into the backup of one
agency, knows no snapshot, and alters roles that exist. These scripts hold only the roles that the database
refers to, create only what is missing, and apply to whatever database they are run in.
"""

# ruff: noqa: S608 - SQL can only be put together here; names go through identifier() and literal()

from __future__ import annotations

# Members of the roles that own or may use something, and the groups that all these are in.
_ROLES = """
WITH RECURSIVE referenced (id) AS (
    SELECT 10::oid
    UNION SELECT refobjid FROM pg_shdepend
    WHERE refclassid = 'pg_authid'::regclass AND (dbid = d.oid OR (classid = 'pg_database'::regclass AND objid = d.oid))
    UNION SELECT datdba FROM pg_database WHERE oid = d.oid
    UNION SELECT setrole FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole <> 0
), using_them (id) AS (
    SELECT id FROM referenced
    UNION SELECT m.member FROM using_them JOIN pg_auth_members AS m ON m.roleid = using_them.id
), needed (id) AS (
    SELECT id FROM using_them
    UNION SELECT m.roleid FROM needed JOIN pg_auth_members AS m ON m.member = needed.id
)
SELECT r.* FROM needed JOIN pg_authid AS r ON r.oid = needed.id WHERE r.rolname !~ '^pg_'
"""

_CURRENT = "(SELECT * FROM pg_database WHERE datname = current_database())"

# Elements of these settings are stored quoted as identifiers; SET wants each as a value of its own.
_LISTS = (
    "('local_preload_libraries', 'search_path', 'session_preload_libraries', 'shared_preload_libraries',"
    " 'temp_tablespaces', 'unix_socket_directories')"
)
_SETTING = f"""
    ' SET ' || quote_ident(split_part(setting, '=', 1)) || ' TO ' || CASE
        WHEN split_part(setting, '=', 1) NOT IN {_LISTS} THEN quote_literal(substr(setting, strpos(setting, '=') + 1))
        ELSE coalesce((
            SELECT string_agg(quote_literal(CASE WHEN e[1] LIKE '"%'
                THEN replace(substr(e[1], 2, length(e[1]) - 2), '""', '"') ELSE e[1] END), ', ')
            FROM regexp_matches(substr(setting, strpos(setting, '=') + 1), '"(?:[^"]|"")*"|[^,\\s]+', 'g') AS e),
            '''''')
        END"""

# Membership got more options in PostgreSQL 16; their SQL is not known before.
_MEMBERSHIP = """
    'GRANT ' || quote_ident(g.rolname) || ' TO ' || quote_ident(r.rolname) || CASE
        WHEN to_jsonb(m) ? 'inherit_option' THEN format(' WITH ADMIN %s, INHERIT %s, SET %s', m.admin_option,
            to_jsonb(m)->>'inherit_option', to_jsonb(m)->>'set_option')
        WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END"""

ROLES = rf"""
WITH d AS {_CURRENT}, roles AS (SELECT r.* FROM d, LATERAL ({_ROLES}) AS r),
statements (n, roles, sql) AS (
    SELECT 1, ARRAY[rolname], 'CREATE ROLE ' || quote_ident(rolname) || ' WITH '
        || CASE WHEN rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END
        || CASE WHEN rolinherit THEN ' INHERIT' ELSE ' NOINHERIT' END
        || CASE WHEN rolcreaterole THEN ' CREATEROLE' ELSE ' NOCREATEROLE' END
        || CASE WHEN rolcreatedb THEN ' CREATEDB' ELSE ' NOCREATEDB' END
        || CASE WHEN rolcanlogin THEN ' LOGIN' ELSE ' NOLOGIN' END
        || CASE WHEN rolreplication THEN ' REPLICATION' ELSE ' NOREPLICATION' END
        || CASE WHEN rolbypassrls THEN ' BYPASSRLS' ELSE ' NOBYPASSRLS' END
        || ' CONNECTION LIMIT ' || rolconnlimit
        || coalesce(' PASSWORD ' || quote_literal(rolpassword), '')
        || coalesce(' VALID UNTIL ' || quote_literal(rolvaliduntil::text), '')
    FROM roles
    UNION ALL
    SELECT 2, ARRAY[rolname], 'ALTER ROLE ' || quote_ident(rolname) || {_SETTING}
    FROM roles JOIN pg_db_role_setting AS s ON s.setrole = roles.oid AND s.setdatabase = 0, unnest(setconfig) AS setting
    UNION ALL
    SELECT 3, ARRAY[rolname], 'COMMENT ON ROLE ' || quote_ident(rolname) || ' IS ' || quote_literal(description)
    FROM roles JOIN pg_shdescription AS c ON c.classoid = 'pg_authid'::regclass AND c.objoid = roles.oid
    UNION ALL
    SELECT 4, ARRAY[g.rolname, r.rolname], {_MEMBERSHIP}
    FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid JOIN roles AS r ON r.oid = m.member
)
SELECT E'-- Creates the roles that the database refers to and that are missing; alters none that exists.\n'
    || E'SET log_statement = ''none'';\nSET log_min_duration_statement = -1;\n'
    || E'SET log_min_error_statement = ''panic'';\n'
    || E'SELECT s.sql FROM (VALUES\n'
    || string_agg(format('(%s, ARRAY[%s], %s)', n,
        (SELECT string_agg(quote_literal(u.role), ', ') FROM unnest(statements.roles) AS u (role)),
        quote_literal(sql)), E',\n' ORDER BY n, sql COLLATE "C")
    || E'\n) AS s (n, roles, sql)\n'
    || E'WHERE EXISTS (SELECT FROM unnest(s.roles) AS u (role)\n'
    || E'    WHERE role NOT IN (SELECT rolname::text FROM pg_catalog.pg_roles))\nORDER BY s.n\n\\gexec'
FROM statements
"""
"""SQL that writes the script `globals`: missing roles with attributes, settings, comments and memberships."""

_GRANTS = """
    SELECT grantor, row_number() OVER (ORDER BY grantor <> d.datdba) AS n,
        'GRANT ' || privilege_type || ' ON DATABASE ' AS head,
        ' TO ' || CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
        || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS tail
    FROM d, aclexplode(d.datacl)"""

PROPERTIES = rf"""
WITH d AS {_CURRENT}, owner AS (SELECT quote_ident(pg_get_userbyid(datdba)) AS name FROM d),
grants AS ({_GRANTS}),
statements (n, sub, head, tail) AS (
    SELECT 1, 0, 'ALTER DATABASE ', ' OWNER TO ' || name FROM owner
    UNION ALL SELECT 2, 0, 'REVOKE ALL ON DATABASE ', ' FROM PUBLIC' FROM d WHERE datacl IS NOT NULL
    UNION ALL SELECT 2, 1, 'REVOKE ALL ON DATABASE ', ' FROM ' || name FROM owner, d WHERE datacl IS NOT NULL
    UNION ALL SELECT 3, n * 3, 'SET SESSION AUTHORIZATION ' || quote_ident(pg_get_userbyid(grantor)), NULL FROM grants
    UNION ALL SELECT 3, n * 3 + 1, head, tail FROM grants
    UNION ALL SELECT 3, n * 3 + 2, 'RESET SESSION AUTHORIZATION', NULL FROM grants
    UNION ALL SELECT 4, 0, 'ALTER DATABASE ', ' CONNECTION LIMIT ' || datconnlimit FROM d
    UNION ALL SELECT 5, 0, 'COMMENT ON DATABASE ', ' IS ' || quote_literal(description)
        FROM d JOIN pg_shdescription AS c ON c.classoid = 'pg_database'::regclass AND c.objoid = d.oid
    UNION ALL SELECT 6, i, CASE setrole WHEN 0 THEN 'ALTER DATABASE '
            ELSE 'ALTER ROLE ' || quote_ident(pg_get_userbyid(setrole)) || ' IN DATABASE ' END,
            {_SETTING}
        FROM d JOIN pg_db_role_setting ON setdatabase = d.oid, unnest(setconfig) WITH ORDINALITY AS c (setting, i)
)
SELECT E'-- Gives the database that it is run in the owner, privileges and settings of the one backed up.\n'
    || E'SELECT s.head || coalesce(quote_ident(current_database()) || s.tail, '''') FROM (VALUES\n'
    || string_agg(format('(%s, %s, %L, %L)', n, sub, head, tail), E',\n' ORDER BY n, sub, head, tail)
    || E'\n) AS s (n, sub, head, tail)\nORDER BY s.n, s.sub\n\\gexec'
FROM statements
"""
"""SQL that writes the script `database`: owner, privileges, connection limit, comment and settings."""
