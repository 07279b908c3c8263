"""The rules that an office sets for itself: the `policy` part of `office.yml`."""

from __future__ import annotations

import posixpath
from typing import Annotated, Literal

from ansible_collections.diskominfo.cadangan.plugins.module_utils import repository_host
from ansible_collections.diskominfo.cadangan.plugins.module_utils.age_recipient import is_recipient
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from cadangan.procedure.fields import Line

FEWEST_RECIPIENTS = 2
"""So many can open backup sets at least: one alone may be away, or gone."""


def absolute_path(path: str) -> str:
    """`path` in its shortest form; `ValueError` unless it is an absolute path without `..`."""
    if not path.startswith("/") or path != path.strip() or ".." in path.split("/"):
        raise ValueError("must be an absolute path without '..'")
    return posixpath.normpath(path)


def _repository(place: str) -> str:
    if not place.startswith(repository_host.SCHEME):
        return absolute_path(place)
    if repository_host.host_of(place) is None:
        raise ValueError("must be ssh:// and the name of a server in the asset register, with nothing after it")
    return place


def _age_key(key: str) -> str:
    if key.startswith("AGE-SECRET-KEY-"):
        raise ValueError("this is a private age key; it must not be here. Put the public key (age1…)")
    if not is_recipient(key):
        raise ValueError("must be an age public key; this one is mistyped or cut")
    return key


class Recipient(BaseModel):
    """Who can open backup sets: an official or a sealed escrow copy, with an age public key."""

    model_config = ConfigDict(extra="forbid", strict=True)

    holder: Line
    key: Annotated[str, AfterValidator(_age_key)]


class Policy(BaseModel):
    """`trustees` officials sign the trust document; `disposition_days` is how long a decision stays good.

    `repository`: a folder on each server, or `ssh://NAME`, the repository host of that name in the asset register.
    `drill_backups`: restore each backup to a scratch place before it is published, unless a letter says no.
    `review_signer`: the role in which the yearly review of the asset register is signed.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    trustees: Annotated[int, Field(ge=1, le=2)] = 2
    recipients: list[Recipient] = []
    repository: Annotated[Line, AfterValidator(_repository)] = "/srv/cadangan"
    drill_backups: bool = True
    disposition_days: Annotated[int, Field(ge=1, le=365)] = 14
    review_signer: Literal["bidang", "seksi"] = "bidang"

    @property
    def keeper(self) -> str | None:
        """The asset that keeps the sets; None where each asset reaches the repository as a folder of its own."""
        return repository_host.host_of(self.repository)

    @model_validator(mode="after")
    def _recipients_differ(self) -> Policy:
        for name in ("holder", "key"):
            values = [getattr(recipient, name) for recipient in self.recipients]
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"recipients: the {name} {value} is there twice")
        return self
