"""Onboard servers and repository host at once; back up; damage; bring back; dispose of what is old; copy; break off."""

from __future__ import annotations

import json
import shutil
import threading

from support.office import AGENCY, APPLICANT, EXECUTOR, HOLDERS, Office
from support.scenario import FOLDER, INVENTORY, on, psql, reach_by_ssh, state

APP, PG, ARSIP = "cadangan-repo-app", "cadangan-repo-pg", "cadangan-repo-arsip"
SERVERS = {"app": APP, "pg": PG, "arsip": ARSIP}
SMALL = {"asset": "app", "engine": "sqlite", "database": "/srv/app/antrean.db"}
LARGE = {"asset": "app", "engine": "sqlite", "database": "/srv/app/arsip.db"}
OTHER = {"asset": "pg", "engine": "postgresql", "instance": "5432", "database": "layanan"}
DISK, LABEL = FOLDER / "disk", "BACKUP-07"


def break_off() -> None:
    """Cut every connection of senders as soon as 20 MB of a set have arrived, and be away for a moment."""
    script = """
        until [ "$(du -sm /srv/arsip | cut -f 1)" -gt "$(($1 + 20))" ]; do sleep 0.02; done
        systemctl stop ssh.service ssh.socket
        pkill -KILL -u cadangan-repository
        sleep 3
        systemctl start ssh.service
    """
    before = on(ARSIP, "du", "-sm", "/srv/arsip").split()[0]
    on(ARSIP, "sh", "-c", script, "sh", before)


def change_host_key() -> None:
    on(ARSIP, "sh", "-c", "rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh")
    # Ansible keeps connections open for the next play.
    on(ARSIP, "pkill", "-KILL", "-u", "petugas")


office = Office.create(FOLDER, INVENTORY, repository_host="arsip")
reach_by_ssh(office, SERVERS)
before = state(APP), state(ARSIP)
said = {"check": office.playbook("onboard", "--check", "--diff")}
unchanged = before == (state(APP), state(ARSIP))

# The repository host takes part by itself; then comes another server, and meanwhile the host has another key.
office.cadangan("onboard", "app")
change_host_key()
said["other host key"] = office.playbook("doctor", "--limit", "app,localhost", status=2)
reach_by_ssh(office, SERVERS)
office.cadangan("onboard")
said |= {"again": office.playbook("onboard", "--diff"), "doctor": office.types("doctor", "--targets", status=1)}

backup = office.permitted("backup", [SMALL, OTHER])
office.cadangan("execute", backup, "--as", EXECUTOR)
office.finish(backup)
office.cadangan("set", "verify")

on(APP, "sqlite3", SMALL["database"], "DROP TABLE antrean;")
psql(PG, "layanan", "DELETE FROM berkas WHERE id > 7")
restore = office.permitted("restore", [{**SMALL, "mode": "replace"}, {**OTHER, "mode": "drill"}])
office.cadangan("execute", restore, "--as", EXECUTOR, "--identity", str(office.identity(HOLDERS[0])))
office.finish(restore)

# A newer proven set lets the first one go.
office.cadangan("execute", office.permitted("backup", [SMALL]), "--as", EXECUTOR)
with (office.root / "office.yml").open("a") as settings:
    settings.write("retention: {last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0, minimum: 1}\n")
letter = ("--agency", AGENCY, "--number", "045/9", "--applicant", APPLICANT)
office.cadangan("retention", "letter", str(FOLDER / "pemusnahan.yml"), *letter)
disposal = str(office.cadangan("request", str(FOLDER / "pemusnahan.yml"))["case"])
office.decided(disposal)
office.cadangan("execute", disposal, "--as", EXECUTOR)
office.finish(disposal)
office.cadangan("set", "verify")

# The newest sets leave on a disk. The repository loses a server's; they come back from it, also to a new control host.
shutil.rmtree(DISK, ignore_errors=True)
DISK.mkdir()
copied = office.cadangan("set", "copy", "--newest", "--to", str(DISK), "--label", LABEL, "--same-disk")
on(ARSIP, "rm", "-r", f"/srv/arsip/{AGENCY}/pg")
said |= {"lost": office.types("set", "list", "--check", status=1), "not there": office.types("set", "verify", status=1)}
newcomer = Office.create(FOLDER / "baru", INVENTORY)
imported = newcomer.cadangan("set", "import", str(DISK), "--label", LABEL, "--unknown-keys")
office.cadangan("set", "import", str(DISK), "--label", LABEL, "--into-repository")
office.cadangan("set", "verify", "--download")
drill = office.permitted("restore", [{**OTHER, "mode": "drill"}])
office.cadangan("execute", drill, "--as", EXECUTOR, "--identity", str(office.identity(HOLDERS[0])))

broken_off = office.permitted("backup", [LARGE])
cut = threading.Thread(target=break_off, daemon=True)
cut.start()
office.cadangan("execute", broken_off, "--as", EXECUTOR)
cut.join()

(FOLDER / "cases.json").write_text(
    json.dumps(
        {
            "backup": backup,
            "restore": restore,
            "disposal": disposal,
            "copied": copied,
            "imported": imported,
            "drill": drill,
            "broken off": broken_off,
            "said": said,
            "check changed nothing": unchanged,
        }
    )
)
