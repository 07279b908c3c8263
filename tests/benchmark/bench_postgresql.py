"""PostgreSQL: a backup and a restore, proof included, beside the bare pipeline of the same tools.

CADANGAN_BENCHMARK_SCALE is pgbench's scale, 20 by default: about 300 MB.
"""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from measuring import Measure, seconds_of
from support.postgresql_server import PostgresqlServer
from support.postgresql_target import PostgresqlTarget
from support.signed_office import Keyring

SCALE = os.environ.get("CADANGAN_BENCHMARK_SCALE", "20")
TIMES = 3


def measure() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory() as name, PostgresqlServer() as server, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        folder.chmod(0o755)
        server.run("createdb", "-h", str(server.folder), "-p", server.port, "bench")
        server.run("pgbench", "-h", str(server.folder), "-p", server.port, "-i", "-q", "-s", SCALE, "bench")
        for part in ("target", "keys"):
            (folder / part).mkdir()
        target = PostgresqlTarget(folder / "target", Keyring(folder / "keys"), server, patch)
        bare = Bare(server, folder)
        dumped = seconds_of(bare.dump, TIMES)
        peer = f"pg_dump -Fc -Z0 | zstd -3 | age, scale {SCALE}"
        yield Measure(
            "backup, read back", seconds_of(lambda: target.back_up("bench", drill=False), TIMES), peer, dumped
        )
        loaded = seconds_of(bare.load, TIMES)
        drilled = seconds_of(lambda: target.back_up("bench", drill=True), TIMES)
        yield Measure("backup, drilled", drilled, "the same, and loaded again", dumped + loaded)
        backup = target.back_up("bench", drill=False)
        copies = iter(range(TIMES))
        restored = seconds_of(lambda: target.restore(backup, f"copy_{next(copies)}"), TIMES)
        yield Measure("restore as a copy, proven", restored, "age -d | zstd -d | pg_restore", loaded)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        stored = sum(part["bytes"] for part in target.set(backup).manifest["parts"])
        print(f"memory of the module at most {peak} MB; stored {stored / 1e6:.1f} MB, bare {bare.stored / 1e6:.1f} MB")


class Bare:
    """The pipeline that an operator would write in a shell, with every status looked at."""

    def __init__(self, server: PostgresqlServer, folder: Path) -> None:
        self._server = server
        self._place = ["-h", str(server.folder), "-p", server.port]
        self._file = folder / "bare.zst.age"
        self._identity = folder / "bare.key"
        subprocess.run(["age-keygen", "-o", self._identity], check=True, capture_output=True)
        public = subprocess.run(["age-keygen", "-y", self._identity], check=True, capture_output=True, text=True)
        self._recipient = public.stdout.strip()
        self._loads = 0

    @property
    def stored(self) -> int:
        return self._file.stat().st_size

    def dump(self) -> None:
        with self._file.open("wb") as file:
            dump = self._client("pg_dump", "-Fc", "-Z0", "bench", stdout=subprocess.PIPE)
            packed = subprocess.Popen(["zstd", "-q", "-3", "-T2"], stdin=dump.stdout, stdout=subprocess.PIPE)
            sealed = subprocess.Popen(["age", "-r", self._recipient], stdin=packed.stdout, stdout=file)
            assert [process.wait() for process in (dump, packed, sealed)] == [0, 0, 0]

    def load(self) -> None:
        """Into a new database."""
        self._loads += 1
        name = f"bare_{self._loads}"
        self._server.run("createdb", *self._place, name)
        opened = subprocess.Popen(["age", "-d", "-i", self._identity, self._file], stdout=subprocess.PIPE)
        plain = subprocess.Popen(["zstd", "-q", "-d"], stdin=opened.stdout, stdout=subprocess.PIPE)
        load = self._client("pg_restore", "--exit-on-error", "-d", name, stdin=plain.stdout)
        assert [process.wait() for process in (opened, plain, load)] == [0, 0, 0]

    def _client(self, program: str, *arguments: str, **streams: object) -> subprocess.Popen[bytes]:
        argv = [str(self._server.binaries / program), *self._place, *arguments]
        become = {"user": self._server.account, "group": self._server.account} if os.geteuid() == 0 else {}
        return subprocess.Popen(argv, **become, **streams)  # type: ignore[call-overload, no-any-return]
