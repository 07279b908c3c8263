"""The servers after a backup, damage, and a restore: compared by diff, and by a description of every file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import testinfra
from support.office import Office
from support.scenario import FOLDER

OFFICE = Office(FOLDER)
CASES: dict[str, str] = json.loads((FOLDER / "cases.json").read_text())
LIVE, COPY, WHOLE = "/srv/app/unggahan", "/srv/app/salinan", "/root/utuh"
OLD = "/srv/app/{{ lookup('pipe', 'touch jebol') }} $(touch jebol)'; --"
LEFT_OUT = ("b'cache/", "b'log/sementara.log'")
ONLY_WHOLE = [
    f"Only in {WHOLE}/cache: sementara.log",
    f"Only in {WHOLE}/cache: x",
    f"Only in {WHOLE}/log: sementara.log",
]


@pytest.fixture(scope="module")
def newer() -> Any:
    return testinfra.get_host("podman://cadangan-berkas-baru")


def described(host: Any, folder: str) -> list[str]:
    done = host.run("python3 /root/describe.py %s", folder)
    assert done.rc == 0, done.stderr
    return [line for line in done.stdout.splitlines() if not line.startswith(LEFT_OUT)]


def compared(host: Any, folder: str) -> list[str]:
    lines: list[str] = host.run("diff -r --no-dereference %s %s", WHOLE, folder).stdout.splitlines()
    return lines


def outcomes(host: Any) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in host.file("/var/lib/cadangan/ledger").content_string.splitlines()]
    return [event["outcome"] for event in events if event["kind"] == "outcome"]


def without_times_of_folders(lines: list[str]) -> list[str]:
    """What was uploaded during the backup changed the times of its folder."""
    return [line for line in lines if not line.startswith("b'2026-03' ")]


@pytest.mark.parametrize("folder", [LIVE, OLD, COPY])
def test_every_file_is_back(host: Any, folder: str) -> None:
    uploaded = [line for line in compared(host, folder) if line not in ONLY_WHOLE]
    # Some came in between the copy for this test and the backup.
    assert all(line.startswith(f"Only in {LIVE}/2026-03: tamu-") for line in uploaded)
    assert not uploaded or folder == LIVE
    found = [line for line in described(host, folder) if "/tamu-" not in line]
    assert without_times_of_folders(found) == without_times_of_folders(described(host, WHOLE))


def test_every_file_is_back_on_the_newer_release(newer: Any) -> None:
    assert compared(newer, LIVE) == []
    done = newer.run("python3 /root/describe.py %s", WHOLE)
    assert newer.run("python3 /root/describe.py %s", LIVE).stdout == done.stdout and len(done.stdout) > 100_000


def test_the_holes_are_still_holes(host: Any) -> None:
    assert int(host.check_output("du -k %s", f"{LIVE}/berlubang").split()[0]) < 100
    assert host.file(f"{LIVE}/berlubang").size == 100 << 20


def test_the_damaged_folders_are_kept_aside(host: Any, newer: Any) -> None:
    for server in (host, newer):
        (aside,) = [outcome["facts"]["aside"] for outcome in outcomes(server) if outcome["facts"]["aside"]]
        assert server.file(f"{aside}/sama.pdf").content_string == "rusak\n"
        assert not server.file(f"{aside}/2026-05").exists


def test_what_was_left_out_stands_in_the_manifest(host: Any) -> None:
    manifests = host.run("cat /srv/cadangan/*/*/files/*unggahan/*/manifest.json").stdout
    assert json.loads(manifests)["position"] == [
        {"name": "left out", "value": "*.log"},
        {"name": "left out", "value": "cache/*"},
    ]


def test_nothing_else_is_left_beside_the_folders(host: Any) -> None:
    names = host.run("ls -A /srv/app").stdout.splitlines()
    assert sorted(name.partition(".before-")[0] for name in names) == sorted(
        [Path(path).name for path in (LIVE, LIVE, OLD, COPY)]
    )
    assert host.run("ls -A /var/lib/cadangan/staging").stdout == ""


def test_the_ledgers_say_what_was_done(host: Any, newer: Any) -> None:
    assert [outcome["item"] for outcome in outcomes(host)] == ["1", "2", "1", "2", "3", "4"]
    assert [outcome["item"] for outcome in outcomes(newer)] == ["3", "5"]
    assert {outcome["result"] for server in (host, newer) for outcome in outcomes(server)} == {"done"}


def test_names_from_letter_and_register_are_only_text(host: Any) -> None:
    assert host.run("find / -xdev -name jebol").stdout == ""
    assert not [place for place in (Path("/"), Path(), FOLDER, OFFICE.root) if (place / "jebol").exists()]


def test_both_cases_are_complete_and_the_journal_is_whole() -> None:
    OFFICE.cadangan("journal", "verify")
    runs = {entry["case"]: entry["result"] for entry in OFFICE.entries("ended")}
    assert runs == {CASES["backup"]: "done", CASES["restore"]: "done"}
