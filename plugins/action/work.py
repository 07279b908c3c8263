# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carries out one work item on a target: gives its module the permit, follows it, and journals what it came to."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from pathlib import Path

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from ansible_collections.diskominfo.cadangan.plugins.plugin_utils.office import open_office, plain, readable_errors

# Where a module on the target writes its progress, for root and for an unprivileged account (see module_utils/places).
PROGRESS_DIRS = ("/var/lib/cadangan/progress", "~/.local/state/cadangan/progress")
FIRST_LOOK_SECONDS = 1.5
LOOK_SECONDS = 2.0
SAY_SECONDS = 15.0

# Of a module's answer: what is looked at here, and what of it goes on into Ansible's results.
SHOWN = ("changed", "failed", "unreachable", "msg")
KEPT = (*SHOWN, "outcome", "module_stderr")

display = Display()


class ActionModule(ActionBase):
    """The permit, the order and the key of a set reach the module from here, never through variables."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        dummy, args = self.validate_argument_spec(
            argument_spec={
                "module": {"type": "str", "required": True},
                "case": {"type": "str", "required": True},
                "item": {"type": "str", "required": True},
                "run": {"type": "str", "required": True},
                "options": {"type": "dict", "default": {}},
            }
        )
        with readable_errors():
            result.update(self._carry_out(plain(args), task_vars))
        return result

    def _carry_out(self, args, task_vars):
        from cadangan.evidence.cases import load_case
        from cadangan.execution import run_log
        from cadangan.execution.handover import read_handover
        from cadangan.execution.set_keys import named_identity, set_key_for

        office, journal = open_office()
        case = load_case(journal, args["case"])
        item = next((found for found in case.items if found["id"] == args["item"]), None)
        if item is None:
            return {"failed": True, "msg": f"case {case.id} has no work item {json.dumps(args['item'])}"}
        handover = read_handover(office.runs_dir, args["run"])
        module_args = {
            **args["options"],
            "permit": base64.b64encode(handover.permit).decode(),
            "order": base64.b64encode(handover.order).decode(),
            "item": item["id"],
            "run": handover.run,
            "controller_time": moment.now(),
        }
        key = set_key_for(office, item, named_identity())
        if key is not None:
            module_args["set_key"] = key
        raw = self._run_module(args["module"], module_args, handover, item, task_vars)
        answer = plain({key: raw[key] for key in KEPT if key in raw})
        outcome = answer.get("outcome") or {"result": "failed", "message": _why(answer)}
        if not self._task.check_mode:
            run_log.write_outcome(office, journal, case.id, handover.run, item, outcome)
        return _for_people(answer, outcome, item)

    def _run_module(self, module, module_args, handover, item, task_vars):
        follower = Follower(self, handover, item)
        follower.start()
        try:
            return self._execute_module(module_name=module, module_args=module_args, task_vars=task_vars)
        except AnsibleConnectionFailure as error:
            message = f"the connection to {item['asset']} failed: {error}"
            return {
                "failed": True,
                "unreachable": True,
                "msg": message,
                "outcome": {"result": "unreachable", "message": message},
            }
        finally:
            follower.stop()


class Follower(threading.Thread):
    """Fetches the progress of a running module now and then, for the live view, or as plain lines without one."""

    def __init__(self, action, handover, item):
        super().__init__(daemon=True)
        self._action = action
        self._item = item
        name = f"{handover.run}-{item['id']}.json"
        self._command = "cat " + " ".join(f"{folder}/{name}" for folder in PROGRESS_DIRS) + " 2>/dev/null"
        self._target = handover.progress_dir / f"{item['id']}.json"
        self._has_live_view = "CADANGAN_RUN" in os.environ
        self._over = threading.Event()
        self._said_at = time.monotonic()

    def run(self):
        wait = FIRST_LOOK_SECONDS
        while not self._over.wait(wait):
            wait = LOOK_SECONDS
            try:
                answer = self._action._low_level_execute_command(self._command, sudoable=False)
                progress = json.loads(answer["stdout"])
                self._pass_on(progress)
            except Exception as error:
                # Progress is a courtesy: whatever goes wrong with it must not touch the work itself.
                display.vvv(f"no progress of item {self._item['id']}: {error}")

    def stop(self):
        self._over.set()

    def _pass_on(self, progress):
        if self._has_live_view:
            partial = Path(f"{self._target}.new")
            partial.write_text(json.dumps(progress))
            partial.replace(self._target)
        elif time.monotonic() - self._said_at > SAY_SECONDS:
            self._said_at = time.monotonic()
            megabytes = int(progress["bytes"]) / 1e6
            display.display(f"[{self._item['asset']}] item {self._item['id']}: {progress['stage']}, {megabytes:.0f} MB")


def _why(answer):
    return str(answer.get("msg") or answer.get("module_stderr") or "the module gave no answer")


def _for_people(answer, outcome, item):
    """The module's answer without what is big, secret or only for the journal."""
    shown = {key: answer[key] for key in SHOWN if key in answer}
    shown["work_item"] = item["id"]
    shown["result"] = outcome["result"]
    shown["facts"] = outcome.get("facts", {})
    return shown
