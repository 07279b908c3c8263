"""What the asset register says of one server: the host variable `cadangan_asset` of Ansible's inventory."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cadangan.procedure.fields import Identifier, Line
from cadangan.procedure.retention import Retention

Status = Literal["planned", "in_operation", "maintenance", "retired"]


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
    retention: Retention | None = None

    @property
    def label(self) -> str:
        instance = f":{self.instance}" if self.instance else ""
        return f"{self.engine}{instance} {self.name}"


class Asset(BaseModel):
    """A registered server; `host` is its name in Ansible's inventory, `number` that in the asset book."""

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

    @model_validator(mode="before")
    @classmethod
    def _databases_belong_to_the_agency(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("databases"), list) or "agency" not in raw:
            return raw
        owner = {"agency": raw["agency"]}
        return raw | {"databases": [owner | each if isinstance(each, dict) else each for each in raw["databases"]]}

    @model_validator(mode="after")
    def _each_database_once(self) -> Asset:
        seen = set()
        for database in self.databases:
            place = (database.engine, database.instance, database.name)
            if place in seen:
                raise ValueError(f"databases: {database.label} is there twice")
            seen.add(place)
        return self
