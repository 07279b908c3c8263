# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules that do permitted work share: they take a permit and hand everything to `work.run`."""

from __future__ import annotations

from typing import Any, Dict, Optional, Type

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.diskominfo.cadangan.plugins.module_utils import work
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Engine

_GIVEN: Dict[str, Dict[str, Any]] = {
    "permit": {"type": "str", "required": True},
    "order": {"type": "str", "required": True},
    "item": {"type": "str", "required": True},
    "run": {"type": "str", "required": True},
    "controller_time": {"type": "str"},
}
_FOR_BACKUP: Dict[str, Dict[str, Any]] = {
    "compression_level": {"type": "int", "default": 3, "choices": list(range(1, 20))}
}
_FOR_RESTORE: Dict[str, Dict[str, Any]] = {"set_key": {"type": "str", "no_log": True}}


def run_backup(engine_class: Type[Engine], options: Dict[str, Dict[str, Any]]) -> None:
    """Be the module that backs up with an engine; `options` is the argument spec of the engine's own options."""
    _run(engine_class, {**_FOR_BACKUP, **options})


def run_restore(engine_class: Type[Engine], options: Dict[str, Dict[str, Any]]) -> None:
    """Be the module that restores and drills with an engine; `options` as for `run_backup`."""
    _run(engine_class, {**_FOR_RESTORE, **options})


def run_disposal() -> None:
    """Be the module that disposes of backup sets."""
    _run(None, {})


def _run(engine_class: Optional[Type[Engine]], spec: Dict[str, Dict[str, Any]]) -> None:
    module = AnsibleModule(argument_spec={**_GIVEN, **spec}, supports_check_mode=True)
    given = {name: module.params[name] for name in _GIVEN}
    options = {name: module.params[name] for name in spec if name != "set_key"}
    outcome = work.run(
        engine_class, **given, set_key=module.params.get("set_key"), check=module.check_mode, options=options
    )
    message = " ".join(text for text in (outcome["message"], outcome["advice"]) if text)
    if outcome["result"] in ("done", "checked"):
        module.exit_json(changed=outcome["changed"], msg=message, outcome=outcome)
    module.fail_json(msg=message, outcome=outcome)
