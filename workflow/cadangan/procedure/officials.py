"""The officials of an office, as `officials.yml` names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from ansible_collections.diskominfo.cadangan.plugins.module_utils import sshsig
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from cadangan.errors import BadInput
from cadangan.procedure.fields import Day, Identifier, Line
from cadangan.procedure.names import did_you_mean

RoleName = Literal["opd", "bidang", "seksi", "personil"]


def _public_key(key: str) -> str:
    if "PRIVATE KEY" in key:
        raise ValueError("this is a private key; it must not be here. Put the line of the .pub file")
    try:
        return sshsig.check_public_key(key)
    except sshsig.SignatureError as error:
        raise ValueError(str(error)) from error


class Role(BaseModel):
    """A role that an official holds from the first through the last day, in the office's time zone.

    `acting` (`as` in the file) is `Plh.` or `Plt.` for an acting appointment, made by `letter`.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    role: RoleName
    first_day: Day = Field(alias="from")
    last_day: Day = Field(alias="until")
    acting: Literal["Plh.", "Plt."] | None = Field(default=None, alias="as")
    letter: Line | None = None
    agency: Identifier | None = None

    @model_validator(mode="after")
    def _whole(self) -> Role:
        if self.last_day < self.first_day:
            raise ValueError(f"until ({self.last_day}) is before from ({self.first_day})")
        if self.role == "opd" and self.agency is None:
            raise ValueError("agency is missing: role opd speaks for one agency")
        if self.role != "opd" and self.agency is not None:
            raise ValueError(f"agency belongs to role opd, not to {self.role}")
        if self.acting is not None and self.letter is None:
            raise ValueError(f"letter is missing: who acts ({self.acting}) names the letter of appointment")
        return self


class Official(BaseModel):
    """A person with a position, roles and public keys; `nip` is the staff number, empty for who has none."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Identifier
    name: Line
    nip: Annotated[str, Field(max_length=40)] = ""
    position: Line
    rank: Line | None = None
    agency: Identifier | None = None
    qualification: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    trustee: bool = False
    roles: list[Role] = []
    keys: list[Annotated[str, AfterValidator(_public_key)]] = []


class Officials(BaseModel):
    """All officials by id. One person or key under two ids would let one person be two: refused."""

    model_config = ConfigDict(extra="forbid", strict=True)

    officials: dict[str, Official]

    @model_validator(mode="before")
    @classmethod
    def _ids_from_keys(cls, raw: Any) -> Any:
        people = raw.get("officials") if isinstance(raw, dict) else None
        if not isinstance(people, dict):
            return raw
        named = {
            person: entry | {"id": person} if isinstance(entry, dict) and "id" not in entry else entry
            for person, entry in people.items()
        }
        return raw | {"officials": named}

    @model_validator(mode="after")
    def _each_is_one_person(self) -> Officials:
        owner: dict[str, str] = {}
        for person, official in self.officials.items():
            if official.id != person:
                raise ValueError(f"{person} says that its id is {official.id}; leave id out")
            marks = [("NIP", "".join(official.nip.split()))] if official.nip else []
            for what, mark in marks + [("public key", key) for key in official.keys]:
                other = owner.setdefault(mark, official.id)
                if other != official.id:
                    raise ValueError(f"{other} and {official.id} have the same {what}: one person must have one id")
            if len(set(official.keys)) < len(official.keys):
                raise ValueError(f"{official.id} has a public key twice")
        return self

    def __iter__(self) -> Iterator[Official]:  # type: ignore[override]
        return iter(self.officials.values())

    def get(self, person_id: str) -> Official:
        """The official with this id; `BadInput` with the nearest id otherwise."""
        try:
            return self.officials[person_id]
        except KeyError:
            raise BadInput(
                f"there is no official {person_id!r}",
                where="officials.yml",
                advice=did_you_mean(person_id, self.officials),
            ) from None
