"""An example office with holders whose keys are at hand, a repository, and sets in it that a server signed."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import SetWriter
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import set_id
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey
from cadangan.evidence.catalogue import Catalogue
from cadangan.evidence.trust_store import newest_trust
from cadangan.procedure import moment
from support.command_line import types
from support.desk import Desk
from support.signed_office import Keyring

ASSET = "db-01"


@dataclass
class HolderDesk(Desk):
    """The server's key and the holders' identities lie beside the office's folder; its policy names `store`."""

    store: Path

    @classmethod
    def make(cls, folder: Path, keyring: Keyring) -> HolderDesk:
        """An office whose trust names the holders kabid and kasi; there are keys of escrow and staf, too."""
        desk = cls(folder / "office", keyring, folder / "repository")
        desk.store.mkdir(mode=0o700)
        for holder in ("kabid", "kasi", "escrow", "staf"):
            types("keys", "new", desk.identity(holder))
        desk.furnish({holder: desk.public(holder) for holder in ("kabid", "kasi")})
        desk.changes("office.yml", "repository: /srv/cadangan", f"repository: {desk.store}")
        desk.renew_trust()
        desk.onboard()
        return desk

    def copied(self, folder: Path) -> HolderDesk:
        """The same once more, for one test, with the same repository made empty."""
        shutil.rmtree(self.store)
        shutil.copytree(self.root.parent, folder)
        self.store.mkdir(mode=0o700)
        return type(self)(folder / "office", self.keyring, self.store)

    def anew(self, root: Path) -> HolderDesk:
        """A desk for the office that was recovered into `root`."""
        return type(self)(root, self.keyring, self.store)

    def identity(self, holder: str) -> str:
        return str(self.root.parent / f"{holder}.age")

    def public(self, holder: str) -> str:
        return SetKey.of(Path(self.identity(holder)).read_text().splitlines()[-1]).recipient

    @property
    def repository(self) -> FolderRepository:
        return FolderRepository(str(self.store))

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.root / "sets")

    @property
    def asset_key(self) -> Path:
        return self.root.parent / "asset_key"

    def onboard(self) -> None:
        """Give the server a key, a new one if it has one, and let the journal know."""
        self.asset_key.unlink(missing_ok=True)
        subprocess.run([sshsig.SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-f", self.asset_key], check=True)
        key = sshsig.check_public_key(self.asset_key.with_suffix(".pub").read_text())
        self.journal.append({"type": "onboarded", "asset": ASSET, "ledger": "", "last": 0, "key": key, "trust": 1})

    def back_up(self, number: int, *holders: str, known: bool = True) -> str:
        """A set as the server makes it under the newest trust, which names these holders; its id.

        Unless it is `known`, journal and catalogue never hear of it.
        """
        made = set_id("disdik", ASSET, "sqlite", "/a.db", moment.now(), "B-2026-0001", str(number))
        order = f"order {number}"
        with SetWriter(self.repository, made, Progress(None)) as writer:
            texts = dict.fromkeys(("office", "journal", "case", "item", "permit", "head", "instance"), "")
            places = {"agency": "disdik", "asset": ASSET, "engine": "sqlite", "database": "/a.db"}
            places |= {"set": made, "order": order}
            times = dict.fromkeys(("started_at", "snapshot_at", "finished_at"), moment.now())
            content = {"versions": [], "position": [], "proof": [], "drilled": False}
            manifest, signature, key_age = writer.seal(
                {**texts, **places, **times, **content},
                [self.public(holder) for holder in holders],
                str(self.asset_key),
            )
            writer.publish()
        if known:
            trust = json.dumps({"trust": newest_trust(self.journal).newest_digest})
            self.journal.append({"type": "order", "digest": order, "text": trust})
            digest, at = canonical.digest(manifest.encode()), times["snapshot_at"]
            facts = {"set": made, "manifest": digest, "snapshot_at": at, "bytes": 0, "drilled": False}
            item = {"id": str(number), "action": "backup", "instance": "", **places}
            entry = {"case": "B-2026-0001", "item": str(number)}
            self.journal.append({"type": "request", **entry, "request": json.dumps({"items": [item]})})
            self.journal.append({"type": "outcome", **entry, "result": "done", "asset": ASSET, "facts": facts})
            self.catalogue.keep(made, manifest.encode(), signature, key_age.encode())
        return made

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return [row.content for row in self.journal.entries() if row.content["type"] == kind]
