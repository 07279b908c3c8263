CREATE USER petugas@localhost IDENTIFIED BY 'rahasia-petugas';
CREATE DATABASE layanan CHARACTER SET utf8mb4;
GRANT SELECT, INSERT ON layanan.* TO petugas@localhost;
USE layanan;
CREATE TABLE `daftar antrean` (
    id int AUTO_INCREMENT PRIMARY KEY,
    nama varchar(100) NOT NULL,
    status enum('baru', 'diproses', 'selesai') NOT NULL DEFAULT 'baru',
    panjang int AS (char_length(nama)) STORED,
    tempat point NOT NULL SRID 4326 DEFAULT (ST_GeomFromText('POINT(-6.8 110.8)', 4326)),
    catatan json
);
SET cte_max_recursion_depth = 20000;
INSERT INTO `daftar antrean` (nama, catatan)
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
    SELECT CONCAT('Pemohon ', n), JSON_OBJECT('loket', n % 7) FROM n;
CREATE TABLE berkas (id int PRIMARY KEY, antrean int, isi blob, FOREIGN KEY (antrean) REFERENCES `daftar antrean` (id));
INSERT INTO berkas SELECT id, id, UNHEX(SHA2(id, 256)) FROM `daftar antrean` WHERE id <= 5000;
CREATE TABLE riwayat (id int PRIMARY KEY, isi text);
CREATE VIEW ringkasan AS SELECT status, COUNT(*) AS jumlah FROM `daftar antrean` GROUP BY status;
CREATE TRIGGER catat AFTER INSERT ON `daftar antrean` FOR EACH ROW INSERT INTO riwayat VALUES (NEW.id, NEW.nama);
CREATE PROCEDURE bersihkan() DELETE FROM berkas WHERE antrean IS NULL;
CREATE EVENT malam ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 02:00:00' DO CALL bersihkan();
