"""Run where a newer PostgreSQL is: restore a backup of the awkward database, print the differences as a JSON list.

restore_into_newer.py FOLDER MAJOR
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.proof import differences
from support.awkward_postgresql import Backup, load_backup, take_backup
from support.postgresql_server import PostgresqlServer


def main(folder: str, major: str) -> None:
    backup = Backup.read(Path(folder))
    with PostgresqlServer(int(major)) as server:
        engine = server.engine("awkward")
        scratch = load_backup(engine, backup, "awkward", "copy")
        found = differences(backup.manifest["proof"], engine.proof_of(scratch))
        engine.swap(scratch, "awkward", "")
        # And what it became there can be backed up and restored there as well.
        again = take_backup(engine)
        found += differences(again.manifest["proof"], engine.proof_of(load_backup(engine, again, "awkward")))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
