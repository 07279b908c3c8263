"""Drives the procedure as an office's people do: through the command line, each with a key of their own.

office = Office.create(folder, inventory=Path("servers.yml"))
office.cadangan("onboard")
case = office.permitted("backup", [{"asset": "db1", "engine": "sqlite", "database": "/srv/app.db"}])
office.cadangan("execute", case, "--as", EXECUTOR)
office.finish(case)
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

AGENCY = "disdukcapil"
APPLICANT = "opd-disdukcapil"
BIDANG, SEKSI, EXECUTOR = "kabid", "kasi", "staf-satu"
TRUSTEES = ("kadin", "kabid")
PEOPLE = ("kadin", "kabid", "kasi", "staf-satu", APPLICANT)
HOLDERS = ("kabid", "kasi")

BIN = Path(sys.executable).parent


class Office:
    """The example office in `folder/office`, with the keys of its people in `folder/keys`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "office"
        self.keys = folder / "keys"
        self._letters = folder / "letters"

    @classmethod
    def create(cls, folder: Path, inventory: Path, repository_host: str | None = None) -> Office:
        """Make the office anew: this inventory, a key for everybody, and a signed trust document.

        Backup sets are kept on `repository_host`, or in a folder of each server.
        """
        office = cls(folder)
        for old in (office.root, office.keys, office._letters):
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        office._run("cadangan", "init", str(office.root))
        shutil.copyfile(inventory, office.root / "inventory" / "servers.yml")
        if repository_host is not None:
            settings = office.root / "office.yml"
            text = settings.read_text("utf-8")
            assert "repository: /srv/cadangan" in text
            text = text.replace("repository: /srv/cadangan", f"repository: ssh://{repository_host}")
            settings.write_text(text, "utf-8")
        office._make_keys()
        office.cadangan("trust", "compile")
        for trustee in TRUSTEES:
            office.cadangan("trust", "sign", "--as", trustee)
        return office

    def cadangan(self, *arguments: str, fails: int | None = None) -> dict[str, Any]:
        """Run `cadangan --json` and give what it printed.

        A signing person signs with their own key. With `fails`, the exit status must be that one, and the answer
        is `{"stderr": …}`.
        """
        command = ["cadangan", "--json", "--office", str(self.root), *arguments]
        if "--as" in arguments and arguments[:2] != ("schedule", "propose"):
            command += ["--key", str(self.keys / arguments[arguments.index("--as") + 1]), "--yes"]
        done = self._run(*command, status=fails or 0)
        return json.loads(done.stdout) if fails is None else {"stderr": done.stderr}

    def types(self, *arguments: str, status: int = 0, environment: dict[str, str] | None = None) -> str:
        """Run `cadangan` with exactly these arguments, as a person types them; what it printed, and its errors."""
        command = ["cadangan", "--office", str(self.root), *arguments]
        done = self._run(*command, status=status, environment=environment)
        return done.stdout + done.stderr

    def playbook(self, name: str, *arguments: str, status: int = 0, identity: Path | None = None) -> str:
        """Run `ansible-playbook diskominfo.cadangan.<name>` and give its output."""
        inventory = ["--inventory", str(self.root / "inventory")]
        environment = {"CADANGAN_IDENTITY": str(identity)} if identity else {}
        command = ["ansible-playbook", f"diskominfo.cadangan.{name}", *inventory, *arguments]
        return self._run(*command, status=status, environment=environment).stdout

    def module(self, server: str, name: str, parameters: dict[str, str], *arguments: str) -> dict[str, Any]:
        """Call a module on a server past all playbooks, as somebody with root would, where it must fail."""
        inventory = ["--inventory", str(self.root / "inventory")]
        module = ["--module-name", f"diskominfo.cadangan.{name}", "--args", json.dumps(parameters)]
        done = self._run("ansible", server, *inventory, *module, "--one-line", *arguments, status=2)
        answer: dict[str, Any] = json.loads(done.stdout.partition("=> ")[2])
        return answer

    def identity(self, holder: str) -> Path:
        """File with the age identity of somebody who can open backup sets."""
        return self.keys / f"{holder}.age"

    def permitted(self, kind: str, items: list[dict[str, str]], subject: str = "Uji coba") -> str:
        """A case with everything signed that its permit needs, for now."""
        case = self.requested(kind, items, subject)
        self.decided(case)
        return case

    def decided(self, case: str) -> None:
        """Have everything signed that the permit of a requested case needs, for now."""
        self.cadangan("disposition", "accept", case, "--as", BIDANG)
        self.cadangan("disposition", "accept", case, "--as", SEKSI, "--executor", EXECUTOR)
        self.scheduled(case)

    def requested(self, kind: str, items: list[dict[str, str]], subject: str = "Uji coba") -> str:
        """A case that was only requested."""
        self._letters.mkdir(exist_ok=True)
        letter = self._letters / f"{len(list(self._letters.iterdir())) + 1}.yml"
        letter.write_text(
            yaml.safe_dump(
                {
                    "kind": kind,
                    "number": f"045/{letter.stem}",
                    "date": datetime.now(ZoneInfo("Asia/Jakarta")).date(),
                    "subject": subject,
                    "agency": AGENCY,
                    "applicant": APPLICANT,
                    "reason": subject,
                    "items": items,
                }
            )
        )
        case: str = self.cadangan("request", str(letter))["case"]
        return case

    def scheduled(self, case: str) -> None:
        """Propose a window around now, and have the agency agree to it."""
        now = datetime.now(ZoneInfo("Asia/Jakarta"))
        window = ["--from", f"{now:%Y-%m-%d %H:%M}", "--until", f"{now + timedelta(hours=2):%Y-%m-%d %H:%M}"]
        self.cadangan("schedule", "propose", case, "--as", SEKSI, *window)
        self.cadangan("schedule", "agree", case, "--as", APPLICANT)

    def finish(self, case: str) -> None:
        """Report, confirm and acknowledge the result."""
        self.cadangan("report", case, "--as", EXECUTOR)
        self.cadangan("confirm", case, "--as", SEKSI)
        self.cadangan("acknowledge", case, "--as", APPLICANT)

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """The journal's entries of one type."""
        with sqlite3.connect(f"file:{self.root / 'journal.db'}?mode=ro", uri=True) as journal:
            rows = journal.execute("SELECT entry FROM entry ORDER BY seq").fetchall()
        return [entry for entry in (json.loads(text) for (text,) in rows) if entry["type"] == kind]

    def _make_keys(self) -> None:
        self.keys.mkdir(mode=0o700)
        for person in PEOPLE:
            self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.keys / person))
            self.cadangan("trust", "add-key", person, str(self.keys / f"{person}.pub"))
        for holder in HOLDERS:
            self._run("age-keygen", "-o", str(self.identity(holder)))
            public = self._run("age-keygen", "-y", str(self.identity(holder))).stdout.strip()
            self.cadangan("trust", "add-recipient", holder, public)

    def _run(
        self, *command: str, status: int = 0, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        # Nothing of a test runner's own settings for Ansible.
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "CONTAINERS_CONF") if name in os.environ}
        done = subprocess.run(
            command,
            env=kept | {"PATH": f"{BIN}:{os.environ['PATH']}", "CADANGAN_OFFICE": str(self.root)} | (environment or {}),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != status:
            raise AssertionError(
                f"{' '.join(command)}\nended with {done.returncode}, not {status}\n{done.stdout}\n{done.stderr}"
            )
        return done
