# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lets the permitted work of a case through: checks, writes `started`, and hands each host its work items."""

from __future__ import annotations

import os

from ansible.plugins.action import ActionBase
from ansible_collections.diskominfo.cadangan.plugins.plugin_utils.office import open_office, plain, readable_errors


class ActionModule(ActionBase):
    """Runs on the control host only."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        dummy, args = self.validate_argument_spec(
            argument_spec={
                "case": {"type": "str", "required": True},
                "kind": {"type": "str", "required": True, "choices": ["backup", "restore", "disposal"]},
            }
        )
        with readable_errors():
            return self._let_through(**plain(args))

    def _let_through(self, case, kind):
        from cadangan.execution import owner, run_log
        from cadangan.execution.set_keys import check_identity, named_identity

        office, journal = open_office()
        allowed = run_log.check_case(office, journal, case, kind)
        check_identity(office, allowed.items, named_identity())
        if self._task.check_mode:
            handover = run_log.rehearse(office, allowed)
        else:
            handover = run_log.begin(office, journal, allowed, os.environ.get("CADANGAN_RUN"), owner.parent())
        return {
            "changed": not self._task.check_mode,
            "run": handover.run,
            "hosts": [
                {
                    "asset": asset,
                    "work": [
                        {"id": item["id"], "role": run_log.role_of(item), "action": item["action"]} for item in work
                    ],
                }
                for asset, work in allowed.by_asset().items()
            ],
        }
