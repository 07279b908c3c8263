"""The awkward database comes back as it was, by our proof and by tools that know nothing of it."""

from __future__ import annotations

import re

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_postgresql import Backup, create_database, load_backup, take_backup
from support.postgresql_server import PostgresqlServer

# A subscription holds its database.
DROP_SECOND = r"""
\connect second
ALTER SUBSCRIPTION awk_sub SET (slot_name = NONE);
DROP SUBSCRIPTION awk_sub;
\connect postgres
DROP DATABASE second
"""


def schema_of(server: PostgresqlServer, database: str) -> str:
    """What pg_dump says about a database's schema and properties, without its name and pg_dump's own marks."""
    text = server.run("pg_dump", "-s", "-C", "-d", server.conninfo(database)).decode()
    text = re.sub(rf'"?\b{re.escape(database)}\b"?', "THE_DATABASE", text)
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE)


def content_of(server: PostgresqlServer, database: str) -> dict[str, list[str]]:
    """The sorted rows of every table as COPY prints them, and the large objects."""
    tables = server.sql(
        database,
        """
        SELECT quote_ident(nspname) || '.' || quote_ident(relname) || E'\\x01' || columns || E'\\x02'
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace, LATERAL (
            SELECT string_agg(quote_ident(attname), ',' ORDER BY attname) FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS a (columns)
        WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema' AND columns IS NOT NULL
        """,
    )
    found = {}
    for entry in filter(None, tables.split("\x02")):
        table, columns = entry.strip("\n").split("\x01")
        rows = server.sql(database, f"COPY (SELECT {columns} FROM ONLY {table}) TO STDOUT")
        found[table] = sorted(rows.splitlines())
    oids = server.sql(database, "SELECT oid FROM pg_largeobject_metadata ORDER BY 1").splitlines()
    found["large objects"] = [f"{oid} {server.sql(database, f'SELECT lo_get({oid})')}" for oid in oids]
    return found


def roles_of(server: PostgresqlServer) -> str:
    text = server.run("pg_dumpall", "--globals-only", "-d", server.conninfo("postgres")).decode()
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE)


def test_restored_into_a_fresh_server_it_is_the_same(
    postgresql: PostgresqlServer, awkward_backup: Backup, fresh_postgresql: PostgresqlServer
) -> None:
    engine = fresh_postgresql.engine("awkward")
    name = load_backup(engine, awkward_backup, "awkward", "copy")
    assert differences(awkward_backup.manifest["proof"], engine.proof_of(name)) == []
    engine.swap(name, "awkward", "")
    assert schema_of(fresh_postgresql, "awkward") == schema_of(postgresql, "awkward")
    assert content_of(fresh_postgresql, "awkward") == content_of(postgresql, "awkward")
    assert roles_of(fresh_postgresql) == roles_of(postgresql)


def test_restored_beside_the_original_it_is_the_same(postgresql: PostgresqlServer, awkward_backup: Backup) -> None:
    engine = postgresql.engine("awkward")
    name = load_backup(engine, awkward_backup, "awkward")
    try:
        assert differences(awkward_backup.manifest["proof"], engine.proof_of(name)) == []
        assert schema_of(postgresql, name) == schema_of(postgresql, "awkward")
        assert content_of(postgresql, name) == content_of(postgresql, "awkward")
        assert engine.leftovers() == [name]
    finally:
        engine.drop(name)
    assert engine.leftovers() == []
    assert not engine.exists(name)


def test_a_restored_database_can_be_backed_up_and_proven_again(
    postgresql: PostgresqlServer, awkward_backup: Backup
) -> None:
    engine = postgresql.engine("awkward")
    engine.swap(load_backup(engine, awkward_backup, "second", "copy"), "second", "")
    try:
        again = take_backup(postgresql.engine("second"))
    finally:
        postgresql.sql("postgres", DROP_SECOND)
    assert differences(awkward_backup.manifest["proof"], again.manifest["proof"]) == []


@pytest.mark.parametrize(
    ("properties", "byte"),
    [
        ("ENCODING 'LATIN1' LOCALE 'C'", r"E'\351'"),
        ("ENCODING 'SQL_ASCII' LOCALE 'C'", r"E'\351'"),
        ("LOCALE_PROVIDER icu ICU_LOCALE 'id-ID'", r"E'\303\251'"),
    ],
)
def test_encoding_and_locale_are_kept(postgresql: PostgresqlServer, properties: str, byte: str) -> None:
    create_database(postgresql, "locale", f"{properties} TEMPLATE template0")
    engine = postgresql.engine("locale")
    name = ""
    try:
        postgresql.sql("locale", f"CREATE TABLE t AS SELECT 'caf' || {byte} AS t")
        backup = take_backup(engine)
        name = load_backup(engine, backup, "locale")
        assert differences(backup.manifest["proof"], engine.proof_of(name)) == []
        query = (
            "SELECT pg_encoding_to_char(encoding), datlocprovider, daticulocale, datcollate FROM pg_database"
            " WHERE datname = current_database()"
        )
        assert postgresql.sql(name, query) == postgresql.sql("locale", query)
    finally:
        engine.drop(name or "cadangan_scratch_none")
        postgresql.sql("postgres", "DROP DATABASE locale")


def test_roles_that_exist_are_not_altered(awkward_backup: Backup, fresh_postgresql: PostgresqlServer) -> None:
    fresh_postgresql.sql(
        "postgres", "CREATE ROLE awk_app NOLOGIN; CREATE ROLE awk_owner; ALTER ROLE awk_app SET work_mem = '1MB'"
    )
    query = (
        "SELECT rolcanlogin, rolpassword IS NULL, (SELECT setconfig FROM pg_db_role_setting WHERE setrole = r.oid"
        " AND setdatabase = 0), (SELECT count(*) FROM pg_auth_members WHERE member = r.oid)"
        " FROM pg_authid AS r WHERE rolname = 'awk_app'"
    )
    before = fresh_postgresql.sql("postgres", query)
    engine = fresh_postgresql.engine("awkward")
    name = load_backup(engine, awkward_backup, "awkward")
    assert fresh_postgresql.sql("postgres", query) == before
    assert differences(awkward_backup.manifest["proof"], engine.proof_of(name)) == []


def test_passwords_do_not_reach_the_log_of_the_server(
    awkward_backup: Backup, fresh_postgresql: PostgresqlServer
) -> None:
    fresh_postgresql.sql("postgres", "ALTER SYSTEM SET log_statement = 'all'")
    fresh_postgresql.sql("postgres", "SELECT pg_reload_conf()")
    load_backup(fresh_postgresql.engine("awkward"), awkward_backup, "awkward")
    log = (fresh_postgresql.folder / "log").read_text()
    assert "log_statement" in log
    assert "SCRAM-SHA-256$" not in log


@pytest.mark.parametrize("part", ["globals", "data", "database"])
def test_a_stream_that_is_cut_short_is_noticed_refused(
    awkward_backup: Backup, fresh_postgresql: PostgresqlServer, part: str
) -> None:
    stream = awkward_backup.streams[part]
    cut = Backup(awkward_backup.manifest, {**awkward_backup.streams, part: stream[: len(stream) // 2]})
    engine = fresh_postgresql.engine("awkward")
    with pytest.raises(EngineError):
        name = load_backup(engine, cut, "awkward")
        lines = differences(cut.manifest["proof"], engine.proof_of(name))
        raise EngineError(lines[0])
