"""What the journal knows of each asset: keys, ledger, and how its repository is reached."""

from __future__ import annotations

from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_host
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused

from cadangan.evidence.entries import entries_of
from cadangan.evidence.journal import Entry, Journal


def onboarded(journal: Journal) -> dict[str, Entry]:
    """The newest `onboarded` entry of every asset."""
    return {entry["asset"]: entry for entry in entries_of(journal, "onboarded")}


def asset_keys(journal: Journal, asset: str) -> list[str]:
    """Every public key that this asset ever signed manifests with."""
    return all_asset_keys(journal).get(asset, [])


def all_asset_keys(journal: Journal) -> dict[str, list[str]]:
    """Every public key that each asset ever signed manifests with, sorted."""
    found: dict[str, set[str]] = {}
    for entry in entries_of(journal, "onboarded"):
        found.setdefault(entry["asset"], set()).add(entry["key"])
    return {asset: sorted(keys) for asset, keys in found.items()}


def stranger_keys(journal: Journal) -> dict[str, list[str]]:
    """The keys that signed sets which were imported though this journal knew no key of their server, by set."""
    return {entry["set"]: [entry["key"]] for entry in entries_of(journal, "imported") if not entry["key_known"]}


def repository_contacts(journal: Journal) -> dict[str, dict[str, Any]]:
    """How each repository host that was made ready is reached, and the host keys that it is known by."""
    return {
        entry["asset"]: {key: entry[key] for key in repository_host.CONTACT}
        for entry in entries_of(journal, "repository")
    }


def known_ledgers(journal: Journal) -> dict[str, dict[str, Any]]:
    """Id and last number of each onboarded asset's ledger, as runs have told since."""
    known = {asset: {"ledger": entry["ledger"], "last": entry["last"]} for asset, entry in onboarded(journal).items()}
    for entry in entries_of(journal, "outcome"):
        ledger = known.get(entry["asset"])
        if ledger and entry["ledger"] == ledger["ledger"]:
            ledger["last"] = max(ledger["last"], entry["last"])
    return known


def ledgers_of(journal: Journal, assets: list[str]) -> list[dict[str, Any]]:
    """The ledgers of these assets as an order names them; `Refused` for one never onboarded."""
    known = known_ledgers(journal)
    for asset in assets:
        if asset not in known:
            raise Refused(
                f"asset {asset} was never onboarded",
                "only servers in the asset register that were made ready take part (SOP, Pencatatan)",
                f"make it ready with: cadangan onboard {asset}",
            )
    return [{"asset": asset, **known[asset]} for asset in sorted(set(assets))]
