"""What the PostgreSQL engine can do without a server: quoting, choosing a client, comparing facts, naming."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_postgresql import PostgresqlEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_client import (
    Client,
    installed,
    major_of,
    suitable,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_database import creation, named
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_proof import (
    in_terms_of,
    sequence_facts,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import (
    Server,
    identifier,
    literal,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences

CLIENTS = [Client(f"/usr/lib/postgresql/{version}/bin", f"{version}.4") for version in (17, 14, 15)]


def test_identifiers_and_strings_stay_within_their_quotes() -> None:
    assert identifier('a"b; --') == '"a""b; --"'
    assert literal("it's") == "'it''s'"
    assert literal("it's\\") == " E'it''s\\\\'"


def test_a_database_name_is_no_connection_string() -> None:
    server = Server("/run/x y", "5432", None)
    conninfo = server.conninfo("x' host=evil \\")
    assert conninfo.startswith("host='/run/x y' port='5432' dbname='x\\' host=evil \\\\' options=")


def test_the_oldest_client_that_is_new_enough_is_used() -> None:
    assert suitable(CLIENTS, "14.1").major == 14
    assert suitable(CLIENTS, "15.99").major == 15
    assert suitable(CLIENTS, "16beta1").major == 17
    with pytest.raises(EngineError, match=r"17\.4, older than the server, which is 18\.0") as refused:
        suitable(CLIENTS, "18.0")
    assert refused.value.advice == "Install the package postgresql-client-18."


def test_versions_have_a_major_number() -> None:
    assert [major_of(version) for version in ("15.13", "9.6.24", "18beta1")] == [15, 9, 18]
    with pytest.raises(EngineError):
        major_of("latest")


def test_only_whole_sets_of_clients_are_found(tmp_path: Path) -> None:
    for version, names in (("15", ("psql", "pg_dump", "pg_restore")), ("16", ("psql", "pg_dump"))):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}.2 (Debian {version}.2-1)'\n")
            (folder / name).chmod(0o755)
    assert installed([f"{tmp_path}/*/bin"]) == [Client(f"{tmp_path}/15/bin", "15.2")]
    with pytest.raises(EngineError, match="No PostgreSQL client"):
        installed([f"{tmp_path}/none"])


def test_another_major_version_may_print_definitions_differently() -> None:
    expected = [
        {"kind": "view", "name": "v", "value": "1"},
        {"kind": "view definition", "name": "v", "value": "printed by 15"},
    ]
    found = [expected[0], {**expected[1], "value": "printed by 17"}]
    assert differences(expected, in_terms_of(expected, found, same_major=False)) == []
    assert len(differences(expected, in_terms_of(expected, found, same_major=True))) == 1
    assert len(differences(expected, in_terms_of(expected, found[:1], same_major=False))) == 1
    changed = [{**found[0], "value": "2"}, found[1]]
    assert len(differences(expected, in_terms_of(expected, changed, same_major=False))) == 1


@pytest.mark.parametrize(
    ("before", "after", "restored", "same"),
    [
        ((5, True), (5, True), (5, True), True),
        ((5, True), (5, True), (5, False), False),
        ((5, True), (5, True), (6, True), False),
        ((5, True), (9, True), (7, True), True),
        ((5, True), (9, True), (10, True), False),
        ((9, True), (-5, True), (-5, True), True),
        ((1, False), (3, True), (1, False), True),
    ],
)
def test_a_sequence_is_where_it_was_or_between(
    before: tuple[int, bool], after: tuple[int, bool], restored: tuple[int, bool], same: bool
) -> None:
    expected = sequence_facts({"s": before}, {"s": after})
    found = sequence_facts({"s": restored}, {"s": restored})
    assert (differences(expected, in_terms_of(expected, found, same_major=True)) == []) is same


def test_an_empty_database_gets_the_encoding_and_locale_of_the_facts() -> None:
    facts = [
        {"kind": "database", "name": name, "value": value}
        for name, value in (
            ("encoding", "UTF8"),
            ("collate", "C"),
            ("ctype", "C"),
            ("provider", "i"),
            ("locale", "id-ID"),
            ("tablespace", 'ruang%C3%A9"%25'),
        )
    ]
    wanted = named(facts, "database")
    statement = creation('a"b', wanted, 15)
    assert statement.startswith('CREATE DATABASE "a""b" TEMPLATE template0 ENCODING \'UTF8\'')
    assert 'TABLESPACE "ruangé""%"' in statement
    assert statement.endswith("LOCALE_PROVIDER icu ICU_LOCALE 'id-ID'")
    assert "LOCALE_PROVIDER" not in creation("x", {**wanted, "provider": "c"}, 14)
    with pytest.raises(EngineError, match="locale provider"):
        creation("x", {**wanted, "provider": "z"}, 15)


@pytest.mark.parametrize("name", ["siswa", "a" * 63, "å" * 31])
def test_names_kept_aside_fit(name: str) -> None:
    aside = PostgresqlEngine("5432", "x", {}).aside_name(name, "r-2026-0001-12")
    assert len(aside.encode()) <= 63
    assert name.startswith(aside.removesuffix("_sebelum_r-2026-0001-12"))
