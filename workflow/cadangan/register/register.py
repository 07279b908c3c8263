"""The asset register: the servers of Ansible's inventory that are registered, never templated."""

from __future__ import annotations

from pathlib import Path

from cadangan.errors import BadInput
from cadangan.procedure.names import did_you_mean
from cadangan.register.asset import Asset
from cadangan.register.database import Database
from cadangan.register.garbage import collection_paused
from cadangan.register.plain_inventory import read_plain
from cadangan.register.written_asset import WrittenAsset


class Register:
    """The registered servers by host name. A host without `cadangan_asset` is not in the register."""

    def __init__(self, assets: list[Asset]) -> None:
        self._assets = {asset.host: asset for asset in assets}

    @classmethod
    def load(cls, inventory: Path) -> Register:
        """Read the inventory; `Missing` if it is not there, `BadInput` naming host and field if wrong."""
        assets: dict[str, Asset] = {}
        for written in written_assets(inventory):
            asset = written.read()
            if isinstance(asset, list):
                raise BadInput("\n".join(written.told(fault) for fault in asset))
            same = assets.setdefault(asset.number, asset)
            if same is not asset:
                raise BadInput(
                    f"{same.host} and {asset.host} have the same asset number {asset.number}", where=str(inventory)
                )
        return cls(list(assets.values()))

    def assets(self) -> list[Asset]:
        """All registered servers, by host name."""
        return [self._assets[host] for host in sorted(self._assets)]

    def asset(self, host: str) -> Asset:
        """The server with this host name; `BadInput` with the nearest one otherwise."""
        try:
            return self._assets[host]
        except KeyError:
            raise BadInput(
                f"server {host!r} is not in the asset register",
                advice=f"A server in operation must be in it. {did_you_mean(host, self._assets)}".strip(),
            ) from None

    def database(self, host: str, engine: str, instance: str, name: str) -> Database:
        """A registered database on a server in operation; `BadInput` saying which of it is not so."""
        asset = self._in_operation(host)
        for database in asset.databases:
            if (database.engine, database.instance, database.name) == (engine, instance, name):
                return database
        asked = f"{engine}{':' if instance else ''}{instance} {name}"
        raise BadInput(
            f"database {asked!r} is not registered on {host}",
            advice=did_you_mean(asked, [database.label for database in asset.databases]),
        )

    def is_drill_place(self, host: str, engine: str, instance: str, name: str) -> bool:
        """Whether other servers' sets may be drilled there under that name; `BadInput` if it is not in operation."""
        return any(place.takes(engine, instance, name) for place in self._in_operation(host).drill_host)

    def check_target(self, host: str, engine: str, instance: str, target: str, agency: str) -> None:
        """`BadInput` if the name of a restored database is registered there as that of another agency's."""
        for database in self._in_operation(host).databases:
            place = (database.engine, database.instance, database.name)
            if place == (engine, instance, target) and database.agency != agency:
                raise BadInput(
                    f"target {database.label} on {host} is registered for agency {database.agency}, not for {agency}",
                    advice="Give the copy another name.",
                )

    def _in_operation(self, host: str) -> Asset:
        asset = self.asset(host)
        if asset.status != "in_operation":
            raise BadInput(
                f"server {host} is not in operation: the asset register says {asset.status}",
                advice="Correct the register if it does not fit reality.",
            )
        return asset


def written_assets(inventory: Path) -> list[WrittenAsset]:
    """What the inventory says of every registered server; `Missing` or `BadInput` if it can not be read."""
    with collection_paused():
        written = read_plain(inventory)
    if written is None:
        from cadangan.register.ansible_inventory import read_by_ansible

        written = read_by_ansible(inventory)
    return written
