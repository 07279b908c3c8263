"""Run where a newer MariaDB is: restore a backup of the awkward database, print the differences as a JSON list.

restore_into_newer_mariadb.py FOLDER
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import places
from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_postgresql import Backup, load_backup, take_backup
from support.mariadb_server import MariadbServer


def main(folder: str) -> None:
    backup = Backup.read(Path(folder))
    with MariadbServer() as server, tempfile.TemporaryDirectory() as state:
        places.state_dir = lambda: state
        # Its table takes its numbers from a sequence of this database.
        server.sql("", "CREATE DATABASE awkward; CREATE SEQUENCE awkward.nomor")
        engine = server.engine("awkward")
        scratch = load_backup(engine, backup, "awkward", "replace")
        found = differences(backup.manifest["proof"], engine.proof_of(scratch))
        engine.swap(scratch, "awkward", "lama")
        # And what it became there can be backed up and restored there as well.
        again = take_backup(engine)
        found += differences(again.manifest["proof"], engine.proof_of(load_backup(engine, again, "awkward")))
        server.sql("awkward", "DELETE FROM numbers WHERE id = 4")
        damaged = take_backup(engine)
        found += [] if differences(again.manifest["proof"], damaged.manifest["proof"]) else ["the proof sees nothing"]
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
