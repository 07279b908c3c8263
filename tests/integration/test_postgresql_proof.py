"""The proof sees every kind of damage, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_postgresql import PostgresqlEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_proof import facts
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import Session
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_postgresql import create_database, load_backup, take_backup
from support.postgresql_server import PostgresqlServer

MAJOR = 15

# What is done to the awkward database, and what a difference must name.
DAMAGE = [
    ("DELETE FROM app.everything WHERE id = 100", "rows 'app.everything'"),
    ("INSERT INTO app.duplicates VALUES (1, 'same')", "rows 'app.duplicates'"),
    ("ALTER TABLE app.duplicates REPLICA IDENTITY FULL;"
        " DELETE FROM app.duplicates WHERE ctid = (SELECT min(ctid) FROM app.duplicates)", "rows 'app.duplicates'"),
    ("INSERT INTO app.no_columns DEFAULT VALUES", "rows 'app.no_columns'"),
    ("UPDATE app.everything SET t = t || ' ' WHERE id = 110", "rows 'app.everything'"),
    ("UPDATE app.everything SET t = NULL WHERE t = ''", "rows 'app.everything'"),
    ("UPDATE app.everything SET n = 1.00 WHERE n = 1.0", "rows 'app.everything'"),
    ("UPDATE app.everything SET f4 = 0 WHERE f4 = '-0'", "rows 'app.everything'"),
    ("UPDATE app.everything SET c = 'c  x' WHERE c = 'c'", "rows 'app.everything'"),
    ("UPDATE app.everything SET kk = 'strasse' WHERE kk = 'STRASSE'", "rows 'app.everything'"),
    ("UPDATE app.everything SET ci = 'citext' WHERE id = 110", "rows 'app.everything'"),
    ("UPDATE app.everything SET iv = '24:00' WHERE id = 120", "rows 'app.everything'"),
    ("UPDATE app.everything SET ttz = '00:00+00' WHERE id = 120", "rows 'app.everything'"),
    ("UPDATE app.everything SET big = overlay(big placing 'y' from 150000) WHERE big IS NOT NULL",
        "rows 'app.everything'"),
    ("UPDATE app.everything SET mo = 'sad' WHERE mo = 'blasé'", "rows 'app.everything'"),
    ("UPDATE app.everything SET ad = ROW('', NULL, NULL) WHERE id = 120", "rows 'app.everything'"),
    ("UPDATE app.everything SET at = '{}' WHERE id = 110", "rows 'app.everything'"),
    ("UPDATE app.blobs SET data = set_byte(data, 639999, get_byte(data, 639999) # 1) WHERE id = 3", "rows 'app.blobs'"),
    ("ALTER TABLE app.child REPLICA IDENTITY FULL;"
        " INSERT INTO app.parent SELECT a, late FROM ONLY app.child; DELETE FROM app.child",
        "rows 'app.child'"),
    ("DELETE FROM app.measure WHERE site = 40", "rows 'app.measure_rest_h"),
    ("SELECT lo_put(50003, 0, '\\x01')", "large objects 'content'"),
    ("SELECT lo_truncate(lo_open(50003, x'20000'::int), 20)", "large objects 'sizes'"),
    ("SELECT lo_unlink(5)", "large objects 'owners'"),
    ("ALTER LARGE OBJECT 50001 OWNER TO awk_app", "large objects 'owners'"),
    ("REVOKE SELECT ON LARGE OBJECT 50002 FROM awk_readers", "large objects 'owners'"),
    ("COMMENT ON LARGE OBJECT 50002 IS NULL", "comment 'large object 50002'"),
    ("DROP TABLE app.empty", "lost: table 'app.empty'"),
    ("CREATE TABLE app.more ()", "added: table 'app.more'"),
    ("DROP TABLE app.refers, app.refers_parted, app.measure_2025", "lost: table 'app.measure_2025'"),
    ("DROP TABLE app.refers; ALTER TABLE app.measure DETACH PARTITION app.measure_2025", "table 'app.measure_2025'"),
    ("ALTER TABLE app.child NO INHERIT app.parent2", "table 'app.child'"),
    ("ALTER TABLE app.empty ADD c int", "table 'app.empty'"),
    ("ALTER TABLE app.empty ALTER b TYPE varchar", "table 'app.empty'"),
    ("ALTER TABLE app.empty ALTER a SET NOT NULL", "table 'app.empty'"),
    ("ALTER TABLE app.empty ALTER a SET DEFAULT 1", "table definition 'app.empty'"),
    ("ALTER TABLE app.parent ALTER late SET DEFAULT '2026-01-02'", "table definition 'app.parent'"),
    ("ALTER TABLE app.empty ALTER b SET STORAGE EXTERNAL", "table 'app.empty'"),
    ("ALTER TABLE app.everything ALTER t SET STATISTICS 322", "table 'app.everything'"),
    ("ALTER TABLE app.everything ALTER t RESET (n_distinct)", "table 'app.everything'"),
    ("ALTER TABLE app.everything ALTER second_id DROP IDENTITY", "table 'app.everything'"),
    ("ALTER TABLE app.everything ALTER g DROP EXPRESSION", "table 'app.everything'"),
    ("ALTER TABLE app.everything RESET (fillfactor)", "table 'app.everything'"),
    ("ALTER TABLE app.everything RESET (toast.autovacuum_enabled)", "table 'app.everything'"),
    ("ALTER TABLE app.everything OWNER TO awk_app", "table 'app.everything'"),
    ("ALTER TABLE app.everything DISABLE ROW LEVEL SECURITY", "table 'app.everything'"),
    ("ALTER TABLE app.everything NO FORCE ROW LEVEL SECURITY", "table 'app.everything'"),
    ("ALTER TABLE app.everything REPLICA IDENTITY DEFAULT", "table 'app.everything'"),
    ("ALTER TABLE app.everything SET WITHOUT CLUSTER", "index 'app.everything_pkey'"),
    ("ALTER TABLE app.unlogged SET LOGGED", "table 'app.unlogged'"),
    ("ALTER TABLE app.of_type NOT OF", "table 'app.of_type'"),
    ("DROP INDEX app.expr", "index 'app.expr'"),
    ("DROP INDEX app.alone", "index 'app.alone'"),
    ("ALTER INDEX app.expr ALTER COLUMN 2 SET STATISTICS 51", "index 'app.expr'"),
    ("DROP INDEX app.trgm; CREATE INDEX trgm ON app.everything USING gist (t ext.gist_trgm_ops)",
        "definition 'app.trgm'"),
    ('ALTER TABLE app.everything DROP CONSTRAINT "cek ""n2"""', "constraint "),
    ("ALTER TABLE app.everything DROP CONSTRAINT everything_r_excl", "table constraint"),
    ("ALTER TABLE app.refers DROP CONSTRAINT refers_site_at_fkey", "table constraint"),
    ("ALTER TABLE app.refers VALIDATE CONSTRAINT not_checked", "table constraint"),
    ("ALTER TABLE app.refers ALTER CONSTRAINT refers_site_at_fkey DEFERRABLE", "table constraint"),
    ("DROP TRIGGER touch ON app.duplicates", "lost: trigger 'touch on app.duplicates'"),
    ("ALTER TABLE app.duplicates ENABLE TRIGGER disabled", "trigger 'disabled on app.duplicates'"),
    ("ALTER TABLE app.measure_2026 ENABLE TRIGGER on_parts", "trigger 'on_parts on app.measure_2026'"),
    ("DROP RULE no_delete ON app.blobs", "rule 'no_delete on app.blobs'"),
    ("ALTER TABLE app.empty ENABLE RULE tell", "rule 'tell on app.empty'"),
    ("DROP POLICY everyone ON app.refers", "policy 'everyone on app.refers'"),
    ("ALTER POLICY everyone ON app.refers USING (site = 2)", "policy definition 'everyone on app.refers'"),
    ("ALTER POLICY everyone ON app.refers TO awk_app", "policy 'everyone on app.refers'"),
    ("DROP VIEW app.countdown", "view 'app.countdown'"),
    ("CREATE OR REPLACE VIEW app.countdown AS SELECT 1 AS n", "view definition 'app.countdown'"),
    ("ALTER VIEW app.v SET (security_barrier = false)", "view 'app.v'"),
    ("ALTER VIEW app.v ALTER n2 DROP DEFAULT", "view definition 'app.v'"),
    ("DROP MATERIALIZED VIEW app.mv CASCADE", "materialized view 'app.mv'"),
    ("REFRESH MATERIALIZED VIEW app.mv WITH NO DATA", "materialized view 'app.mv'"),
    ("DROP FUNCTION app.rows_of", "function 'app.rows_of()'"),
    ("CREATE OR REPLACE FUNCTION app.rows_of() RETURNS TABLE (x int, y text) LANGUAGE sql ROWS 5 AS 'SELECT 2, ''a'''",
        "function 'app.rows_of()'"),
    ("CREATE OR REPLACE FUNCTION app.standard_body(a int, VARIADIC b int[]) RETURNS int LANGUAGE sql"
        " BEGIN ATOMIC SELECT a - b[1]; END", "function definition"),
    ("ALTER FUNCTION app.add_tax SECURITY INVOKER", "function 'app.add_tax"),
    ("ALTER FUNCTION app.add_tax RESET work_mem", "function 'app.add_tax"),
    ("ALTER FUNCTION app.add_tax OWNER TO awk_app", "function 'app.add_tax"),
    ("DROP PROCEDURE app.tidy", "procedure 'app.tidy("),
    ("DROP AGGREGATE app.product(numeric)", "aggregate 'app.product("),
    ("DROP OPERATOR FAMILY app.loose USING btree", "operator family"),
    ("DROP OPERATOR CLASS app.complex_ops USING hash", "operator class"),
    ("ALTER OPERATOR app.=== (app.complex, app.complex) SET (RESTRICT = NONE)", "operator 'app.==="),
    ("DROP CAST (app.mood AS int)", "cast '(app.mood AS integer)'"),
    ("DROP CONVERSION app.konversi", "conversion 'app.konversi'"),
    ("DROP TRANSFORM FOR int LANGUAGE awk_language", "transform"),
    ("DROP LANGUAGE awk_language CASCADE", "language 'awk_language'"),
    ("DROP ACCESS METHOD awk_heap CASCADE", "access method 'awk_heap'"),
    ("DROP TYPE app.shell", "type 'app.shell'"),
    ("ALTER TYPE app.mood RENAME VALUE 'sad' TO 'Sad'", "type 'app.mood'"),
    ("ALTER TYPE app.mood ADD VALUE 'new'", "type 'app.mood'"),
    ("ALTER TYPE app.address ADD ATTRIBUTE x int CASCADE", "composite type 'app.address'"),
    ("ALTER TYPE app.floatrange OWNER TO awk_app", "type 'app.floatrange'"),
    ("ALTER DOMAIN app.nip DROP NOT NULL", "type 'app.nip'"),
    ("ALTER DOMAIN app.nip SET DEFAULT '1'", "type definition 'app.nip'"),
    ("ALTER DOMAIN app.nip DROP CONSTRAINT digits", "domain constraint"),
    ("DROP COLLATION app.c_copy", "collation 'app.c_copy'"),
    ("ALTER TEXT SEARCH CONFIGURATION app.cfg DROP MAPPING FOR word", "text search configuration 'app.cfg'"),
    ("ALTER TEXT SEARCH DICTIONARY app.dict (STOPWORDS = danish)", "text search dictionary 'app.dict'"),
    ("DROP TEXT SEARCH PARSER app.prs CASCADE", "text search parser 'app.prs'"),
    ('DROP EXTENSION "uuid-ossp"', "lost: extension '\"uuid-ossp\"'"),
    ("CREATE SCHEMA elsewhere; ALTER EXTENSION hstore SET SCHEMA elsewhere", "extension 'hstore'"),
    ("DROP EVENT TRIGGER awk_ddl", "event trigger 'awk_ddl'"),
    ("ALTER EVENT TRIGGER awk_ddl DISABLE", "event trigger 'awk_ddl'"),
    ("DROP USER MAPPING FOR awk_app SERVER \"server \"\"x\"\"\"", "user mapping"),
    ("ALTER SERVER \"server \"\"x\"\"\" OPTIONS (SET dbname 'b')", "server "),
    ("ALTER FOREIGN TABLE app.passwd OPTIONS (SET format 'text')", "foreign table 'app.passwd'"),
    ("ALTER FOREIGN DATA WRAPPER awk_fdw OPTIONS (DROP debug)", "foreign-data wrapper 'awk_fdw'"),
    ("ALTER PUBLICATION pub SET (publish = 'insert')", "publication 'pub'"),
    ("ALTER PUBLICATION pub DROP TABLE ONLY app.parent", "publication 'pub'"),
    ("ALTER PUBLICATION pub SET TABLE app.duplicates (a) WHERE (a > 2), ONLY app.parent",
        "publication definition 'pub'"),
    ("ALTER PUBLICATION pub_schema DROP TABLES IN SCHEMA app", "publication definition 'pub_schema'"),
    ("ALTER SUBSCRIPTION awk_sub SET PUBLICATION a WITH (refresh = false)", "subscription 'awk_sub'"),
    ("DROP STATISTICS app.stat", "statistics object 'app.stat'"),
    ("ALTER STATISTICS app.stat SET STATISTICS 501", "statistics object 'app.stat'"),
    ("ALTER SEQUENCE app.tickets INCREMENT BY -4", "sequence 'app.tickets'"),
    ("ALTER SEQUENCE app.everything_old_serial_seq OWNED BY NONE", "sequence 'app.everything_old_serial_seq'"),
    ("ALTER SCHEMA app OWNER TO awk_app", "schema 'app'"),
    ("ALTER SCHEMA public OWNER TO awk_app", "schema 'public'"),
    ("COMMENT ON SCHEMA public IS NULL", "comment 'schema public'"),
    ("COMMENT ON COLUMN app.everything.t IS 'Teks'", "comment 'table column app.everything.t'"),
    ("COMMENT ON CONSTRAINT digits ON DOMAIN app.nip IS NULL", "comment 'domain constraint"),
    ("REVOKE INSERT ON app.duplicates FROM awk_app", "privileges 'table app.duplicates'"),
    ("REVOKE GRANT OPTION FOR ALL ON app.duplicates FROM awk_app CASCADE", "privileges 'table app.duplicates'"),
    ("GRANT DELETE ON app.empty TO CURRENT_USER", "privileges 'table app.empty'"),
    ("REVOKE SELECT (t) ON app.everything FROM awk_readers", "privileges 'table column app.everything.t'"),
    ("GRANT USAGE ON SCHEMA public TO PUBLIC", "privileges definition 'schema public'"),
    ("GRANT USAGE ON TYPE app.mood TO PUBLIC", "privileges 'type app.mood'"),
    ("GRANT EXECUTE ON FUNCTION app.add_tax TO PUBLIC", "privileges 'function app.add_tax"),
    ("REVOKE EXECUTE ON FUNCTION ext.uuid_generate_v1() FROM awk_readers",
        "privileges 'function ext.uuid_generate_v1()'"),
    ("REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM awk_readers", "privileges 'function pg_catalog.pg_read_file"),
    ("REVOKE USAGE ON FOREIGN SERVER files FROM awk_readers", "privileges 'server files'"),
    ("ALTER DEFAULT PRIVILEGES FOR ROLE awk_owner IN SCHEMA app REVOKE SELECT ON TABLES FROM awk_readers",
        "default acl"),
    ("ALTER DEFAULT PRIVILEGES FOR ROLE awk_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC", "default acl"),
    ("ALTER DATABASE awkward OWNER TO awk_app", "database 'owner'"),
    ("ALTER DATABASE awkward CONNECTION LIMIT 34", "database 'connection limit'"),
    ("REVOKE ALL ON DATABASE awkward FROM awk_readers CASCADE", "database 'privileges'"),
    ("COMMENT ON DATABASE awkward IS ''", "database 'comment'"),
    ("ALTER DATABASE awkward RESET role", "lost: database 'setting role'"),
    ("ALTER ROLE awk_app IN DATABASE awkward SET search_path = public", "setting search_path of role awk_app"),
]  # fmt: skip


@pytest.fixture
def session(postgresql: PostgresqlServer) -> Iterator[Session]:
    engine = postgresql.engine("awkward")
    assert isinstance(engine, PostgresqlEngine)
    with engine.session("awkward") as opened:
        yield opened


@pytest.fixture(scope="module")
def undamaged(postgresql: PostgresqlServer) -> list[Fact]:
    engine = postgresql.engine("awkward")
    assert isinstance(engine, PostgresqlEngine)
    with engine.session("awkward") as session:
        session.execute("BEGIN")
        return facts(session, MAJOR)


@pytest.mark.parametrize(("damage", "named"), DAMAGE, ids=[damage[:60] for damage, _ in DAMAGE])
def test_damage_is_named(session: Session, undamaged: list[Fact], damage: str, named: str) -> None:
    session.send(f"BEGIN; DO $x$ BEGIN {_performed(damage)}; END $x$")
    session.finish()
    try:
        lines = differences(undamaged, facts(session, MAJOR))
    finally:
        session.execute("ROLLBACK")
    assert any(named in line for line in lines), lines


def test_of_an_extension_only_the_rows_that_it_wants_kept_count(session: Session, undamaged: list[Fact]) -> None:
    session.send(
        "BEGIN; CREATE TABLE ext.settings (a int); ALTER TABLE ext.settings REPLICA IDENTITY FULL;"
        "ALTER EXTENSION hstore ADD TABLE ext.settings;"
        "UPDATE pg_extension SET extconfig = ARRAY['ext.settings'::regclass::oid], extcondition = ARRAY['WHERE a > 1']"
        "    WHERE extname = 'hstore'; INSERT INTO ext.settings VALUES (1), (2), (3)"
    )
    session.finish()
    lines = differences(undamaged, facts(session, MAJOR))
    session.execute("UPDATE ext.settings SET a = 0 WHERE a = 1")
    again = differences(undamaged, facts(session, MAJOR))
    session.execute("ROLLBACK")
    assert lines == again == ["added: rows 'ext.settings'"]


def test_no_fact_is_told_twice_and_none_holds_content(undamaged: list[Fact]) -> None:
    keys = [(fact["kind"], fact["name"]) for fact in undamaged]
    assert len(keys) == len(set(keys))
    text = "\n".join(str(fact) for fact in undamaged)
    assert text.isascii()
    for secret in ("rahasia", "SCRAM", "Straße", "the fat cats", "jalan"):
        assert secret not in text


@pytest.mark.parametrize(
    "damage",
    [
        "SELECT setval('app.tickets', -5)",
        "SELECT setval('app.untouched', 78, false)",
        "SELECT setval('app.untouched', 77, true)",
    ],
)
def test_a_sequence_that_stands_elsewhere_is_named(postgresql: PostgresqlServer, damage: str) -> None:
    create_database(postgresql, "counting")
    try:
        postgresql.sql(
            "counting",
            "CREATE SCHEMA app; CREATE SEQUENCE app.tickets INCREMENT -3 MINVALUE -100 MAXVALUE 100 START 50;"
            "CREATE SEQUENCE app.untouched START 42; SELECT setval('app.untouched', 77, false)",
        )
        before = take_backup(postgresql.engine("counting")).manifest["proof"]
        postgresql.sql("counting", damage)
        lines = differences(before, take_backup(postgresql.engine("counting")).manifest["proof"])
        assert [line.split(" (")[0] for line in lines] in (
            ["changed: sequence value 'app.tickets'"],
            ["changed: sequence value 'app.untouched'"],
        )
    finally:
        postgresql.sql("postgres", "DROP DATABASE counting")


def test_a_sequence_that_moves_during_the_dump_is_no_difference(postgresql: PostgresqlServer) -> None:
    create_database(postgresql, "moving")
    engine = postgresql.engine("moving")
    try:
        postgresql.sql("moving", "CREATE SEQUENCE s; SELECT nextval('s')")
        with engine.snapshot() as snapshot:
            postgresql.sql("moving", "SELECT setval('s', 20)")
            inside = take_backup(postgresql.engine("moving"))
            postgresql.sql("moving", "SELECT setval('s', 30)")
            proof = snapshot.proof()
        inside.manifest["proof"] = proof
        name = load_backup(engine, inside, "moving")
        assert differences(proof, engine.proof_of(name)) == []
        postgresql.sql(name, "SELECT setval('s', 31)")
        assert len(differences(proof, engine.proof_of(name))) == 1
        engine.drop(name)
    finally:
        postgresql.sql("postgres", "DROP DATABASE moving")


def _performed(statement: str) -> str:
    """In PL/pgSQL a result must go somewhere."""
    return statement.replace("SELECT lo_", "PERFORM lo_") if statement.startswith("SELECT") else statement
