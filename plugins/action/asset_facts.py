# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module of the same name with the files and folders that the register has of the host."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.diskominfo.cadangan.plugins.plugin_utils.office import plain


class ActionModule(ActionBase):
    """The register's names reach the module from here: in an argument they would be templates."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = plain(self._task.args)
        args["places"] = [*args.get("places", []), *_places(plain(task_vars.get("cadangan_asset")))]
        return result | self._execute_module("diskominfo.cadangan.asset_facts", args, task_vars=task_vars)


def _places(asset):
    """What is registered by its path: it has no instance. Whatever is wrong in the register is not told here."""
    databases = asset.get("databases") if isinstance(asset, dict) else None
    found = []
    for database in databases if isinstance(databases, list) else []:
        named = isinstance(database, dict) and all(isinstance(database.get(key), str) for key in ("engine", "name"))
        if named and not database.get("instance"):
            found.append({"engine": database["engine"], "name": database["name"]})
    return found
