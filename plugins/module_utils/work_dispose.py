# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying out a disposal: one backup set is removed for ever, while a whole one of the same database remains."""

from __future__ import annotations

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet, DamagedPart
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.job import Job, permitted_set


def check(job: Job) -> str:
    """Find out, changing nothing, whether the set may be removed; says what it would do."""
    job.repository.check()
    set_id = job.item["set"]
    if not _is_listed(job):
        # Where a disk is not mounted, everything seems to be gone.
        if not job.admission.ledger.was_spent(job.admission.permit.case, job.item["id"]):
            raise EngineError(
                f"The repository {job.repository.name} has no backup set {set_id}, and not by this case",
                "Find out where it went. If the repository's disk was not mounted, mount it and run this again.",
            )
        return f"Would remove what an earlier run left of {set_id}."
    _check_remaining(job, permitted_set(job))
    return f"Would remove {set_id} from {job.repository.name}."


def carry_out(job: Job) -> str:
    """Remove the set, which `check` let go; says what was done. What a killed run began is finished."""
    set_id = job.item["set"]
    job.facts.update(set=set_id, manifest=job.item["manifest"])
    if _is_listed(job):
        job.facts["bytes"] = sum(part["bytes"] for part in permitted_set(job).manifest["parts"])
    interruption.check()
    job.pass_point_of_no_return()
    job.progress.stage("dispose")
    job.repository.dispose(set_id)
    return f"Removed {set_id} from {job.repository.name}."


def _is_listed(job: Job) -> bool:
    return job.item["set"] in job.repository.sets()


def _check_remaining(job: Job, doomed: BackupSet) -> None:
    """Whatever was signed, the last whole set of a database stays, and of drilled ones the last drilled one."""
    database = job.item["set"].rpartition("/")[0] + "/"
    # The newest first: one is enough, and each is read to its end.
    for other_id in reversed(job.repository.sets()):
        if other_id.startswith(database) and other_id != job.item["set"] and _remains(job, other_id, doomed):
            return
    kind = "drilled set" if doomed.manifest["drilled"] else "set"
    raise EngineError(
        f"{job.item['set']} is the last whole {kind} of its database",
        "Make a new backup that is drilled; then decide on this one again.",
    )


def _remains(job: Job, other_id: str, doomed: BackupSet) -> bool:
    """Whether the other set is of the same database, proven if the doomed one is, and whole."""
    try:
        other = BackupSet(job.repository.find(other_id))
    except DamagedPart:
        return False
    if (other.manifest["set"], other.manifest["instance"]) != (other_id, doomed.manifest["instance"]):
        return False
    return (other.manifest["drilled"] or not doomed.manifest["drilled"]) and not any(other.faults())
