-- A small database with every kind of object that pg_dump carries and with names and values that break naive tools.
-- Run as a superuser in an empty database. Roles begin with "awk_".
SET client_min_messages = warning;
SET lock_timeout = '10s';

-- Roles -------------------------------------------------------------------------------------------------------
CREATE ROLE awk_owner NOLOGIN;
CREATE ROLE "awk_Bu Sri; DROP ROLE postgres" LOGIN PASSWORD 'rahasia' VALID UNTIL '2099-12-31' CONNECTION LIMIT 7;
CREATE ROLE awk_app LOGIN PASSWORD 'sangat-rahasia' IN ROLE awk_owner;
CREATE ROLE awk_readers NOINHERIT;
CREATE ROLE awk_member LOGIN;
GRANT awk_readers TO awk_member WITH ADMIN OPTION;
GRANT pg_read_all_stats TO awk_app;
ALTER ROLE awk_app SET search_path = "$user", public, "skema, aneh";
ALTER ROLE awk_app SET work_mem = '8MB';
COMMENT ON ROLE awk_app IS 'aplikasi ''utama''';

-- Names -------------------------------------------------------------------------------------------------------
CREATE SCHEMA app AUTHORIZATION awk_owner;
CREATE SCHEMA "-- skema ""aneh"" 'é' " AUTHORIZATION "awk_Bu Sri; DROP ROLE postgres";
COMMENT ON SCHEMA "-- skema ""aneh"" 'é' " IS E'komentar\ndua baris \\ ''kutip''';
CREATE TABLE "-- skema ""aneh"" 'é' "."-t ""x""; DROP TABLE y; --
baris 2 {{ 1 }} $(id)"
    ("-kolom ""1""
dua" int PRIMARY KEY, "%" text, ":x" text DEFAULT ':x', "\" text);
INSERT INTO "-- skema ""aneh"" 'é' "."-t ""x""; DROP TABLE y; --
baris 2 {{ 1 }} $(id)"
    VALUES (1, E'\\.', 'a', E'\t\n\r\b\f\\'), (2, E'\\N', NULL, ''), (-3, '', DEFAULT, '日本語 🐘');
CREATE TABLE "-- skema ""aneh"" 'é' ".":a :'b' \q %s {{ lookup('pipe', 'id') }} ünï\" ();

-- Types -------------------------------------------------------------------------------------------------------
CREATE TYPE app.mood AS ENUM ('sad', 'it''s "ok"', 'happy');
ALTER TYPE app.mood ADD VALUE 'blasé' BEFORE 'happy';
CREATE DOMAIN app.nip AS text COLLATE "C" DEFAULT '000' NOT NULL CONSTRAINT digits CHECK (VALUE ~ '^[0-9]+$');
COMMENT ON CONSTRAINT digits ON DOMAIN app.nip IS 'angka';
CREATE TYPE app.address AS (street text, number numeric(8,2), mood app.mood);
COMMENT ON COLUMN app.address.street IS 'jalan';
CREATE FUNCTION app.float_diff(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE app.floatrange AS RANGE (subtype = float8, subtype_diff = app.float_diff, multirange_type_name = app.floatranges);
ALTER TYPE app.floatrange OWNER TO awk_owner;
CREATE TYPE app.shell;
CREATE TYPE app.complex;
CREATE FUNCTION app.complex_in(cstring) RETURNS app.complex LANGUAGE internal IMMUTABLE STRICT AS 'point_in';
CREATE FUNCTION app.complex_out(app.complex) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'point_out';
CREATE TYPE app.complex (INPUT = app.complex_in, OUTPUT = app.complex_out, INTERNALLENGTH = 16, ALIGNMENT = double);
CREATE COLLATION app.kasus (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION app.c_copy FROM "C";
ALTER COLLATION app.kasus OWNER TO awk_owner;

-- Functions, operators, casts ----------------------------------------------------------------------------------
CREATE FUNCTION app.add_tax(price numeric, rate numeric DEFAULT 0.11, OUT total numeric) LANGUAGE plpgsql STABLE
    SECURITY DEFINER PARALLEL SAFE COST 7 SET search_path = app, pg_temp SET work_mem = '4MB'
    AS $f$BEGIN total := price * (1 + rate); -- Name: x; Type: TABLE
END$f$;
CREATE FUNCTION app.standard_body(a int, VARIADIC b int[]) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a + b[1]; END;
CREATE FUNCTION app.rows_of() RETURNS TABLE (x int, y text) LANGUAGE sql ROWS 5 AS 'SELECT 1, ''a''';
CREATE PROCEDURE app.tidy(INOUT n int) LANGUAGE plpgsql AS 'BEGIN n := n + 1; END';
REVOKE EXECUTE ON FUNCTION app.add_tax FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.add_tax TO awk_readers WITH GRANT OPTION;
ALTER FUNCTION app.add_tax OWNER TO awk_owner;
CREATE AGGREGATE app.product(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1');
CREATE AGGREGATE app.middle(VARIADIC "any" ORDER BY VARIADIC "any")
    (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
CREATE FUNCTION app.complex_eq(app.complex, app.complex) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'point_eq';
CREATE OPERATOR app.=== (LEFTARG = app.complex, RIGHTARG = app.complex, FUNCTION = app.complex_eq, COMMUTATOR = OPERATOR(app.===),
    RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE FUNCTION app.complex_hash(app.complex) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT 1';
CREATE OPERATOR CLASS app.complex_ops DEFAULT FOR TYPE app.complex USING hash AS OPERATOR 1 app.===, FUNCTION 1 app.complex_hash(app.complex);
CREATE OPERATOR FAMILY app.loose USING btree;
COMMENT ON OPERATOR app.=== (app.complex, app.complex) IS 'sama';
CREATE FUNCTION app.mood_rank(app.mood) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT CASE $1 WHEN 'sad' THEN 0 ELSE 1 END$$;
CREATE CAST (app.mood AS int) WITH FUNCTION app.mood_rank(app.mood) AS ASSIGNMENT;
CREATE CAST (app.complex AS point) WITHOUT FUNCTION;
CREATE CONVERSION app.konversi FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE ACCESS METHOD awk_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE FUNCTION app.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION app.inliner(internal) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE LANGUAGE awk_language HANDLER app.handler INLINE app.inliner;
CREATE TRANSFORM FOR int LANGUAGE awk_language (FROM SQL WITH FUNCTION prsd_lextype(internal));

COMMENT ON TRANSFORM FOR int LANGUAGE awk_language IS 'ubah';

-- Text search ---------------------------------------------------------------------------------------------------
CREATE TEXT SEARCH TEMPLATE app.tpl (LEXIZE = dsimple_lexize, INIT = dsimple_init);
CREATE TEXT SEARCH DICTIONARY app.dict (TEMPLATE = app.tpl, STOPWORDS = english);
CREATE TEXT SEARCH PARSER app.prs (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH CONFIGURATION app.cfg (PARSER = app.prs);
ALTER TEXT SEARCH CONFIGURATION app.cfg ADD MAPPING FOR asciiword, word WITH app.dict, english_stem;

-- Extensions ----------------------------------------------------------------------------------------------------
CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION ltree SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA ext;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE EXTENSION file_fdw SCHEMA ext;
CREATE EXTENSION postgres_fdw SCHEMA ext;
CREATE EXTENSION "uuid-ossp" SCHEMA ext;
GRANT EXECUTE ON FUNCTION ext.uuid_generate_v1() TO awk_readers;
REVOKE EXECUTE ON FUNCTION ext.uuid_generate_v4() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO awk_readers;
GRANT SELECT ON TABLE pg_catalog.pg_authid TO awk_readers;

-- Tables --------------------------------------------------------------------------------------------------------
CREATE SEQUENCE app.tickets AS bigint INCREMENT BY -3 MINVALUE -1000000 MAXVALUE 9007199254740993 START 9007199254740993
    CACHE 5 CYCLE OWNED BY NONE;
SELECT nextval('app.tickets'), nextval('app.tickets');
CREATE SEQUENCE app.untouched START 42;
SELECT setval('app.untouched', 77, false);
CREATE TABLE app.everything (
    id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 10) PRIMARY KEY,
    second_id int GENERATED BY DEFAULT AS IDENTITY,
    old_serial serial,
    gone text,
    b boolean, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, n2 numeric(12,4), m money,
    t text, v varchar(20), c char(10), nm name, ch "char", ci ext.citext,
    ba bytea, d date, tm time, ttz time with time zone, ts timestamp, tstz timestamptz, iv interval,
    u uuid, x xml, j json, jb jsonb, jp jsonpath, ip inet, net cidr, mac macaddr, bits bit(5), vb bit varying,
    pt point, ln line, seg lseg, bx box, pa path, pg polygon, ci2 circle,
    tsv tsvector, tsq tsquery, r int4range, mr datemultirange, fr app.floatrange, fm app.floatranges,
    mo app.mood, nip app.nip, ad app.address, cx app.complex, hs ext.hstore, lt ext.ltree,
    ai int[][], at text[], am app.mood[], aa app.address[], oi oid, rc regclass, lsn pg_lsn,
    kk text COLLATE app.kasus, big text, cz text COMPRESSION pglz,
    g numeric GENERATED ALWAYS AS (n2 * 2) STORED,
    CONSTRAINT "cek ""n2""" CHECK (n2 IS NULL OR n2 > -1e6) NO INHERIT,
    CONSTRAINT tickets_fk UNIQUE NULLS NOT DISTINCT (u, i2) DEFERRABLE INITIALLY DEFERRED,
    EXCLUDE USING gist (r WITH &&) WHERE (r IS NOT NULL)
) WITH (fillfactor = 70, autovacuum_enabled = off, toast.autovacuum_enabled = off);
ALTER TABLE app.everything DROP COLUMN gone;
ALTER TABLE app.everything ALTER COLUMN big SET STORAGE EXTERNAL;
ALTER TABLE app.everything ALTER COLUMN t SET STATISTICS 321, ALTER COLUMN t SET (n_distinct = -0.5);
INSERT INTO app.everything DEFAULT VALUES;
INSERT INTO app.everything (b, i2, i4, i8, f4, f8, n, n2, m, t, v, c, nm, ch, ci, ba, d, tm, ttz, ts, tstz, iv, u, x, j, jb, jp,
    ip, net, mac, bits, vb, pt, ln, seg, bx, pa, pg, ci2, tsv, tsq, r, mr, fr, fm, mo, nip, ad, cx, hs, lt, ai, at, am, aa, oi, rc,
    lsn, kk, big, cz)
VALUES (true, -32768, 2147483647, -9223372036854775808, 'NaN', '-Infinity', 'NaN', 12.3400, '$1,234.50', E'\\x00\n\t', 'v', 'c ',
    'n', 'Z', 'CiText', '\x00ff0a5c2c', 'infinity', '24:00', '12:00+07', '-infinity', 'infinity', '1 year -2 mons 3 days 04:05:06.789',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '<a>é</a>', '{"b": 1,   "a":[1.00]}', '{"b": 1, "a":[1.00, null]}', '$.a[*] ? (@ > 1)',
    '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', B'10101', B'', '(1,2)', '{1,2,3}', '[(0,0),(1,1)]', '(2,2),(1,1)', '[(0,0),(1,1)]',
    '((0,0),(1,1),(2,0))', '<(1,1),2>', to_tsvector('english', 'the fat cats'), 'fat & !rat', '[1,5)', '{[2026-01-01,2026-02-01)}',
    '[-0.0,1e300)', '{[1,2),[3,4)}', 'it''s "ok"', '0123', ROW('jl. "x", 5', 1.50, 'happy'), '(1,2)', 'a=>"x y", b=>NULL', 'a.b_c',
    '{{1,2},{3,NULL}}', ARRAY['', NULL, 'a,b', '"', E'\\'], '{sad,NULL}', ARRAY[ROW('a', NULL, NULL)::app.address], 4294967295,
    'app.tickets', '16/B374D848', 'Straße', repeat('x', 300000), repeat('padi ', 100000)),
    (false, 0, 0, 0, '-0', '0', 1.0, 0, 0, '', '', '', '', '', '', '', '4713-01-01 BC', '00:00', '00:00-15:59', '0001-01-01 BC',
    '294276-12-31', '0', NULL, '', 'null', 'null', '$', '0.0.0.0', '::/0', '00:00:00:00:00:00', B'00000', B'1', '(-0,NaN)', '{1,0,0}',
    '[(0,0),(0,0)]', '(0,0),(0,0)', '((0,0))', '((0,0))', '<(0,0),0>', '', '', NULL, '{}', 'empty', '{}', 'blasé', '7', ROW(NULL, NULL, NULL),
    '(0,0)', '', '', '{}', '{}', '{}', '{}', 0, NULL, '0/0', 'STRASSE', NULL, NULL);
ALTER TABLE app.everything OWNER TO awk_owner;
ALTER TABLE app.everything REPLICA IDENTITY FULL;
CREATE INDEX "indeks ""aneh"" é" ON app.everything USING gin (jb jsonb_path_ops) WITH (fastupdate = off);
CREATE UNIQUE INDEX expr ON app.everything (lower(t) DESC NULLS LAST, (i4 - 1)) INCLUDE (i8) WHERE b AND t <> '''';
CREATE INDEX brin_ts ON app.everything USING brin (ts) WITH (pages_per_range = 4);
CREATE INDEX trgm ON app.everything USING gist (t ext.gist_trgm_ops (siglen = 32));
ALTER INDEX app.expr ALTER COLUMN 2 SET STATISTICS 50;
ALTER TABLE app.everything CLUSTER ON everything_pkey;
CREATE STATISTICS app.stat (ndistinct, dependencies) ON i2, i4 FROM app.everything;
CREATE STATISTICS app.stat_expr ON (i2 + i4), b FROM app.everything;
ALTER STATISTICS app.stat SET STATISTICS 500;
COMMENT ON COLUMN app.everything.t IS 'teks';
COMMENT ON INDEX app.expr IS 'indeks';
COMMENT ON CONSTRAINT "cek ""n2""" ON app.everything IS 'cek';
CREATE TABLE app.no_columns ();
INSERT INTO app.no_columns DEFAULT VALUES; INSERT INTO app.no_columns DEFAULT VALUES;
CREATE TABLE app.empty (a int, b text);
CREATE UNLOGGED TABLE app.unlogged AS SELECT generate_series(1, 5) AS n;
CREATE TABLE app.duplicates (a int, b text);
INSERT INTO app.duplicates SELECT 1, 'same' FROM generate_series(1, 4);
CREATE TABLE app.blobs (id int PRIMARY KEY, data bytea);
INSERT INTO app.blobs SELECT n, decode(repeat(md5(n::text), 40000), 'hex') FROM generate_series(1, 5) AS n;
CREATE TABLE app.of_type OF app.address (number WITH OPTIONS DEFAULT 5);
CREATE TABLE app.other_am (a int) USING awk_heap;

-- Inheritance and partitions --------------------------------------------------------------------------------------
CREATE TABLE app.parent (a int NOT NULL, CONSTRAINT positive CHECK (a > 0));
CREATE TABLE app.parent2 (z text);
CREATE TABLE app.child (own text, a int) INHERITS (app.parent, app.parent2);
ALTER TABLE app.parent ADD COLUMN late date DEFAULT '2026-01-01';
INSERT INTO app.parent VALUES (1), (2);
INSERT INTO app.child (a, z, own) VALUES (3, 'z', 'o'), (4, NULL, NULL);
CREATE TABLE app.measure (site int NOT NULL, at date NOT NULL, v numeric, PRIMARY KEY (site, at)) PARTITION BY RANGE (at);
CREATE TABLE app.measure_2025 PARTITION OF app.measure FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE app.measure_2026 (v numeric, extra int, at date NOT NULL, site int NOT NULL);
ALTER TABLE app.measure_2026 DROP COLUMN extra;
ALTER TABLE app.measure ATTACH PARTITION app.measure_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE app.measure_rest PARTITION OF app.measure DEFAULT PARTITION BY LIST (site);
CREATE TABLE app.measure_rest_1 PARTITION OF app.measure_rest FOR VALUES IN (1, 2);
CREATE TABLE app.measure_rest_h PARTITION OF app.measure_rest DEFAULT PARTITION BY HASH (site);
CREATE TABLE app.measure_rest_h0 PARTITION OF app.measure_rest_h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.measure_rest_h1 PARTITION OF app.measure_rest_h FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO app.measure SELECT n, date '2024-06-01' + n * 50, n * 1.10 FROM generate_series(1, 40) AS n;
CREATE TABLE app.numbered (id int GENERATED ALWAYS AS IDENTITY, k int) PARTITION BY LIST (k);
CREATE TABLE app.numbered_1 PARTITION OF app.numbered FOR VALUES IN (1);
INSERT INTO app.numbered (k) VALUES (1), (1);
CREATE INDEX measure_v ON app.measure (v);
CREATE INDEX alone ON app.measure_2026 (site) WHERE v > 1;
CREATE TABLE app.refers (id int PRIMARY KEY, site int, at date, note text,
    FOREIGN KEY (site, at) REFERENCES app.measure ON DELETE SET NULL (at) ON UPDATE CASCADE);
INSERT INTO app.refers SELECT row_number() OVER (), site, at FROM app.measure WHERE site < 5;
ALTER TABLE app.refers ADD CONSTRAINT not_checked CHECK (note <> 'x') NOT VALID;
CREATE TABLE app.refers_parted (site int, at date, FOREIGN KEY (site, at) REFERENCES app.measure) PARTITION BY LIST (site);
CREATE TABLE app.refers_parted_1 PARTITION OF app.refers_parted FOR VALUES IN (1);

-- Views, rules, triggers, policies ----------------------------------------------------------------------------------
CREATE VIEW app.v WITH (security_barrier) AS SELECT id, t AS "teks ""x""", n2 FROM app.everything WHERE b WITH LOCAL CHECK OPTION;
ALTER VIEW app.v ALTER COLUMN n2 SET DEFAULT 3;
CREATE VIEW app.countdown AS WITH RECURSIVE c (n) AS (VALUES (3) UNION ALL SELECT n - 1 FROM c WHERE n > 0) SELECT n FROM c;
CREATE MATERIALIZED VIEW app.mv AS SELECT site, sum(v) AS total FROM app.measure GROUP BY site;
CREATE UNIQUE INDEX mv_site ON app.mv (site);
CREATE MATERIALIZED VIEW app.mv_empty AS SELECT * FROM app.mv WITH NO DATA;
CREATE RULE no_delete AS ON DELETE TO app.blobs DO INSTEAD NOTHING;
CREATE RULE tell AS ON INSERT TO app.empty WHERE new.a > 5 DO ALSO INSERT INTO app.duplicates VALUES (new.a, 'rule');
ALTER TABLE app.empty DISABLE RULE tell;
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF a ON app.duplicates FOR EACH ROW WHEN (new.a > 1) EXECUTE FUNCTION app.touch('arg ''x''');
CREATE TRIGGER disabled AFTER DELETE ON app.duplicates REFERENCING OLD TABLE AS old FOR EACH STATEMENT EXECUTE FUNCTION app.touch();
ALTER TABLE app.duplicates DISABLE TRIGGER disabled;
CREATE TRIGGER on_parts AFTER INSERT ON app.measure FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.measure_2026 ENABLE REPLICA TRIGGER on_parts;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON app.blobs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
COMMENT ON TRIGGER touch ON app.duplicates IS 'pemicu';
ALTER TABLE app.refers ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.everything ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.everything FORCE ROW LEVEL SECURITY;
CREATE POLICY "kebijakan ""1""" ON app.everything AS RESTRICTIVE FOR UPDATE TO awk_readers, awk_app USING (b) WITH CHECK (n2 > 0);
CREATE POLICY everyone ON app.refers USING (site = 1);
COMMENT ON POLICY everyone ON app.refers IS 'semua';
CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE EVENT TRIGGER awk_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.on_ddl();
ALTER EVENT TRIGGER awk_ddl ENABLE ALWAYS;

-- Foreign data, replication -------------------------------------------------------------------------------------------
CREATE FOREIGN DATA WRAPPER awk_fdw OPTIONS (debug 'x');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER "server ""x""" TYPE 't' VERSION '1' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', dbname 'a=b');
CREATE USER MAPPING FOR awk_app SERVER "server ""x""" OPTIONS (user 'u', password 'rahasia sekali');
CREATE USER MAPPING FOR PUBLIC SERVER files;
CREATE FOREIGN TABLE app.passwd (line text OPTIONS (force_null 'true') NOT NULL) SERVER files OPTIONS (filename '/etc/hostname', format 'csv');
GRANT USAGE ON FOREIGN SERVER files TO awk_readers;
GRANT USAGE ON FOREIGN DATA WRAPPER awk_fdw TO awk_readers;
CREATE PUBLICATION pub FOR TABLE app.duplicates (a) WHERE (a > 1), ONLY app.parent WITH (publish = 'insert, update');
CREATE PUBLICATION pub_all FOR ALL TABLES;
CREATE PUBLICATION pub_schema FOR TABLES IN SCHEMA app WITH (publish_via_partition_root);
CREATE SUBSCRIPTION awk_sub CONNECTION 'host=127.0.0.1 dbname=x password=rahasia' PUBLICATION a, b
    WITH (connect = false, slot_name = 'awk_slot');
COMMENT ON PUBLICATION pub IS 'terbitan';

-- Large objects -------------------------------------------------------------------------------------------------------
SELECT lo_from_bytea(50001, '\x00010203'), lo_from_bytea(50002, decode(repeat('ab', 10000), 'hex')), lo_create(50003);
SELECT lo_put(50003, 9000, '\xff');
SELECT lo_create(5);
ALTER LARGE OBJECT 50001 OWNER TO awk_owner;
GRANT SELECT ON LARGE OBJECT 50002 TO awk_readers;
COMMENT ON LARGE OBJECT 50002 IS 'objek besar';

-- Privileges ----------------------------------------------------------------------------------------------------------
GRANT SELECT (id, t), UPDATE (t) ON app.everything TO awk_readers;
GRANT ALL ON app.duplicates TO awk_app WITH GRANT OPTION;
SET SESSION AUTHORIZATION awk_app;
GRANT SELECT ON app.duplicates TO awk_readers;
RESET SESSION AUTHORIZATION;
REVOKE DELETE, TRUNCATE ON app.empty FROM CURRENT_USER;
GRANT USAGE ON SCHEMA app TO PUBLIC;
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO awk_app;
COMMENT ON SCHEMA public IS 'skema umum';
GRANT USAGE ON SEQUENCE app.tickets TO awk_readers;
REVOKE USAGE ON TYPE app.mood FROM PUBLIC;
GRANT SELECT ON app.v TO "awk_Bu Sri; DROP ROLE postgres";
ALTER DEFAULT PRIVILEGES FOR ROLE awk_owner IN SCHEMA app GRANT SELECT ON TABLES TO awk_readers;
ALTER DEFAULT PRIVILEGES FOR ROLE awk_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The database itself ----------------------------------------------------------------------------------------------
SELECT format('ALTER DATABASE %I OWNER TO awk_owner', current_database()) \gexec
SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), E'basis data "utama"\n{{ 1 }}') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO awk_readers WITH GRANT OPTION', current_database()) \gexec
SET SESSION AUTHORIZATION awk_readers;
SELECT format('GRANT CONNECT ON DATABASE %I TO awk_member', current_database()) \gexec
RESET SESSION AUTHORIZATION;
SELECT format('ALTER DATABASE %I CONNECTION LIMIT 33', current_database()) \gexec
SELECT format('ALTER DATABASE %I SET search_path = app, "skema, aneh", public', current_database()) \gexec
SELECT format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()) \gexec
SELECT format('ALTER DATABASE %I SET "app.motto" = %L', current_database(), E'it''s\\ = "x"\n') \gexec
SELECT format('ALTER DATABASE %I SET role = awk_member', current_database()) \gexec
SELECT format('ALTER ROLE awk_app IN DATABASE %I SET search_path = ''''', current_database()) \gexec
SELECT format('ALTER ROLE awk_app IN DATABASE %I SET datestyle = ''German, DMY''', current_database()) \gexec
