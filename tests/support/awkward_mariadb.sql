-- What MariaDB alone has, in the awkward database. Run after awkward_mysql_family.sql.
SET NAMES utf8mb4;
SET time_zone = '+07:00';
SET SESSION sql_mode = '';

UPDATE numbers SET approximate = -0e0 WHERE id = 3;

CREATE TABLE others (
    id int PRIMARY KEY, u uuid, six inet6, p point, g geometry, poly polygon NOT NULL,
    SPATIAL INDEX (poly)
);
INSERT INTO others VALUES
    (1, '123e4567-e89b-12d3-a456-426655440000', '2001:db8::1', POINT(1, 2), ST_GeomFromText('LINESTRING(0 0, 1 1)', 4326),
        ST_GeomFromText('POLYGON((0 0, 0 1, 1 1, 0 0))')),
    (2, NULL, NULL, NULL, NULL, ST_GeomFromText('POLYGON((0 0, 0 2, 2 2, 0 0))'));

CREATE TABLE made (
    a int, b int AS (a * 2) VIRTUAL, c int AS (a + 1) PERSISTENT, hidden int INVISIBLE DEFAULT 5,
    token varchar(40) DEFAULT (concat('x', 1 + 1)), CONSTRAINT positive CHECK (a > 0), CHECK (json_valid(token) OR 1),
    KEY on_virtual (b), KEY prefixed (token(7) DESC), KEY ignored (c) IGNORED
);
INSERT INTO made (a, hidden) VALUES (1, 5), (2, NULL), (2, 7);

SET timestamp = 1700000000.5;
CREATE TABLE versioned (id int PRIMARY KEY, x varchar(20)) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 'pertama'), (2, 'dihapus');
SET timestamp = 1700000100.25;
UPDATE versioned SET x = 'kedua' WHERE id = 1;
SET timestamp = 1700000200;
DELETE FROM versioned WHERE id = 2;
SET timestamp = DEFAULT;
CREATE TABLE named_versions (id int PRIMARY KEY,
    since timestamp(6) GENERATED ALWAYS AS ROW START INVISIBLE, till timestamp(6) GENERATED ALWAYS AS ROW END,
    PERIOD FOR SYSTEM_TIME (since, till)) WITH SYSTEM VERSIONING;
INSERT INTO named_versions (id) VALUES (1), (2);
DELETE FROM named_versions WHERE id = 1;
CREATE TABLE period_of (id int, a date, z date, PERIOD FOR berlaku (a, z), UNIQUE (id, berlaku WITHOUT OVERLAPS));
INSERT INTO period_of VALUES (1, '2026-01-01', '2026-02-01');

CREATE SEQUENCE nomor START 100 INCREMENT 5 MAXVALUE 100000 CYCLE CACHE 10;
DO NEXTVAL(nomor);
CREATE SEQUENCE mundur START -1 INCREMENT -1 MINVALUE -1000 NOCACHE;
CREATE TABLE ticketed (id bigint PRIMARY KEY DEFAULT NEXTVAL(nomor), x int);
INSERT INTO ticketed (x) VALUES (1), (2);
