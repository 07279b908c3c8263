"""Reading any inventory as Ansible itself does, and never templating it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cadangan.errors import BadInput
from cadangan.register.inventory_files import read_file, yaml_files
from cadangan.register.written_asset import VARIABLE, WrittenAsset
from cadangan.register.yaml_file import Location
from cadangan.register.yaml_values import Tagged

_ANY_UNPARSED_IS_FAILED = "INVENTORY_ANY_UNPARSED_IS_FAILED"


def read_by_ansible(inventory: Path) -> list[WrittenAsset]:
    """Every host with `cadangan_asset`, exactly as it is written; `BadInput` if Ansible refuses the inventory."""
    return [
        WrittenAsset(
            host,
            _plain(variables[VARIABLE]),
            partial(_place, variables[VARIABLE]),
            _plain(variables.get("ansible_host")),
            _plain(variables.get("ansible_port")),
        )
        for host, variables in _host_variables(inventory).items()
        if variables.get(VARIABLE) is not None
    ]


def _host_variables(inventory: Path) -> dict[str, dict[str, Any]]:
    from ansible.errors import AnsibleError
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader
    from ansible.vars.manager import VariableManager

    printed = io.StringIO()
    try:
        with _strict_ansible(), contextlib.redirect_stderr(printed):
            loader = DataLoader()
            manager = InventoryManager(loader=loader, sources=[str(inventory)])
            variables = VariableManager(loader=loader, inventory=manager)
            found = {
                str(host.name): variables.get_vars(host=host, include_hostvars=False) for host in manager.get_hosts()
            }
    except AnsibleError as error:
        # Ansible's own message often lacks the place.
        for path in yaml_files(inventory):
            _ = read_file(path).tree
        raise BadInput(f"Ansible cannot read the inventory: {error}", where=str(inventory)) from error
    sys.stderr.write(printed.getvalue())
    return found


def _plain(value: Any) -> Any:
    """`value` without Ansible's marks, and what is vaulted unopened."""
    from ansible.parsing.vault import EncryptedString

    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    for kind in (str, int, float):
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return date.fromordinal(value.toordinal())
    return Tagged("!vault", "") if isinstance(value, EncryptedString) else value


def _place(raw: Any, location: Location) -> str:
    """`file:line:column` of the nearest value to `location`, if Ansible remembers it."""
    from ansible._internal._datatag._tags import Origin

    node, origin = raw, Origin.get_tag(raw)
    for piece in location:
        try:
            node = node[piece]
        except (KeyError, IndexError, TypeError):
            break
        origin = Origin.get_tag(node) or origin
    return str(origin or "")


@contextlib.contextmanager
def _strict_ansible() -> Iterator[None]:
    """Make Ansible refuse a file that it cannot parse or that has a key twice, where it would only warn."""
    from ansible import constants

    unparsed = getattr(constants, _ANY_UNPARSED_IS_FAILED)
    duplicates = os.environ.get("ANSIBLE_DUPLICATE_YAML_DICT_KEY")
    setattr(constants, _ANY_UNPARSED_IS_FAILED, True)
    os.environ["ANSIBLE_DUPLICATE_YAML_DICT_KEY"] = "error"
    try:
        yield
    finally:
        setattr(constants, _ANY_UNPARSED_IS_FAILED, unparsed)
        if duplicates is None:
            del os.environ["ANSIBLE_DUPLICATE_YAML_DICT_KEY"]
        else:
            os.environ["ANSIBLE_DUPLICATE_YAML_DICT_KEY"] = duplicates
