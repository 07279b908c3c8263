"""The register beside what was found: field by field, and what could not be seen is neither right nor wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cadangan.errors import WorkFailed
from cadangan.register.asset import Asset
from cadangan.register.comparison import compare, is_version, results
from cadangan.register.facts import Facts, read_facts
from cadangan.register.last_facts import KnownFacts
from cadangan.register.reconcile import (
    AssetResult,
    Difference,
    MissingInSource,
    Reconciliation,
    UnregisteredDatabase,
    UnregisteredHost,
    Unseen,
)
from cadangan.register.reconciliations import Reconciliations
from hypothesis import given
from hypothesis import strategies as st

AT = "2026-11-25T02:06:37Z"
DATABASE = {"engine": "postgresql", "instance": "5432", "name": "siak"}
INSTANCE = {"engine": "postgresql", "product": "PostgreSQL", "instance": "5432", "version": "15.18"}
RUNS = {**INSTANCE, "databases": [{"name": "siak", "size": 5 * 10**9}]}


def asset(**changes: Any) -> Asset:
    entry = {"host": "db-01", "number": "1", "name": "Server", "status": "in_operation", "agency": "disdik"}
    return Asset.model_validate({**entry, **changes})


def facts(**changes: Any) -> Facts:
    return read_facts({"at": AT, **changes})


def differences(entry: Asset, found: Facts) -> list[tuple[str, str, str]]:
    different, unseen = compare(entry, found)
    assert not unseen
    return [(each.field, each.registered, each.found) for each in different]


@pytest.mark.parametrize(
    ("registered", "found", "difference"),
    [
        ({"cpus": 4}, {"cpus": 4}, None),
        ({"cpus": 4}, {"cpus": 8}, ("machine.cpus", "4", "8")),
        ({"kind": "virtual"}, {"kind": "physical"}, ("machine.kind", "virtual", "physical")),
        ({"memory": "32 GB"}, {"memory": 34_359_738_368}, None),
        ({"memory": "32 GB"}, {"memory": 16 * 10**9}, ("machine.memory", "32.0 GB", "16.0 GB")),
        ({"disk": "1 TB"}, {"disk": 1_099_511_627_776}, None),
        ({"disk": "1 TB"}, {"disk": 2 * 10**12}, ("machine.disk", "1.0 TB", "2.0 TB")),
        ({"model": "Dell PowerEdge R740"}, {"model": "Dell Inc. PowerEdge R740"}, None),
        (
            {"model": "PowerEdge R750"},
            {"model": "PowerEdge R740"},
            ("machine.model", "PowerEdge R750", "PowerEdge R740"),
        ),
        ({"serial": "abc 12"}, {"serial": "ABC 12"}, None),
        ({"serial": "ABC12"}, {"serial": "ABC123"}, ("machine.serial", "ABC12", "ABC123")),
        ({}, {"cpus": 64}, None),
    ],
)
def test_the_machine(
    registered: dict[str, Any], found: dict[str, Any], difference: tuple[str, str, str] | None
) -> None:
    told = differences(asset(machine=registered), facts(machine=found))
    assert told == ([difference] if difference else [])


@pytest.mark.parametrize(
    ("registered", "found", "fits"),
    [
        ("12", "12.7", True),
        ("12.7", "12.7", True),
        ("12.7", "12", False),
        ("1", "12", False),
        ("15", "15.18", True),
        ("15.1", "15.18", False),
        ("10.11", "10.11.6", True),
        ("22.04 LTS", "22.04", False),
    ],
)
def test_versions_compare_by_their_beginning(registered: str, found: str, fits: bool) -> None:
    assert is_version(registered, found) == fits


def test_the_operating_system_and_addresses() -> None:
    entry = asset(operating_system={"name": "Debian", "version": "11"}, addresses=["10.0.0.1", "10.0.0.9"])
    found = facts(
        operating_system={"name": "Debian GNU/Linux", "version": "12.7"}, addresses=["10.0.0.1", "172.17.0.1"]
    )
    assert differences(entry, found) == [
        ("operating_system.version", "11", "12.7"),
        ("addresses", "10.0.0.9", "10.0.0.1, 172.17.0.1"),
    ]


def test_what_the_server_does_not_tell_is_not_wrong() -> None:
    entry = asset(machine={"serial": "X1", "cpus": 4}, operating_system={"name": "Debian", "version": "12"})
    different, unseen = compare(entry, facts(machine={"cpus": 4}))
    assert not different
    assert [each.field for each in unseen] == [
        "machine.serial",
        "operating_system.name",
        "operating_system.version",
    ]


@pytest.mark.parametrize(
    ("database", "instances", "difference"),
    [
        (DATABASE, [RUNS], None),
        ({**DATABASE, "version": "15", "size": "4 GB"}, [RUNS], None),
        ({**DATABASE, "version": "16"}, [RUNS], ("postgresql:5432 siak: version", "16", "15.18")),
        ({**DATABASE, "size": "1 GB"}, [RUNS], ("postgresql:5432 siak: size", "1.0 GB", "5.0 GB")),
        ({**DATABASE, "size": "0 MB"}, [{**INSTANCE, "databases": [{"name": "siak", "size": 8192}]}], None),
        (DATABASE, [INSTANCE], ("postgresql:5432 siak", "there", "no such database")),
        (DATABASE, [], ("postgresql:5432 siak", "there", "no such server runs")),
        (DATABASE, [{**RUNS, "instance": "5433"}], ("postgresql:5432 siak", "there", "no such server runs")),
        # A server without a port of its own.
        (DATABASE, [{**RUNS, "instance": ""}], None),
        ({**DATABASE, "name": "a\nb"}, [{**INSTANCE, "databases": [{"name": "a\\nb"}]}], None),
    ],
)
def test_databases(
    database: dict[str, str], instances: list[dict[str, Any]], difference: tuple[str, str, str] | None
) -> None:
    told = differences(asset(databases=[database]), facts(instances=instances))
    assert told == ([difference] if difference else [])


@pytest.mark.parametrize(
    "instances",
    [
        [{**INSTANCE, "unseen": "it did not answer within 10 s"}],
        [{**INSTANCE, "instance": "", "unseen": "it did not answer within 10 s"}],
        [{**INSTANCE, "instance": "", "container": "ab" * 6, "unseen": "it did not answer within 10 s"}],
    ],
)
def test_a_server_that_hangs_is_not_a_missing_database(instances: list[dict[str, Any]]) -> None:
    [result], unregistered = results([asset(databases=[DATABASE])], {"db-01": facts(instances=instances)}, {})
    assert result == AssetResult(
        "db-01", "fits", unseen=(Unseen("postgresql:5432 siak", "it did not answer within 10 s"),)
    )
    assert not result.is_right
    assert not unregistered


def test_without_root_nothing_is_missing() -> None:
    found = facts(unseen=["the database servers of other accounts: it was not looked at as root"])
    different, [unseen] = compare(asset(databases=[DATABASE]), found)
    assert not different
    assert "not looked at as root" in unseen.why


def test_registered_files_and_folders() -> None:
    def place(name: str, **more: Any) -> dict[str, Any]:
        return {"engine": "sqlite", "name": name, **more}

    sized = [place("/a", size="10 MB"), place("/e", size="1 MB")]
    entry = asset(databases=[*sized, place("/b"), place("/c"), place("/d")])
    found = [
        place("/a", found=True, size=50 * 10**6),
        place("/b", found=False),
        place("/c", found=None, unseen="it can not be seen: denied"),
        place("/e", found=True, unseen="it could not be added up within 10 s"),
    ]
    different, unseen = compare(entry, facts(places=found))
    assert different == [
        Difference("sqlite /a: size", "10.0 MB", "50.0 MB"),
        Difference("sqlite /b", "there", "not there"),
    ]
    assert [(each.field, each.why) for each in unseen] == [
        ("sqlite /e: size", "it could not be added up within 10 s"),
        ("sqlite /c", "it can not be seen: denied"),
        ("sqlite /d", "it was not looked for"),
    ]


def test_what_runs_and_is_not_registered() -> None:
    found = facts(
        instances=[
            {**INSTANCE, "databases": [{"name": "siak"}, {"name": "gelap", "size": 2 * 10**6}]},
            {**INSTANCE, "instance": "5433", "unseen": "it did not answer within 10 s"},
            {**INSTANCE, "instance": "5434", "databases": [{"name": "cadangan_scratch_r_2026_0001"}]},
        ],
        others=[{"product": "MongoDB"}, {"product": "MongoDB", "container": "ab12"}],
    )
    [result], unregistered = results([asset(databases=[DATABASE])], {"db-01": found}, {})
    assert result.state == "fits"
    assert unregistered == (
        UnregisteredDatabase("db-01", "postgresql:5432 gelap", "2.0 MB"),
        UnregisteredDatabase("db-01", "postgresql:5433", "not looked into: it did not answer within 10 s"),
        UnregisteredDatabase("db-01", "MongoDB", "there is no engine for it"),
        UnregisteredDatabase("db-01", "MongoDB", "there is no engine for it, in the container ab12"),
    )


def test_an_unreachable_server_keeps_its_last_known_facts() -> None:
    entry = asset(machine={"cpus": 4})
    last = {"db-01": KnownFacts(at=AT, facts=facts(machine={"cpus": 8}))}
    [known], _ = results([entry], {"db-01": "no route to host"}, last)
    assert known == AssetResult(
        "db-01", "unreachable", (Difference("machine.cpus", "4", "8"),), reason="no route to host", facts_at=AT
    )
    [unknown], _ = results([entry], {"db-01": "no route to host"}, {})
    assert unknown == AssetResult("db-01", "unreachable", reason="no route to host")


@pytest.mark.parametrize("status", ["planned", "retired"])
def test_a_server_not_yet_or_no_more_in_operation_need_not_answer(status: str) -> None:
    [result], _ = results([asset(status=status)], {"db-01": "no route to host"}, {})
    assert result == AssetResult("db-01", "fits", reason=f"{status}, and it does not answer")


def test_a_retired_server_that_answers_is_told() -> None:
    found = facts(instances=[RUNS])
    [result], unregistered = results([asset(status="retired", databases=[DATABASE])], {"db-01": found}, {})
    assert result == AssetResult("db-01", "differs", (Difference("status", "retired", "it still answers"),))
    assert not unregistered


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ASSETS = st.builds(
    AssetResult,
    TEXT,
    st.sampled_from(["fits", "differs", "unreachable"]),
    st.lists(st.builds(Difference, TEXT, TEXT, TEXT), max_size=3).map(tuple),
    st.lists(st.builds(Unseen, TEXT, TEXT), max_size=3).map(tuple),
    TEXT,
    st.none() | st.just(AT),
)


def many(*kinds: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.builds(*kinds), max_size=3).map(tuple)


@given(
    st.builds(
        Reconciliation,
        st.just(AT),
        st.lists(ASSETS, max_size=3).map(tuple),
        many(UnregisteredDatabase, TEXT, TEXT, TEXT),
        many(UnregisteredHost, TEXT, TEXT, TEXT),
        many(MissingInSource, TEXT, TEXT),
        st.lists(TEXT, max_size=2).map(tuple),
    )
)
def test_a_result_comes_back_as_it_was_written(reconciliation: Reconciliation) -> None:
    assert Reconciliation.from_json(reconciliation.to_json()) == reconciliation
    for each in reconciliation.assets:
        assert AssetResult.from_json(each.to_json()) == each


def test_the_newest_result_is_found(tmp_path: Path) -> None:
    kept = Reconciliations(tmp_path / "reconcile")
    assert kept.newest() is None
    for at in ("2026-11-25T02:06:37Z", "2026-11-26T02:06:37Z", "2026-11-24T02:06:37Z"):
        kept.keep(Reconciliation(at, ()))
    assert kept.newest() == Reconciliation("2026-11-26T02:06:37Z", ())


def test_a_damaged_result_is_told(tmp_path: Path) -> None:
    (tmp_path / f"{AT}.json").write_text('{"assets":[]}\n')
    with pytest.raises(WorkFailed, match="is damaged"):
        Reconciliations(tmp_path).newest()
