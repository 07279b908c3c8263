# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying out a disposal: one backup set is removed for ever, while another of the same database remains."""

from __future__ import annotations

from typing import List

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.job import Job


def check(job: Job) -> str:
    """Find out, changing nothing, whether the set may be removed; says what it would do."""
    job.repository.check()
    set_id = job.item["set"]
    if set_id not in job.repository.sets():
        return f"{set_id} is not there any more."
    _check_remaining(job, _named(job))
    return f"Would remove {set_id} from {job.repository.name}."


def carry_out(job: Job) -> str:
    """Remove the set; says what was done."""
    set_id = job.item["set"]
    job.facts.update(set=set_id, manifest=job.item["manifest"])
    if set_id not in job.repository.sets():
        # An earlier run was killed after the set had gone.
        job.pass_point_of_no_return()
        return f"{set_id} was not there any more."
    doomed = _named(job)
    _check_remaining(job, doomed)
    job.facts["bytes"] = sum(part["bytes"] for part in doomed.manifest["parts"])
    interruption.check()
    job.pass_point_of_no_return()
    job.progress.stage("dispose")
    job.repository.dispose(set_id)
    return f"Removed {set_id} from {job.repository.name}."


def _named(job: Job) -> BackupSet:
    """The set that the permit names, told by its manifest's digest."""
    doomed = BackupSet(job.repository.find(job.item["set"]))
    if doomed.digest != job.item["manifest"]:
        raise EngineError(
            f"The manifest of {job.item['set']} is not the one that was decided on: its digest is {doomed.digest}",
            "Someone changed the set, or put another in its place: find out, and decide on that.",
        )
    return doomed


def _check_remaining(job: Job, doomed: BackupSet) -> None:
    """Whatever was signed, the last set of a database stays, and the last drilled one."""
    needed = "drilled set" if doomed.manifest["drilled"] else "set"
    if not any(other.manifest["drilled"] or needed == "set" for other in _others(job, doomed)):
        raise EngineError(
            f"{job.item['set']} is the last {needed} of its database",
            "Make a new backup that is drilled; then decide on this one again.",
        )


def _others(job: Job, doomed: BackupSet) -> List[BackupSet]:
    """The other whole sets of the same database."""
    set_id, manifest = job.item["set"], doomed.manifest
    siblings = set_id.rpartition("/")[0] + "/"
    found = []
    for other_id in job.repository.sets():
        if other_id.startswith(siblings) and other_id != set_id:
            other = BackupSet(job.repository.find(other_id))
            if other.manifest["instance"] == manifest["instance"] and not any(other.faults()):
                found.append(other)
    return found
