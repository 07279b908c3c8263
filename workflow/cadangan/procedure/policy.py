"""The rules that an office sets for itself: the `policy` part of `office.yml`."""

from __future__ import annotations

import posixpath
from typing import Annotated

from ansible_collections.diskominfo.cadangan.plugins.module_utils.age_recipient import is_recipient
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from cadangan.procedure.fields import Line


def _absolute(path: str) -> str:
    if not path.startswith("/") or path != path.strip() or ".." in path.split("/"):
        raise ValueError("must be an absolute path without '..'")
    return posixpath.normpath(path)


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

    `drill_backups`: restore each backup to a scratch place before it is published, unless a letter says no.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    trustees: Annotated[int, Field(ge=1, le=2)] = 2
    recipients: list[Recipient] = []
    repository: Annotated[Line, AfterValidator(_absolute)] = "/srv/cadangan"
    drill_backups: bool = True
    disposition_days: Annotated[int, Field(ge=1, le=365)] = 14

    @property
    def keeper(self) -> str | None:
        """The asset that keeps the sets; None where each asset reaches the repository as a folder of its own."""
        scheme, _, host = self.repository.partition("://")
        return host if scheme == "ssh" else None

    @model_validator(mode="after")
    def _recipients_differ(self) -> Policy:
        for name in ("holder", "key"):
            values = [getattr(recipient, name) for recipient in self.recipients]
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"recipients: the {name} {value} is there twice")
        return self
