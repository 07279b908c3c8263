# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a server was given at onboarding: who it is, whom it trusts, and how it reaches repository hosts."""

from __future__ import annotations

import os
from typing import Any, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, places, repository_host, shape
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import sync_folder
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

_ASSET = {
    "type": shape.constant("asset"),
    "office": shape.NAME,
    "asset": shape.NAME,
    "journal": shape.LINE,
    "ledger": shape.LINE,
    "trust": shape.DIGEST,
}
_RULE = "Only a server that was made ready for its office takes part (SOP, Pencatatan)."


def asset_file() -> str:
    """Path of `asset.json`; the server is onboarded when it is there."""
    return os.path.join(places.config_dir(), "asset.json")


def trust_file() -> str:
    """Path of `trust.json`."""
    return os.path.join(places.config_dir(), "trust.json")


def repositories_file() -> str:
    """Path of `repositories.json`; absent where sets are kept in a folder."""
    return os.path.join(places.config_dir(), "repositories.json")


def kept_file() -> str:
    """Path of `repository.json`; absent where this is no repository host."""
    return os.path.join(places.config_dir(), "repository.json")


def key_file() -> str:
    """Path of the asset's private key; the public half beside it ends in `.pub`."""
    return os.path.join(places.config_dir(), "asset_key")


def read_asset() -> Optional[dict[str, Any]]:
    """Who this server is, None when it was never onboarded; `Refused` if the file is damaged."""
    data = _read(asset_file())
    return None if data is None else shape.read(data, _ASSET, asset_file())


def read_trust(pinned: str) -> TrustChain:
    """The trust kept here, its signatures checked, from the serial 1 with the digest `pinned`."""
    data = _read(trust_file())
    if data is None:
        raise Refused(f"{trust_file()} is missing.", _RULE, "Onboard this server again.")
    document = shape.parse(data, trust_file())
    if document.keys() != {"type", "chain"} or document["type"] != "trust_chain":
        raise Refused(f"{trust_file()} is not a trust chain.", shape.RULE, "Onboard this server again.")
    return TrustChain.check(document["chain"], pinned)


def read_repositories() -> list[dict[str, Any]]:
    """How the repository hosts are reached that this server may send to; `Refused` if the file is damaged."""
    data = _read(repositories_file())
    if data is None:
        return []
    contacts: list[dict[str, Any]] = shape.read(data, repository_host.PINNED, repositories_file())["repositories"]
    return contacts


def read_kept() -> Optional[dict[str, Any]]:
    """What this host keeps for others, None if it is no repository host; `Refused` if the file is damaged."""
    data = _read(kept_file())
    return None if data is None else shape.read(data, repository_host.KEPT, kept_file())


def write_asset(asset: dict[str, Any]) -> None:
    """Replace `asset.json`; it is on the disk when this returns."""
    shape.check(asset, _ASSET, asset_file())
    _replace(asset_file(), canonical.dumps(asset))


def write_trust(chain: list[dict[str, Any]]) -> None:
    """Replace `trust.json` with a chain that was checked; it is on the disk when this returns."""
    _replace(trust_file(), canonical.dumps({"type": "trust_chain", "chain": chain}))


def write_repositories(contacts: list[dict[str, Any]]) -> None:
    """Replace `repositories.json`; it is on the disk when this returns."""
    document = {"type": "repositories", "repositories": contacts}
    shape.check(document, repository_host.PINNED, repositories_file())
    _replace(repositories_file(), canonical.dumps(document))


def _read(path: str) -> Optional[bytes]:
    try:
        with open(path, "rb") as file:
            return file.read(canonical.LIMIT + 1)
    except FileNotFoundError:
        return None


def _replace(path: str, data: bytes) -> None:
    new = path + ".new"
    with open(new, "wb") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    sync_folder(os.path.dirname(path))
