# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs of Redis and Valkey: each server is found by its process, and asked where it listens."""

from __future__ import annotations

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_redis import WHOLE
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_instance import Instance, Kind, Options
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_processes import Listening, Program, listening
from ansible_collections.diskominfo.cadangan.plugins.module_utils.facts_text import shown
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import (
    Address,
    Connection,
    read_password,
)

_PRODUCTS = {"redis-server": ("Redis", "redis_version"), "valkey-server": ("Valkey", "valkey_version")}


class RedisKind(Kind):
    """Servers of either product; all databases of one are one database to us."""

    product = "Redis"
    engine = "redis"
    programs = tuple(_PRODUCTS)
    accounts = ("root", "redis", "valkey")

    def look(self, program: Program, options: Options, found: Instance) -> None:
        found.product, version = _PRODUCTS[program.name]
        places = listening(program)
        if places.ports:
            found.instance = str(places.ports[0][1])
        chosen = options.get(self.engine, {})
        file = str(chosen.get("password_file") or "").replace("%i", found.instance)
        with Connection(_address(places), str(chosen.get("user") or ""), read_password(file)) as connection:
            info = connection.info("server", "memory")
        found.version = shown(info[version])
        # Older releases do not tell what the data alone take.
        size = info.get("used_memory_dataset") or info["used_memory"]
        found.databases = [{"name": WHOLE, "size": int(size)}]


def _address(places: Listening) -> Address:
    if places.ports:
        return places.ports[0]
    if places.sockets:
        return places.sockets[0]
    raise EngineError("it listens nowhere that could be seen")
