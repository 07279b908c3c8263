"""What a server tells of itself is taken only if it is of the right kind and size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import facts_machine, facts_processes, facts_servers
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_places import look_at
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_processes import Program
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_text import shown
from ansible_collections.diskominfo.cadangan.plugins.module_utils.time_limit import TooSlow, time_limit
from cadangan.errors import BadInput, WorkFailed
from cadangan.register.facts import read_facts
from cadangan.register.last_facts import KnownFacts, LastFacts
from hypothesis import given
from hypothesis import strategies as st

AT = "2026-11-25T02:06:37Z"
INSTANCE = {"engine": "postgresql", "product": "PostgreSQL", "instance": "5432"}


def answer(**changes: Any) -> dict[str, Any]:
    return {"at": AT, "hostname": "db", "machine": {"cpus": 4, "memory": 8 * 10**9}, **changes}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hostname": "db\x1b[2J"}, "hostname holds a character that does not print"),
        ({"hostname": "db\u202e"}, "hostname"),
        ({"hostname": ["db"]}, "hostname must be text"),
        ({"hostname": "x" * 501}, "hostname is too long: at most 500 characters"),
        ({"machine": {"cpus": "4"}}, "machine.cpus must be a whole number"),
        ({"machine": {"cpus": True}}, "machine.cpus"),
        ({"machine": {"memory": -1}}, "machine.memory"),
        ({"machine": {"memory": 2**70}}, "machine.memory"),
        ({"machine": {"kind": "toaster"}}, "machine.kind must be 'physical', 'virtual' or 'container'"),
        ({"addresses": ["10.0.0.1; rm -rf /"]}, r"addresses\[1\] must be an address"),
        ({"instances": [INSTANCE] * 201}, "instances is too long: at most 200 entries"),
        ({"instances": [{**INSTANCE, "databases": [{"name": ""}]}]}, r"instances\[1\].databases\[1\].name"),
        ({"at": "yesterday"}, "at must be a time"),
        ({"root": True}, "root is not a field here"),
    ],
)
def test_a_lie_is_told_with_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput, match=f"its answer can not be used: field {field}"):
        read_facts(answer(**changes))


@pytest.mark.parametrize("nothing", [None, [], "facts", 1])
def test_what_is_no_answer_is_refused(nothing: Any) -> None:
    with pytest.raises(BadInput, match="can not be used"):
        read_facts(nothing)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_answer_breaks_the_reader(value: Any) -> None:
    for key in ("hostname", "machine", "instances", "addresses", "unseen"):
        try:
            read_facts(answer(**{key: value}))
        except BadInput as error:
            assert error.message.isprintable()


def test_what_is_told_of_this_machine_can_be_read() -> None:
    instances, others = facts_servers.look({}, 1, 1)
    facts = read_facts({"at": AT, **facts_machine.system(), "instances": instances, "others": others})
    assert facts.hostname
    assert facts.machine.cpus
    assert facts.operating_system is not None
    assert "127.0.0.1" not in facts.addresses


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_what_is_shown_prints_and_travels(text: str) -> None:
    told = shown(text)
    assert told.isprintable() or not told
    json.dumps(told).encode("ascii")
    assert len(told) <= 100


def test_last_facts_are_kept_under_any_name(tmp_path: Path) -> None:
    last = LastFacts(tmp_path / "facts")
    known = KnownFacts(at=AT, facts=read_facts(answer()))
    for host in ("db-01", "../office", "a/b", ".."):
        assert last.of(host) is None
        last.keep(host, known)
        assert last.of(host) == known
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "facts"}


@pytest.mark.parametrize("damage", ["", "{}", "{\n", '{"at":"x","facts":{}}\n'])
def test_damaged_last_facts_are_told(tmp_path: Path, damage: str) -> None:
    (tmp_path / "db.json").write_text(damage)
    with pytest.raises(WorkFailed, match=r"db\.json is damaged"):
        LastFacts(tmp_path).of("db")


def test_places_are_told(tmp_path: Path) -> None:
    file = tmp_path / "data.db"
    file.write_bytes(b"x" * 100)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert look_at("sqlite", str(file), 5) == {
        "engine": "sqlite",
        "name": str(file),
        "found": True,
        "size": 100,
        "unseen": "",
    }
    assert look_at("files", str(tmp_path), 5)["size"] >= 100
    for missing in (tmp_path / "none", file / "below"):
        assert look_at("files", str(missing), 5)["found"] is False
    odd = look_at("files", f"{tmp_path}/\0", 5)
    assert (odd["found"], odd["name"]) == (None, f"{tmp_path}/\\x00")
    assert "can not be seen" in odd["unseen"]


def test_time_is_up() -> None:
    with pytest.raises(TooSlow), time_limit(0.01):
        while True:
            pass
    with time_limit(5):
        pass


@pytest.mark.parametrize(
    ("program", "command", "product"),
    [
        ("mongod", [], "MongoDB"),
        ("ora_pmon_ORCL", [], "Oracle Database"),
        ("java", ["-cp", "x", "org.apache.cassandra.service.CassandraDaemon"], "Apache Cassandra"),
        ("java", ["-jar", "application.jar"], None),
        ("bash", ["mongod"], None),
    ],
)
def test_other_products_are_noted(
    monkeypatch: pytest.MonkeyPatch, program: str, command: list[str], product: str | None
) -> None:
    monkeypatch.setattr(facts_servers, "running", lambda: [Program(7, program, 1, 0, "", command)])
    _instances, others = facts_servers.look({}, 1, 1)
    assert others == ([{"product": product, "container": ""}] if product else [])


def test_a_server_in_a_container_and_one_of_a_stranger_are_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    programs = [
        Program(7, "postgres", 1, 0, "0123456789ab", []),
        Program(8, "postgres", 7, 0, "0123456789ab", []),
        Program(9, "redis-server", 1, 64_321, "", []),
        Program(10, "mariadbd", 1, 64_321, "", []),
    ]
    monkeypatch.setattr(facts_servers, "running", lambda: programs)
    instances, _others = facts_servers.look({}, 1, 1)
    assert [(each["engine"], each["container"], each["unseen"]) for each in instances] == [
        ("postgresql", "0123456789ab", "it runs in a container (0123456789ab)"),
        ("redis", "", "it is run by the account 64321, which is not one of Redis"),
        ("mariadb", "", "it is run by the account 64321, which is not one of MariaDB"),
    ]


@pytest.mark.parametrize(
    ("cgroup", "container"),
    [
        ("0::/system.slice/postgresql@15-main.service", ""),
        (f"0::/machine.slice/libpod-{'ab' * 32}.scope/container", "ab" * 6),
        (f"12:pids:/docker/{'0c' * 32}", "0c" * 6),
        (f"0::/kubepods/burstable/pod1/{'1d' * 32}", "1d" * 6),
        ("0::/lxc.payload.web-01/system.slice", "web-01"),
    ],
)
def test_containers_are_known_by_their_cgroup(cgroup: str, container: str) -> None:
    found = facts_processes._CONTAINER.search(cgroup)
    assert ((found.group(1) or found.group(2)) if found else "") == container


@pytest.mark.parametrize(
    ("kernel", "address"),
    [
        ("0100007F:1538", ("127.0.0.1", 5432)),
        ("00000000:18EB", ("127.0.0.1", 6379)),
        ("0B010A0A:0CEA", ("10.10.1.11", 3306)),
        ("00000000000000000000000001000000:18EB", ("127.0.0.1", 6379)),
    ],
)
def test_addresses_of_the_kernel_are_read(kernel: str, address: tuple[str, int]) -> None:
    assert facts_processes._address(kernel) == address
