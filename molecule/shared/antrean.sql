CREATE TABLE antrean (id INTEGER PRIMARY KEY, nama TEXT NOT NULL, foto BLOB, nilai REAL);
CREATE INDEX menurut_nama ON antrean (nama);
CREATE VIEW singkat AS SELECT id, nama FROM antrean;
CREATE TRIGGER rapikan AFTER INSERT ON antrean BEGIN UPDATE antrean SET nama = trim(nama) WHERE id = new.id; END;
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
INSERT INTO antrean SELECT n, 'Pemohon ' || n, zeroblob(100), n / 3.0 FROM n;
