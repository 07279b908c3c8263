"""Small backup sets for tests of where they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import SetWriter
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, Part
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Receipt, Repository, set_id
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import SshRepository
from support.signed_office import AGENCY, ASSET, RECIPIENTS

MANIFEST = {
    **dict.fromkeys(["office", "journal", "permit", "order", "head"], "x"),
    **dict.fromkeys(["started_at", "snapshot_at", "finished_at"], "2026-11-25T02:06:37Z"),
    "versions": [{"name": "server", "value": "1"}],
    "position": [],
    "proof": [{"kind": "table", "name": "a", "value": "1"}],
    "drilled": False,
}


@dataclass(frozen=True)
class SentSet:
    """A set that was published, the digest of its manifest, and the receipt for it."""

    id: str
    digest: str
    receipt: Receipt


def place(asset: str = ASSET, case: str = "B-2026-0001", item: str = "1") -> dict[str, str]:
    """What the manifest of a set says of where it comes from."""
    origin = {"agency": AGENCY, "asset": asset, "engine": "sqlite", "instance": "", "database": "/srv/siswa.db"}
    return {**origin, "case": case, "item": item}


def id_of(origin: dict[str, str], at: str | None = None) -> str:
    """The id of a set from there, begun now."""
    names = [origin[key] for key in ("agency", "asset", "engine", "database")]
    return set_id(*names, at or moment.now(), origin["case"], origin["item"])


def write_set(
    repository: Repository,
    asset_key: Path,
    dump: list[str] | None = None,
    origin: dict[str, str] | None = None,
    at: str | None = None,
    **manifest: Any,
) -> SentSet:
    """Make a set of what the command `dump` prints, and publish it; `manifest` replaces keys of its manifest."""
    origin = origin or place()
    with SetWriter(repository, id_of(origin, at), Progress(None)) as writer:
        writer.add(Part("data", "text", Command(dump or ["echo", "the data"])), None, 1)
        text, _, _ = writer.seal({**MANIFEST, **origin, "set": writer.set_id, **manifest}, RECIPIENTS, str(asset_key))
        receipt = writer.publish()
    return SentSet(writer.set_id, canonical.digest(text.encode("ascii")), receipt)


def send_random(contact: str, key: str, size: int) -> str:
    """Send so many random bytes as a set to the repository host of the canonical `contact`; the set's id."""
    repository = SshRepository(canonical.loads(contact.encode("ascii")), key)
    return write_set(repository, Path(key), ["head", "-c", str(size), "/dev/urandom"]).id
