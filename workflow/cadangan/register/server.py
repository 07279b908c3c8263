"""What the asset register says of a server as a thing: its people, its machine, its worth to the office."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from cadangan.procedure.fields import Day, Line, Size
from cadangan.register.strict import STRICT

Level = Literal["low", "moderate", "high"]


class Position(BaseModel):
    """An office, and who holds it."""

    model_config = STRICT

    position: Line
    """The position in the agency, such as `Kepala Subbagian Umum`."""
    name: Line | None = None
    """Who holds it."""
    nip: Annotated[str, Field(max_length=40)] | None = None
    """The staff number (NIP) of who holds it."""


class Life(BaseModel):
    """Since when a server is in each stage of its life."""

    model_config = STRICT

    planned: Day | None = None
    """The day on which it was planned or ordered."""
    in_operation: Day | None = None
    """The day on which it went into operation."""
    maintenance: Day | None = None
    """The day on which the present or last maintenance began."""
    retired: Day | None = None
    """The day on which it was retired."""


class Classification(BaseModel):
    """What harm it would be if the server's information were known, changed or gone."""

    model_config = STRICT

    confidentiality: Level
    """Harm if it became known."""
    integrity: Level
    """Harm if it were changed unnoticed."""
    availability: Level
    """Harm if it were not there."""


class Machine(BaseModel):
    """The hardware, or what stands for it."""

    model_config = STRICT

    kind: Literal["physical", "virtual", "container"] | None = None
    """Whether it is a machine of its own."""
    host: Line | None = None
    """The machine or cluster on which a virtual machine or container runs."""
    model: Line | None = None
    """Maker and model."""
    serial: Line | None = None
    """Serial number."""
    cpus: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Processors that the operating system sees."""
    memory: Size | None = None
    """Main memory."""
    disk: Size | None = None
    """All disks together."""


class OperatingSystem(BaseModel):
    """The operating system."""

    model_config = STRICT

    name: Line
    """Its name, such as `Debian`."""
    version: Line
    """Its version, as long as it is meant to be: `12` is also `12.7`."""


class Support(BaseModel):
    """Until when somebody stands behind something on the server."""

    model_config = STRICT

    what: Line
    """Hardware, operating system, engine or contract."""
    until: Day
    """The last day."""


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError(f"must be an address like 10.10.1.11 or fd00::11, not {text!r}") from None


Address = Annotated[
    str,
    Field(json_schema_extra={"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}),
    AfterValidator(_address),
]
"""An address of the Internet protocol, in its shortest form."""
