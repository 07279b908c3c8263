"""An example office with a repository and whole backup sets in it, as its journal and its catalogue know them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import SetWriter
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, Part
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import set_id
from cadangan.evidence.set_history import SetRecord, set_records
from support.holder_desk import ASSET, HolderDesk
from support.signed_office import Keyring

AGENCY = "disdukcapil"
HOLDERS = ("kabid", "kasi")

INVENTORY = f"""
servers:
  hosts:
    {ASSET}:
      cadangan_asset:
        number: "1"
        name: Server Uji
        status: in_operation
        agency: {AGENCY}
        databases:
          - engine: sqlite
            name: /srv/warga.db
            objectives: {{recovery_point: 24 h, recovery_time: 30 min}}
"""


class SetDesk(HolderDesk):
    """Sets hold one part of random bytes each; of their databases only /srv/warga.db is in the register."""

    @classmethod
    def furnished(cls, folder: Path, keyring: Keyring) -> SetDesk:
        """An office whose trust is signed, with one server, which the journal knows."""
        desk = cls.make(folder, keyring)
        assert isinstance(desk, cls)
        (desk.root / "inventory" / "servers.yml").write_text(INVENTORY)
        return desk

    def again(self, folder: Path) -> SetDesk:
        """The same once more, for one test."""
        desk = self.copied(folder)
        assert isinstance(desk, SetDesk)
        return desk

    def make_set(
        self,
        number: int,
        database: str = "/srv/warga.db",
        size: int = 3000,
        snapshot_at: str | None = None,
        *,
        drilled: bool = False,
        told: bool = True,
        receipt: str | None = None,
        claims: str = ASSET,
    ) -> str:
        """A set as case `number` makes it; its id. Unless it is `told`, journal and catalogue never hear of it.

        `receipt` is the repository host that the journal is told to have taken it, `claims` the server in its id.
        """
        at = snapshot_at or moment.now()
        case = f"B-2026-{number:04d}"
        origin = {"agency": AGENCY, "asset": ASSET, "engine": "sqlite", "instance": "", "database": database}
        made = set_id(AGENCY, claims, "sqlite", database, at, case, "1")
        with SetWriter(self.repository, made, Progress(None)) as writer:
            writer.add(Part("data", "text", Command(["head", "-c", str(size), "/dev/urandom"])), None, 1)
            texts = dict.fromkeys(("office", "journal", "permit", "order", "head"), "x")
            times = dict.fromkeys(("started_at", "snapshot_at", "finished_at"), at)
            lists: dict[str, list[Any]] = {"versions": [], "position": [], "proof": []}
            content = {**texts, **times, **lists, "set": made, "case": case, "item": "1", "drilled": drilled}
            holders = [self.public(holder) for holder in HOLDERS]
            manifest, signature, key_age = writer.seal({**origin, **content}, holders, str(self.asset_key))
            writer.publish()
        if told:
            facts: dict[str, Any] = {
                "set": made,
                "manifest": canonical.digest(manifest.encode()),
                "bytes": writer.parts[0]["bytes"],
                "snapshot_at": at,
                "drilled": drilled,
            }
            if receipt is not None:
                facts["receipt"] = {"repository": receipt}
            self._write(case, {"id": "1", "action": "backup", **origin}, facts)
            self.catalogue.keep(made, manifest.encode(), signature, key_age.encode())
        return made

    def restored(self, number: int, made: str, seconds: int) -> None:
        """Let the journal know that a restore of a set took so long."""
        at = moment.now()
        facts = {"set": made, "started_at": moment.shifted(at, -seconds), "ended_at": at}
        item = {"id": "1", "action": "drill", **dict(zip(_PLACE, self.record(made).place, strict=True))}
        self._write(f"R-2026-{number:04d}", item, facts)

    def disposed(self, number: int, made: str) -> None:
        """Let the journal know that a set was disposed of."""
        item = {"id": "1", "action": "dispose", **dict(zip(_PLACE, self.record(made).place, strict=True))}
        at = moment.now()
        self._write(f"D-2026-{number:04d}", item, {"set": made, "started_at": at, "ended_at": at})

    def record(self, made: str) -> SetRecord:
        return set_records(self.journal, self.catalogue)[made]

    def part(self, made: str, root: Path | None = None) -> Path:
        """The file with the data of a set."""
        return (root or self.store) / made / "data.zst.age"

    def _write(self, case: str, item: dict[str, Any], facts: dict[str, Any]) -> None:
        self.journal.append({"type": "request", "case": case, "request": json.dumps({"items": [item]})})
        self.journal.append({"type": "outcome", "case": case, "item": "1", "result": "done", "facts": facts})


_PLACE = ("agency", "asset", "engine", "instance", "database")


def flip_a_bit(file: Path) -> None:
    """Change one bit in the middle of a file."""
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Everything below a folder that is not hidden."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield str(name), path.read_bytes()
