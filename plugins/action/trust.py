# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives a play the office's signed trust chain, for pinning it on a target."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.diskominfo.cadangan.plugins.plugin_utils.office import open_office, readable_errors


class ActionModule(ActionBase):
    """Runs on the control host only; reads, never writes."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        self.validate_argument_spec(argument_spec={})
        with readable_errors():
            from cadangan.execution.onboarding import trust_for_targets

            office, journal = open_office()
            return result | {"changed": False} | trust_for_targets(office, journal)
