"""`cadangan register reconcile` and `add`, as they are typed; Ansible's answers are given."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from cadangan.evidence.journal import Journal
from cadangan.execution import asset_facts
from cadangan.execution.runner import PlaybookRun
from cadangan.register.new_office import write_example_office
from cadangan.register.reconciliations import Reconciliations
from support.command_line import types

AT = "2026-11-25T02:06:37Z"
SERVERS = """\
servers:
  hosts:
    db-01:   # in rack 1
      ansible_host: 192.0.2.11
      cadangan_asset:
        number: "0001"
        name: Server satu
        status: in_operation
        agency: disdukcapil
        machine: {cpus: 4}
        databases:
          - {engine: postgresql, instance: "5432", name: siak}
    db-02:
      cadangan_asset: {number: "0002", name: Server dua, status: in_operation, agency: disdukcapil}
"""
POSTGRESQL = {"engine": "postgresql", "product": "PostgreSQL", "instance": "5432", "version": "15.18"}
SIAK = {**POSTGRESQL, "databases": [{"name": "siak", "size": 5 * 10**9}]}

Answers = Callable[..., None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    office = tmp_path / "kudus"
    write_example_office(office, date(2026, 11, 25))
    shutil.rmtree(office / "inventory")
    (office / "inventory").mkdir()
    (office / "inventory" / "servers.yml").write_text(SERVERS)
    return office


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """What each host answers from now on: facts, or the failure that Ansible tells."""

    def set_answers(**hosts: Any) -> None:
        run = PlaybookRun("successful", 0)
        for name, answer in hosts.items():
            host = name.replace("_", "-")
            if isinstance(answer, str):
                run.failures[host] = answer
            else:
                run.results[host] = {asset_facts.TASK: {"asset": {"at": AT, **answer}}}
        monkeypatch.setattr(asset_facts, "run_playbook", lambda *args, **options: run)

    return set_answers


def cadangan(root: Path, *arguments: str, status: int = 0) -> str:
    return types("--office", str(root), "register", *arguments, status=status)


def test_all_fits(root: Path, answers: Answers) -> None:
    answers(db_01={"machine": {"cpus": 4}, "instances": [SIAK]}, db_02={})
    assert cadangan(root, "reconcile") == "db-01: fits\ndb-02: fits\n"


def test_what_does_not_fit_is_told_kept_and_in_the_journal(root: Path, answers: Answers) -> None:
    answers(
        db_01={"machine": {"cpus": 8}, "instances": [{**SIAK, "databases": [{"name": "siak"}, {"name": "gelap"}]}]},
        db_02="Task failed: Failed to connect to the host via ssh: No route to host\nmore",
    )
    said = cadangan(root, "reconcile", status=1)
    assert said.startswith(
        "db-01: differs\n"
        "  machine.cpus: registered 4, found 8\n"
        "db-02: unreachable: Failed to connect to the host via ssh: No route to host; nothing was ever known of it\n"
        "not registered on db-01: postgresql:5432 gelap\n"
    )
    kept = Reconciliations(root / "reconcile").newest()
    assert kept is not None
    journal = Journal.look_into(f"sqlite:///{root / 'journal.db'}")
    [entry] = [row.content for row in journal.of_types(["reconciled"])]
    assert entry["result"] == canonical.digest(kept.to_bytes())
    assert (entry["fits"], entry["differs"], entry["unreachable"]) == (0, 1, 1)
    assert (entry["unregistered_databases"], entry["unregistered_hosts"]) == (1, 0)


def test_last_known_facts_outlive_the_server(root: Path, answers: Answers) -> None:
    answers(db_01={"machine": {"cpus": 8}, "instances": [SIAK]}, db_02={})
    cadangan(root, "reconcile", status=1)
    answers(db_01="Timed out after 150 second(s).", db_02={})
    said = cadangan(root, "reconcile", "db-01", status=1)
    assert "db-01: unreachable: it did not answer in time; last known at 20" in said
    assert "  machine.cpus: registered 4, found 8\n" in said
    assert "db-02" not in said


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("The module interpreter '/usr/bin/python3' was not found.", "it has no Python that Ansible finds"),
        ({"hostname": "\x1b[31mdb"}, "its answer can not be used: field hostname holds a character"),
        ("\x1b[31mbad", "'\\x1b[31mbad'"),
    ],
)
def test_hosts_that_lie_or_have_no_python(root: Path, answers: Answers, failure: Any, told: str) -> None:
    answers(db_01=failure)
    assert f"db-01: unreachable: {told}" in cadangan(root, "reconcile", "db-01", status=1)


def test_a_host_that_is_not_registered_is_told_with_the_nearest(root: Path) -> None:
    assert "Did you mean 'db-01'?" in cadangan(root, "reconcile", "db-1", status=2)


def test_ansible_that_asked_nobody_is_no_result(root: Path, answers: Answers) -> None:
    answers()
    assert "Ansible asked no server at all" in cadangan(root, "reconcile", status=1)
    assert not (root / "reconcile").exists()


def test_sources_are_asked_for_the_whole_register_only(root: Path, answers: Answers) -> None:
    with (root / "office.yml").open("a") as file:
        file.write(
            "register_sources:\n"
            "  - {name: Daftar VM, machines: vm.csv, name_column: VM, address_column: IP}\n"
            "  - {name: DNS, zone: zona.txt}\n"
        )
    (root / "vm.csv").write_text("VM;IP\nlama;192.0.2.11\ngelap;192.0.2.66\n")
    answers(db_01={"machine": {"cpus": 4}, "instances": [SIAK]}, db_02={})
    said = cadangan(root, "reconcile", status=1)
    assert "host not registered: gelap (192.0.2.66), known to Daftar VM\n" in said
    assert "lama" not in said
    assert "source not read: DNS: zona.txt: there is no such file in the office's folder\n" in said
    assert "gelap" not in cadangan(root, "reconcile", "db-01")


def test_a_wrong_source_is_told_with_its_place(root: Path) -> None:
    with (root / "office.yml").open("a") as file:
        file.write("register_sources:\n  - {name: Jaringan, ranges: [10.0.0.0/8]}\n")
    assert "register_sources[1].ranges[1]: 10.0.0.0/8 has more than 4096 addresses" in cadangan(
        root, "reconcile", status=2
    )


NEW = ("--number", "0003", "--name", "Server tiga", "--agency", "dpmptsp", "--status", "in_operation")


def test_an_entry_is_proposed_and_written_only_when_asked(root: Path, answers: Answers) -> None:
    answers(
        db_03={
            "machine": {"kind": "virtual", "cpus": 2, "memory": 4_111_000_000},
            "operating_system": {"name": "Debian GNU/Linux", "version": "12.7"},
            "addresses": ["192.0.2.13"],
            "instances": [
                {**POSTGRESQL, "databases": [{"name": "perizinan", "size": 250_000}, {"name": "{{ x }}"}]},
                {**POSTGRESQL, "instance": "5433", "unseen": "it did not answer within 10 s"},
            ],
            "others": [{"product": "MongoDB"}],
        }
    )
    command = ("add", "db-03", "--address", "192.0.2.13", *NEW, "--since", "2026-01-05")
    said = cadangan(root, *command)
    assert (root / "inventory" / "servers.yml").read_text() == SERVERS
    assert '+        number: "0003"\n' in said
    assert "not proposed: postgresql:5432 {{ x }}: Ansible would run the name as a template\n" in said
    assert "not proposed: postgresql:5433: it did not answer within 10 s\n" in said
    assert "not proposed: MongoDB: there is no engine for it\n" in said
    assert "Nothing was changed." in said
    assert "Written to" in cadangan(root, *command, "--write")
    text = (root / "inventory" / "servers.yml").read_text()
    assert text.startswith(SERVERS)
    entry = yaml.safe_load(text)["servers"]["hosts"]["db-03"]
    assert entry["ansible_host"] == "192.0.2.13"
    assert entry["cadangan_asset"]["machine"] == {"kind": "virtual", "cpus": 2, "memory": "4.111 GB"}
    assert str(entry["cadangan_asset"]["life"]["in_operation"]) == "2026-01-05"
    assert entry["cadangan_asset"]["databases"] == [
        {"engine": "postgresql", "instance": "5432", "name": "perizinan", "version": "15"}
    ]
    # What was proposed fits what it was proposed from.
    assert "db-03: fits\n" in cadangan(root, "reconcile", "db-03", status=1)


def test_a_server_that_is_not_there_yet_is_put_in_without_asking(root: Path, answers: Answers) -> None:
    answers(db_03="No route to host")
    planned = ("add", "db-03", "--number", "0003", "--name", "Server tiga", "--agency", "dpmptsp")
    said = cadangan(root, *planned, status=1)
    assert "db-03 can not be asked: No route to host" in said
    assert "--do-not-ask" in said
    assert "+        status: planned\n" in cadangan(root, *planned, "--do-not-ask", "--write")
    told = json.loads(
        types("--json", "--office", str(root), "register", "add", "db-04", *NEW, "--number", "0004", "--do-not-ask")
    )
    assert (told["written"], told["left_out"]) == (False, [])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("db-01", *NEW), "server db-01 is in the register already"),
        (("a;b", *NEW), "'a;b' can not be the name or address of a server"),
        (("db-03", *NEW, "--address", "{{ x }}"), "can not be the name or address of a server"),
        (("db-03", *NEW, "--agency", "dpmptp"), "Did you mean 'dpmptsp'?"),
        (("db-03", *NEW, "--name", ""), "name: must not be empty"),
        (("db-03", *NEW, "--number", "0001"), "db-01 has the asset number 0001 already"),
    ],
)
def test_what_can_not_be_an_entry_is_refused(
    root: Path, answers: Answers, arguments: tuple[str, ...], complaint: str
) -> None:
    answers(db_03={})
    assert complaint in cadangan(root, "add", *arguments, status=2)
    assert (root / "inventory" / "servers.yml").read_text() == SERVERS
