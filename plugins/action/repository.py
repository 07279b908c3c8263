# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives a play what a repository host is to have: its folder, its configuration, and who is let in."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.diskominfo.cadangan.plugins.plugin_utils.office import open_office, plain, readable_errors


class ActionModule(ActionBase):
    """Runs on the control host only; makes the operator's key there, but not in check mode."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        self.validate_argument_spec(argument_spec={})
        with readable_errors():
            from cadangan.execution.repository_host import wanted_repository

            office, journal = open_office()
            host = plain(task_vars["inventory_hostname"])
            wanted = wanted_repository(office, journal, host, make_key=not self._task.check_mode)
            return result | {"changed": False} | wanted
