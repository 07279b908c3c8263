"""Sending a backup set to a repository host over SSH, beside `ssh host 'cat > file'` and the same bytes.

Both ends are this machine, so that its processors do the work of both.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils import pipeline
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_connection import ssh_command
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_ssh import SshRepository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey
from measuring import Measure, seconds_of
from support.repository_server import RepositoryServer, make_key
from support.sent_set import id_of, place, write_set
from support.signed_office import ASSET, RECIPIENTS
from support.ssh_server import SshServer

MEGABYTES = int(os.environ.get("CADANGAN_BENCHMARK_MEGABYTES", "1000"))
TIMES = 3


def measure() -> Iterator[Measure]:
    # Not in /tmp, which may be memory.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, SshServer(Path(folder, "ssh")) as ssh:
        yield from _Bench(Path(folder), ssh).measure()


class _Bench:
    def __init__(self, folder: Path, ssh: SshServer) -> None:
        self._key = folder / "asset_key"
        self._server = RepositoryServer(folder, {ASSET: [make_key(self._key)]})
        ssh.let_in(self._server.keys[ASSET][0], self._server.command("sender", ASSET))
        self._repository = SshRepository(ssh.contact(), str(self._key))
        ssh.let_in(make_key(folder / "bare_key"), ["sh", "-c", f"cat > {folder}/copy"])
        known_hosts = folder / "known_hosts"
        known_hosts.write_text(f"{ssh.contact()['asset']} {ssh.host_key}\n")
        self._cat = ssh_command(ssh.contact(), str(folder / "bare_key"), str(known_hosts))
        self._dump = folder / "dump"
        _write_dump(self._dump)
        self._random = os.urandom(1 << 20)
        self._sets = 0

    def measure(self) -> Iterator[Measure]:
        seconds_of(self._send)
        wire = f"{MEGABYTES} MB that are encrypted already"
        yield Measure(wire, seconds_of(self._send, TIMES), "ssh cat", seconds_of(self._cat_bytes, TIMES))
        backup = seconds_of(self._back_up, TIMES)
        same = seconds_of(self._store_to_cat, TIMES)
        bare = seconds_of(self._bare_pipeline, TIMES)
        yield Measure("a set, proven, published", backup, "the same proven pipeline into ssh cat", same)
        yield Measure("a set, proven, published", backup, "zstd | age | ssh cat, nothing proven", bare)

    def _id(self) -> str:
        self._sets += 1
        return str(self._sets)

    def _send(self) -> None:
        with self._repository.begin(id_of(place(item=self._id()))) as new:
            sink = new.create("data.zst.age")
            for _ in range(MEGABYTES):
                view = memoryview(self._random)
                while view:
                    view = view[sink.write(view) :]
            assert new.stored("data.zst.age").bytes == MEGABYTES << 20

    def _cat_bytes(self) -> None:
        process = subprocess.Popen(self._cat, stdin=subprocess.PIPE)
        assert process.stdin
        with process.stdin as sink:
            for _ in range(MEGABYTES):
                sink.write(self._random)
        assert process.wait() == 0

    def _back_up(self) -> None:
        write_set(self._repository, self._key, ["cat", str(self._dump)], place(item=self._id()))

    def _store_to_cat(self) -> None:
        process = subprocess.Popen(self._cat, stdin=subprocess.PIPE, bufsize=0)
        assert process.stdin
        with process.stdin as sink:
            dump = Command(["cat", str(self._dump)])
            pipeline.store(dump, SetKey.new(), sink, None, Progress(None), 1)
        assert process.wait() == 0

    def _bare_pipeline(self) -> None:
        pipe = subprocess.PIPE
        with self._dump.open("rb") as dump:
            zstd = subprocess.Popen(["zstd", "-q", "-c", "-1", "-T2"], stdin=dump, stdout=pipe)
        age = subprocess.Popen(["age", "-r", RECIPIENTS[0]], stdin=zstd.stdout, stdout=pipe)
        cat = subprocess.Popen(self._cat, stdin=age.stdout)
        for process in (zstd, age):
            assert process.stdout
            process.stdout.close()
        assert [process.wait() for process in (zstd, age, cat)] == [0, 0, 0]


def _write_dump(path: Path) -> None:
    """A file that is compressed to about a third, as dumps are."""
    with path.open("wb") as file:
        for _ in range(MEGABYTES):
            file.write(b"".join(os.urandom(1 << 10) + b"SISWA;" * 341 for _ in range(341)))
