# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one narrow function through which anything is backed up or restored: it admits, spends, works and records."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from typing import Any, Dict, Iterator, List, Optional, Type

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    gate,
    late_outcome,
    moment,
    pipeline,
    places,
    work_backup,
    work_dispose,
    work_restore,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Engine, EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.interruption import Interrupted, Watch
from ansible_collections.diskominfo.cadangan.plugins.module_utils.job import Job, check_tools, drop_quietly
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import ProofFailed
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repositories import own_repository, pinned_repository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import Fetch

ACTIONS = {"backup": work_backup, "restore": work_restore, "drill": work_restore, "dispose": work_dispose}

_WITHOUT_ENGINE = ("dispose",)

_RUN = re.compile(r"[a-z0-9-]{8,64}")
_DIFFERENCES_KEPT = 100
_DIFFERENCE_LENGTH = 400
_SENTENCE_ENDS = (".", "!", "?")


def run(
    engine_class: Optional[Type[Engine]],
    permit: str,
    order: str,
    item: str,
    run: str,
    set_key: Optional[str] = None,
    check: bool = False,
    options: Optional[Dict[str, Any]] = None,
    controller_time: Optional[str] = None,
) -> Dict[str, Any]:
    """Carry out work item `item` of a permit on this host, if the gate lets it through.

    `permit` and `order` are base64, `run` is the id of the run, `set_key` the private key of the set to restore.
    `engine_class` is None for what is done without one: a disposal.
    `options` are the engine's, and `compression_level`. With `check` nothing is changed, only found out.

    Gives the outcome, always: `result` is `done`, `failed` or `refused` (`checked` if it is only a check that went
    well), with `message`, `advice`, `facts`, `ledger`, `last`, and for a backup the texts of the set.
    """
    options = dict(options or {})
    level = int(options.pop("compression_level", pipeline.LEVEL))
    begin = {"item": item, "run": run, "started_at": moment.now()}
    with Watch() as watch:
        try:
            _check_run(run)
            with gate.admit(permit, order, item, moment.now(), controller_time, check) as admission:
                work_item = admission.item
                job = Job(
                    admission=admission,
                    engine=engine_class(work_item["instance"], work_item["database"], options)
                    if engine_class
                    else None,
                    repository=_repository(admission, Fetch(permit, order, item)),
                    progress=Progress(None if check else _progress_file(run, item)),
                    watch=watch,
                    set_key=set_key,
                    level=level,
                )
                return _admitted(job, check, begin)
        except Refused as refusal:
            late = None if check else late_outcome.find(permit, order, item, moment.now())
            if late is not None:
                return {**_EMPTY, **late, "changed": False, "run": run}
            return _outcome(begin, "refused", refusal.reason, _joined(refusal.rule, refusal.advice))


_EMPTY = {"ledger": "", "last": 0, "manifest": "", "manifest_signature": "", "key_age": ""}


def _admitted(job: Job, check: bool, begin: Dict[str, str]) -> Dict[str, Any]:
    try:
        _check_module(job)
        kind = ACTIONS[job.item["action"]]
        job.progress.stage("check")
        check_tools()
        message = kind.check(job)
        if check:
            return _outcome(begin, "checked", message, "", changed=True)
        job.admission.attempt()
        with _at_work(job):
            message = kind.carry_out(job)
        outcome = _outcome(begin, "done", message, "", job.facts, changed=job.item["action"] != "drill")
    except ProofFailed as error:
        job.facts["differences"] = [line[:_DIFFERENCE_LENGTH] for line in error.differences[:_DIFFERENCES_KEPT]]
        outcome = _outcome(begin, "failed", error.message, error.advice, job.facts)
    except EngineError as error:
        outcome = _outcome(begin, "failed", error.message, error.advice, job.facts)
    except Interrupted as error:
        advice = "Nothing was changed. Run it again when you are ready."
        outcome = _outcome(begin, "failed", f"It was ended: {error}", advice, job.facts)
    except Refused:
        raise
    except OSError as error:
        message = f"The operating system says: {error.strerror} ({error.filename!a})"
        outcome = _outcome(begin, "failed", message, "Mend that, then run it again.", job.facts)
    except Exception as error:
        message = f"A fault that was not foreseen: {type(error).__name__}: {error}"
        outcome = _outcome(begin, "failed", message, "Report it.", job.facts)
    finally:
        job.progress.close()
        job.repository.close()
    if check:
        return outcome
    job.admission.finish({key: value for key, value in outcome.items() if key not in _EMPTY})
    return {**outcome, **job.texts, "ledger": job.admission.ledger.id, "last": job.admission.ledger.last}


def _check_module(job: Job) -> None:
    """EngineError unless the module that runs is the one for the work item."""
    wanted = "" if job.item["action"] in _WITHOUT_ENGINE else job.item["engine"]
    given = job.engine.name if job.engine else ""
    if given != wanted:
        raise EngineError(
            f"Work item {job.item['id']} is for {wanted or 'no engine'}, this module is for {given or 'no engine'}",
            f"Use the modules of {wanted or 'the repository'}.",
        )


def _repository(admission: gate.Admission, fetch: Fetch) -> Repository:
    """The repository as the work item needs it; `Refused` if this host was not made ready for it."""
    place, action = admission.permit.trust.newest["policy"]["repository"], admission.item["action"]
    try:
        if action == "dispose":
            return own_repository(place)
        return pinned_repository(place, None if action == "backup" else fetch)
    except EngineError as error:
        raise Refused(
            error.message, "A server works on the repository of its office's policy.", error.advice
        ) from error


@contextlib.contextmanager
def _at_work(job: Job) -> Iterator[None]:
    """Mark this host as worked on; whoever comes when nobody is at work first sweeps what crashed runs left."""
    path = os.path.join(places.state_dir(), "locks", "work")
    with open(path, "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            _sweep(job)
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def _sweep(job: Job) -> None:
    item = job.item
    swept: List[str] = []
    if item["action"] == "backup":
        swept += job.repository.sweep(item["agency"], item["asset"])
    databases = {item["database"], item.get("target", item["database"])} if job.engine else set()
    for database in sorted(databases):
        engine = type(job.engine)(item["instance"], database, job.engine.options)
        # A target need not have a place of its own yet; then nothing was left there.
        with contextlib.suppress(EngineError):
            for name in engine.leftovers():
                drop_quietly(engine, name)
                swept.append(name)
    if swept:
        job.facts["swept"] = swept


def _outcome(
    begin: Dict[str, str],
    result: str,
    message: str,
    advice: str,
    facts: Optional[Dict[str, Any]] = None,
    changed: bool = False,
) -> Dict[str, Any]:
    times = {"started_at": begin["started_at"], "ended_at": moment.now()}
    return {
        "changed": changed,
        "result": result,
        # Advice follows it on one line.
        "message": message if message.endswith(_SENTENCE_ENDS) else f"{message}.",
        "advice": advice,
        "item": begin["item"],
        "run": begin["run"],
        "facts": {"aside": "", "differences": [], **(facts or {}), **times},
        **_EMPTY,
    }


def _check_run(run_id: str) -> None:
    if not _RUN.fullmatch(run_id):
        raise Refused(
            f"{run_id!a} is not the id of a run.", "A run has an id of 8 to 64 of the characters a-z, 0-9 and -."
        )


def _progress_file(run_id: str, item: str) -> str:
    return os.path.join(places.state_dir(), "progress", f"{run_id}-{item}.json")


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
