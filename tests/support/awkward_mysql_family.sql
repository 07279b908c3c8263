-- A database with every kind of object and column type, and with strange names. Run in an empty schema of MariaDB or MySQL.
SET NAMES utf8mb4;
SET time_zone = '+07:00';
SET SESSION sql_mode = '';

CREATE TABLE numbers (
    id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    tiny tinyint(1), small smallint zerofill, medium mediumint, big bigint unsigned,
    exact decimal(65,30), approximate double, rough float(7,3), bits bit(64), one bit(1), year_of year
) AUTO_INCREMENT = 4711;
INSERT INTO numbers VALUES
    (1, 1, 7, -8388608, 18446744073709551615, 99999999999999999999999999999999999.999999999999999999999999999999,
        1.7976931348623157e308, 1.125, b'1000000000000000000000000000000000000000000000000000000000000001', 1, 2026),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    (4, 1, 2, 3, 4, 0.1, 0.1, 0.1, 5, 0, 1901);

CREATE TABLE texts (
    id int PRIMARY KEY,
    c char(10) CHARACTER SET latin1, v varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    turkish varchar(50) CHARACTER SET latin5 COLLATE latin5_turkish_ci, wide varchar(50) CHARACTER SET utf16,
    old varchar(50) CHARACTER SET utf8mb3, kanji varchar(50) CHARACTER SET sjis, t longtext,
    j json, b blob, vb varbinary(30), fixed binary(8),
    e enum('ya', 'tidak', 'it''s') CHARACTER SET latin1, s set('a', 'b', 'c')
) ROW_FORMAT = COMPRESSED COMMENT 'teks; ''kutip'' dan \\ garis\nbaris baru';
INSERT INTO texts VALUES
    (1, 'é', 'Straße 表 😀', 'ığüş', 'Ω', 'é', _utf8mb4'日本', 'line\r\nline\ttab\0nul\\back''quote"', '{"a": [1, 2]}',
        x'00ff5c270a0d1a22', x'00', x'01', 'it''s', 'a,c'),
    (2, '', '', '', '', '', '', '', '[]', '', '', '', 'ya', ''),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 'a', 'bc', 'NULL', '\\N', '%', '_', REPEAT('panjang ', 20000), '"x"', REPEAT(x'00ff', 30000), ' ', ' ', 2, 3);

CREATE TABLE moments (
    id int PRIMARY KEY, d date, t time(6), dt datetime(6), ts timestamp(6) NULL DEFAULT NULL,
    touched timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
);
INSERT INTO moments VALUES
    (1, '2026-02-28', '-838:59:59.000000', '9999-12-31 23:59:59.999999', '2026-11-25 02:06:37.123456',
        '2026-01-01 00:00:00'),
    (2, '0000-00-00', '00:00:00', '0000-00-00 00:00:00', NULL, '2001-09-09 01:46:40'),
    (3, NULL, NULL, NULL, '1970-01-01 08:00:01', '2038-01-19 03:14:07');

CREATE TABLE full_text (id int PRIMARY KEY, body text, FULLTEXT KEY words (body));
INSERT INTO full_text VALUES (1, 'permohonan cadangan');

-- Foreign keys in a cycle.
CREATE TABLE orang (id int PRIMARY KEY, unit int, atasan int, KEY (unit),
    CONSTRAINT sendiri FOREIGN KEY (atasan) REFERENCES orang (id) ON DELETE SET NULL);
CREATE TABLE unit (id int PRIMARY KEY, kepala int,
    CONSTRAINT kepala_unit FOREIGN KEY (kepala) REFERENCES orang (id) ON UPDATE CASCADE);
ALTER TABLE orang ADD CONSTRAINT unit_orang FOREIGN KEY (unit) REFERENCES unit (id);
SET foreign_key_checks = 0;
INSERT INTO orang VALUES (1, 1, NULL), (2, 1, 1), (3, NULL, 3);
INSERT INTO unit VALUES (1, 2);
SET foreign_key_checks = 1;

CREATE TABLE parted (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (year(at)) (
    PARTITION lama VALUES LESS THAN (2020) COMMENT 'sampai 2019', PARTITION baru VALUES LESS THAN MAXVALUE);
INSERT INTO parted VALUES (1, '2019-01-01'), (2, '2026-01-01');
CREATE TABLE hashed (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3;
INSERT INTO hashed VALUES (1), (2), (3), (4);

CREATE TABLE `quoted ``" 'table` (`select` int, `a b` text, `it's` int, `semi;colon` int, `back\slash` int);
INSERT INTO `quoted ``" 'table` VALUES (1, 'x', 2, 3, 4);
CREATE TABLE `data
baris` (x int);
CREATE TABLE `-- ; DROP TABLE numbers` (x int);
CREATE TABLE `Ünïcode 表` (`Größe` int PRIMARY KEY);
INSERT INTO `Ünïcode 表` VALUES (1);
CREATE TABLE `%s {{ 7*7 }} $(id)` (x int);
CREATE TABLE kosong (x int) ENGINE = InnoDB DEFAULT CHARSET = latin2;
CREATE TABLE duplicates (a int, b varchar(10));
INSERT INTO duplicates VALUES (1, 'sama'), (1, 'sama'), (NULL, NULL), (NULL, NULL);
CREATE TABLE log (at timestamp(6) DEFAULT current_timestamp(6), what text);

DELIMITER $$
CREATE FUNCTION tambah(a int, b int) RETURNS int DETERMINISTIC COMMENT 'menambah; ''dua'' bilangan'
BEGIN
    -- a comment; with a semicolon
    RETURN a + b;
END$$
CREATE DEFINER = 'penulis'@'%' PROCEDURE catat(IN apa text, OUT hasil int) MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
    INSERT INTO log (what) VALUES (concat(apa, '\n', 'é"$$"'));
    SET hasil = ROW_COUNT();
END$$
SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'$$
CREATE FUNCTION ansi() RETURNS text NO SQL RETURN 'a\' || 'b'$$
CREATE TRIGGER rapikan BEFORE INSERT ON "duplicates" FOR EACH ROW SET NEW."b" = trim(NEW."b") || ''$$
SET SESSION sql_mode = 'STRICT_TRANS_TABLES'$$
CREATE DEFINER = 'hilang'@'10.%' TRIGGER ingat AFTER INSERT ON duplicates FOR EACH ROW
BEGIN
    INSERT INTO log (what) VALUES (concat('é ', tambah(1, 1)));
END$$
SET NAMES latin1$$
CREATE TRIGGER tulis AFTER INSERT ON duplicates FOR EACH ROW PRECEDES ingat INSERT INTO log (what) VALUES ('x')$$
SET NAMES utf8mb4$$
CREATE TRIGGER `pemicu ``aneh" 'x` BEFORE UPDATE ON `quoted ``" 'table` FOR EACH ROW SET NEW.`a b` = OLD.`a b`$$
CREATE TRIGGER awkward . berkualifikasi /* ; */ BEFORE DELETE ON `awkward`.`log` FOR EACH ROW SET @x = OLD.what$$
SET time_zone = 'SYSTEM'$$
SET timestamp = 1700000000$$
CREATE EVENT terlambat ON SCHEDULE AT '2023-12-01 00:00:00' DISABLE DO DELETE FROM log$$
SET timestamp = DEFAULT$$
CREATE EVENT berkala ON SCHEDULE EVERY 1 SECOND STARTS '2036-01-01 00:00:00' ON COMPLETION PRESERVE
    COMMENT 'catat tiap detik' DO INSERT INTO log (what) VALUES ('event')$$
CREATE DEFINER = 'penulis'@'%' EVENT nanti ON SCHEDULE AT '2037-01-01 00:00:00' DISABLE DO CALL catat('nanti', @x)$$
DELIMITER ;
CREATE VIEW hitung AS SELECT a, count(*) AS n FROM duplicates GROUP BY a;
CREATE DEFINER = 'penulis'@'%' SQL SECURITY INVOKER VIEW `atas hitung` AS
    SELECT h.n, tambah(h.n, 1) AS m, 'é"x' AS t FROM hitung AS h WHERE h.n > 0;
CREATE VIEW sebagian AS SELECT id, tiny FROM numbers WHERE id > 1 WITH LOCAL CHECK OPTION;
CREATE ALGORITHM = TEMPTABLE VIEW `aaa dulu` AS SELECT * FROM `atas hitung`;
