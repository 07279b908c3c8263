# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Replacing all data of a server: its service is stopped, its files are exchanged, and it is started again."""

from __future__ import annotations

import contextlib
import time
from typing import Callable

from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, RedisError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_files import DataFiles
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_server import RedisServer
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_service import Service

_SILENCE_LIMIT = 60
_SAVE_SOMETIMES = "3600 1"


class Replacement:
    """`connect` gives a connection to the server, now and once it was started again."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        with connect() as connection:
            self._server = RedisServer(connection)

    def check(self) -> None:
        """EngineError if the server could not be stopped and started."""
        service = Service.of(self._server.process)
        if not service.is_up():
            raise EngineError(f"The service {service.name} is not up", "Start it, then run it again.")

    def carry_out(self, folder: str, aside: str, keys: int) -> None:
        """Let the server begin with the dump in `folder`, which holds `keys` keys; its data are kept as `aside`.

        If that fails, the server goes on with the data that it had.
        """
        service = Service.of(self._server.process)
        self._save()
        files = DataFiles(self._server)
        try:
            service.stop(self._server.process)
            files.replace(folder, aside)
            service.start()
            self._check_started(service, keys)
        except Exception as error:
            self._bring_back(service, files, aside)
            told = error.message if isinstance(error, EngineError) else str(error)
            raise EngineError(
                f"The data could not be replaced: {told}", "The server has its old data again."
            ) from error

    def _save(self) -> None:
        """Make sure that stopping the server loses nothing: EngineError, before it is stopped, if it can not save."""
        if self._server.settings["appendonly"] == "yes":
            return
        with self._connect() as connection:
            save = connection.table("CONFIG", "GET", "save")["save"]
            if not save:
                # In its memory alone, as for a cache: then this server is to save once more, when it is stopped.
                connection.call("CONFIG", "SET", "save", _SAVE_SOMETIMES)
            before = connection.info("persistence")["rdb_saves"]
            connection.call("BGSAVE", "SCHEDULE")
            told = connection.info("persistence")
            while told["rdb_saves"] == before or told["rdb_bgsave_in_progress"] != "0":
                time.sleep(0.1)
                told = connection.info("persistence")
            if told["rdb_last_bgsave_status"] != "ok":
                connection.call("CONFIG", "SET", "save", save)
                raise EngineError(
                    "The server can not save its data, and would lose them when it is stopped",
                    "Look at its log; make room in its data directory.",
                )

    def _check_started(self, service: Service, keys: int) -> None:
        with self._started(service) as connection:
            told = connection.info("persistence")
        found = int(told["rdb_last_load_keys_loaded"]) + int(told["rdb_last_load_keys_expired"])
        if found != keys:
            raise EngineError(f"The server read {found} keys, the restored data hold {keys}", "Look at its log.")

    def _started(self, service: Service) -> Connection:
        """A connection to the server once it has read its data, however long that takes."""
        heard = time.monotonic()
        while True:
            try:
                return self._connect()
            except RedisError as error:
                if error.code != "LOADING":
                    raise
                heard = time.monotonic()
            except EngineError:
                if not service.is_up() or time.monotonic() - heard > _SILENCE_LIMIT:
                    raise
            time.sleep(0.2)

    def _bring_back(self, service: Service, files: DataFiles, aside: str) -> None:
        try:
            service.stop(0)
            files.put_back()
            service.start()
            # Whoever refuses us is up.
            with contextlib.suppress(RedisError):
                self._started(service).close()
        except EngineError as error:
            raise EngineError(
                f"The data could not be replaced, and the server does not start again: {error.message}",
                f"Its old data are in {aside!a}, if that is there, and else in its data directory.",
            ) from error
