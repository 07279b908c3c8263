"""Who else knows of servers: the independent sources that an office names in `office.yml`. Pure."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, model_validator

from cadangan.procedure.fields import Line
from cadangan.register.strict import STRICT

MOST_ADDRESSES = 4096
"""How many addresses one source may have probed."""

Network = IPv4Network | IPv6Network


def network(text: str) -> Network:
    """The network that `text` names; `ValueError` if it is none, or too large to be probed."""
    try:
        found = ip_network(text)
    except ValueError:
        raise ValueError(f"must be a range of addresses like 10.10.1.0/24, not {text!r}") from None
    if found.num_addresses > MOST_ADDRESSES:
        raise ValueError(f"{text} has more than {MOST_ADDRESSES} addresses: name the part that servers are in")
    return found


def _is_network(text: str) -> str:
    network(text)
    return text


class Source(BaseModel):
    """One independent source: exactly one of `ranges`, `machines` and `zone`."""

    model_config = STRICT

    name: Line
    """What the office calls it."""
    ranges: Annotated[list[Annotated[str, AfterValidator(_is_network)]], Field(max_length=64)] = []
    """Address ranges of the office's networks, in which every address is tried."""
    ports: Annotated[list[Annotated[int, Field(ge=1, le=65535)]], Field(min_length=1, max_length=10)] = [
        *(22, 3306, 5432, 6379)
    ]
    """The ports that are tried there; one that answers, or refuses, is a host."""
    machines: Line | None = None
    """A list of virtual machines as CSV, in the office's folder."""
    name_column: Line | None = None
    """The heading of its column with names."""
    address_column: Line | None = None
    """The heading of its column with addresses."""
    zone: Line | None = None
    """A DNS zone file, or a list of names, one a line, in the office's folder."""
    not_servers: Annotated[list[Line], Field(max_length=1000)] = []
    """Names and addresses that it knows and that are no servers: gateways, printers."""

    @model_validator(mode="after")
    def _is_one_kind(self) -> Source:
        kinds = [kind for kind in ("ranges", "machines", "zone") if getattr(self, kind)]
        if len(kinds) != 1:
            raise ValueError("must have exactly one of ranges, machines and zone")
        if self.machines and not (self.name_column or self.address_column):
            raise ValueError("machines need name_column or address_column: the heading in the list")
        if sum(network(each).num_addresses for each in self.ranges) > MOST_ADDRESSES:
            raise ValueError(f"ranges have more than {MOST_ADDRESSES} addresses together")
        return self
