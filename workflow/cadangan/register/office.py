"""An office: the folder with `office.yml`, `officials.yml`, the inventory, the journal and the cases."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import host_of
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cadangan.errors import BadInput, Missing
from cadangan.procedure.fields import Identifier, Line
from cadangan.procedure.names import did_you_mean
from cadangan.procedure.office_hours import BY_LAW, OfficeHours
from cadangan.procedure.officials import Officials
from cadangan.procedure.policy import Policy
from cadangan.procedure.retention import Retention
from cadangan.procedure.working_time import WorkingTime
from cadangan.register.source import Source
from cadangan.register.yaml_file import Location, YamlFile

if TYPE_CHECKING:
    from cadangan.register.asset import Asset
    from cadangan.register.holidays import Holidays
    from cadangan.register.register import Register

OFFICE_FILE = "office.yml"
OFFICIALS_FILE = "officials.yml"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"{name!r} is not a time zone that this machine knows, like Asia/Jakarta (Debian package tzdata)"
        ) from error
    return name


class Letterhead(BaseModel):
    """The head of every document (kop surat); `logo` is an image file in the office's folder."""

    model_config = ConfigDict(extra="forbid", strict=True)

    government: Line
    office: Line
    address: Annotated[list[Line], Field(min_length=1, max_length=4)]
    logo: Line | None = None


class Agency(BaseModel):
    """An agency (OPD) that owns applications and their data."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Line
    address: Line | None = None


class OfficeFile(BaseModel):
    """`office.yml`; `place` is the town named in documents, `journal` a URL or None for `journal.db`.

    `register_sources` know of servers independently of the register.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Identifier
    name: Line
    place: Line
    language: Literal["id", "en"] = "id"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Jakarta"
    hours: OfficeHours = BY_LAW
    journal: Line | None = None
    letterhead: Letterhead
    legal_basis: list[Line] = []
    agencies: Annotated[dict[Identifier, Agency], Field(min_length=1)]
    policy: Policy = Policy()
    retention: Retention = Retention()
    register_sources: Annotated[list[Source], Field(max_length=20)] = []


class Office:
    """One office, read and checked; the inventory is read when `register` is first asked for."""

    def __init__(self, root: Path, settings: OfficeFile, officials: Officials) -> None:
        self.root = root
        self.settings = settings
        self.officials = officials

    @classmethod
    def load(cls, directory: Path) -> Office:
        """Read an office; `Missing` if none is there, `BadInput` with file and line if it is wrong."""
        if not (directory / OFFICE_FILE).is_file():
            raise Missing(
                f"there is no office in {directory.absolute()}: it has no {OFFICE_FILE}",
                advice="Name it with --office or CADANGAN_OFFICE, or make one with `cadangan init DIR`.",
            )
        settings = YamlFile.read(directory / OFFICE_FILE).validate(OfficeFile)
        file = YamlFile.read(directory / OFFICIALS_FILE)
        officials = file.validate(Officials)
        unknown = _unknown_agencies(officials, settings)
        if unknown:
            raise file.faults(unknown)
        return cls(directory.absolute(), settings, officials)

    @property
    def id(self) -> str:
        return self.settings.id

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def place(self) -> str:
        return self.settings.place

    @property
    def language(self) -> str:
        return self.settings.language

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)

    @cached_property
    def holidays(self) -> Holidays:
        """The days on which the office is closed; `BadInput` with file and line if `holidays.yml` is wrong."""
        from cadangan.register.holidays import Holidays
        from cadangan.register.holidays_file import read_holidays

        return Holidays(read_holidays(self.root))

    @cached_property
    def working_time(self) -> WorkingTime:
        """When the office works; `BadInput` if `holidays.yml` is wrong."""
        return WorkingTime(self.settings.hours, self.zone, self.holidays)

    @property
    def letterhead(self) -> Letterhead:
        return self.settings.letterhead

    @property
    def legal_basis(self) -> list[str]:
        return self.settings.legal_basis

    @property
    def policy(self) -> Policy:
        return self.settings.policy

    @property
    def journal_url(self) -> str:
        return self.settings.journal or f"sqlite:///{self.root / 'journal.db'}"

    @property
    def inventory(self) -> Path:
        return self.root / "inventory"

    @cached_property
    def register(self) -> Register:
        """The asset register; `BadInput` if the inventory is wrong or names an unknown agency."""
        from cadangan.register.register import Register

        register = Register.load(self.inventory)
        for asset in register.assets():
            for agency in (asset.agency, *(database.agency for database in asset.databases)):
                if agency not in self.settings.agencies:
                    raise BadInput(
                        f"agency {agency!r} is not in {OFFICE_FILE}",
                        where=f"{self.inventory}: {asset.host}: cadangan_asset",
                        advice=did_you_mean(agency, self.settings.agencies),
                    )
        return register

    def repository_host(self) -> Asset | None:
        """The server that keeps the backup sets by the policy; None if each server keeps its own in a folder.

        `BadInput` unless it is a registered server in operation that keeps a repository.
        """
        name = host_of(self.policy.repository)
        if name is None:
            return None
        where = f"{OFFICE_FILE}: policy.repository"
        try:
            asset = self.register.asset(name)
        except BadInput as error:
            raise BadInput(error.message, where=where, advice=error.advice) from None
        if asset.repository is None:
            raise BadInput(
                f"server {name} keeps no repository",
                where=where,
                advice=f"Give {name} in the inventory a cadangan_asset.repository with its root folder.",
            )
        if asset.status != "in_operation":
            raise BadInput(
                f"server {name} is not in operation: the asset register says {asset.status}",
                where=where,
                advice="Correct the register if it does not fit reality, or name another repository.",
            )
        return asset

    def agency(self, agency_id: str) -> Agency:
        """The agency with this id; `BadInput` with the nearest one otherwise."""
        try:
            return self.settings.agencies[agency_id]
        except KeyError:
            raise BadInput(
                f"there is no agency {agency_id!r}",
                where=OFFICE_FILE,
                advice=did_you_mean(agency_id, self.settings.agencies),
            ) from None

    def case_dir(self, case: str) -> Path:
        return self.root / "cases" / case

    @property
    def runs_dir(self) -> Path:
        return self.root / "runs"

    @property
    def sets_dir(self) -> Path:
        return self.root / "sets"

    @property
    def facts_dir(self) -> Path:
        """What was last known of each server."""
        return self.root / "facts"

    @property
    def reconcile_dir(self) -> Path:
        """The results of reconciliations."""
        return self.root / "reconcile"

    @property
    def repository_key(self) -> Path:
        """The operator's private key at repository hosts; `.pub` is added for the public half."""
        return self.root / "repository_key"

    @property
    def reviews_dir(self) -> Path:
        return self.root / "reviews"

    @property
    def trust_dir(self) -> Path:
        return self.root / "trust"


def _unknown_agencies(officials: Officials, settings: OfficeFile) -> list[tuple[Location, str]]:
    named: list[tuple[Location, str | None]] = []
    for official in officials:
        place: Location = ("officials", official.id)
        named.append(((*place, "agency"), official.agency))
        named += [((*place, "roles", number, "agency"), role.agency) for number, role in enumerate(official.roles)]
    return [
        (place, f"agency {agency!r} is not in {OFFICE_FILE}. {did_you_mean(agency, settings.agencies)}")
        for place, agency in named
        if agency is not None and agency not in settings.agencies
    ]
