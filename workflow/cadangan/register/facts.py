"""What a server says of itself. Servers lie and break: nothing is taken that is not of the right kind and size."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from cadangan.errors import BadInput
from cadangan.register.server import Address
from cadangan.register.strict import STRICT
from cadangan.register.yaml_file import field_name, say

_LARGEST = 1 << 60


def _shown_as_it_is(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a character that does not print")
    return text


def _time(text: str) -> str:
    if not moment.is_time(text):
        raise ValueError(f"must be a time like 2026-11-25T02:06:37Z, not {text[:40]!a}")
    return text


Word = Annotated[str, Field(max_length=100), AfterValidator(_shown_as_it_is)]
Text = Annotated[str, Field(max_length=500), AfterValidator(_shown_as_it_is)]
Name = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(_shown_as_it_is)]
Bytes = Annotated[int, Field(ge=0, lt=_LARGEST)]
Time = Annotated[str, AfterValidator(_time)]


class MachineFacts(BaseModel):
    """The hardware, or what stands for it; None for what could not be seen."""

    model_config = STRICT

    kind: Literal["physical", "virtual", "container"] | None = None
    model: Text | None = None
    """Maker and model."""
    serial: Text | None = None
    cpus: Annotated[int, Field(ge=1, le=65536)] | None = None
    memory: Bytes | None = None
    disk: Bytes | None = None
    """All disks together."""


class SystemFacts(BaseModel):
    """The operating system."""

    model_config = STRICT

    name: Word
    version: Word


class DatabaseFacts(BaseModel):
    """A database that is there."""

    model_config = STRICT

    name: Name
    size: Bytes | None = None


class InstanceFacts(BaseModel):
    """A running database server that an engine is for.

    `unseen` says why its databases could not be seen; empty if they were. `container` is the container that it runs in,
    and which is not looked into.
    """

    model_config = STRICT

    engine: Word
    product: Word
    instance: Word = ""
    version: Word = ""
    databases: Annotated[list[DatabaseFacts], Field(max_length=20_000)] = []
    container: Word = ""
    unseen: Text = ""

    @property
    def label(self) -> str:
        return f"{self.engine}{':' if self.instance else ''}{self.instance}"


class OtherProduct(BaseModel):
    """A running database server that there is no engine for."""

    model_config = STRICT

    product: Word
    container: Word = ""


class PlaceFacts(BaseModel):
    """A registered file or folder: whether it is there, or None and why that could not be seen."""

    model_config = STRICT

    engine: Word
    name: Name
    found: bool | None
    size: Bytes | None = None
    unseen: Text = ""


class Facts(BaseModel):
    """What was found on one server at one time."""

    model_config = STRICT

    at: Time
    """By the server's own clock."""
    hostname: Text = ""
    machine_id: Word = ""
    machine: MachineFacts = MachineFacts()
    operating_system: SystemFacts | None = None
    kernel: Word = ""
    addresses: Annotated[list[Address], Field(max_length=1000)] = []
    instances: Annotated[list[InstanceFacts], Field(max_length=200)] = []
    others: Annotated[list[OtherProduct], Field(max_length=200)] = []
    places: Annotated[list[PlaceFacts], Field(max_length=2000)] = []
    unseen: Annotated[list[Text], Field(max_length=100)] = []
    """What could not be seen at all, and why."""


def read_facts(answer: Any) -> Facts:
    """The facts in a server's answer; `BadInput` naming the first fields that can not be used."""
    try:
        return Facts.model_validate(answer)
    except ValidationError as error:
        faults = [f"field {field_name(each['loc'])} {say(Facts, each)}" for each in error.errors(include_url=False)[:3]]
    raise BadInput(f"its answer can not be used: {'; '.join(faults)[:500]}")
