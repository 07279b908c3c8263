"""What a repository host is told, who is let in there, and what the journal keeps of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import KEPT, host_of
from cadangan.errors import BadInput
from cadangan.evidence.assets import asset_keys, repository_contacts
from cadangan.evidence.journal import Journal
from cadangan.execution.onboarding import write_onboarded
from cadangan.execution.repository_host import wanted_repository, write_repository
from cadangan.register.new_office import write_example_office
from cadangan.register.office import Office
from support.signed_office import Keyring

HOST = "arsip-kudus-01"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    write_example_office(tmp_path / "kudus", date(2026, 11, 25))
    return Office.load(tmp_path / "kudus")


@pytest.fixture
def journal(office: Office) -> Journal:
    return Journal.open(office.journal_url, office.id)


def onboard(journal: Journal, asset: str, key: str) -> None:
    write_onboarded(journal, asset, {"ledger": "l", "last": 0, "public_key": key, "trust_serial": 1})


def test_it_is_told_what_the_register_says(office: Office, journal: Journal, keyring: Keyring) -> None:
    for key in (keyring.public["tri"], keyring.public["tuti"]):
        onboard(journal, "db-kudus-01", key)
    wanted = wanted_repository(office, journal, HOST, make_key=False)
    document = shape.read(wanted["config"], KEPT, "repository.json")
    assert (wanted["root"], document["root"], document["name"]) == ("/srv/cadangan", "/srv/cadangan", HOST)
    assert (document["reserve_bytes"], document["daily_bytes"]) == (50 * 10**9, 500 * 10**9)
    keys = sorted([keyring.public["tri"], keyring.public["tuti"]])
    assert document["assets"] == [{"asset": "db-kudus-01", "keys": keys}]
    assert asset_keys(journal, "db-kudus-01") == keys


def test_servers_in_operation_are_let_in_by_their_newest_key(
    office: Office, journal: Journal, keyring: Keyring
) -> None:
    onboard(journal, "db-kudus-01", keyring.public["tri"])
    onboard(journal, "db-kudus-01", keyring.public["tuti"])
    onboard(journal, "app-kudus-01", keyring.public["sari"])
    onboard(journal, HOST, keyring.public["putra"])  # planned, by the register
    onboard(journal, "gone", keyring.public["putri"])  # in the register no more
    program = "/usr/bin/python3 -I /usr/local/lib/cadangan/repository.py sender"
    assert wanted_repository(office, journal, HOST, make_key=False)["authorized_keys"].splitlines() == [
        f'restrict,command="{program} app-kudus-01" {keyring.public["sari"]}',
        f'restrict,command="{program} db-kudus-01" {keyring.public["tuti"]}',
    ]


def test_the_operators_key_is_made_once(office: Office, journal: Journal) -> None:
    assert wanted_repository(office, journal, HOST, make_key=False)["authorized_keys"] == ""
    assert not office.repository_key.exists()
    first = wanted_repository(office, journal, HOST, make_key=True)
    assert office.repository_key.stat().st_mode & 0o777 == 0o600
    (line,) = first["authorized_keys"].splitlines()
    public = " ".join((office.root / "repository_key.pub").read_text().split()[:2])
    assert line == f'restrict,command="/usr/bin/python3 -I /usr/local/lib/cadangan/repository.py operator" {public}'
    assert wanted_repository(office, journal, HOST, make_key=True) == first


def test_a_server_without_a_repository_is_refused(office: Office, journal: Journal) -> None:
    with pytest.raises(BadInput, match=r"server db-kudus-01 keeps no repository\nGive .* cadangan_asset\.repository"):
        wanted_repository(office, journal, "db-kudus-01", make_key=True)
    assert not office.repository_key.exists()


def test_the_journal_keeps_how_it_is_reached(office: Office, journal: Journal, keyring: Keyring) -> None:
    key = keyring.public["tri"]
    assert write_repository(office, journal, HOST, "192.0.2.21", f"{key} root@arsip\n")
    assert repository_contacts(journal) == {
        HOST: {
            "asset": HOST,
            "address": "192.0.2.21",
            "port": 22,
            "account": "cadangan-repository",
            "host_keys": [key],
        }
    }
    assert not write_repository(office, journal, HOST, "192.0.2.21", key)
    assert write_repository(office, journal, HOST, "192.0.2.21", keyring.public["tuti"])
    assert repository_contacts(journal)[HOST]["host_keys"] == [keyring.public["tuti"]]


def test_the_register_may_give_senders_another_address(office: Office, journal: Journal, keyring: Keyring) -> None:
    servers = office.inventory / "servers.yml"
    servers.write_text(servers.read_text().replace("reserve: 50 GB", "address: 10.0.0.9\n          port: 2222", 1))
    write_repository(Office.load(office.root), journal, HOST, "192.0.2.21", keyring.public["tri"])
    contact = repository_contacts(journal)[HOST]
    assert (contact["address"], contact["port"]) == ("10.0.0.9", 2222)


@pytest.mark.parametrize(
    ("address", "host_key", "says"),
    [
        ("192.0.2.21", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==", "the host key of arsip-kudus-01 is of no use"),
        ("192.0.2.21", "", "the host key of arsip-kudus-01 is of no use"),
        ("-oProxyCommand=x", None, r"address is not a host name or an IP address"),
    ],
)
def test_what_can_not_be_pinned_is_refused(
    office: Office, journal: Journal, keyring: Keyring, address: str, host_key: str | None, says: str
) -> None:
    with pytest.raises((BadInput, Refused), match=says):
        write_repository(office, journal, HOST, address, keyring.public["tri"] if host_key is None else host_key)
    assert repository_contacts(journal) == {}


def test_an_entry_of_the_journal_is_what_formats_says(office: Office, journal: Journal, keyring: Keyring) -> None:
    write_repository(office, journal, HOST, "192.0.2.21", keyring.public["tri"])
    entry = list(journal.entries())[-1].content
    assert entry.keys() == {"type", "at", "asset", "address", "port", "account", "host_keys"}
    assert canonical.dumps(entry)


@pytest.mark.parametrize(
    ("place", "host"),
    [("ssh://arsip", "arsip"), ("/srv/cadangan", None), ("ssh://a/b", None), ("ssh://", None), ("ssh://-x", None)],
)
def test_a_place_names_its_host(place: str, host: str | None) -> None:
    assert host_of(place) == host
