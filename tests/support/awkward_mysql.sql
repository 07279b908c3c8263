-- What MySQL alone has, in the awkward database. Run after awkward_mysql_family.sql.
SET NAMES utf8mb4;
SET time_zone = '+07:00';
SET SESSION sql_mode = '';

CREATE TABLE others (
    id int PRIMARY KEY, p point, g geometry, poly polygon NOT NULL SRID 4326, v vector(3), bin binary(16),
    SPATIAL INDEX (poly)
);
INSERT INTO others VALUES
    (1, POINT(1, 2), ST_GeomFromText('LINESTRING(0 0, 1 1)', 4326),
        ST_GeomFromText('POLYGON((0 0, 0 1, 1 1, 0 0))', 4326), STRING_TO_VECTOR('[1.5, -2, 1e-30]'),
        UUID_TO_BIN('123e4567-e89b-12d3-a456-426655440000')),
    (2, NULL, NULL, ST_GeomFromText('POLYGON((0 0, 0 2, 2 2, 0 0))', 4326), NULL, NULL);

CREATE TABLE made (
    a int, b int AS (a * 2) VIRTUAL, c int AS (a + 1) STORED, hidden int DEFAULT 5 INVISIBLE,
    token varchar(40) DEFAULT (concat('x', 1 + 1)), tags json, CONSTRAINT positive CHECK (a > 0),
    CHECK (json_valid(token) OR 1), CONSTRAINT loose CHECK (hidden < 100) NOT ENFORCED,
    KEY on_virtual (b), KEY prefixed (token(7) DESC), KEY unseen (c) INVISIBLE,
    KEY functional ((a + hidden), token), KEY many ((CAST(tags->'$[*]' AS unsigned ARRAY)))
);
INSERT INTO made (a, hidden, tags) VALUES (1, 5, '[1, 2]'), (2, NULL, NULL), (2, 7, '[3]');
SET SESSION sql_generate_invisible_primary_key = 1;
CREATE TABLE keyless (x int);
INSERT INTO keyless VALUES (7), (7);
SET SESSION sql_generate_invisible_primary_key = 0;
