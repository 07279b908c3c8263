"""Starting a playbook of the collection through ansible-runner, and watching it to its end."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cadangan.register.collection import collections_path

Event = dict[str, Any]

# What the operator's environment may hand on: ansible-runner writes the environment of a run to disk.
KEPT_VARIABLES = (
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TERM", "VIRTUAL_ENV"),
    *("SSH_AUTH_SOCK", "ANSIBLE_VAULT_PASSWORD_FILE", "ANSIBLE_PRIVATE_KEY_FILE", "ANSIBLE_REMOTE_USER"),
)
GRACE_SECONDS = 30.0
POLL_SECONDS = 0.2


@dataclass
class PlaybookRun:
    """How a playbook ended: its exit status, and what each host said when it failed."""

    status: str
    rc: int
    failures: dict[str, str] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        return self.status == "successful" and self.rc == 0


class Cancellation:
    """Asked for by Ctrl-C or SIGTERM: SIGINT to Ansible first; after a grace time, its process group is killed."""

    def __init__(self) -> None:
        self.asked_at: float | None = None

    def ask(self) -> None:
        if self.asked_at is None:
            self.asked_at = time.monotonic()
            for child in _children():
                os.kill(child, signal.SIGINT)

    def is_overdue(self) -> bool:
        return self.asked_at is not None and time.monotonic() - self.asked_at > GRACE_SECONDS


def run_playbook(
    playbook: str,
    *,
    inventory: Path | Sequence[Path],
    office: Path,
    extra_vars: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    limit: str | None = None,
    check: bool = False,
    forks: int = 20,
    on_event: Callable[[Event], None] = lambda _: None,
    on_tick: Callable[[], None] = lambda: None,
    cancellation: Cancellation | None = None,
) -> PlaybookRun:
    """Run `diskominfo.cadangan.<playbook>` in a private folder of its own, which is removed afterwards.

    `on_event` sees every event of ansible-runner and may raise: the error is raised here, after the run was
    ended. `on_tick` is called about five times a second.
    """
    cancellation = cancellation or Cancellation()
    sources = [inventory] if isinstance(inventory, Path) else inventory
    result = PlaybookRun("starting", -1)
    errors: list[Exception] = []

    def handle(event: Event) -> bool:
        # ansible-runner swallows what an event handler raises; keep it and raise it ourselves.
        try:
            _note_failure(event, result)
            on_event(event)
        except Exception as error:
            errors.append(error)
            cancellation.ask()
        return False

    from ansible_runner.interface import run_async

    with tempfile.TemporaryDirectory(prefix="cadangan-run-") as private, _narrow_environment():
        thread, runner = run_async(
            private_data_dir=private,
            playbook=f"diskominfo.cadangan.{playbook}",
            inventory=[str(source.absolute()) for source in sources],
            extravars=dict(extra_vars or {}),
            envvars=_ansible_settings(office) | dict(environment or {}),
            limit=limit,
            cmdline="--check --diff" if check else None,
            forks=forks,
            quiet=True,
            settings={"pexpect_timeout": 1, "suppress_ansible_output": True},
            event_handler=handle,
            cancel_callback=cancellation.is_overdue,
        )
        with _signals_ask(cancellation):
            while thread.is_alive():
                thread.join(POLL_SECONDS)
                on_tick()
        result.status, result.rc = runner.status, runner.rc
    if errors:
        raise errors[0]
    return result


def _ansible_settings(office: Path) -> dict[str, str]:
    config = office / "ansible.cfg"
    return ({"ANSIBLE_CONFIG": str(config.absolute())} if config.is_file() else {}) | {
        "ANSIBLE_COLLECTIONS_PATH": str(collections_path()),
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True",
        "CADANGAN_OFFICE": str(office.absolute()),
    }


def _note_failure(event: Event, result: PlaybookRun) -> None:
    data = event.get("event_data") or {}
    if event.get("event") in ("runner_on_failed", "runner_item_on_failed", "runner_on_unreachable"):
        if data.get("ignore_errors"):
            return
        res = data.get("res") or {}
        result.failures[data.get("host", "")] = str(res.get("msg") or res.get("stderr") or "failed")
    elif event.get("event") == "runner_on_ok":
        result.results.setdefault(data.get("host", ""), {})[data.get("task", "")] = data.get("res") or {}


@contextmanager
def _narrow_environment() -> Iterator[None]:
    """Only `KEPT_VARIABLES` while a run starts and goes on: everything else could be somebody's secret."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({name: before[name] for name in KEPT_VARIABLES if name in before})
    # The Ansible of the environment that we are installed in, whether it was activated or not.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before.get("PATH", os.defpath)])
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _signals_ask(cancellation: Cancellation) -> Iterator[None]:
    before = {
        number: signal.signal(number, lambda *_: cancellation.ask()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _children() -> list[int]:
    pids: list[int] = []
    for listing in Path("/proc/self/task").glob("*/children"):
        pids += [int(pid) for pid in listing.read_text().split()]
    return pids
