"""What a reconciliation of the register with the servers came to, as it is kept."""

from __future__ import annotations

from typing import Any, Literal

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

State = Literal["fits", "differs", "unreachable"]

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class Difference:
    """A field that the register states and that was found to be otherwise, both as a person reads them."""

    field: str
    registered: str
    found: str


@dataclass(frozen=True, config=_STRICT)
class Unseen:
    """A field that the register states and that could not be seen: neither right nor wrong."""

    field: str
    why: str


@dataclass(frozen=True, config=_STRICT)
class AssetResult:
    """What one registered server came to.

    `reason` says why it was not reached. Of such a server the differences are those of the facts that were last known,
    of `facts_at`; None if nothing was ever known.
    """

    host: str
    state: State
    differences: tuple[Difference, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    reason: str = ""
    facts_at: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether all that the register states was seen, and is so."""
        return self.state == "fits" and not self.unseen

    def to_json(self) -> dict[str, Any]:
        """For canonical JSON."""
        return _plain(self)

    @classmethod
    def from_json(cls, data: Any) -> AssetResult:
        """What `to_json` gave; pydantic's `ValidationError` if it is something else."""
        return TypeAdapter(cls).validate_python(data)


@dataclass(frozen=True, config=_STRICT)
class UnregisteredDatabase:
    """What runs on a registered server and is not in the register; `note` is what else is known of it, or empty."""

    host: str
    label: str
    note: str = ""


@dataclass(frozen=True, config=_STRICT)
class UnregisteredHost:
    """What an independent source knows and the register does not; `address` is empty where the source has none."""

    name: str
    address: str
    source: str


@dataclass(frozen=True, config=_STRICT)
class MissingInSource:
    """A registered server that an independent source, which should know it, does not."""

    host: str
    source: str


@dataclass(frozen=True, config=_STRICT)
class Reconciliation:
    """Everything that one reconciliation found; `at` is when it began. `failed_sources` are told with the reason."""

    at: str
    assets: tuple[AssetResult, ...]
    unregistered_databases: tuple[UnregisteredDatabase, ...] = ()
    unregistered_hosts: tuple[UnregisteredHost, ...] = ()
    missing_in_source: tuple[MissingInSource, ...] = ()
    failed_sources: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether the register fits reality in all that was looked at."""
        others = (self.unregistered_databases, self.unregistered_hosts, self.missing_in_source, self.failed_sources)
        return all(asset.is_right for asset in self.assets) and not any(others)

    def to_bytes(self) -> bytes:
        """Canonical JSON, whose digest stands for it in the journal."""
        return canonical.dumps(self.to_json(), canonical.MANIFEST_LIMIT)

    def to_json(self) -> dict[str, Any]:
        """For canonical JSON."""
        return _plain(self)

    @classmethod
    def from_json(cls, data: Any) -> Reconciliation:
        """What `to_json` gave; pydantic's `ValidationError` if it is something else."""
        return TypeAdapter(cls).validate_python(data)


def _plain(value: AssetResult | Reconciliation) -> dict[str, Any]:
    plain: dict[str, Any] = TypeAdapter(type(value)).dump_python(value, mode="json")
    return plain
