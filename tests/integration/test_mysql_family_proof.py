"""The proof of a MariaDB or MySQL database sees every kind of damage, and nothing where there is none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import mysql_family_content, mysql_family_proof
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_mysql_family import make_awkward
from support.mariadb_server import MariadbServer
from support.mysql_family_server import FamilyServer
from support.mysql_server import MysqlServer

# What is done to the awkward database in a transaction, and what a difference must name.
ROWS = [
    ("DELETE FROM numbers WHERE id = 4", "rows 'numbers'"),
    ("INSERT INTO parted VALUES (3, '2026-01-01')", "rows 'parted'"),
    ("DELETE FROM duplicates WHERE a = 1 LIMIT 1", "rows 'duplicates'"),
    ("UPDATE duplicates SET a = NULL, b = 'sama' WHERE a = 1 LIMIT 1", "rows 'duplicates'"),
    ("UPDATE numbers SET big = big - 1 WHERE id = 1", "rows 'numbers'"),
    ("UPDATE numbers SET exact = exact + 0.000000000000000000000000000001 WHERE id = 4", "rows 'numbers'"),
    ("UPDATE numbers SET approximate = 0.1 + 0.00000000000000002 WHERE id = 4", "rows 'numbers'"),
    ("UPDATE numbers SET bits = bits ^ 1 WHERE id = 1", "rows 'numbers'"),
    ("UPDATE numbers SET tiny = NULL WHERE id = 3", "rows 'numbers'"),
    ("UPDATE texts SET c = 'ab', v = 'c' WHERE id = 4", "rows 'texts'"),
    ("UPDATE texts SET c = '' WHERE id = 3", "rows 'texts'"),
    ("UPDATE texts SET turkish = NULL WHERE turkish = 'NULL'", "rows 'texts'"),
    ("UPDATE texts SET v = CONCAT(v, ' ') WHERE id = 1", "rows 'texts'"),
    ("UPDATE texts SET v = UPPER(v) WHERE id = 4", "rows 'texts'"),
    ("UPDATE texts SET turkish = 'ıgus' WHERE id = 1", "rows 'texts'"),
    ("UPDATE texts SET t = CONCAT(t, '.') WHERE id = 4", "rows 'texts'"),
    ("UPDATE texts SET b = CONCAT(LEFT(b, 59999), x'00') WHERE id = 4", "rows 'texts'"),
    ("UPDATE texts SET b = '', t = NULL WHERE id = 2", "rows 'texts'"),
    ("UPDATE texts SET e = 0 WHERE id = 2", "rows 'texts'"),
    ("UPDATE texts SET s = 'b' WHERE id = 1", "rows 'texts'"),
    ("UPDATE moments SET dt = '9999-12-31 23:59:59.999998' WHERE id = 1", "rows 'moments'"),
    ("UPDATE moments SET d = NULL WHERE id = 2", "rows 'moments'"),
    ("UPDATE moments SET touched = touched + INTERVAL 1 SECOND WHERE id = 3", "rows 'moments'"),
    ("UPDATE others SET g = ST_GeomFromText('LINESTRING(0 0, 1 1)', 0) WHERE id = 1", "rows 'others'"),
    ("UPDATE made SET hidden = 6 WHERE hidden = 7", "rows 'made'"),
    ("DELETE FROM parted WHERE id = 2", "rows 'parted'"),
    ("UPDATE `quoted ``\" 'table` SET `it's` = 9", "rows 'quoted `\" "),
]  # fmt: skip
ROWS_OF = {
    "mariadb": [
        ("UPDATE others SET six = '2001:db8::2' WHERE id = 1", "rows 'others'"),
        ("UPDATE versioned SET x = 'ketiga'", "rows 'versioned'"),
    ],
    "mysql": [
        ("UPDATE others SET v = STRING_TO_VECTOR('[1.5, -2, 2e-30]') WHERE id = 1", "rows 'others'"),
        ("UPDATE others SET bin = NULL WHERE id = 1", "rows 'others'"),
        ("UPDATE made SET tags = '[1, 3]' WHERE hidden = 5", "rows 'made'"),
        ("UPDATE keyless SET my_row_id = 9 WHERE my_row_id = 2", "rows 'keyless'"),
    ],
}  # fmt: skip

# What is done to another one, one after another.
OBJECTS = [
    ("ALTER TABLE numbers AUTO_INCREMENT = 5000", "auto increment 'numbers'"),
    ("DROP TABLE kosong", "lost: table 'kosong'"),
    ("CREATE TABLE more (x int)", "added: table 'more'"),
    ("ALTER TABLE numbers COMMENT 'x'", "table 'numbers'"),
    ("ALTER TABLE texts ROW_FORMAT = DYNAMIC", "table 'texts'"),
    ("ALTER TABLE log COLLATE utf8mb4_bin", "table 'log'"),
    ("ALTER TABLE log MODIFY what text NOT NULL", "column 'log.what'"),
    ("ALTER TABLE log ALTER at SET DEFAULT '2026-01-01'", "column definition 'log.at'"),
    ("ALTER TABLE made MODIFY hidden int DEFAULT 5", "column 'made.hidden'"),
    ("ALTER TABLE made MODIFY b int AS (a * 3) VIRTUAL", "column definition 'made.b'"),
    ("ALTER TABLE made DROP KEY prefixed", "lost: index 'made.prefixed'"),
    ("ALTER TABLE made DROP KEY on_virtual, ADD UNIQUE KEY on_virtual (b, hidden)", "index 'made.on_virtual'"),
    ("ALTER TABLE made DROP CONSTRAINT positive", "lost: check 'made.positive'"),
    ("ALTER TABLE full_text DROP KEY words", "lost: index 'full_text.words'"),
    ("ALTER TABLE orang DROP FOREIGN KEY sendiri", "lost: foreign key 'orang.sendiri'"),
    ("ALTER TABLE unit DROP FOREIGN KEY kepala_unit,"
        " ADD CONSTRAINT kepala_unit2 FOREIGN KEY (kepala) REFERENCES orang (id)", "added: foreign key"),
    ("ALTER TABLE parted DROP PARTITION lama", "lost: partition 'parted.lama'"),
    ("ALTER TABLE hashed COALESCE PARTITION 1", "lost: partition 'hashed.p2'"),
    ("DROP TRIGGER ingat", "lost: trigger 'ingat'"),
    ("CREATE OR REPLACE VIEW sebagian AS SELECT id, tiny FROM numbers WHERE id > 2 WITH LOCAL CHECK OPTION",
        "view definition 'sebagian'"),
    ("CREATE OR REPLACE VIEW hitung AS SELECT a, count(*) AS n FROM duplicates GROUP BY a WITH ROLLUP",
        "view definition 'hitung'"),
    ("ALTER DEFINER = lain@'%' VIEW `aaa dulu` AS SELECT * FROM `atas hitung`", "view 'aaa dulu'"),
    ("DROP VIEW `aaa dulu`", "lost: view 'aaa dulu'"),
    ("DROP FUNCTION ansi", "lost: function 'ansi'"),
    ("ALTER PROCEDURE catat SQL SECURITY DEFINER", "procedure 'catat'"),
    ("ALTER EVENT nanti COMMENT 'x'", "event 'nanti'"),
    ("ALTER EVENT berkala DISABLE", "event status 'berkala'"),
    ("DROP EVENT terlambat", "lost: event 'terlambat'"),
    ("ALTER DATABASE COLLATE latin1_bin", "database 'DEFAULT_COLLATION_NAME'"),
]  # fmt: skip
OBJECTS_OF = {
    "mariadb": [
        ("DELETE HISTORY FROM versioned", "rows 'versioned'"),
        ("DO NEXTVAL(mundur)", "sequence value 'mundur'"),
        ("ALTER SEQUENCE mundur MINVALUE -2000", "sequence 'mundur'"),
        ("ALTER TABLE made ALTER INDEX ignored NOT IGNORED", "index 'made.ignored'"),
        ("ALTER TABLE period_of DROP PERIOD FOR berlaku, DROP KEY id", "table definition 'period_of'"),
        ("CREATE OR REPLACE TRIGGER rapikan BEFORE INSERT ON duplicates FOR EACH ROW SET NEW.b = ''",
            "trigger 'rapikan'"),
        ("CREATE OR REPLACE FUNCTION tambah(a int, c int) RETURNS int DETERMINISTIC RETURN a + c",
            "parameter 'tambah.2'"),
        ("ALTER DATABASE COMMENT 'x'", "database 'SCHEMA_COMMENT'"),
    ],
    "mysql": [
        ("ALTER TABLE made ALTER INDEX unseen VISIBLE", "index 'made.unseen'"),
        ("ALTER TABLE made DROP KEY functional, ADD KEY functional ((a - hidden), token)",
            "index definition 'made.functional'"),
        ("ALTER TABLE made DROP KEY many", "lost: index 'made.many'"),
        ("ALTER TABLE made ALTER CHECK loose ENFORCED", "check 'made.loose'"),
        ("ALTER TABLE keyless ALTER COLUMN my_row_id SET VISIBLE", "column 'keyless.my_row_id'"),
        ("ALTER TABLE others MODIFY p point SRID 0", "column 'others.p'"),
        ("DROP TRIGGER rapikan; CREATE TRIGGER rapikan BEFORE INSERT ON duplicates FOR EACH ROW SET NEW.b = ''",
            "trigger 'rapikan'"),
        ("DROP FUNCTION tambah; CREATE FUNCTION tambah(a int, c int) RETURNS int DETERMINISTIC RETURN a + c",
            "parameter 'tambah.2'"),
    ],
}  # fmt: skip
PRODUCTS = {"mariadb": MariadbServer, "mysql": MysqlServer}


def cases(common: list[tuple[str, str]], own: dict[str, list[tuple[str, str]]]) -> list[Any]:
    """Every damage to each product: the product, what is done, and what is to be named."""
    return [
        pytest.param(product, damage, named, id=f"{product}: {damage[:60]}")
        for product in PRODUCTS
        for damage, named in common + own[product]
    ]


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, FamilyServer]]:
    """Both products, each with the awkward database, whose events do not run."""
    with contextlib.ExitStack() as opened:
        running = {product: opened.enter_context(server()) for product, server in PRODUCTS.items()}
        for server in running.values():
            make_awkward(server)
            server.sql("awkward", "SET GLOBAL event_scheduler = OFF")
        yield running


def facts(server: FamilyServer, before: str = "") -> list[Fact]:
    """The facts that a session sees after it ran a statement."""
    with server.engine("awkward").session("awkward") as session:
        session.execute(f"START TRANSACTION;SET sql_mode = '';{before or 'DO 0'}")
        found = mysql_family_proof.row_facts(session, "awkward")
        session.execute("ROLLBACK")
        found += mysql_family_proof.schema_facts(session, "awkward")
        counters = mysql_family_content.counters(session, "awkward")
    return found + mysql_family_proof.counter_facts(counters, counters)


@pytest.fixture(scope="module")
def undamaged(servers: dict[str, FamilyServer]) -> dict[str, list[Fact]]:
    return {product: facts(server) for product, server in servers.items()}


@pytest.mark.parametrize(("product", "damage", "named"), cases(ROWS, ROWS_OF))
def test_damaged_rows_are_named(
    servers: dict[str, FamilyServer], undamaged: dict[str, list[Fact]], product: str, damage: str, named: str
) -> None:
    lines = differences(undamaged[product], facts(servers[product], damage))
    assert [line for line in lines if named in line], lines


@pytest.mark.parametrize("product", PRODUCTS)
def test_no_fact_is_told_twice_and_none_holds_content(undamaged: dict[str, list[Fact]], product: str) -> None:
    keys = [(fact["kind"], fact["name"]) for fact in undamaged[product]]
    assert len(keys) == len(set(keys))
    text = "\n".join(str(fact) for fact in undamaged[product])
    assert text.isascii()
    for secret in ("rahasia", "permohonan", "panjang panjang"):
        assert secret not in text


# The last of those who use the servers: nothing is mended again.
@pytest.mark.parametrize(("product", "damage", "named"), cases(OBJECTS, OBJECTS_OF))
def test_damaged_objects_are_named(servers: dict[str, FamilyServer], product: str, damage: str, named: str) -> None:
    victim = servers[product]
    before = facts(victim)
    victim.sql("awkward", damage)
    lines = differences(before, facts(victim))
    assert [line for line in lines if named in line], lines


def test_a_counter_that_moves_during_the_dump_is_no_difference() -> None:
    expected = mysql_family_proof.counter_facts({("sequence value", "s"): 10}, {("sequence value", "s"): 20})
    for value, same in ((10, True), (15, True), (20, True), (9, False), (21, False)):
        state = {("sequence value", "s"): value}
        found = mysql_family_proof.in_terms_of(
            expected, mysql_family_proof.counter_facts(state, state), same_series=True
        )
        assert (differences(expected, found) == []) is same


def test_another_series_may_print_definitions_differently() -> None:
    expected = [{"kind": "view definition", "name": "v", "value": "printed by 10.11"}]
    found = [{**expected[0], "value": "printed by 11.8"}]
    assert differences(expected, mysql_family_proof.in_terms_of(expected, found, same_series=False)) == []
    assert len(differences(expected, mysql_family_proof.in_terms_of(expected, found, same_series=True))) == 1
    assert len(differences(expected, mysql_family_proof.in_terms_of(expected, [], same_series=False))) == 1
