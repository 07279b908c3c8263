# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MySQL: a schema of the server that listens on a port of this host. The instance is the port."""

from __future__ import annotations

from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_dialect import MYSQL
from ansible_collections.diskominfo.cadangan.plugins.module_utils.mysql_family_engine import OPTIONS, FamilyEngine

__all__ = ["OPTIONS", "MysqlEngine"]


class MysqlEngine(FamilyEngine):
    """One schema of one MySQL server."""

    name = "mysql"
    dialect = MYSQL
