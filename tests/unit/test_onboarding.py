"""What onboarding makes on a server, what it leaves alone, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, pinned, places, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.ledger import Ledger
from ansible_collections.diskominfo.cadangan.plugins.module_utils.onboarding import Onboarding
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import NAMESPACE

RECIPIENTS = [
    {"holder": "a", "key": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"},
    {"holder": "b", "key": "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"},
]


class TrustMaker:
    """Signs trust versions of one office with one trustee's key."""

    def __init__(self, folder: Path) -> None:
        self.key = folder / "trustee"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        self.public = sshsig.check_public_key(self.key.with_suffix(".pub").read_text())

    def chain(self, versions: int = 1, office: str = "kudus", seconds: int = 0) -> list[dict[str, Any]]:
        bundles: list[dict[str, Any]] = []
        for serial in range(1, versions + 1):
            document = {
                "type": "trust",
                "office": office,
                "journal": "6f1c1f9e-0000-4000-8000-000000000000",
                "serial": serial,
                "before": canonical.digest(bundles[-1]["text"].encode()) if bundles else "",
                "at": f"2026-11-0{serial}T00:00:{seconds:02}Z",
                "policy": {"trustees": 1, "recipients": RECIPIENTS, "repository": "/srv/sets"},
                "persons": [{"id": "ani", "trustee": True, "qualified": False, "roles": [], "keys": [self.public]}],
            }
            text = canonical.dumps(document)
            signature = sshsig.sign(text, self.key, NAMESPACE)
            bundles.append({"text": text.decode(), "signatures": [{"person": "ani", "signature": signature}]})
        return bundles


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> TrustMaker:
    return TrustMaker(tmp_path_factory.mktemp("trust"))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "config_dir", lambda: str(tmp_path / "etc"))
    monkeypatch.setattr(places, "state_dir", lambda: str(tmp_path / "var"))
    return tmp_path


HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILDH44rVc9jqJlNssUNhnpNv/FIZ+7ZkBBD5jfjKEvMh"
CONTACT = {
    "asset": "arsip",
    "address": "192.0.2.21",
    "port": 22,
    "account": "cadangan-repository",
    "host_keys": [HOST_KEY],
}


def onboard(
    chain: list[dict[str, Any]],
    asset: str = "db1",
    known: dict[str, Any] | None = None,
    repositories: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    onboarding = Onboarding(asset, chain, known, repositories or [])
    onboarding.apply()
    return onboarding.identity()


def content(server: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in server.rglob("*") if file.is_file()}


def test_a_new_server_gets_key_ledger_and_trust(server: Path, trust: TrustMaker) -> None:
    chain = trust.chain()
    identity = onboard(chain)
    asset = json.loads((server / "etc/asset.json").read_text())
    assert asset == {
        "type": "asset",
        "office": "kudus",
        "asset": "db1",
        "journal": "6f1c1f9e-0000-4000-8000-000000000000",
        "ledger": identity["ledger"],
        "trust": canonical.digest(chain[0]["text"].encode()),
    }
    assert canonical.loads((server / "etc/trust.json").read_bytes()) == {"type": "trust_chain", "chain": chain}
    assert identity["public_key"] == sshsig.check_public_key((server / "etc/asset_key.pub").read_text())
    assert (identity["last"], identity["trust_serial"]) == (0, 1)
    modes = {path.name: path.stat().st_mode & 0o777 for path in server.rglob("*")}
    assert modes == {
        "etc": 0o755,
        "var": 0o755,
        "asset_key": 0o600,
        "asset_key.pub": 0o644,
        "asset.json": 0o644,
        "trust.json": 0o644,
        "ledger": 0o600,
    }


def test_a_second_time_changes_nothing(server: Path, trust: TrustMaker) -> None:
    identity = onboard(trust.chain())
    before = content(server)
    again = Onboarding("db1", trust.chain())
    assert again.changes == []
    again.apply()
    assert again.identity() == identity
    assert content(server) == before


def test_looking_changes_nothing(server: Path, trust: TrustMaker) -> None:
    looked = Onboarding("db1", trust.chain())
    assert looked.changes == ["make the asset key", "begin a new ledger", "pin the trust"]
    assert looked.identity()["ledger"] == ""
    assert content(server) == {}


def test_a_newer_trust_is_kept(server: Path, trust: TrustMaker) -> None:
    identity = onboard(trust.chain())
    assert Onboarding("db1", trust.chain(2)).changes == ["renew the trust to serial 2"]
    assert onboard(trust.chain(2)) == identity | {"trust_serial": 2}
    assert Onboarding("db1", trust.chain(2)).changes == []


def test_the_repository_host_is_pinned(server: Path, trust: TrustMaker) -> None:
    pin = "pin address and host key of the repository host arsip"
    assert pin in Onboarding("db1", trust.chain(), repositories=[CONTACT]).changes
    onboard(trust.chain(), repositories=[CONTACT])
    document = json.loads((server / "etc/repositories.json").read_text())
    assert document == {"type": "repositories", "repositories": [CONTACT]}
    assert (server / "etc/repositories.json").stat().st_mode & 0o777 == 0o644
    assert Onboarding("db1", trust.chain(), repositories=[CONTACT]).changes == []


@pytest.mark.parametrize(
    ("now", "change"),
    [
        ([CONTACT | {"port": 2222}], "pin address and host key of the repository host arsip"),
        ([], "forget the repository host"),
    ],
    ids=["another port", "a folder"],
)
def test_another_repository_is_pinned(server: Path, trust: TrustMaker, now: list[dict[str, Any]], change: str) -> None:
    onboard(trust.chain(), repositories=[CONTACT])
    assert Onboarding("db1", trust.chain(), repositories=now).changes == [change]
    onboard(trust.chain(), repositories=now)
    assert pinned.read_repositories() == now
    assert Onboarding("db1", trust.chain(), repositories=now).changes == []


def test_a_damaged_list_of_repositories_is_replaced(server: Path, trust: TrustMaker) -> None:
    onboard(trust.chain(), repositories=[CONTACT])
    (server / "etc/repositories.json").write_text("{}\n")
    with pytest.raises(Refused, match=r"repositories\.json\.type is missing"):
        pinned.read_repositories()
    onboard(trust.chain(), repositories=[CONTACT])
    assert pinned.read_repositories() == [CONTACT]


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "-oProxyCommand=x"},
        {"address": "a b"},
        {"port": 0},
        {"account": "a b"},
        {"host_keys": ["ssh-rsa AAAA"]},
        {"host_keys": [f"{HOST_KEY} comment"]},
        {"more": ""},
    ],
    ids=str,
)
def test_a_repository_host_of_another_shape_is_refused(server: Path, trust: TrustMaker, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"repositories\.json"):
        onboard(trust.chain(), repositories=[CONTACT | wrong])
    assert not (server / "etc/asset.json").exists()


def test_an_interrupted_onboarding_goes_on(server: Path, trust: TrustMaker) -> None:
    identity = onboard(trust.chain())
    (server / "etc/asset.json").unlink()
    again = onboard(trust.chain())
    assert again["public_key"] == identity["public_key"]
    assert again["ledger"] != identity["ledger"]


@pytest.mark.parametrize(
    ("chain", "asset", "word"),
    [
        (lambda trust: trust.chain(office="pati"), "db1", "office pati|office kudus"),
        (lambda trust: trust.chain(), "db2", "asset db1, not db2"),
        (lambda trust: trust.chain(seconds=1), "db1", "with the trust "),
    ],
    ids=["another office", "another asset", "another serial 1"],
)
def test_another_owner_is_refused(server: Path, trust: TrustMaker, chain: Any, asset: str, word: str) -> None:
    onboard(trust.chain())
    before = content(server)
    with pytest.raises(Refused, match=word) as refusal:
        Onboarding(asset, chain(trust))
    assert "remove /etc/cadangan" in refusal.value.advice
    assert content(server) == before


def test_an_older_trust_is_refused(server: Path, trust: TrustMaker) -> None:
    onboard(trust.chain(2))
    with pytest.raises(Refused, match="knows trust serial 2, but the office only 1"):
        Onboarding("db1", trust.chain(1))


def test_a_trust_signed_by_nobody_is_refused(server: Path, trust: TrustMaker) -> None:
    chain = trust.chain()
    chain[0]["text"] = chain[0]["text"].replace("/srv/sets", "/srv/mine")
    with pytest.raises(Refused, match="signature"):
        Onboarding("db1", chain)
    assert content(server) == {}


def cut_off(ledger: Path) -> None:
    ledger.write_bytes(b"")


def damage(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes().replace(b'"number":2', b'"number":3,'))


@pytest.mark.parametrize("harm", [os.unlink, damage, cut_off], ids=["lost", "damaged", "rolled back"])
def test_a_ledger_that_cannot_go_on_is_begun_anew(server: Path, trust: TrustMaker, harm: Any) -> None:
    identity = onboard(trust.chain())
    ledger = Ledger(str(server / "var/ledger"))
    for number in (1, 2):
        ledger.append("withdrawals", number=number)
    known = {"ledger": identity["ledger"], "last": 2}
    assert Onboarding("db1", trust.chain(), known).changes == []
    harm(server / "var/ledger")
    again = onboard(trust.chain(), known=known)
    assert again["ledger"] not in ("", identity["ledger"])
    assert again["last"] == 0
    assert Onboarding("db1", trust.chain(), known).changes == []


def test_another_key_is_made_when_asked_for_and_nothing_else_changes(server: Path, trust: TrustMaker) -> None:
    identity = onboard(trust.chain())
    before = content(server)
    again = Onboarding("db1", trust.chain(), new_key=True)
    assert again.changes == ["make the asset key"]
    again.apply()
    assert again.identity()["public_key"] != identity["public_key"]
    changed = {name for name, data in content(server).items() if data != before[name]}
    assert changed == {str(server / "etc/asset_key"), str(server / "etc/asset_key.pub")}
    signature = sshsig.sign(b"text\n", server / "etc/asset_key", "test")
    assert sshsig.verify(b"text\n", signature, [again.identity()["public_key"]], "test")


def test_a_key_change_that_was_cut_off_leaves_no_pair_that_does_not_fit(
    server: Path, trust: TrustMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    onboard(trust.chain())
    replace, moved = os.replace, []

    def cut_off(old: str, new: str) -> None:
        moved.append(new)
        replace(old, new)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        Onboarding("db1", trust.chain(), new_key=True).apply()
    monkeypatch.setattr(os, "replace", replace)
    assert moved == [str(server / "etc/asset_key")]
    assert not (server / "etc/asset_key.pub").exists()
