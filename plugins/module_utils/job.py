# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one run has at hand while it carries out one work item."""

from __future__ import annotations

import contextlib
import re
import shutil
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import pinned, proof
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import (
    Command,
    Engine,
    EngineError,
    Fact,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.gate import Admission
from ansible_collections.diskominfo.cadangan.plugins.module_utils.interruption import Watch
from ansible_collections.diskominfo.cadangan.plugins.module_utils.processes import PATH, run
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository

TOOLS = ("age", "age-keygen", "zstd", "ssh-keygen")

Item = Dict[str, Any]


@dataclass
class Job:
    """`engine` is missing for a disposal, which needs none. `is_spent`: the point of no return was passed.

    `facts` grows while the work goes on: what is known is told even when the work fails.
    """

    admission: Admission
    engine: Optional[Engine]
    repository: Repository
    progress: Progress
    watch: Watch
    set_key: Optional[str]
    level: int
    facts: Dict[str, Any] = field(default_factory=dict)
    texts: Dict[str, str] = field(default_factory=dict)
    is_spent: bool = False

    @property
    def item(self) -> Item:
        return self.admission.item

    @property
    def tag(self) -> str:
        """Marks what is made on the way as this work item's own."""
        return f"{self.admission.permit.case}-{self.item['id']}".lower()

    def pass_point_of_no_return(self) -> None:
        """Last chance to be interrupted; then the item is spent and the work is finished whatever happens."""
        self.watch.no_return()
        self.is_spent = True
        self.admission.spend()


def check_tools() -> None:
    """EngineError unless the programs that every run needs are there, and the key that signs manifests."""
    missing = [tool for tool in TOOLS if shutil.which(tool, path=PATH) is None]
    if missing:
        raise EngineError(f"Not installed on this host: {', '.join(missing)}", "Onboard the asset again.")
    try:
        with open(pinned.key_file(), "rb"):
            pass
    except OSError as error:
        raise EngineError(
            f"The asset's key {pinned.key_file()} can not be read: {error.strerror}", "Onboard the asset again."
        ) from error


def tool_versions() -> List[Dict[str, str]]:
    """Versions of the programs by which a set is opened again."""
    versions = []
    for tool in ("age", "zstd"):
        told = run(Command([tool, "--version"])).decode("utf-8", "replace")
        number = re.search(r"\d+(\.\d+)+", told)
        versions.append({"name": tool, "value": number.group() if number else told.strip()})
    return versions


def permitted_set(job: Job) -> BackupSet:
    """The set that the permit names, told by its manifest's digest; EngineError if another is in its place."""
    found = BackupSet(job.repository.find(job.item["set"]))
    if found.digest != job.item["manifest"]:
        raise EngineError(
            f"The manifest of {job.item['set']} is not the one that was decided on: its digest is {found.digest}",
            "Someone changed the set, or put another in its place: find out. To restore, use another copy of it.",
        )
    return found


@contextlib.contextmanager
def scratch_database(job: Job, target: str) -> Iterator[str]:
    """A new database beside `target` to restore into, given by its name; dropped if anything fails with it."""
    engine = job.engine
    scratch = engine.scratch_name(target, job.tag)
    # It is ours: nobody else has this work item, so an earlier run of it crashed.
    engine.drop(scratch)
    try:
        engine.create(scratch)
        yield scratch
    except BaseException:
        drop_quietly(engine, scratch)
        raise


def compare(job: Job, expected: List[Fact], scratch: str) -> None:
    """ProofFailed unless the restored database `scratch` is what the proof says."""
    job.progress.stage("compare")
    proof.compare(expected, job.engine.proof_of(scratch))


def drop_quietly(engine: Engine, name: str) -> None:
    """Drop a scratch database while something more important is being told; the next run sweeps what stays."""
    with contextlib.suppress(EngineError, OSError):
        engine.drop(name)
