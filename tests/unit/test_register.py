"""The asset register, read by Ansible: nothing is templated, nothing is lost without a word."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from cadangan.errors import BadInput, Missing
from cadangan.register.register import Register

SERVERS = """\
servers:
  hosts:
    db-01:
      ansible_host: 192.0.2.1
      cadangan_asset:
        number: "0001"
        name: Server satu
        status: in_operation
        agency: disdukcapil
        databases:
          - {engine: postgresql, instance: "5432", name: siak}
          - {engine: postgresql, instance: "5432", name: pajak, agency: bppkad}
          - {engine: sqlite, name: /srv/a.db}
    db-02:
      cadangan_asset: {number: "0002", name: Server dua, status: maintenance, agency: disdukcapil}
    web-01: {}
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = tmp_path / "inventory"
    folder.mkdir()
    (folder / "servers.yml").write_text(SERVERS)
    return folder


def load(inventory: Path, old: str, new: str) -> Register:
    """The register with `new` in the place of `old`; `*` is a repository of db-01."""
    if old == "*":
        old, new = "        status: in_operation", f"        repository: {new}\n        status: in_operation"
    assert old in SERVERS
    (inventory / "servers.yml").write_text(SERVERS.replace(old, new, 1))
    return Register.load(inventory)


def test_registered_servers_alone_are_assets(inventory: Path) -> None:
    assert [asset.host for asset in Register.load(inventory).assets()] == ["db-01", "db-02"]


def test_a_database_belongs_to_the_agency_of_its_server_unless_it_says_otherwise(inventory: Path) -> None:
    register = Register.load(inventory)
    assert register.database("db-01", "postgresql", "5432", "siak").agency == "disdukcapil"
    assert register.database("db-01", "postgresql", "5432", "pajak").agency == "bppkad"


def test_a_repository_is_kept_with_sizes_in_bytes(inventory: Path) -> None:
    register = load(inventory, "*", "{root: /srv/sets/, port: 2222, reserve: 1.5 TB, daily_quota: 50GB}")
    kept = register.asset("db-01").repository
    assert kept is not None
    assert (kept.root, kept.address, kept.port) == ("/srv/sets", None, 2222)
    assert (kept.reserve, kept.daily_quota) == (1_500_000_000_000, 50_000_000_000)
    assert register.asset("db-02").repository is None


def test_objectives_are_lengths_of_time(inventory: Path) -> None:
    promised = "name: siak, objectives: {recovery_point: 24 h, recovery_time: 90min}}"
    register = load(inventory, "name: siak}", promised)
    objectives = register.database("db-01", "postgresql", "5432", "siak").objectives
    assert (objectives.recovery_point, objectives.recovery_time) == (timedelta(hours=24), timedelta(minutes=90))
    assert register.database("db-01", "sqlite", "", "/srv/a.db").objectives.recovery_point is None


def test_group_variables_count(inventory: Path) -> None:
    (inventory / "servers.yml").write_text("db:\n  hosts: {db-03: {}}\n")
    (inventory / "group_vars").mkdir()
    (inventory / "group_vars" / "db.yml").write_text(
        "cadangan_asset: {number: '3', name: a, status: planned, agency: x}\n"
    )
    assert Register.load(inventory).asset("db-03").status == "planned"


def test_templates_arrive_as_text_and_nothing_runs(inventory: Path, tmp_path: Path) -> None:
    name = f"{{{{ lookup('pipe', 'touch {tmp_path}/pwned') }}}}"
    register = load(inventory, "Server satu", f'"{name}"')
    assert register.asset("db-01").name == name
    assert type(register.asset("db-01").name) is str
    assert not (tmp_path / "pwned").exists()


def test_an_unregistered_server_is_refused(inventory: Path) -> None:
    with pytest.raises(BadInput, match=r"server 'db-1' is not in the asset register\n.*Did you mean 'db-01'\?"):
        Register.load(inventory).asset("db-1")


def test_a_host_without_asset_is_refused(inventory: Path) -> None:
    with pytest.raises(BadInput, match="server 'web-01' is not in the asset register"):
        Register.load(inventory).asset("web-01")


def test_an_unregistered_database_is_refused(inventory: Path) -> None:
    with pytest.raises(BadInput) as refused:
        Register.load(inventory).database("db-01", "postgresql", "5432", "siakk")
    assert "database 'postgresql:5432 siakk' is not registered on db-01" in str(refused.value)
    assert "Did you mean 'postgresql:5432 siak'?" in str(refused.value)


def test_a_database_of_another_instance_is_refused(inventory: Path) -> None:
    with pytest.raises(BadInput, match="is not registered on db-01"):
        Register.load(inventory).database("db-01", "postgresql", "5433", "siak")


def test_a_server_that_is_not_in_operation_is_refused(inventory: Path) -> None:
    with pytest.raises(BadInput, match="db-02 is not in operation: the asset register says maintenance"):
        Register.load(inventory).database("db-02", "postgresql", "5432", "siak")


def test_no_inventory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="there is no such inventory"):
        Register.load(tmp_path / "inventory")


WRONG = {
    "typo in a field": (
        "status: in_operation",
        "sttus: in_operation",
        ["servers.yml:8:16: db-01: cadangan_asset.sttus: is not a field here. Did you mean 'status'?"],
    ),
    "name of the server": (
        "status: in_operation",
        "status: in_operation\n        host: db-02",
        ["servers.yml:9:15: db-01: cadangan_asset.host: is not a field here: the key above is the server's name"],
    ),
    "unknown status": (
        "status: in_operation",
        "status: running",
        ["servers.yml:8:17: db-01: cadangan_asset.status: must be 'planned', 'in_operation'", "not 'running'"],
    ),
    "port without quotes": (
        '"5432"',
        "5432",
        ["servers.yml:11:44: db-01: cadangan_asset.databases[1].instance: must be text; put it in quotes"],
    ),
    "database twice": ("pajak, agency: bppkad", "siak", ["databases: postgresql:5432 siak is there twice"]),
    "asset number twice": ('"0002"', '"0001"', ["db-01 and db-02 have the same asset number 0001"]),
    "no object": ("cadangan_asset: {number", "cadangan_asset: [number", ["servers.yml"]),
    "a word": ("web-01: {}", "web-01: {cadangan_asset: yes}", ["web-01: cadangan_asset"]),
    "host twice": ("db-02:", "db-01:", ["servers.yml:14:5: 'db-01' is there twice"]),
    "not YAML": ("web-01: {}", "web-01: {", ["servers.yml:17:1: "]),
    "relative root": ("*", "{root: srv}", ["cadangan_asset.repository.root: must be an absolute path"]),
    "no root": ("*", "{reserve: 1 GB}", ["cadangan_asset.repository.root: is missing"]),
    "typo in a repository": (
        "*",
        "{root: /srv/sets, quota: 1 GB}",
        ["servers.yml:8:46: db-01: cadangan_asset.repository.quota: is not a field here. Did you mean"],
    ),
    "bytes": (
        "*",
        "{root: /srv/sets, reserve: 500}",
        ["cadangan_asset.repository.reserve: must be a size like 500 MB, 50 GB or 1.5 TB, not 500"],
    ),
    "unknown unit": ("*", "{root: /srv/sets, reserve: 5 GiB}", ["must be a size like", "not '5 GiB'"]),
    "no quota": ("*", "{root: /srv/sets, daily_quota: 0 GB}", ["repository.daily_quota: input should be greater"]),
    "option as address": (
        "*",
        "{root: /srv/sets, address: -oProxyCommand=x}",
        ["cadangan_asset.repository.address: must be a host name or an IP address, not '-oProxyCommand=x'"],
    ),
    "no port": ("*", "{root: /srv/sets, port: 0}", ["cadangan_asset.repository.port: input should be greater"]),
    "no length of time": (
        "name: siak}",
        "name: siak, objectives: {recovery_point: daily}}",
        ["objectives.recovery_point: must be a length of time like 30 min, 24 h or 7 d, not 'daily'"],
    ),
    "a length of nothing": ("name: siak}", "name: siak, objectives: {recovery_time: 0 h}}", ["not '0 h'"]),
    "a number alone": ("name: siak}", "name: siak, objectives: {recovery_time: 24}}", ["not 24"]),
    "typo in the objectives": (
        "name: siak}",
        "name: siak, objectives: {rpo: 24 h}}",
        ["databases[1].objectives.rpo: is not a field here"],
    ),
    "vaulted": (
        "Server satu",
        "!vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          3030",
        ["cadangan_asset.name: must be text"],
    ),
}


@pytest.mark.parametrize(("old", "new", "says"), WRONG.values(), ids=WRONG)
def test_wrong_inventory_is_refused(inventory: Path, old: str, new: str, says: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        load(inventory, old, new)
    for words in says:
        assert words in str(refused.value)


def test_a_broken_file_of_variables_is_refused(inventory: Path) -> None:
    (inventory / "group_vars").mkdir()
    (inventory / "group_vars" / "all.yml").write_text("a: [\n")
    with pytest.raises(BadInput, match=r"group_vars/all\.yml:2:1"):
        Register.load(inventory)


def test_ansible_is_left_as_it_was(inventory: Path) -> None:
    from ansible import constants

    before = constants.INVENTORY_ANY_UNPARSED_IS_FAILED
    Register.load(inventory)
    assert before == constants.INVENTORY_ANY_UNPARSED_IS_FAILED
    assert "ANSIBLE_DUPLICATE_YAML_DICT_KEY" not in os.environ
