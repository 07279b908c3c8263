"""Asking servers what they are and what runs on them. Nothing is changed there, so no permit is needed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import ADDRESS
from ansible_collections.diskominfo.cadangan.plugins.module_utils.shape import NAME

from cadangan.errors import BadInput, WorkFailed
from cadangan.evidence.verification import Progress
from cadangan.execution.runner import Event, run_playbook
from cadangan.procedure.names import printable
from cadangan.register.facts import Facts, read_facts

TASK = "Facts | Machine, operating system and databases"

_ENDED = ("runner_on_ok", "runner_on_failed", "runner_on_unreachable")
_WHY_LIMIT = 200
_NO_PYTHON = "module interpreter"
_TOO_SLOW = "Timed out after"


def ask_servers(
    hosts: Collection[str], inventory: Sequence[Path], office: Path, progress: Progress | None = None
) -> dict[str, Facts | str]:
    """What each host says of itself, or why there is no answer that can be used, all of them at once.

    `WorkFailed` if Ansible itself could not do it.
    """
    ended: set[str] = set()

    def on_event(event: Event) -> None:
        data = event.get("event_data") or {}
        if progress and event.get("event") in _ENDED and data.get("task") == TASK:
            ended.add(data.get("host", ""))
            progress(len(ended))

    with tempfile.TemporaryDirectory(prefix="cadangan-facts-") as folder:
        # In a file, since thousands of names have no room on a command line.
        limit = Path(folder) / "hosts"
        limit.write_text("".join(f"{host}\n" for host in hosts), "utf-8")
        run = run_playbook("facts", inventory=inventory, office=office, limit=f"@{limit}", on_event=on_event)
    if not run.results and not run.failures:
        raise WorkFailed(
            "Ansible asked no server at all",
            advice="See why with: ansible-playbook -i inventory diskominfo.cadangan.facts",
        )
    return {host: _answer(run.results.get(host), run.failures.get(host)) for host in hosts}


def ask_new_server(host: str, address: str | None, inventory: Path, office: Path) -> Facts | str:
    """What a server that need not be in the inventory says of itself, or why there is no answer.

    It is reached by `address`, or by its name; `BadInput` if these can not be those of a server.
    """
    for text, rule in ((host, NAME), (address or host, ADDRESS)):
        if not rule.holds(text):
            raise BadInput(f"{text!a} can not be the name or address of a server: it must be {rule.words}")
    variables = {"ansible_host": address} if address else {}
    with tempfile.TemporaryDirectory(prefix="cadangan-facts-") as folder:
        new = Path(folder) / "new.json"
        new.write_text(json.dumps({"ungrouped": {"hosts": {host: variables}}}), "utf-8")
        return ask_servers([host], [inventory, new], office)[host]


def _answer(tasks: dict[str, dict[str, object]] | None, failure: str | None) -> Facts | str:
    if failure is not None:
        return _why(failure)
    if tasks is None:
        return "the host did not report"
    try:
        return read_facts(tasks.get(TASK, {}).get("asset"))
    except BadInput as error:
        return error.message


def _why(failure: str) -> str:
    """Ansible's words for a failure, as short as they can be."""
    if _NO_PYTHON in failure:
        return "it has no Python that Ansible finds: install the package python3, or set ansible_python_interpreter"
    if _TOO_SLOW in failure:
        return "it did not answer in time"
    lines = [line.strip() for line in failure.removeprefix("Task failed: ").splitlines() if line.strip()]
    return printable(lines[0] if lines else "failed")[:_WHY_LIMIT]
