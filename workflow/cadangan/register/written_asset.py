"""What an inventory says of one registered server, before anybody asks whether it is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from cadangan.register.asset import Asset
from cadangan.register.yaml_file import Location, field_name, say

VARIABLE = "cadangan_asset"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field of `cadangan_asset`: `location` leads to it."""

    location: Location
    what: str


@dataclass(frozen=True)
class WrittenAsset:
    """A host that has `cadangan_asset`.

    `raw` is that as plain values; `where` tells `file:line:column` of a field of it or of the nearest thing, or nothing
    where that is not known; `address` and `port` are by what Ansible reaches the host, None if it does not say.
    """

    host: str
    raw: Any
    where: Callable[[Location], str]
    address: Any = None
    port: Any = None

    def read(self) -> Asset | list[Fault]:
        """The asset, or everything that is wrong with it."""
        if not isinstance(self.raw, dict):
            return [Fault((), "must be names with values (name: value)")]
        if "host" in self.raw:
            return [Fault(("host",), "is not a field here: the key above is the server's name")]
        try:
            return Asset.model_validate(self.raw | {"host": self.host})
        except ValidationError as error:
            found = error.errors(include_url=False)
        return [Fault(detail["loc"], say(Asset, detail)) for detail in found if not self._is_inherited(detail["loc"])]

    def _is_inherited(self, location: Location) -> bool:
        """Whether it is the agency of a database that takes the server's own, where the fault is told already."""
        match location:
            case ("databases", int(number), "agency"):
                return "agency" not in self.raw["databases"][number]
        return False

    def told(self, fault: Fault) -> str:
        """A fault in one line, with its place if that is known."""
        place = self.where(fault.location)
        field = field_name((VARIABLE, *fault.location))
        return f"{f'{place}: ' if place else ''}{self.host}: {field}: {fault.what}"
