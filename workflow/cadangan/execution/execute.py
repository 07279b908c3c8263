"""Carrying out a case: the playbook of its kind, the live view, and what the journal says of it afterwards."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cadangan.errors import WorkFailed
from cadangan.evidence.cases import load_case
from cadangan.evidence.journal import Journal
from cadangan.execution.live import LiveView
from cadangan.execution.run_log import close
from cadangan.execution.runner import Cancellation, PlaybookRun, run_playbook
from cadangan.execution.set_keys import IDENTITY_VARIABLE
from cadangan.procedure.case import Case, Run
from cadangan.register.office import Office

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Execution:
    """How a run of a case ended, as the journal has it."""

    case: Case
    run: Run

    @property
    def succeeded(self) -> bool:
        return self.run.result == "done"

    def as_dict(self) -> dict[str, Any]:
        ended = self.run.ended or {"items": []}
        facts = {number: outcome["facts"] for number, outcome in self.run.outcomes.items()}
        return {
            "case": self.case.id,
            "run": self.run.id,
            "result": self.run.result,
            "items": [item | {"facts": facts.get(item["item"], {})} for item in ended["items"]],
        }


def execute_case(office: Office, journal: Journal, case: Case, identity: Path | None, console: Console) -> Execution:
    """Run the playbook of this case's kind; `WorkFailed` if it was stopped before it began.

    Ctrl-C and SIGTERM end the run, and the journal says so. A crash leaves a run without end, which the next
    `execute` finds and records as unknown.
    """
    run_id = str(uuid.uuid4())
    folder = office.runs_dir / run_id
    cancellation = Cancellation()
    with LiveView(console, case.open_items, folder / "progress") as view:
        playbook = run_playbook(
            case.kind,
            inventory=office.inventory,
            office=office.root,
            extra_vars={"case": case.id},
            environment={"CADANGAN_RUN": run_id} | identity_variable(identity),
            on_event=view.on_event,
            on_tick=view.tick,
            cancellation=cancellation,
        )
    shutil.rmtree(folder, ignore_errors=True)
    after = load_case(journal, case.id)
    run = next((found for found in after.runs if found.id == run_id), None)
    if run is None:
        raise WorkFailed(first_failure(playbook))
    if run.ended is None:
        after = close(journal, case.id, run_id, "interrupted" if cancellation.asked_at is not None else "failed")
        run = after.runs[-1]
    return Execution(after, run)


def rehearse_case(office: Office, case: Case, identity: Path | None) -> dict[str, Any]:
    """Check mode: every check on control host and targets, nothing changed anywhere. `WorkFailed` if one says no."""
    playbook = run_playbook(
        case.kind,
        inventory=office.inventory,
        office=office.root,
        extra_vars={"case": case.id},
        environment=identity_variable(identity),
        check=True,
    )
    if not playbook.succeeded:
        raise WorkFailed(first_failure(playbook))
    return {"case": case.id, "result": "nothing stands in the way"}


def identity_variable(identity: Path | None) -> dict[str, str]:
    return {IDENTITY_VARIABLE: str(identity.absolute())} if identity else {}


def first_failure(playbook: PlaybookRun) -> str:
    if playbook.failures:
        return "\n".join(playbook.failures.values())
    return f"Ansible ended with status {playbook.rc} and no host reported; is the inventory right?"
