# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying out a restore or a drill: into a new database, compared with the proof, and only then swapped in."""

from __future__ import annotations

from typing import Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import interruption, moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.job import (
    Job,
    compare,
    permitted_set,
    scratch_database,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey


def check(job: Job) -> str:
    """Find out, changing nothing, whether the restore can succeed; says what it would do."""
    mode, target = _goal(job)
    backup = _find(job)
    _key(job, backup)
    job.engine.check_restore(backup.manifest, mode, target)
    aside = _aside(job, mode, target)
    what = {
        "copy": f"as the new database {target!a}",
        "replace": f"in the place of {target!a}, which is kept as {aside!a}",
        "drill": "to a scratch database, compare and drop it",
    }
    return f"Would restore {job.item['set']} {what[mode]}."


def carry_out(job: Job) -> str:
    """Restore the set; says what was done."""
    mode, target = _goal(job)
    backup = _find(job)
    key = _key(job, backup)
    manifest = backup.manifest
    job.facts.update(
        set=manifest["set"],
        manifest=backup.digest,
        bytes=sum(part["bytes"] for part in manifest["parts"]),
        plain_bytes=sum(part["plain_bytes"] for part in manifest["parts"]),
        proof_facts=len(manifest["proof"]),
        snapshot_at=manifest["snapshot_at"],
        versions=job.engine.versions(),
        target=target,
        mode=mode,
    )
    job.progress.stage("verify")
    # Before anything is loaded, since the first part may concern more than the new database.
    backup.check_parts()

    with scratch_database(job, target) as scratch:
        for part in manifest["parts"]:
            job.progress.stage(f"restore {part['name']}")
            backup.read(part, key, job.engine.load(part, scratch), job.progress)
        compare(job, manifest["proof"], scratch)
        aside = _aside(job, mode, target)
        if mode == "replace":
            _check_window(job)
            job.engine.check_swap(target)
        interruption.check()
        job.pass_point_of_no_return()
        if mode == "drill":
            job.engine.drop(scratch)
            return f"Restored {manifest['set']} to a scratch database and found it equal."
        job.progress.stage("swap")
        gap = job.engine.swap(scratch, target, aside)
    if mode == "copy":
        return f"Restored {manifest['set']} as {target!a} and found it equal."
    job.facts["aside"] = aside if job.engine.exists(aside) else ""
    kept = f"the old one is kept as {aside!a}" if job.facts["aside"] else "there was no old one"
    if gap is not None:
        job.facts["gap_milliseconds"] = gap
        kept += f"; for {gap} ms applications saw neither"
    return f"Restored {manifest['set']} in the place of {target!a} and found it equal; {kept}."


def _goal(job: Job) -> Tuple[str, str]:
    """Mode and target; a drill happens beside the database that was backed up."""
    if job.item["action"] == "drill":
        return "drill", job.item["database"]
    return job.item["mode"], job.item["target"]


def _find(job: Job) -> BackupSet:
    backup = permitted_set(job)
    if (backup.manifest["set"], backup.manifest["engine"]) != (job.item["set"], job.engine.name):
        raise EngineError(f"{job.item['set']} holds another set or another engine's", "Name the right set.")
    return backup


def _key(job: Job, backup: BackupSet) -> SetKey:
    if not job.set_key:
        raise EngineError(
            f"The key of {job.item['set']} was not given", "Let a holder unwrap its key.age, and give what comes out."
        )
    return backup.key(job.set_key)


def _check_window(job: Job) -> None:
    """The agency agreed to a window; it must not see its database replaced after it."""
    until = job.admission.permit.window_until
    if moment.now() > until:
        raise EngineError(
            f"The window ended at {until}, before the restored database could be swapped in",
            "Nothing was changed. Agree to a longer window.",
        )


def _aside(job: Job, mode: str, target: str) -> str:
    if mode != "replace":
        return ""
    aside = job.engine.aside_name(target, job.tag)
    if job.engine.exists(aside):
        raise EngineError(
            f"{aside!a} exists already: an earlier restore of this case kept the old database there",
            "Look at it; drop or rename it, then run this again.",
        )
    return aside
