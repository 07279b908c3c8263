"""Throw-away Redis servers for tests: Debian's program, a temporary folder, a port of this host."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import redis_replacement
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine_redis import RedisEngine
from ansible_collections.diskominfo.cadangan.plugins.module_utils.redis_connection import Connection, Word

TESTABLE = {
    "repl-diskless-sync-delay": "0",
    "enable-debug-command": "yes",
    "enable-protected-configs": "yes",
}


class RedisServer:
    """A running server. It stands in for its own service of systemd, too, of which a test machine has none."""

    def __init__(self, program: str = "redis-server", password: str = "", **settings: str) -> None:
        self.program = shutil.which(program)
        self.folder = Path(tempfile.mkdtemp(prefix="cadangan-redis-"))
        self.data = self.folder / "data"
        self.data.mkdir()
        self.port = str(_free_port())
        self.password = password
        self.name = "redis-test.service"
        self.account = "redis" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        given = {**TESTABLE, "dir": str(self.data), **settings}
        lines = [f'{name} "{value}"' for name, value in given.items()]
        if password:
            lines.append(f"requirepass {password}")
        (self.folder / "redis.conf").write_text("\n".join(lines) + "\n")
        for path in (self.folder, self.data):
            shutil.chown(path, self.account)
        self.start()

    def __enter__(self) -> RedisServer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def start(self) -> None:
        become = {"user": self.account, "group": self.account} if os.geteuid() == 0 else {}
        argv = [str(self.program), str(self.folder / "redis.conf"), "--port", self.port, "--bind", "127.0.0.1"]
        # A daemon, since also a process that is killed meanwhile may have started it.
        argv += ["--daemonize", "yes", "--pidfile", str(self._pid_file), "--logfile", str(self.folder / "log")]
        subprocess.run(argv, check=True, cwd="/", stdout=subprocess.DEVNULL, **become)
        for _ in range(200):
            try:
                self.connection().close()
                return
            except EngineError:
                time.sleep(0.05)
        raise EngineError("The server does not start: " + (self.folder / "log").read_text()[-300:])

    def stop(self, process: int = 0) -> None:
        """As systemd does."""
        self.end(signal.SIGTERM)

    def is_up(self) -> bool:
        pid = self._pid()
        try:
            return pid != 0 and ") Z " not in Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False

    def end(self, number: signal.Signals) -> None:
        """Send it a signal that ends it, and wait until it has ended."""
        if not self.is_up():
            return
        os.kill(self._pid(), number)
        deadline = time.monotonic() + 30
        while self.is_up():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def close(self) -> None:
        self.end(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _pid_file(self) -> Path:
        return self.folder / "pid"

    def _pid(self) -> int:
        """Its process, also if it ended without removing its file; 0 if it never was or took its leave."""
        try:
            return int(self._pid_file.read_text() or 0)
        except FileNotFoundError:
            return 0

    def connection(self) -> Connection:
        return Connection(("127.0.0.1", int(self.port)), password=self.password.encode())

    def call(self, *words: Word, database: int = 0) -> Any:
        with self.connection() as connection:
            connection.call("SELECT", database)
            return connection.call(*words)

    def digest(self) -> str:
        """What the server itself says about all it holds."""
        return self.call("DEBUG", "DIGEST").decode()

    def engine(self, **options: object) -> RedisEngine:
        return RedisEngine(self.port, "all", options)

    def be_a_service(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let replacements stop and start this server."""
        monkeypatch.setattr(redis_replacement.Service, "of", lambda _process: self)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
