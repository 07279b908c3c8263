"""The asset register: Ansible's inventory, read by Ansible itself and never templated."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cadangan.errors import BadInput, Missing
from cadangan.procedure.names import did_you_mean
from cadangan.register.asset import Asset
from cadangan.register.database import Database
from cadangan.register.yaml_file import Location, field_name, load_tree, say

VARIABLE = "cadangan_asset"
_ANY_UNPARSED_IS_FAILED = "INVENTORY_ANY_UNPARSED_IS_FAILED"


class Register:
    """The registered servers by host name. A host without `cadangan_asset` is not in the register."""

    def __init__(self, assets: list[Asset]) -> None:
        self._assets = {asset.host: asset for asset in assets}

    @classmethod
    def load(cls, inventory: Path) -> Register:
        """Read the inventory; `Missing` if it is not there, `BadInput` naming host and field if wrong."""
        if not inventory.exists():
            raise Missing("there is no such inventory", where=str(inventory))
        assets: dict[str, Asset] = {}
        for host, raw in _host_variables(inventory).items():
            asset = _asset(inventory, host, raw)
            same = assets.setdefault(asset.number, asset)
            if same is not asset:
                raise BadInput(
                    f"{same.host} and {host} have the same asset number {asset.number}", where=str(inventory)
                )
        return cls(list(assets.values()))

    def assets(self) -> list[Asset]:
        """All registered servers, by host name."""
        return [self._assets[host] for host in sorted(self._assets)]

    def asset(self, host: str) -> Asset:
        """The server with this host name; `BadInput` with the nearest one otherwise."""
        try:
            return self._assets[host]
        except KeyError:
            raise BadInput(
                f"server {host!r} is not in the asset register",
                advice=f"A server in operation must be in it. {did_you_mean(host, self._assets)}".strip(),
            ) from None

    def database(self, host: str, engine: str, instance: str, name: str) -> Database:
        """A registered database on a server in operation; `BadInput` saying which of it is not so."""
        asset = self._in_operation(host)
        for database in asset.databases:
            if (database.engine, database.instance, database.name) == (engine, instance, name):
                return database
        asked = f"{engine}{':' if instance else ''}{instance} {name}"
        raise BadInput(
            f"database {asked!r} is not registered on {host}",
            advice=did_you_mean(asked, [database.label for database in asset.databases]),
        )

    def is_drill_place(self, host: str, engine: str, instance: str, name: str) -> bool:
        """Whether other servers' sets may be drilled there under that name; `BadInput` if it is not in operation."""
        return any(place.takes(engine, instance, name) for place in self._in_operation(host).drill_host)

    def _in_operation(self, host: str) -> Asset:
        asset = self.asset(host)
        if asset.status != "in_operation":
            raise BadInput(
                f"server {host} is not in operation: the asset register says {asset.status}",
                advice="Correct the register if it does not fit reality.",
            )
        return asset


def _asset(inventory: Path, host: str, raw: Any) -> Asset:
    if not isinstance(raw, dict):
        raise BadInput("must be names with values (name: value)", where=f"{inventory}: {host}: {VARIABLE}")
    try:
        return Asset.model_validate(_plain(raw) | {"host": host})
    except ValidationError as error:
        lines = []
        for detail in error.errors(include_url=False):
            place, field = _place(raw, detail["loc"]) or inventory, field_name((VARIABLE, *detail["loc"]))
            lines.append(f"{place}: {host}: {field}: {say(Asset, detail)}")
    raise BadInput("\n".join(lines))


def _plain(value: Any) -> Any:
    """`value` without Ansible's marks; no field takes what is left, a vaulted value for instance."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    for kind in (str, int, float):
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind(value)
    return value


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


def _host_variables(inventory: Path) -> dict[str, Any]:
    """`cadangan_asset` of every host that has one, exactly as it is written."""
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
                str(host.name): variables.get_vars(host=host, include_hostvars=False).get(VARIABLE)
                for host in manager.get_hosts()
            }
    except AnsibleError as error:
        _raise_syntax_error(inventory)
        raise BadInput(f"Ansible cannot read the inventory: {error}", where=str(inventory)) from error
    sys.stderr.write(printed.getvalue())
    return {host: raw for host, raw in found.items() if raw is not None}


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


def _raise_syntax_error(inventory: Path) -> None:
    """Ansible's own message often lacks the place: raise ours for the first YAML file that is not YAML."""
    files = [inventory] if inventory.is_file() else sorted(inventory.rglob("*"))
    for path in files:
        if path.suffix in (".yml", ".yaml") and path.is_file():
            load_tree(path)
