"""What a user waits for on the control host: the start of the command line, lists of cases, verifying."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bulk_journal import write_journal
from cadangan.evidence.journal import Journal
from cadangan.register.office import Office
from measuring import Measure, seconds_of, seconds_of_command

CASES = [int(number) for number in os.environ.get("CADANGAN_BENCHMARK_CASES", "10000 100000").split()]
CLI = [sys.executable, "-c", "from cadangan.cli import main; main()"]


def measure() -> Iterator[Measure]:
    python = seconds_of_command([sys.executable, "-c", "pass"], 10)
    yield Measure("cadangan --help", seconds_of_command([*CLI, "--help"], 10), "python -c pass", python)
    for cases in CASES:
        with tempfile.TemporaryDirectory() as folder:
            yield from _measure_journal(Path(folder, "office"), cases)


def _measure_journal(folder: Path, cases: int) -> Iterator[Measure]:
    seconds_of_command([*CLI, "init", str(folder)])
    office = Office.load(folder)
    file = folder / "journal.db"
    write_journal(file, office.id, cases)
    command = [*CLI, "--office", str(folder)]
    case_list = [*command, "case", "list"]

    scan = seconds_of(lambda: _scan(file), 3)
    peer = f"sqlite3 scan of {file.stat().st_size >> 20} MiB"
    yield Measure(f"case list, {cases} cases, cache made anew", seconds_of_command(case_list), peer, scan)
    yield Measure(f"case list, {cases} cases", seconds_of_command(case_list, 5), peer, scan)
    yield Measure(f"case list --all, {cases} cases", seconds_of_command([*case_list, "--all"]), peer, scan)
    set_list = [*command, "set", "list"]
    yield Measure(f"set list, {cases} sets, cache made anew", seconds_of_command(set_list), peer, scan)
    yield Measure(f"set list, {cases} sets", seconds_of_command(set_list, 5), peer, scan)
    journal = Journal.open(office.journal_url, office.id)
    last = journal.row(journal.head().seq)
    assert last
    journal.append(last.content)
    yield Measure(f"case list, {cases} cases, one entry more", seconds_of_command(case_list), peer, scan)
    yield Measure(
        f"case show, {cases} cases",
        seconds_of_command([*command, "case", "show", "B-2026-0077"], 3),
        peer,
        scan,
    )
    hashing = seconds_of(lambda: _scan(file, hashed=True))
    verifying = seconds_of_command([*command, "journal", "verify"])
    yield Measure(f"journal verify, {cases} cases", verifying, "sqlite3 scan with a SHA-256 of each row", hashing)


def _scan(file: Path, hashed: bool = False) -> None:
    connection = sqlite3.connect(file)
    for _, entry in connection.execute("SELECT seq, entry FROM entry ORDER BY seq"):
        if hashed:
            hashlib.sha256(entry.encode()).digest()
    connection.close()
