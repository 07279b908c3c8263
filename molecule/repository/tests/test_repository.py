"""The repository host after backups, a restore and a broken connection; what root on a database server can do to it."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import ACCOUNT
from support.office import Office
from support.scenario import FOLDER, address, on, psql

APP, PG, ARSIP = "cadangan-repo-app", "cadangan-repo-pg", "cadangan-repo-arsip"
ADDRESS = address(ARSIP)
OFFICE = Office(FOLDER)
CASES: dict[str, Any] = json.loads((FOLDER / "cases.json").read_text())
OPTIONS = [
    *("-F", "/dev/null", "-i", "/etc/cadangan/asset_key"),
    *("-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
]


@functools.cache
def sets() -> list[str]:
    """The ids of the published sets on the repository host."""
    found = on(ARSIP, "find", "/srv/arsip", "-name", "manifest.json", "-printf", "%P\n").split()
    return sorted(name.rpartition("/")[0] for name in found if ".partial/" not in name)


def stored() -> list[str]:
    """Everything on the repository host's disk for sets: name, size, and when it or its rights last changed."""
    own = ["-path", "/srv/arsip/.senders", "-prune", "-o"]  # what it remembers of each sender
    found = on(ARSIP, "find", "/srv/arsip", "-mindepth", "1", *own, "-printf", "%P %s %m %i %T@ %C@\n")
    return sorted(found.splitlines())


def recap(said: str) -> dict[str, dict[str, int]]:
    """What each host's line of the recap counts."""
    lines = re.findall(r"^(\w+) +: (ok=.*)$", said, re.M)
    return {host: {word: int(number) for word, number in re.findall(r"(\w+)=(\d+)", counts)} for host, counts in lines}


def as_root_on_a_server(*command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """What whoever took over the database server `app` can run there, with the key that lies there."""
    argv = ["podman", "exec", "--interactive", APP, "timeout", "8", *command]
    return subprocess.run(argv, input=text, capture_output=True, text=True, check=False)


def sender(*options: str, command: str = "", text: str = "") -> subprocess.CompletedProcess[str]:
    """A connection to the repository host with the server's own key."""
    where = [f"{ACCOUNT}@{ADDRESS}"] + ([command] if command else [])
    return as_root_on_a_server("ssh", *OPTIONS, *options, *where, text=text)


def asks(**request: str) -> list[dict[str, Any]]:
    """The answers to a request of the protocol, after the greeting."""
    lines = [canonical.dumps({"op": "hello", "protocol": 1}), canonical.dumps(request)]
    answered = sender(text=b"".join(lines).decode("ascii")).stdout.splitlines()
    answers: list[dict[str, Any]] = [json.loads(line) for line in answered]
    return answers[1:]


def test_check_mode_changed_nothing_and_showed_what_it_would() -> None:
    assert CASES["check changed nothing"]
    assert "+    AuthorizedKeysFile /etc/cadangan/repository_authorized_keys" in CASES["said"]["check"]


def test_onboarding_again_changed_nothing() -> None:
    counts = recap(CASES["said"]["again"])
    assert counts.keys() >= {"app", "pg", "arsip"}
    assert {(count["changed"], count["failed"]) for count in counts.values()} == {(0, 0)}


def test_the_doctor_says_what_room_each_has() -> None:
    rooms = re.findall(r"^ok +(.*): .*; room in ssh://arsip: [0-9.]+ [GT]B$", CASES["said"]["doctor"], re.M)
    assert rooms == ["this machine at the repository host", "server app", "server arsip", "server pg"]


def test_sets_are_on_the_repository_host_and_nowhere_else() -> None:
    assert [name.split("/")[1] for name in sets()] == ["app", "app", "pg"]
    for server in (APP, PG):
        assert on(server, "find", "/srv", "/var/lib/cadangan", "-name", "*.age").splitlines() == []


def test_only_the_account_can_read_them() -> None:
    assert on(ARSIP, "find", "/srv/arsip", "!", "-user", ACCOUNT, "-o", "-perm", "/077").splitlines() == []


def test_every_set_has_a_receipt_for_its_manifest() -> None:
    for set_id in sets():
        receipt = json.loads(on(ARSIP, "cat", f"/srv/arsip/{set_id}/receipt.json"))
        manifest = on(ARSIP, "cat", f"/srv/arsip/{set_id}/manifest.json")
        assert (receipt["type"], receipt["set"]) == ("receipt", set_id)
        assert receipt["manifest"] == canonical.digest(manifest.encode("ascii"))


def test_the_repository_host_itself_removed_what_was_decided_on() -> None:
    (outcome,) = [entry for entry in OFFICE.entries("outcome") if entry["case"] == CASES["disposal"]]
    assert (outcome["asset"], outcome["result"]) == ("arsip", "done")
    assert CASES["backup"] in outcome["facts"]["set"]
    assert outcome["facts"]["set"] not in sets()


def test_the_damaged_database_came_back() -> None:
    rows = on(APP, "sqlite3", "-readonly", "/srv/app/antrean.db", "SELECT count(*), sum(id) FROM antrean").strip()
    assert rows == "5000|12502500"
    # The drill touched nothing.
    assert psql(PG, "layanan", "SELECT count(*) FROM berkas").strip() == "7"


def test_the_newest_sets_left_on_a_disk() -> None:
    assert [name.split("/")[1] for name in CASES["copied"]["copied"]] == ["app", "pg"]
    assert CASES["copied"]["failed"] == {}


def test_an_empty_control_host_took_them_in_from_there() -> None:
    assert CASES["imported"]["taken"] == CASES["copied"]["copied"]
    assert [each["asset"] for each in CASES["imported"]["unknown_keys"]] == ["app", "pg"]


def test_what_the_repository_lost_was_told_and_came_back_from_the_disk() -> None:
    (lost,) = [name for name in CASES["copied"]["copied"] if name.split("/")[1] == "pg"]
    assert f"{lost}: missing in every repository" in CASES["said"]["lost"]
    assert lost in CASES["said"]["not there"]
    assert lost in sets()
    (outcome,) = [entry for entry in OFFICE.entries("outcome") if entry["case"] == CASES["drill"]]
    assert (outcome["result"], outcome["facts"]["set"]) == ("done", lost)


def test_the_backup_that_was_broken_off_was_done_all_the_same() -> None:
    (outcome,) = [entry for entry in OFFICE.entries("outcome") if entry["case"] == CASES["broken off"]]
    assert outcome["result"] == "done"
    assert outcome["facts"]["attempts"] > 1
    assert on(ARSIP, "find", "/srv/arsip", "-name", "*.partial").splitlines() == []


def test_the_account_can_change_nothing_by_which_it_is_let_in() -> None:
    assert on(ARSIP, "getent", "shadow", ACCOUNT).split(":")[1] == "*"
    home = on(ARSIP, "getent", "passwd", ACCOUNT).split(":")[5]
    assert on(ARSIP, "find", home, "/etc/cadangan", "-user", ACCOUNT, "-o", "-perm", "/022").splitlines() == []


def test_every_key_is_bound_to_one_program() -> None:
    lines = on(ARSIP, "cat", "/etc/cadangan/repository_authorized_keys").splitlines()
    bound = [line.partition('" ssh-ed25519 ')[0].rpartition("repository.py ")[2] for line in lines]
    assert bound == ["sender app", "sender arsip", "sender pg", "operator"]
    assert all(line.startswith('restrict,command="/usr/bin/python3 -I ') for line in lines)


def test_a_changed_host_key_is_told_with_what_to_do() -> None:
    said = CASES["said"]["other host key"]
    assert "arsip shows another key than the one that was pinned" in said
    assert "If it was installed anew, onboard it again." in said


@pytest.mark.parametrize("command", ["sh", "cat /etc/cadangan/repository.json", "; id", "$(id)"])
def test_root_on_a_server_gets_no_other_command(command: str) -> None:
    # It is let in, but to the program, which ends when nothing is asked of it.
    said = sender(command=command)
    assert (said.returncode, said.stdout) == (0, "")


def test_root_on_a_server_gets_no_terminal() -> None:
    assert "PTY allocation request failed" in sender("-tt").stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("-W", "127.0.0.1:22"), "administratively prohibited"),
        (("-N", "-o", "ExitOnForwardFailure=yes", "-R", "2200:127.0.0.1:22"), "remote port forwarding failed"),
    ],
    ids=["there", "back"],
)
def test_root_on_a_server_gets_nothing_forwarded(options: tuple[str, ...], says: str) -> None:
    said = sender(*options)
    assert said.returncode == 255
    assert says in said.stderr


@pytest.mark.parametrize("protocol", ["-O", "-s"], ids=["scp", "sftp"])
def test_root_on_a_server_gets_no_file(protocol: str) -> None:
    path = f"/srv/arsip/{sets()[0]}/key.age"
    said = as_root_on_a_server("scp", protocol, *OPTIONS, f"{ACCOUNT}@{ADDRESS}:{path}", "/root/loot")
    assert said.returncode != 0
    # It was let in: the program answered, which speaks neither.
    assert not any(words in said.stderr for words in ("Permission denied", "No such file", "usage:"))
    assert as_root_on_a_server("test", "-e", "/root/loot").returncode == 1


@pytest.mark.parametrize("account", ["root", "petugas"])
def test_the_key_opens_no_other_account(account: str) -> None:
    said = as_root_on_a_server("ssh", *OPTIONS, f"{account}@{ADDRESS}", "id")
    assert (said.returncode, said.stdout) == (255, "")
    assert "Permission denied" in said.stderr


REQUESTS: dict[str, dict[str, str]] = {
    "list": {"op": "list"},
    "names": {"op": "names"},
    "names of a set": {"op": "names", "set": "OWN"},
    "read": {"op": "get", "name": "key.age"},
    "read its own": {"op": "get", "set": "OWN", "name": "key.age"},
    "read another's": {"op": "get", "set": "OTHER", "name": "data.zst.age"},
    "read a file of the host": {"op": "get", "name": "../../../../../../../etc/passwd"},
    "measure": {"op": "measure", "name": "data.zst.age"},
    "fetch without a permit": {"op": "fetch", "permit": "e30K", "order": "e30K", "item": "1"},
    "write over": {"op": "begin", "set": "OWN"},
    "write for another": {"op": "begin", "set": "OTHER"},
    "write elsewhere": {"op": "begin", "set": "../../etc/cadangan/x/y"},
    "publish over": {"op": "publish", "set": "OWN", "manifest": "0" * 64},
    "change the key": {"op": "add_key", "set": "OWN"},
    "delete": {"op": "delete", "set": "OWN"},
    "remove": {"op": "remove", "set": "OWN", "name": "data.zst.age"},
    "write evidence": {"op": "put_evidence", "name": "20261125T020637Z-000000000000"},
    "list evidence": {"op": "list_evidence"},
    "read evidence": {"op": "get_evidence", "name": "x"},
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_root_on_a_server_can_only_add(request_: dict[str, str]) -> None:
    before = stored()
    own, other = (next(name for name in sets() if name.split("/")[1] == asset) for asset in ("app", "pg"))
    answers = asks(**{key: {"OWN": own, "OTHER": other}.get(value, value) for key, value in request_.items()})
    assert [answer["op"] for answer in answers] == ["refused"]
    assert stored() == before


def test_no_secret_is_on_the_repository_host_or_in_the_office() -> None:
    found = on(ARSIP, "sh", "-c", "grep -rslF AGE-SECRET-KEY /srv /etc/cadangan /var/log /tmp || true")
    assert found == ""
    assert (OFFICE.root / "repository_key").stat().st_mode & 0o777 == 0o600
