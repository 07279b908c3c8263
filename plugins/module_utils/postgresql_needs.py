# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a PostgreSQL server must have, so that a backup can be restored into it."""

from __future__ import annotations

import locale
import os
from typing import List

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError, Fact
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_database import KIND, named
from ansible_collections.diskominfo.cadangan.plugins.module_utils.postgresql_session import Session

# A plain dump does not hold the indexes that a restored database has.
_SPACE_FACTOR = 1.5


def check_needs(session: Session, proof: List[Fact], plain_bytes: int) -> None:
    """EngineError unless tablespaces, extensions, locales and room for a database with this proof are there."""
    tablespaces = {row[0] for row in session.rows("SELECT json_build_array(spcname) FROM pg_tablespace")}
    missing = sorted(named(proof, "tablespace").keys() - tablespaces)
    if missing:
        raise EngineError(
            f"The server lacks tablespaces of the database: {', '.join(missing)}",
            "Create them with CREATE TABLESPACE, and run it again.",
        )
    available = session.rows("SELECT json_build_array(quote_ident(name)) FROM pg_available_extensions")
    missing = sorted(named(proof, "extension").keys() - {row[0] for row in available})
    if missing:
        raise EngineError(
            f"The server lacks extensions of the database: {', '.join(missing)}",
            "Install their packages, and run it again.",
        )
    wanted = named(proof, KIND)
    if wanted["provider"] == "c":
        for name in sorted({wanted["collate"], wanted["ctype"]}):
            _check_locale(name)
    [[directory]] = session.rows("SELECT json_build_array(current_setting('data_directory'))")
    _check_space(directory, int(plain_bytes * _SPACE_FACTOR))


def _check_locale(name: str) -> None:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        raise EngineError(
            f"This host lacks the locale {name!a} of the database",
            "Generate it (on Debian: dpkg-reconfigure locales), restart PostgreSQL, and run it again.",
        ) from None
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _check_space(directory: str, needed: int) -> None:
    usage = os.statvfs(directory)
    free = usage.f_bavail * usage.f_frsize
    if free < needed:
        raise EngineError(
            f"The restored database needs about {needed} bytes in {directory!a}, where {free} are free",
            "Make room there.",
        )
