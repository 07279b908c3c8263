"""`python -m cadangan.demo DIR`: an office, a backup and a restore after damage, from letter to confirmed report.

Everything is real: the keys, the signatures, the journal, Ansible, the gate on the target. The "server" is this
machine and its database is one SQLite file under DIR.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import places

from cadangan.errors import CadanganError, Missing, WorkFailed

OFFICE = "demo-diskominfo"
TRUSTEES = ("kadin", "kabid")
BIDANG, SEKSI, EXECUTOR, AGENCY = "kabid", "kasi", "staf-satu", "opd-disdukcapil"
TOOLS = {"age": "age", "age-keygen": "age", "zstd": "zstd", "ssh-keygen": "openssh-client"}

INVENTORY = """\
# The asset register of the demonstration: this machine, reached without SSH.
servers:
  hosts:
    server-demo:
      ansible_connection: local
      ansible_python_interpreter: {python}
      cadangan_asset:
        number: "DEMO/0001"
        name: Server Demo
        status: in_operation
        agency: disdukcapil
        databases:
          - engine: sqlite
            name: {database}
            application: Pendaftaran Penduduk
"""

LETTER = """\
kind: {kind}
number: 045/000{number}/2026
date: {date}
subject: {subject}
agency: disdukcapil
applicant: opd-disdukcapil
reason: {reason}
items:
  - asset: server-demo
    engine: sqlite
    database: {database}
"""


class Demo:
    """One demonstration in the folder `root`, which it makes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.keys = root / "keys"
        self.database = root / "server" / "penduduk.db"

    def run(self) -> None:
        self._check()
        self._say("An office: its folder, its officials' keys, its signed trust")
        self._make_office()
        self._say("A server with a database, made ready")
        self._make_database()
        self._cadangan("onboard")
        before = self._rows()
        self._say("A backup, from the letter to the confirmed report")
        backup = self._case("backup", "Permohonan backup basis data penduduk", "Pengamanan data berkala.")
        self._say("The database is damaged")
        self._damage()
        print(f"{self._rows()} of {before} rows are left.")
        self._say("A restore, from the letter to the confirmed report")
        restore = self._case("restore", "Permohonan restore basis data penduduk", "Data terhapus oleh kesalahan.")
        after = self._rows()
        print(f"{after} of {before} rows are there again.")
        if after != before:
            raise WorkFailed("the restored database is not what it was")
        self._say("What an auditor sees")
        self._cadangan("set", "verify")
        self._cadangan("journal", "verify")
        self._cadangan("case", "list", "--all")
        for case in (backup, restore):
            print(f"Report: {self.root / 'cases' / case / f'Laporan-{case}-terkonfirmasi.pdf'}")

    def _check(self) -> None:
        for tool, package in TOOLS.items():
            if shutil.which(tool) is None:
                raise Missing(f"the program {tool} is missing", advice=f"Install it: apt-get install {package}")
        _forget_former_demo()
        if self.root.exists():
            if not (self.root / "demo.txt").exists():
                raise Missing(f"{self.root} is there and is no demonstration", advice="Name another folder.")
            shutil.rmtree(self.root)

    def _make_office(self) -> None:
        self._cadangan("init", str(self.root), office=False)
        (self.root / "demo.txt").write_text("Made by `python -m cadangan.demo`; removed and made again by it.\n")
        self._settle()
        self.keys.mkdir(mode=0o700)
        for person in {*TRUSTEES, BIDANG, SEKSI, EXECUTOR, AGENCY}:
            key = self.keys / person
            _run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person, "-f", str(key)])
            self._cadangan("trust", "add-key", person, str(key.with_suffix(".pub")), quiet=True)
        for holder in ("kadin", "escrow"):
            identity = self.keys / f"{holder}.age"
            _run(["age-keygen", "-o", str(identity)])
            self._cadangan("trust", "add-recipient", holder, _run(["age-keygen", "-y", str(identity)]).strip())
        self._cadangan("trust", "compile")
        for trustee in TRUSTEES:
            self._cadangan("trust", "sign", "--as", trustee, "--key", str(self.keys / trustee), "--yes")

    def _settle(self) -> None:
        """Adapt the example office to this machine."""
        settings = self.root / "office.yml"
        text = settings.read_text("utf-8")
        for old, new in (
            ("id: diskominfo-kudus", f"id: {OFFICE}"),
            ("repository: /srv/cadangan", f"repository: {json.dumps(str(self.root / 'server' / 'repository'))}"),
        ):
            assert old in text, old
            text = text.replace(old, new)
        settings.write_text(text, "utf-8")
        (self.root / "server").mkdir()
        (self.root / "inventory" / "servers.yml").write_text(
            INVENTORY.format(database=json.dumps(str(self.database)), python=json.dumps(sys.executable)), "utf-8"
        )

    def _make_database(self) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.executescript(
                "create table penduduk (nik text primary key, nama text not null, lahir text, foto blob);"
                "create index penduduk_nama on penduduk (nama);"
                "create view jumlah as select count(*) as jumlah from penduduk;"
            )
            connection.executemany(
                "insert into penduduk values (?, ?, ?, ?)",
                (
                    (f"{number:016d}", f"Warga Contoh {number}", f"1990-01-{number % 28 + 1:02d}", bytes(number % 64))
                    for number in range(5000)
                ),
            )

    def _damage(self) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute("delete from penduduk where nik > '0000000000000100'")

    def _rows(self) -> int:
        with closing(sqlite3.connect(self.database)) as connection:
            count: int = connection.execute("select count(*) from penduduk").fetchone()[0]
        return count

    def _case(self, kind: str, subject: str, reason: str) -> str:
        """Take one letter through all six steps; the id of its case."""
        case = self._request(kind, subject, reason)
        self._sign("disposition", "accept", case, person=BIDANG)
        self._sign("disposition", "accept", case, "--executor", EXECUTOR, person=SEKSI)
        start = datetime.now().astimezone()
        times = [moment.isoformat(timespec="minutes") for moment in (start, start + timedelta(hours=2))]
        self._cadangan("schedule", "propose", case, "--as", SEKSI, "--from", times[0], "--until", times[1])
        self._sign("schedule", "agree", case, person=AGENCY)
        identity = ["--identity", str(self.keys / "kadin.age")] if kind == "restore" else []
        self._sign("execute", case, *identity, person=EXECUTOR)
        self._sign("report", case, person=EXECUTOR)
        self._sign("confirm", case, person=SEKSI)
        self._sign("acknowledge", case, person=AGENCY)
        return case

    def _request(self, kind: str, subject: str, reason: str) -> str:
        letter = self.root / "letters" / f"demo-{kind}.yml"
        text = LETTER.format(
            kind=kind,
            number=1 if kind == "backup" else 2,
            date=datetime.now().date().isoformat(),
            subject=subject,
            reason=reason,
            database=json.dumps(str(self.database)),
        )
        letter.write_text(text + ("    mode: replace\n" if kind == "restore" else ""), "utf-8")
        answer = json.loads(self._cadangan("--json", "request", str(letter), quiet=True))
        print(f"Case {answer['case']}: {answer['subject']}")
        return str(answer["case"])

    def _sign(self, *command: str, person: str) -> None:
        self._cadangan(*command, "--as", person, "--key", str(self.keys / person), "--yes")

    def _cadangan(self, *arguments: str, office: bool = True, quiet: bool = False) -> str:
        """Run a command as a user would, showing it and what it says; what it printed."""
        chosen = ["--office", str(self.root)] if office else []
        print(f"\n$ {shlex.join(['cadangan', *chosen, *arguments])}", flush=True)
        program = [sys.executable, "-c", "from cadangan.cli import main; main()"]
        done = subprocess.run([*program, *chosen, *arguments], stdout=subprocess.PIPE, text=True, check=False)
        if not quiet:
            print(done.stdout, end="", flush=True)
        if done.returncode != 0:
            raise WorkFailed(f"that ended with status {done.returncode}")
        return done.stdout

    @staticmethod
    def _say(title: str) -> None:
        print(f"\n== {title}", flush=True)


def _forget_former_demo() -> None:
    """Servers are pinned to one office for ever; a former demonstration's pin on this machine is taken off.

    As root the pin is under /etc/cadangan; a real office's is never touched.
    """
    pin = Path(places.config_dir(), "asset.json")
    if not pin.exists():
        return
    office = json.loads(pin.read_text())["office"]
    if office != OFFICE:
        raise Missing(
            f"this machine belongs to the office {office} ({pin})",
            advice="Run the demonstration on another machine, or as an ordinary user on one that was not onboarded.",
        )
    try:
        shutil.rmtree(places.config_dir())
        shutil.rmtree(places.state_dir(), ignore_errors=True)
    except PermissionError:
        raise Missing(
            f"a former demonstration pinned this machine in {places.config_dir()}, as another user",
            advice=f"Remove it as root: rm -r {places.config_dir()} {places.state_dir()}",
        ) from None


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WorkFailed(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout


def main() -> None:
    """Run the demonstration in the folder given, `demo` by default."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "demo").absolute()
    try:
        Demo(root).run()
    except CadanganError as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    print(f"\nLook around with: cadangan --office {shlex.quote(str(root))} case show B-{datetime.now().year}-0001")


if __name__ == "__main__":
    main()
