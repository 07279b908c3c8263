# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying out a backup: dump and proof from one snapshot, read back or restored on the way, signed, published."""

from __future__ import annotations

import contextlib
import time
from typing import Callable, Iterator, Optional, TypeVar

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, interruption, moment, pinned
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import SetWriter
from ansible_collections.diskominfo.cadangan.plugins.module_utils.job import (
    Job,
    compare,
    drop_quietly,
    scratch_database,
    tool_versions,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import RepositoryLost, set_id

_PAUSES = (5, 30)
"""Seconds before each further attempt."""

_T = TypeVar("_T")


def check(job: Job) -> str:
    """Find out, changing nothing, whether the backup can succeed; says what it would do."""
    _patiently(job, job.repository.check)
    job.engine.check_backup()
    job.repository.check_space(job.engine.size())
    _set_id(job)
    drill = ", restore it to a scratch database and compare" if job.item["drill"] else ""
    return f"Would back up {job.item['database']!a} into {job.repository.name}{drill}."


def carry_out(job: Job) -> str:
    """Make and publish the backup set; says what was done."""
    return _patiently(job, lambda: _make(job))


def _patiently(job: Job, action: Callable[[], _T]) -> _T:
    """Do something anew when the repository is lost, a few times, until the window ends or the item is spent."""
    for pause in _PAUSES:
        try:
            return action()
        except RepositoryLost:
            if job.is_spent or moment.shifted(moment.now(), pause) > _latest(job):
                raise
        job.progress.stage("wait for the repository")
        _wait(pause)
    return action()


def _make(job: Job) -> str:
    job.facts["attempts"] = job.facts.get("attempts", 0) + 1
    item, permit, order = job.item, job.admission.permit, job.admission.order
    started_at = moment.now()
    with SetWriter(job.repository, _set_id(job), job.progress) as writer:
        job.facts["set"] = writer.set_id
        versions = job.engine.versions() + tool_versions()
        with job.engine.snapshot() as snapshot, _drill(job) as scratch:
            for part in snapshot.parts():
                load = None if scratch is None else job.engine.load(vars(part), scratch)
                writer.add(part, load, job.level)
            job.progress.stage("proof")
            proof = snapshot.proof()
            left_out = [entry["value"] for entry in snapshot.position if entry["name"] == "left out"]
            job.facts.update(
                bytes=sum(part["bytes"] for part in writer.parts),
                plain_bytes=sum(part["plain_bytes"] for part in writer.parts),
                parts=writer.parts,
                proof_facts=len(proof),
                snapshot_at=snapshot.snapshot_at,
                versions=versions,
                drilled=item["drill"],
                left_out=left_out,
            )
            # Nothing of the source is needed any more, and nobody shall wait for it.
            snapshot.close()
            if scratch is not None:
                compare(job, proof, scratch)
        job.progress.stage("publish")
        manifest, signature, key = writer.seal(
            {
                "office": permit.office,
                "journal": job.admission.asset["journal"],
                "case": permit.case,
                "item": item["id"],
                "permit": permit.digest,
                "order": order.digest,
                "head": order.journal,
                "set": writer.set_id,
                "agency": item["agency"],
                "asset": item["asset"],
                "engine": item["engine"],
                "instance": item["instance"],
                "database": item["database"],
                "started_at": started_at,
                "snapshot_at": snapshot.snapshot_at,
                "finished_at": moment.now(),
                "versions": versions,
                "position": snapshot.position,
                "proof": proof,
                "drilled": item["drill"],
            },
            [holder["key"] for holder in permit.trust.newest["policy"]["recipients"]],
            pinned.key_file(),
        )
        interruption.check()
        job.pass_point_of_no_return()
        receipt = writer.publish()
    if receipt:
        job.facts["receipt"] = receipt
    job.facts["manifest"] = canonical.digest(manifest.encode("ascii"))
    job.texts.update(manifest=manifest, manifest_signature=signature, key_age=key)
    proven = "restored to a scratch database and found equal" if item["drill"] else "read back and found equal"
    without = f", without what matches {', '.join(map(ascii, left_out))}" if left_out else ""
    return f"Backed up {item['database']!a}{without} as {writer.set_id}; {proven}."


def _latest(job: Job) -> str:
    """The time until which the work may begin."""
    return min(job.admission.permit.window_until, job.admission.order.until)


def _wait(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        interruption.check()
        time.sleep(0.2)


@contextlib.contextmanager
def _drill(job: Job) -> Iterator[Optional[str]]:
    """A scratch database that is filled with what is stored; None if the work item wants no drill."""
    if not job.item["drill"]:
        yield None
        return
    with scratch_database(job, job.item["database"]) as scratch:
        yield scratch
    drop_quietly(job.engine, scratch)


def _set_id(job: Job) -> str:
    item = job.item
    return set_id(
        item["agency"],
        item["asset"],
        item["engine"],
        item["database"],
        moment.now(),
        job.admission.permit.case,
        item["id"],
    )
