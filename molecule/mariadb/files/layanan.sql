CREATE USER petugas@localhost IDENTIFIED BY 'rahasia-petugas';
CREATE DATABASE layanan CHARACTER SET utf8mb4;
GRANT SELECT, INSERT ON layanan.* TO petugas@localhost;
USE layanan;
CREATE TABLE `daftar antrean` (
    id int AUTO_INCREMENT PRIMARY KEY,
    nama varchar(100) NOT NULL,
    status enum('baru', 'diproses', 'selesai') NOT NULL DEFAULT 'baru',
    panjang int AS (char_length(nama)) PERSISTENT
);
INSERT INTO `daftar antrean` (nama) SELECT CONCAT('Pemohon ', seq) FROM seq_1_to_20000;
CREATE TABLE berkas (id int PRIMARY KEY, antrean int, isi blob, FOREIGN KEY (antrean) REFERENCES `daftar antrean` (id));
INSERT INTO berkas SELECT seq, seq, UNHEX(MD5(seq)) FROM seq_1_to_5000;
CREATE TABLE riwayat (id int PRIMARY KEY, isi text) WITH SYSTEM VERSIONING;
INSERT INTO riwayat VALUES (1, 'pertama');
UPDATE riwayat SET isi = 'kedua';
CREATE SEQUENCE nomor START 100;
DO NEXTVAL(nomor);
CREATE VIEW ringkasan AS SELECT status, COUNT(*) AS jumlah FROM `daftar antrean` GROUP BY status;
CREATE TRIGGER catat AFTER INSERT ON `daftar antrean` FOR EACH ROW INSERT INTO riwayat VALUES (NEW.id, NEW.nama);
CREATE PROCEDURE bersihkan() DELETE FROM berkas WHERE antrean IS NULL;
CREATE EVENT malam ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 02:00:00' DO CALL bersihkan();
