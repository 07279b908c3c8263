"""SIGKILL of a copy at random moments, as when the machine loses its power or the disk is pulled out."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository
from support.kills import KILLS, SEED
from support.office import BIN
from support.set_desk import SetDesk, files
from support.signed_office import Keyring

SETS = 4
SIZE = 6_000_000


@pytest.fixture
def desk(tmp_path: Path, keyring: Keyring) -> SetDesk:
    desk = SetDesk.furnished(tmp_path, keyring)
    for number in range(1, SETS + 1):
        desk.make_set(number, size=SIZE)
    return desk


def start(desk: SetDesk, disk: Path) -> subprocess.Popen[bytes]:
    command = [BIN / "cadangan", "--office", desk.root, "set", "copy", "--all", "--to", disk, "--same-disk"]
    return subprocess.Popen(
        [*command, "--label", "UJI"],
        env={"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": os.environ["HOME"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def make_disk(folder: Path) -> Path:
    folder.mkdir()
    return folder


def check(desk: SetDesk, disk: Path) -> None:
    """What is listed is whole, and what the journal calls a copy is there."""
    listed = FolderRepository(str(disk)).sets()
    if listed:
        assert desk.asks("set", "verify", "--repository", str(disk))["faults"] == {}
    told = {entry["set"] for entry in desk.entries("copied") if entry["place"] == str(disk)}
    assert told <= set(listed)


def test_a_copy_that_is_killed_leaves_whole_sets_and_is_finished_by_the_next(desk: SetDesk, tmp_path: Path) -> None:
    print(f"CADANGAN_SEED={SEED}")
    chance = random.Random(SEED)
    began = time.monotonic()
    assert start(desk, make_disk(tmp_path / "usual")).wait(120) == 0
    usual = time.monotonic() - began
    for number in range(KILLS):
        disk = make_disk(tmp_path / f"disk-{number}")
        process = start(desk, disk)
        # Most of the time it is still starting.
        time.sleep(chance.uniform(usual * 0.3, usual * 1.1))
        os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()
        check(desk, disk)
        again = start(desk, disk)
        assert again.wait(120) == 0, again.stderr and again.stderr.read()
        assert dict(files(disk)) == dict(files(desk.store))
        check(desk, disk)


def test_two_copies_to_one_disk_at_once(desk: SetDesk, tmp_path: Path) -> None:
    disk = make_disk(tmp_path / "disk")
    both = [start(desk, disk), start(desk, disk)]
    said = [process.communicate(timeout=120)[1].decode() for process in both]
    ends = sorted(process.returncode for process in both)
    assert ends[0] == 0
    assert ends[1] == 0 or any("another copy" in each for each in said)
    assert dict(files(disk)) == dict(files(desk.store))
    check(desk, disk)
