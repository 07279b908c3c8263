"""What the `permit` action hands to the `work` action within one run: exact permit and order bytes, in files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical

from cadangan.errors import Missing

RUN_ID = re.compile(r"[a-z0-9-]{8,64}")


@dataclass(frozen=True)
class Handover:
    """One run: its folder holds `permit.json`, `order.json` (a signed text) and `progress/`."""

    run: str
    folder: Path
    permit: bytes
    order: bytes

    @property
    def progress_dir(self) -> Path:
        return self.folder / "progress"


def write_handover(runs_dir: Path, run: str, permit: str, order: dict[str, str]) -> Handover:
    """Make the run's private folder and put permit and order into it."""
    folder = runs_dir / run
    runs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "progress").mkdir(mode=0o700, exist_ok=True)
    (folder / "permit.json").write_bytes(permit.encode("ascii"))
    (folder / "order.json").write_bytes(canonical.dumps(order))
    return read_handover(runs_dir, run)


def read_handover(runs_dir: Path, run: str) -> Handover:
    """The handover of a run; `Missing` if there is none."""
    if not RUN_ID.fullmatch(run):
        raise Missing(f"{json.dumps(run)} is not the id of a run")
    folder = runs_dir / run
    try:
        return Handover(run, folder, (folder / "permit.json").read_bytes(), (folder / "order.json").read_bytes())
    except FileNotFoundError as error:
        raise Missing(
            f"run {run} was never let through", advice="start work with the playbooks of this collection"
        ) from error
