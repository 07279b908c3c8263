"""Making a repository host ready: what it is told, who is let in, and what the journal keeps of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, repository_host, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.key_pair import make_key_pair

from cadangan.errors import BadInput, WorkFailed
from cadangan.evidence.assets import all_asset_keys, onboarded, repository_contacts
from cadangan.evidence.journal import Journal
from cadangan.register.asset import KeptRepository
from cadangan.register.office import Office

_PROGRAM = f"/usr/bin/python3 -I {repository_host.LIBRARY}/repository.py"


def wanted_repository(office: Office, journal: Journal, host: str, *, make_key: bool) -> dict[str, Any]:
    """What the repository host `host` is to have: its `root`, and the texts of `config` and `authorized_keys`.

    Senders are the onboarded servers in operation, each by its newest key; `config` has the older keys too, since
    old manifests stay verifiable. With `make_key` the operator's key pair is made if there is none yet.
    """
    kept = _kept(office, host)
    keys = all_asset_keys(journal)
    document = {
        "type": "repository",
        "name": host,
        "root": kept.root,
        "reserve_bytes": kept.reserve,
        "daily_bytes": kept.daily_quota,
        "assets": [{"asset": asset, "keys": keys[asset]} for asset in sorted(keys)],
    }
    shape.check(document, repository_host.KEPT, "repository.json")
    if make_key and not office.repository_key.with_suffix(".pub").exists():
        try:
            make_key_pair(str(office.repository_key), "cadangan-operator")
        except (EngineError, OSError) as error:
            raise WorkFailed(f"the operator's key {office.repository_key} could not be made: {error}") from error
    return {
        "root": kept.root,
        "config": canonical.dumps(document).decode("ascii"),
        "authorized_keys": "".join(f"{line}\n" for line in _authorized_keys(office, journal)),
    }


def write_repository(office: Office, journal: Journal, host: str, address: str, host_key: str) -> bool:
    """Keep in the journal how a repository host is reached; False if it knows exactly this already.

    `address` is the one by which Ansible reaches it, `host_key` the content of its `ssh_host_ed25519_key.pub`.
    """
    kept = _kept(office, host)
    try:
        key = sshsig.check_public_key(host_key)
    except sshsig.SignatureError as error:
        raise BadInput(
            f"the host key of {host} is of no use: {error}", advice="Make an ed25519 one there: ssh-keygen -A"
        ) from error
    contact = {
        "asset": host,
        "address": kept.address or address,
        "port": kept.port,
        "account": repository_host.ACCOUNT,
        "host_keys": [key],
    }
    shape.check(contact, repository_host.CONTACT, f"the repository host {host}")
    if repository_contacts(journal).get(host) == contact:
        return False
    journal.append({"type": "repository", **contact})
    return True


def _kept(office: Office, host: str) -> KeptRepository:
    kept = office.register.asset(host).repository
    if kept is None:
        raise BadInput(
            f"server {host} keeps no repository",
            advice=f"Give {host} in the inventory a cadangan_asset.repository with its root folder.",
        )
    return kept


def _authorized_keys(office: Office, journal: Journal) -> list[str]:
    working = {asset.host for asset in office.register.assets() if asset.status == "in_operation"}
    lines = [
        _line(f"sender {asset}", entry["key"])
        for asset, entry in sorted(onboarded(journal).items())
        if asset in working
    ]
    operator = office.repository_key.with_suffix(".pub")
    if operator.exists():
        lines.append(_line("operator", sshsig.check_public_key(operator.read_text("ascii"))))
    return lines


def _line(role: str, key: str) -> str:
    return f'restrict,command="{_PROGRAM} {role}" {key}'
