# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes to the journal: the end of a run, that a server was made ready, or how a repository host is reached."""

from __future__ import annotations

import os

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.diskominfo.cadangan.plugins.plugin_utils.office import open_office, plain, readable_errors

display = Display()


class ActionModule(ActionBase):
    """Runs on the control host only; writes nothing in check mode and nothing twice."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        dummy, args = self.validate_argument_spec(
            argument_spec={
                "event": {"type": "str", "required": True, "choices": ["ended", "onboarded", "repository"]},
                "case": {"type": "str"},
                "run": {"type": "str"},
                "identity": {"type": "dict"},
                "address": {"type": "str"},
                "host_key": {"type": "str"},
            },
            required_if=[
                ("event", "ended", ("case", "run")),
                ("event", "onboarded", ("identity",)),
                ("event", "repository", ("address", "host_key")),
            ],
        )
        args = plain(args)
        with readable_errors():
            if args["event"] == "onboarded":
                return result | self._onboarded(args["identity"], plain(task_vars["inventory_hostname"]))
            if args["event"] == "repository":
                host = plain(task_vars["inventory_hostname"])
                return result | self._repository(host, args["address"], args["host_key"])
            return result | self._ended(args["case"], args["run"])

    def _ended(self, case_id, run):
        from cadangan.execution import run_log
        from cadangan.execution.sending import send_after_run
        from cadangan.procedure.case import item_results

        office, journal = open_office()
        if self._task.check_mode:
            run_log.forget_rehearsal(office, run)
            return {"changed": False}
        case = run_log.close(journal, case_id, run)
        # `cadangan execute` sends it itself, also when the play was ended before this.
        unsent = None if "CADANGAN_RUN" in os.environ else send_after_run(office, journal)
        if unsent:
            display.warning(unsent)
        ended = case.runs[-1]
        items = item_results(ended)
        failed = [
            f"item {item['item']}: {item['result']}: {item['message']}" for item in items if item["result"] != "done"
        ]
        return {
            "changed": True,
            "failed": bool(failed),
            "result": ended.result,
            "items": items,
            "msg": "; ".join(failed) if failed else f"all {len(items)} items of {case_id} are done",
        }

    def _onboarded(self, identity, asset):
        from cadangan.execution.onboarding import write_onboarded

        if self._task.check_mode:
            return {"changed": False}
        dummy, journal = open_office()
        return {"changed": write_onboarded(journal, asset, identity)}

    def _repository(self, host, address, host_key):
        from cadangan.execution.repository_host import write_repository

        if self._task.check_mode:
            return {"changed": False}
        office, journal = open_office()
        return {"changed": write_repository(office, journal, host, address, host_key)}
