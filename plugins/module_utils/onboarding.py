# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Giving a server its identity, and keeping it: asset key, ledger, trust, repository hosts, and `asset.json`."""

from __future__ import annotations

import os
import uuid
from typing import Any, Optional, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment, pinned, places, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.key_pair import make_key_pair
from ansible_collections.diskominfo.cadangan.plugins.module_utils.ledger import Ledger
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

_ONE_OFFICE = "A server belongs to one office under one name, and trusts whom that office's first trust document names."
_START_AGAIN = (
    "If this server really changes hands or is a copy of another one: remove "
    "/etc/cadangan and /var/lib/cadangan on it, then onboard it."
)


class Onboarding:
    """What this server is, beside what it should be.

    `asset` is its name in the office's asset register, `chain` the office's countersigned trust texts,
    `known_ledger` what the journal has of its ledger (`{ledger, last}`), or None if it was never onboarded,
    `repositories` how the repository hosts are reached that it may send to.
    With `new_key` it gets another asset key, though it has one.
    `Refused` when the server belongs to another office, is another asset or trusts others.
    """

    def __init__(
        self,
        asset: str,
        chain: list[dict[str, Any]],
        known_ledger: Optional[dict[str, Any]] = None,
        repositories: Sequence[dict[str, Any]] = (),
        new_key: bool = False,
    ) -> None:
        shape.check(asset, shape.NAME, "the name of the asset")
        self._name = asset
        self._bundles = chain
        self._trust = TrustChain.check(chain, None)
        self._known = known_ledger
        self._repositories = list(repositories)
        self._new_key = new_key or not os.path.exists(pinned.key_file() + ".pub")
        self._asset = pinned.read_asset()
        self._kept_trust: Optional[TrustChain] = None
        if self._asset is not None:
            self._check_same_owner(self._asset)
            self._kept_trust = self._read_kept_trust(self._asset["trust"])

    @property
    def changes(self) -> list[str]:
        """What `apply` would do, in words; empty when the server is as it should be."""
        wanted = [
            ("make the asset key", self._new_key),
            ("begin a new ledger", self._ledger() is None),
            ("pin the trust", self._kept_trust is None),
            (
                f"renew the trust to serial {self._trust.newest['serial']}",
                self._kept_trust is not None and self._kept_trust.digests != self._trust.digests,
            ),
            (self._pinning, self._kept_repositories() != self._repositories),
        ]
        return [words for words, needed in wanted if needed]

    def apply(self) -> None:
        """Make what is missing and renew what is old; `asset.json` last, as it marks the server as onboarded."""
        for folder in (places.config_dir(), places.state_dir()):
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, 0o755)  # noqa: S103 - what is secret in it has its own mode
        if self._new_key:
            make_key_pair(pinned.key_file(), f"cadangan@{self._name}")
        if self._kept_trust is None or self._kept_trust.digests != self._trust.digests:
            pinned.write_trust(self._bundles)
            self._kept_trust = self._trust
        if self._kept_repositories() != self._repositories:
            pinned.write_repositories(self._repositories)
        if self._ledger() is None:
            newest = self._trust.newest
            self._asset = {
                "type": "asset",
                "office": newest["office"],
                "asset": self._name,
                "journal": newest["journal"],
                "ledger": _begin_ledger(),
                "trust": self._trust.serial1_digest,
            }
            pinned.write_asset(self._asset)

    def identity(self) -> dict[str, Any]:
        """Who the server is now; empty texts and 0 for what it does not have yet."""
        ledger = self._ledger()
        return {
            "asset": self._name,
            "ledger": ledger.id if ledger else "",
            "last": ledger.last if ledger else 0,
            "public_key": _public_key(),
            "trust_serial": self._kept_trust.newest["serial"] if self._kept_trust else 0,
            "trust_pinned": self._trust.serial1_digest if self._asset else "",
        }

    def _check_same_owner(self, asset: dict[str, Any]) -> None:
        for key, wanted in (
            ("office", self._trust.newest["office"]),
            ("asset", self._name),
            ("journal", self._trust.newest["journal"]),
            ("trust", self._trust.serial1_digest),
        ):
            if asset[key] != wanted:
                raise Refused(
                    f"This server was onboarded with the {key} {asset[key]}, not {wanted}.",
                    _ONE_OFFICE,
                    _START_AGAIN,
                )

    def _read_kept_trust(self, serial1: str) -> Optional[TrustChain]:
        if not os.path.exists(pinned.trust_file()):
            return None
        kept = pinned.read_trust(serial1)
        common = min(len(kept.digests), len(self._trust.digests))
        if kept.digests[:common] != self._trust.digests[:common]:
            raise Refused(
                "The office has another trust document than this server under the same serial.",
                _ONE_OFFICE,
                "Compare the digests of both (cadangan trust show) and find out who signed two versions.",
            )
        if len(kept.digests) > common:
            raise Refused(
                f"This server knows trust serial {len(kept.digests)}, but the office only {common}.",
                "Trust is only ever renewed, so that nobody who was removed comes back.",
                "The office's journal seems to be an old copy: bring back the newest one.",
            )
        return kept

    @property
    def _pinning(self) -> str:
        names = ", ".join(contact["asset"] for contact in self._repositories)
        return f"pin address and host key of the repository host {names}" if names else "forget the repository host"

    def _kept_repositories(self) -> Optional[list[dict[str, Any]]]:
        try:
            return pinned.read_repositories()
        except Refused:
            return None

    def _ledger(self) -> Optional[Ledger]:
        """The ledger; None if it cannot go on: missing, damaged, or behind what the journal knows."""
        if self._asset is None:
            return None
        ledger = Ledger(_ledger_file(), self._asset["ledger"])
        try:
            last = ledger.last
        except Refused:
            return None
        rolled_back = self._known is not None and self._known["ledger"] == ledger.id and last < self._known["last"]
        return None if rolled_back else ledger


def _ledger_file() -> str:
    return os.path.join(places.state_dir(), "ledger")


def _begin_ledger() -> str:
    """Put an empty ledger in place, keep an old one aside, and give the new one's id."""
    path = _ledger_file()
    if os.path.exists(path):
        os.replace(path, f"{path}.until-{moment.now()}")
    Ledger.create(path)
    return str(uuid.uuid4())


def _public_key() -> str:
    try:
        with open(pinned.key_file() + ".pub", encoding="ascii") as file:
            return sshsig.check_public_key(file.read())
    except FileNotFoundError:
        return ""
