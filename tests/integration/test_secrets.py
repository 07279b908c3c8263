"""No private key and no row of data where others could read it: process lists, private folders, journal, documents."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from pypdf import PdfReader
from support.office import BIN, EXECUTOR, HOLDERS
from support.private_machine import PrivateOffice, content, item
from support.terminal import at_a_terminal

RUN_FOLDERS = "cadangan-run-*"
ANSIBLE = Path.home() / ".ansible"
MARKERS = [f"PENANDA-{secrets.token_hex(12)}" for _ in range(3)]
PASSPHRASE = f"kata-sandi-{secrets.token_hex(8)}"


class Sampler:
    """Looks again and again at the processes, as others on the machine can, and at the files of runs."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self.command_lines: set[bytes] = set()
        self.environments: set[bytes] = set()
        self.files: set[bytes] = set()

    @contextlib.contextmanager
    def looking(self) -> Iterator[None]:
        """Look for as long as the block takes."""
        over = threading.Event()
        thread = threading.Thread(target=self._look_until, args=[over], daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _look_until(self, over: threading.Event) -> None:
        while not over.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                self._keep(self.command_lines, process / "cmdline")
                self._keep(self.environments, process / "environ")
            for folder in (*Path(tempfile.gettempdir()).glob(RUN_FOLDERS), *self.folders):
                for path in _files(folder):
                    self._keep(self.files, path)

    def _keep(self, kept: set[bytes], path: Path) -> None:
        # Processes end and files go while they are looked at.
        with contextlib.suppress(OSError):
            kept.add(path.read_bytes())

    def finds(self, secret: str) -> list[str]:
        """Where this text was seen."""
        places = {"command line": self.command_lines, "environment": self.environments, "file": self.files}
        return [place for place, kept in places.items() if any(secret.encode() in seen for seen in kept)]


def _files(folder: Path) -> Iterator[Path]:
    for path, _, names in os.walk(folder):
        for name in names:
            if (Path(path) / name).is_file():
                yield Path(path) / name


def test_the_sampler_sees_what_others_could_see() -> None:
    marker = [secrets.token_hex(12) for _ in range(3)]
    sleep = [sys.executable, "-c", "import time; time.sleep(2)", marker[0]]
    sampler = Sampler()
    with tempfile.TemporaryDirectory(prefix="cadangan-run-") as folder, sampler.looking():
        Path(folder, "env").mkdir()
        Path(folder, "env", "envvars").write_text(marker[2])
        subprocess.run(sleep, env={"KEY": marker[1]}, check=True)
    assert [sampler.finds(text) for text in marker] == [["command line"], ["environment"], ["file"]]


@dataclass
class Watched:
    """A backup and a restore that were sampled while they ran, and what they printed."""

    office: PrivateOffice
    sampler: Sampler
    printed: str
    set_id: str


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Marked rows among so much data that dumping, compressing and encrypting take a moment each."""
    path = tmp_path_factory.mktemp("data") / "warga.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table warga (nik text primary key, nama text, foto blob)")
        connection.executemany("insert into warga values (?, ?, ?)", ((f"{n}", m, b"") for n, m in enumerate(MARKERS)))
        noise = ((f"x{n}", "isi", os.urandom(400_000)) for n in range(50))
        connection.executemany("insert into warga values (?, ?, ?)", noise)
    return path


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, database: Path) -> Watched:
    folder = tmp_path_factory.mktemp("office")
    office = PrivateOffice.on_this_machine(folder, [database])
    backup = office.permitted("backup", [item(database)])
    key = ["--key", str(office.keys / EXECUTOR), "--yes"]
    before = content(database)
    sampler = Sampler(ANSIBLE / "tmp", office.root / "runs")
    with sampler.looking():
        printed = office.types("execute", backup, "--as", EXECUTOR, *key)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("delete from warga where nama != 'isi'")
    restore = office.permitted("restore", [item(database, mode="replace")])
    with sampler.looking():
        identity = ["--identity", str(office.identity("kasi"))]
        printed += office.types("execute", restore, "--as", EXECUTOR, *key, *identity)
    assert content(database) == before
    for case in (backup, restore):
        office.finish(case)
    set_id = office.cadangan("set", "list")["sets"][0]["set"]
    return Watched(office, sampler, printed, set_id)


@pytest.fixture(scope="module")
def private(watched: Watched) -> dict[str, list[str]]:
    """Every secret there is, by what it is: the lines of it that nothing else has."""
    office = watched.office
    found = {"row": MARKERS}
    for holder in HOLDERS:
        found[f"identity of {holder}"] = [office.identity(holder).read_text().splitlines()[-1]]
    for key in (*office.keys.glob("*.pub"), office.folder / "config" / "asset_key.pub"):
        # The first lines of all such keys are alike.
        found[f"key {key.stem}"] = key.with_suffix("").read_text().splitlines()[3:-1]
    wrapped = office.folder / "repository" / watched.set_id / "key.age"
    decrypt = ["age", "--decrypt", "--identity", str(office.identity("kabid")), str(wrapped)]
    found["key of the set"] = [subprocess.run(decrypt, check=True, capture_output=True, text=True).stdout.strip()]
    assert all(lines and all(len(line) >= 16 for line in lines) for lines in found.values())
    return found


def test_processes_and_private_folders_show_no_secret(watched: Watched, private: dict[str, list[str]]) -> None:
    sampler = watched.sampler
    for tool in (b"age\0", b"zstd\0", b"ansible-playbook\0"):
        assert any(tool in line for line in sampler.command_lines), f"the sampler saw no {tool!r}"
    assert any(b"CADANGAN_IDENTITY=" in seen for seen in sampler.environments)
    # Files that last as long as a run: its settings, what Ansible printed, and the permit that is handed over.
    for written in (b'"CADANGAN_OFFICE"', b"PLAY [SOP 4", b'"permit"'):
        assert any(written in seen for seen in sampler.files), f"the sampler saw no file of a run with {written!r}"
    assert {what: [sampler.finds(line) for line in lines] for what, lines in private.items()} == {
        what: [[] for _ in lines] for what, lines in private.items()
    }


def test_nothing_that_stays_holds_a_secret(watched: Watched, private: dict[str, list[str]]) -> None:
    office = watched.office
    own = {*(office.keys / key.stem for key in office.keys.glob("*.pub")), office.folder / "config" / "asset_key"}
    own |= {office.identity(holder) for holder in HOLDERS}
    kept = [path for folder in (office.folder, ANSIBLE, Path("/var/log")) for path in _files(folder)]
    held = {path: path.read_bytes() for path in kept if path not in own}
    for needed in ("journal.db", "ledger", "data.zst.age", "letter.yml"):
        assert any(path.name == needed for path in held)
    for what, lines in private.items():
        for line in lines:
            assert [path for path, raw in held.items() if line.encode() in raw] == [], what
            assert line not in watched.printed, what
    left = [path for folder in Path(tempfile.gettempdir()).glob(RUN_FOLDERS) for path in _files(folder)]
    assert not any(str(office.root).encode() in path.read_bytes() for path in left)


def test_documents_hold_no_secret(watched: Watched, private: dict[str, list[str]]) -> None:
    reports = list((watched.office.root / "cases").rglob("Laporan-*.pdf"))
    assert len(reports) == 4
    text = "".join("".join(page.extract_text().split()) for path in reports for page in PdfReader(path).pages)
    assert "B-2" in text
    assert not any(line in text for lines in private.values() for line in lines)


def test_a_protected_identity_is_opened_in_memory_alone(watched: Watched, database: Path, tmp_path: Path) -> None:
    office = watched.office
    identity, protected = office.identity("kasi"), tmp_path / "kasi.age"
    at_a_terminal(["age", "--passphrase", "--output", str(protected), str(identity)], PASSPHRASE, PASSPHRASE)
    case = office.permitted("restore", [item(database, mode="drill")])
    key = ["--key", str(office.keys / EXECUTOR), "--yes"]
    command = [str(BIN / "cadangan"), "--office", str(office.root), "execute", case, "--as", EXECUTOR, *key]
    sampler = Sampler(ANSIBLE / "tmp", office.root / "runs", tmp_path)
    with sampler.looking():
        shown = at_a_terminal(office.command(*command, "--identity", str(protected)), PASSPHRASE)
    assert office.cadangan("case", "show", case)["runs"][0]["result"] == "done", shown
    secret = identity.read_text().splitlines()[-1]
    assert secret not in shown
    assert PASSPHRASE not in shown
    assert sampler.finds(secret) == sampler.finds(PASSPHRASE) == []
