CREATE ROLE petugas LOGIN PASSWORD 'rahasia-petugas';
CREATE ROLE pembaca;
CREATE DATABASE layanan OWNER petugas;
\connect layanan
CREATE EXTENSION pgcrypto;
SET ROLE petugas;
CREATE TYPE status AS ENUM ('baru', 'diproses', 'selesai');
CREATE TABLE "daftar antrean" (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nama text NOT NULL,
    status status NOT NULL DEFAULT 'baru',
    panjang integer GENERATED ALWAYS AS (length(nama)) STORED
);
INSERT INTO "daftar antrean" (nama) SELECT 'Pemohon ' || n FROM generate_series(1, 20000) AS n;
CREATE TABLE berkas (antrean integer REFERENCES "daftar antrean", isi bytea) PARTITION BY HASH (antrean);
CREATE TABLE berkas_0 PARTITION OF berkas FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE berkas_1 PARTITION OF berkas FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO berkas SELECT n, decode(md5(n::text), 'hex') FROM generate_series(1, 5000) AS n;
CREATE MATERIALIZED VIEW ringkasan AS SELECT status, count(*) FROM "daftar antrean" GROUP BY status;
GRANT SELECT ON ringkasan TO pembaca;
SELECT lo_from_bytea(4711, decode(repeat('6b', 5000), 'hex'));
