"""What the asset register says of one server: the host variable `cadangan_asset` of Ansible's inventory."""

from __future__ import annotations

import posixpath
from typing import Annotated, Any, Literal

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import ADDRESS
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from cadangan.procedure.fields import Identifier, Line, Size, Span
from cadangan.procedure.policy import absolute_path
from cadangan.procedure.retention import Retention

Status = Literal["planned", "in_operation", "maintenance", "retired"]


def _address(text: str) -> str:
    if not ADDRESS.holds(text):
        raise ValueError(f"must be {ADDRESS.words}, not {text!r}")
    return text


class KeptRepository(BaseModel):
    """The repository that a server keeps for others: folder, address for its senders, and what it will not do.

    `reserve`: bytes of its disk that stay free. `daily_quota`: bytes that one server may send in a day (UTC).
    Without `address` its senders use the one by which Ansible reaches it.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    root: Annotated[Line, AfterValidator(absolute_path)]
    address: Annotated[str, AfterValidator(_address)] | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    reserve: Size = 10 * 10**9
    daily_quota: Annotated[Size, Field(gt=0)] = 500 * 10**9


class Objectives(BaseModel):
    """What an agency was promised: how old its newest backup may get, and how long a restore may take."""

    model_config = ConfigDict(extra="forbid", strict=True)

    recovery_point: Span | None = None
    recovery_time: Span | None = None


class Database(BaseModel):
    """A database on a server; `agency` is its owner, the server's own agency unless it says otherwise.

    `retention` says which of its sets are kept, unless the office's own rule does.
    `instance` and `name` are what the engine takes: a port and a name, or nothing and an absolute path.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    engine: Line
    instance: Annotated[str, Field(max_length=100)] = ""
    name: Annotated[str, Field(min_length=1, max_length=4096)]
    application: Line | None = None
    agency: Identifier
    objectives: Objectives = Objectives()
    retention: Retention | None = None

    @property
    def label(self) -> str:
        instance = f":{self.instance}" if self.instance else ""
        return f"{self.engine}{instance} {self.name}"


class DrillPlace(BaseModel):
    """Where a server takes sets of other servers for a drill: an instance, or for engines without one a folder."""

    model_config = ConfigDict(extra="forbid", strict=True)

    engine: Line
    instance: Annotated[str, Field(max_length=100)] = ""
    folder: Annotated[Line, AfterValidator(absolute_path)] | None = None

    def database_for(self, name: str) -> str:
        """What a work item calls the database `name` in a drill here; nothing needs to be there of that name."""
        return name if self.folder is None else posixpath.join(self.folder, posixpath.basename(name))

    def takes(self, engine: str, instance: str, name: str) -> bool:
        """Whether a drill of this place may name that database."""
        is_name = posixpath.basename(name) not in ("", ".", "..")
        return is_name and (self.engine, self.instance, self.database_for(name)) == (engine, instance, name)


class Asset(BaseModel):
    """A registered server; `host` is its name in Ansible's inventory, `number` that in the asset book.

    `drill_host`: the places where it takes sets of other servers to a scratch database, compares and drops them.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    host: Line
    number: Line
    name: Line
    status: Status
    agency: Identifier
    location: Line | None = None
    application: Line | None = None
    specification: Line | None = None
    remarks: Line | None = None
    databases: list[Database] = []
    drill_host: list[DrillPlace] = []
    repository: KeptRepository | None = None

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

    @model_validator(mode="after")
    def _each_database_once(self) -> Asset:
        seen = set()
        for database in self.databases:
            place = (database.engine, database.instance, database.name)
            if place in seen:
                raise ValueError(f"databases: {database.label} is there twice")
            seen.add(place)
        return self
