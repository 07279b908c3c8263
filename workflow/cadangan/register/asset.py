"""What the asset register says of one server: the host variable `cadangan_asset` of Ansible's inventory."""

from __future__ import annotations

import posixpath
from typing import Annotated, Any, Literal

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import ADDRESS
from pydantic import AfterValidator, BaseModel, Field, model_validator

from cadangan.procedure.fields import Identifier, Line, Size
from cadangan.procedure.policy import absolute_path
from cadangan.register.database import Database
from cadangan.register.server import Address, Classification, Life, Machine, OperatingSystem, Position, Support
from cadangan.register.strict import STRICT

Status = Literal["planned", "in_operation", "maintenance", "retired"]


def _host_address(text: str) -> str:
    if not ADDRESS.holds(text):
        raise ValueError(f"must be {ADDRESS.words}, not {text!r}")
    return text


AbsolutePath = Annotated[Line, Field(json_schema_extra={"pattern": "^/"}), AfterValidator(absolute_path)]


class KeptRepository(BaseModel):
    """The repository that a server keeps for others, and what it will not do."""

    model_config = STRICT

    root: AbsolutePath
    """Absolute path of its folder."""
    address: Annotated[str, AfterValidator(_host_address)] | None = None
    """Where its senders reach it; by itself the address by which Ansible does."""
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    """The port of its SSH server."""
    reserve: Size = 10 * 10**9
    """How much of its disk stays free."""
    daily_quota: Annotated[Size, Field(gt=0)] = 500 * 10**9
    """How much one server may send in a day (UTC)."""


class DrillPlace(BaseModel):
    """Where a server takes sets of other servers for a drill."""

    model_config = STRICT

    engine: Line
    """The engine whose sets it takes."""
    instance: Annotated[str, Field(max_length=100)] = ""
    """The running server that takes them: its port."""
    folder: AbsolutePath | None = None
    """For engines without a running server: the folder."""

    def database_for(self, name: str) -> str:
        """What a work item calls the database `name` in a drill here; nothing needs to be there of that name."""
        return name if self.folder is None else posixpath.join(self.folder, posixpath.basename(name))

    def takes(self, engine: str, instance: str, name: str) -> bool:
        """Whether a drill of this place may name that database."""
        is_name = posixpath.basename(name) not in ("", ".", "..")
        return is_name and (self.engine, self.instance, self.database_for(name)) == (engine, instance, name)


class Asset(BaseModel):
    """A registered server."""

    model_config = STRICT

    host: Line
    """Its name in Ansible's inventory."""
    number: Line
    """Its number in the asset book."""
    name: Line
    """What people call it."""
    status: Status
    """Where it is in its life; work is done on servers in operation only."""
    life: Life = Life()
    """Since when it is in each stage of its life."""
    agency: Identifier
    """The agency that owns it."""
    application: Line | None = None
    """The application that it serves."""
    owner: Position | None = None
    """Who answers for it in its agency."""
    administrator: Position | None = None
    """Who runs it."""
    location: Line | None = None
    """Where it stands: room and rack, or the data centre."""
    category: Literal["strategic", "high", "low"] | None = None
    """Category of the electronic system: strategis, tinggi or rendah."""
    classification: Classification | None = None
    """What harm it would be if its information were known, changed or gone."""
    personal_data: Literal["none", "general", "specific"] | None = None
    """Whether there are personal data on it: of the general kind, or of the specific kind that the law guards more."""
    machine: Machine = Machine()
    """What it is made of."""
    operating_system: OperatingSystem | None = None
    """The operating system."""
    addresses: list[Address] = []
    """Its addresses in the office's networks."""
    support: list[Support] = []
    """Until when somebody stands behind its parts."""
    specification: Line | None = None
    """What else is to be said of its equipment."""
    remarks: Line | None = None
    """Anything else."""
    databases: list[Database] = []
    """What is backed up of it."""
    drill_host: list[DrillPlace] = []
    """Where it takes sets of other servers to a scratch database, compares and drops them."""
    repository: KeptRepository | None = None
    """The repository that it keeps for other servers."""

    @model_validator(mode="before")
    @classmethod
    def _databases_belong_to_the_agency(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("databases"), list) or "agency" not in raw:
            return raw
        owner = {"agency": raw["agency"]}
        return raw | {"databases": [owner | each if isinstance(each, dict) else each for each in raw["databases"]]}

    def drill_place(self, engine: str) -> DrillPlace | None:
        """Where this server takes other servers' sets of an engine; None if it does not."""
        return next((place for place in self.drill_host if place.engine == engine), None)

    def as_written(self) -> dict[str, Any]:
        """`cadangan_asset` as a file of the inventory has it: plain values, without what is not said."""
        written = self.model_dump(mode="json", exclude={"host"}, exclude_none=True, exclude_defaults=True)
        for database in written.get("databases", ()):
            if database["agency"] == self.agency:
                del database["agency"]
        return written

    @model_validator(mode="after")
    def _each_database_once(self) -> Asset:
        seen = set()
        for database in self.databases:
            place = (database.engine, database.instance, database.name)
            if place in seen:
                raise ValueError(f"databases: {database.label} is there twice")
            seen.add(place)
        return self
