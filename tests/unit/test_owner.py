"""Telling a run that goes on from one whose process is gone."""

from __future__ import annotations

import os
import subprocess
import sys

from cadangan.execution import owner


def test_a_process_that_runs_is_alive() -> None:
    assert owner.is_alive(owner.owner_of(os.getpid())) is True


def test_a_process_that_ended_is_not_even_before_it_is_collected() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    named = owner.owner_of(process.pid)
    assert owner.is_alive(named) is True
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert owner.is_alive(named) is False
    process.communicate()
    assert owner.is_alive(named) is False


def test_another_process_with_the_same_number_is_not_it() -> None:
    host, boot, pid, start = owner.owner_of(os.getpid()).rsplit(" ", 3)
    assert owner.is_alive(f"{host} {boot} {pid} {int(start) + 1}") is False
    assert owner.is_alive(f"{host} another-boot {pid} {start}") is False


def test_only_its_own_host_can_tell() -> None:
    assert owner.is_alive(f"elsewhere {owner.owner_of(os.getpid()).split(' ', 1)[1]}") is None
