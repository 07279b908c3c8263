"""A backup that is drilled; damage; a restore in the place of the damaged database."""

from __future__ import annotations

import json

from support.office import EXECUTOR, HOLDERS, Office
from support.scenario import FOLDER, INVENTORY, on

SERVER = "cadangan-mysql"
PLACE = {"asset": "mysql9", "engine": "mysql", "instance": "3306", "database": "layanan"}
DAMAGE = """
    DROP TABLE berkas; DROP TRIGGER catat; DELETE FROM `daftar antrean` WHERE id > 17; DROP EVENT malam;
    ALTER TABLE riwayat ADD salah int; DROP PROCEDURE bersihkan; DROP USER petugas@localhost;
"""


def content() -> dict[str, str]:
    """The database and the account that is let use it, by MySQL's own means."""
    options = ["--single-transaction", "--routines", "--events", "--hex-blob", "--skip-dump-date"]
    account = "SET print_identified_with_as_hex = ON; SHOW CREATE USER petugas@localhost;"
    return {
        "database": on(SERVER, "mysqldump", *options, "--set-gtid-purged=OFF", "layanan"),
        "account": on(SERVER, "mysql", "-BN", text=f"{account} SHOW GRANTS FOR petugas@localhost;"),
    }


office = Office.create(FOLDER, INVENTORY)
office.cadangan("onboard")
before = content()

backup = office.permitted("backup", [PLACE])
office.cadangan("execute", backup, "--as", EXECUTOR)
office.finish(backup)

on(SERVER, "mysql", "layanan", text=DAMAGE)
restore = office.permitted("restore", [{**PLACE, "mode": "replace"}])
office.cadangan("execute", restore, "--as", EXECUTOR, "--identity", str(office.identity(HOLDERS[0])))
office.finish(restore)

(FOLDER / "cases.json").write_text(
    json.dumps({"backup": backup, "restore": restore, "before": before, "after": content()})
)
