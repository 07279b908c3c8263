"""`register check`: every fault at once, each with its place, and what is missing by how grave that is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from cadangan.errors import Missing
from cadangan.register.check import Checked, Finding, check_register

TODAY = date(2026, 11, 25)
AGENCIES = ["disdukcapil", "dpmptsp"]
ENGINES = ["postgresql", "sqlite"]

SERVERS = """\
servers:
  hosts:
    db-01:
      ansible_host: 192.0.2.1
      cadangan_asset:
        number: "0001"
        name: Server satu
        status: in_operation
        life: {planned: 2023-11-01, in_operation: 2024-01-15}
        agency: disdukcapil
        application: Kependudukan
        owner: {position: Sekretaris, nip: "196801011990032001"}
        administrator: {position: Kepala Seksi, nip: "196801011990032002"}
        location: Rak 1
        category: high
        classification: {confidentiality: high, integrity: high, availability: moderate}
        personal_data: specific
        machine: {kind: physical, model: X, serial: S-1, cpus: 8, memory: 32 GB, disk: 2 TB}
        operating_system: {name: Debian, version: "12"}
        addresses: [192.0.2.1, 198.51.100.1]
        support: [{what: hardware, until: 2030-01-01}]
        databases:
          - engine: postgresql
            instance: "5432"
            name: siak
            application: SIAK
            version: "15"
            size: 20 GB
            objectives: {recovery_point: 24 h, recovery_time: 4 h}
    db-02:
      ansible_host: 192.0.2.2
      cadangan_asset: {number: "0002", name: Dua, status: retired, life: {retired: 2020-01-01}, agency: dpmptsp}
"""


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = tmp_path / "inventory"
    folder.mkdir()
    (folder / "servers.yml").write_text(SERVERS)
    return folder


def check(inventory: Path, *changes: tuple[str, str]) -> Checked:
    """What is found with each old text replaced by the new one."""
    text = (inventory / "servers.yml").read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (inventory / "servers.yml").write_text(text)
    return check_register(inventory, AGENCIES, ENGINES, TODAY)


def line(found: Finding) -> str:
    where = found.where.rpartition("/")[2]
    return f"{found.grade} {where} {found.host} {found.field.removeprefix('cadangan_asset.')}: {found.what}"


def test_a_register_that_is_right_and_complete(inventory: Path) -> None:
    assert check(inventory) == Checked(2, ())


ONE = {
    "unknown field": (
        'number: "0001"',
        'number: "0001"\n        catgory: high',
        "wrong servers.yml:7:18 db-01 catgory: is not a field here. Did you mean 'category'?",
    ),
    "no agency": ("        agency: disdukcapil\n", "", "wrong servers.yml:6:9 db-01 agency: is missing"),
    "unknown agency": (
        "agency: disdukcapil",
        "agency: dukcapil",
        "wrong servers.yml:10:17 db-01 agency: 'dukcapil' is not in office.yml. Did you mean 'disdukcapil'?",
    ),
    "unknown agency of a database": (
        "            name: siak",
        "            name: siak\n            agency: dinkes",
        "wrong servers.yml:26:21 db-01 databases[1].agency: 'dinkes' is not in office.yml. "
        "Known: disdukcapil, dpmptsp.",
    ),
    "unknown engine": (
        "engine: postgresql",
        "engine: postgres",
        "grave servers.yml:23:21 db-01 databases[1].engine: there is no engine 'postgres' to back it up. "
        "Did you mean 'postgresql'?",
    ),
    "no date of its status": (
        ", in_operation: 2024-01-15",
        "",
        "grave servers.yml:9:15 db-01 life.in_operation: is missing: since when the server is in operation",
    ),
    "retired without a date": (
        "life: {retired: 2020-01-01}, ",
        "",
        "wrong servers.yml:32:23 db-02 life.retired: is missing: since when the server is retired",
    ),
    "dates out of order": (
        "planned: 2023-11-01",
        "planned: 2024-02-01",
        "wrong servers.yml:9:51 db-01 life.in_operation: 2024-01-15 lies before life.planned, 2024-02-01",
    ),
    "a date that has not come": (
        "in_operation: 2024-01-15",
        "in_operation: 2027-01-15",
        "wrong servers.yml:9:51 db-01 life.in_operation: lies in the future, but the status is in_operation",
    ),
    "a later stage was reached": (
        "in_operation: 2024-01-15",
        "in_operation: 2024-01-15, retired: 2025-01-01",
        "wrong servers.yml:9:72 db-01 life.retired: was on 2025-01-01, but the status is in_operation",
    ),
    "no date": (
        "in_operation: 2024-01-15",
        "in_operation: 2024-13-15",
        "wrong servers.yml:9:51  : can not be read: '2024-13-15'",
    ),
    "no owner": (
        '        owner: {position: Sekretaris, nip: "196801011990032001"}\n',
        "",
        "grave servers.yml:6:9 db-01 owner: is missing",
    ),
    "no category": ("        category: high\n", "", "grave servers.yml:6:9 db-01 category: is missing"),
    "no objective": (
        "recovery_point: 24 h, ",
        "",
        "grave servers.yml:29:25 db-01 databases[1].objectives.recovery_point: is missing",
    ),
    "support has ended": (
        "until: 2030-01-01",
        "until: 2026-11-24",
        "grave servers.yml:21:43 db-01 support[1].until: the support of hardware ended on 2026-11-24",
    ),
    "support ends soon": (
        "until: 2030-01-01",
        "until: 2026-12-24",
        "minor servers.yml:21:43 db-01 support[1].until: the support of hardware ends on 2026-12-24",
    ),
    "no serial": ("serial: S-1, ", "", "minor servers.yml:18:18 db-01 machine.serial: is missing"),
    "an address twice": (
        "ansible_host: 192.0.2.2",
        "ansible_host: 198.51.100.1",
        None,
    ),
    "a number twice": (
        'number: "0002"',
        'number: "0001"',
        "wrong servers.yml:32:32 db-02 number: 0001 is also the number of db-01",
    ),
}


@pytest.mark.parametrize(("old", "new", "says"), ONE.values(), ids=ONE)
def test_one_thing_is_found_with_its_place(inventory: Path, old: str, new: str, says: str | None) -> None:
    assert [line(found) for found in check(inventory, (old, new)).findings] == ([says] if says else [])


def test_everything_is_found_at_once(inventory: Path) -> None:
    found = check(
        inventory,
        ("agency: disdukcapil", "agncy: disdukcapil"),
        ("high, integrity: high", "secret, integrity: high"),
        ("memory: 32 GB", "memory: 32"),
        ("life: {retired: 2020-01-01}, ", ""),
    )
    assert [line(each).partition(": ")[0] for each in found.findings] == [
        "wrong servers.yml:6:9 db-01 agency",
        "wrong servers.yml:10:16 db-01 agncy",
        "wrong servers.yml:16:43 db-01 classification.confidentiality",
        "wrong servers.yml:18:75 db-01 machine.memory",
        "wrong servers.yml:32:23 db-02 life.retired",
    ]
    assert found.worst == "wrong"


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("192.0.2.1", "wrong servers.yml:32:23 db-02 ansible_host: 192.0.2.1 is also an address of db-01"),
        ("192.0.2.2\n      ansible_port: 22", None),
        ("192.0.2.1\n      ansible_port: 2222", None),
        ("FD00::1", None),
    ],
)
def test_two_servers_do_not_share_an_address(inventory: Path, new: str, says: str | None) -> None:
    found = check(
        inventory,
        ("ansible_host: 192.0.2.2", f"ansible_host: {new}"),
        ("status: retired, life: {retired: 2020-01-01}", "status: planned, life: {planned: 2020-01-01}"),
    )
    assert [line(each) for each in found.findings] == ([says] if says else [])


def test_a_registered_address_belongs_to_one_server(inventory: Path) -> None:
    found = check(
        inventory,
        ("status: retired, life: {retired: 2020-01-01}", "status: planned, life: {planned: 2020-01-01}"),
        ("agency: dpmptsp}", "agency: dpmptsp, addresses: [198.51.100.1]}"),
    )
    assert [line(each) for each in found.findings] == [
        "wrong servers.yml:32:23 db-02 addresses[1]: 198.51.100.1 is also an address of db-01"
    ]


def test_two_files_for_one_server(inventory: Path) -> None:
    (inventory / "host_vars").mkdir()
    (inventory / "host_vars" / "db-02.yml").write_text(
        "cadangan_asset: {number: '9', name: a, status: planned, life: {planned: 2020-01-01}, agency: dpmptsp}\n"
    )
    (found,) = check(inventory).findings
    assert line(found).startswith("wrong db-02.yml:1:17 db-02 cadangan_asset: the server is registered more than once")
    assert f"also at {inventory}/servers.yml:32:23. Keep one of them." in found.what


def test_a_server_has_its_file_by_its_whole_name(inventory: Path) -> None:
    (inventory / "host_vars").mkdir()
    (inventory / "host_vars" / "db.kudus.go.id").write_text(
        "cadangan_asset: {number: '9', name: a, status: planned, agency: dpmptsp}\n"
    )
    (inventory / "more.yml").write_text("others: {hosts: {db.kudus.go.id: }}\n")
    assert [line(each) for each in check(inventory).findings] == [
        "minor db.kudus.go.id:1:17 db.kudus.go.id life.planned: is missing: since when the server is planned"
    ]


def test_broken_files_are_told_together_with_the_rest(inventory: Path) -> None:
    (inventory / "a.yml").write_text("a: [\n")
    (inventory / "b.yml").write_bytes(b"a: \xff\n")
    (inventory / "group_vars").mkdir()
    (inventory / "group_vars" / "all.yml").write_text("a: {\n")
    found = check(inventory, ("        category: high\n", ""))
    assert found.assets == 2
    assert [line(each).partition(" ")[2] for each in found.findings] == [
        "a.yml:2:1  : did not find expected node content Correct the YAML there; indentation and quotes are the usual "
        "cause.",
        "b.yml:1  : is not UTF-8 text Save it as UTF-8.",
        "all.yml:2:1  : did not find expected node content Correct the YAML there; indentation and quotes are the "
        "usual cause.",
        "servers.yml:6:9 db-01 category: is missing",
    ]


def test_what_ansible_refuses_is_told(inventory: Path) -> None:
    (inventory / "more.yml").write_text("others: {hosts: [db-09]}\n")
    found = check(inventory)
    assert found.assets == 2
    (refused,) = found.findings
    assert (refused.grade, refused.where) == ("wrong", str(inventory))
    assert "Ansible cannot read the inventory" in refused.what


def test_an_inventory_that_only_ansible_reads_is_checked_too(inventory: Path) -> None:
    (inventory / "hosts.ini").write_text("[web]\nweb-[01:02]\n")
    found = check(inventory, ("        category: high\n", ""))
    assert [line(each) for each in found.findings] == ["grave servers.yml:6:9 db-01 category: is missing"]


def test_a_planned_server_needs_little(inventory: Path) -> None:
    (inventory / "more.yml").write_text(
        "others: {hosts: {new-01: {cadangan_asset: {number: '9', name: a, status: planned, agency: dpmptsp}}}}\n"
    )
    (found,) = check(inventory).findings
    assert (found.grade, found.field) == ("minor", "cadangan_asset.life.planned")


def test_no_inventory(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        check_register(tmp_path / "inventory", AGENCIES, ENGINES, TODAY)
