"""An example office whose register is about to be reviewed: servers, and what a reconciliation found of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from cadangan.procedure import moment
from cadangan.register.reconcile import (
    AssetResult,
    Difference,
    Reconciliation,
    UnregisteredDatabase,
    UnregisteredHost,
)
from cadangan.register.reconciliations import Reconciliations
from support.desk import Desk
from support.signed_office import RECIPIENTS, Keyring

AGENCIES = ("disdukcapil", "dpmptsp")
DATABASE = {
    "engine": "postgresql",
    "instance": "5432",
    "name": "siak",
    "objectives": {"recovery_point": "24 h", "recovery_time": "30 min"},
}


def server(number: int, **more: Any) -> dict[str, Any]:
    """What the register says of a server."""
    return {
        "number": f"1.3.2.10.{number:03d}",
        "name": f"Server Basis Data Nomor {number}",
        "status": "in_operation",
        "agency": AGENCIES[number % len(AGENCIES)],
        "owner": {"position": "Kepala Subbagian Umum", "name": "Siti Aminah", "nip": "19800101 200501 2 001"},
        "databases": [DATABASE],
        **more,
    }


def found_of(host: str, number: int) -> AssetResult:
    """Of three servers one fits, one differs, and one is down."""
    if number % 3 == 1:
        return AssetResult(host, "fits")
    if number % 3 == 2:
        return AssetResult(host, "differs", (Difference("machine.memory", "16.0 GB", "32.0 GB"),))
    return AssetResult(host, "unreachable", reason="no route to host", facts_at="2026-10-01T02:03:04Z")


class ReviewDesk(Desk):
    """Servers db-01, db-02, …; `servers` is what the inventory says of them."""

    @classmethod
    def furnished(cls, folder: Path, keyring: Keyring, count: int = 3) -> ReviewDesk:
        desk = cls(folder / "office", keyring)
        desk.furnish({f"pemegang {number}": key for number, key in enumerate(RECIPIENTS)})
        desk.renew_trust()
        desk.registers({f"db-{number:02d}": server(number) for number in range(1, count + 1)})
        desk.reconciles()
        return desk

    def again(self, folder: Path) -> ReviewDesk:
        """The same once more, for one test."""
        shutil.copytree(self.root, folder / "office")
        return type(self)(folder / "office", self.keyring)

    @property
    def servers(self) -> dict[str, dict[str, Any]]:
        hosts = json.loads((self.root / "inventory" / "servers.yml").read_text())["servers"]["hosts"]
        return {host: variables["cadangan_asset"] for host, variables in hosts.items()}

    def registers(self, servers: dict[str, dict[str, Any]]) -> None:
        """Make the register say this."""
        hosts = {host: {"cadangan_asset": said} for host, said in servers.items()}
        (self.root / "inventory" / "servers.yml").write_text(json.dumps({"servers": {"hosts": hosts}}))

    def corrects(self, host: str, **fields: Any) -> None:
        """Change what the register says of one server."""
        servers = self.servers
        servers[host] |= fields
        self.registers(servers)

    def reconciles(self) -> Reconciliation:
        """Keep a reconciliation of all servers, with what `found_of` says, and two strangers."""
        result = Reconciliation(
            moment.now(),
            tuple(found_of(host, number) for number, host in enumerate(self.servers, 1)),
            (UnregisteredDatabase("db-01", "mariadb:3306 arsip", "1.2 GB"),),
            (UnregisteredHost("vm-lama", "10.10.1.99", "daftar-vm.csv"),),
        )
        Reconciliations(self.root / "reconcile").keep(result)
        return result

    def opens(self) -> str:
        """Open a review; its id."""
        return str(self.asks("register", "review", "open", "--as", "staf-satu")["review"])

    def records(self, host: str, verdict: str, *more: str, status: int = 0) -> str:
        arguments = ("register", "review", "record", host, "--verdict", verdict, "--as", "staf-satu", *more)
        return self.types(*arguments, status=status)

    def closes(self, person: str = "kabid", status: int = 0) -> str:
        key = ("--key", str(self.key(person)))
        return self.types("register", "review", "close", "--as", person, *key, "--yes", status=status)

    def decides_all(self) -> None:
        """One corrected, one to follow up, all others right."""
        hosts = list(self.servers)
        self.corrects(hosts[1], remarks="Memori ditambah")
        self.records(hosts[1], "corrected", "--note", "memori 32 GB")
        later = ("--note", "periksa kabel", "--by-whom", "staf-satu", "--until", "2999-12-31")
        self.records(hosts[2], "follow-up", *later)
        for host in (hosts[0], *hosts[3:]):
            self.records(host, "right")
