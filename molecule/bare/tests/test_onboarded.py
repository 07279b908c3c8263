"""A bare server after it was onboarded."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.office import Office
from support.scenario import FOLDER

SAID: dict[str, str] = json.loads((FOLDER / "said.json").read_text())


def counted(play: str) -> dict[str, int]:
    """What the recap of the one host says."""
    return {word: int(number) for word, number in re.findall(r"(\w+)=(\d+)", SAID[play])}


def test_doctor_names_what_is_missing_and_the_remedy() -> None:
    for word in ("install age", "install zstd", "pin the trust", "cadangan onboard bare"):
        assert word in SAID["doctor before"]


def test_check_mode_says_what_would_change_and_changes_nothing() -> None:
    assert counted("check")["changed"] > 0
    assert SAID["doctor after check"] == SAID["doctor before"]


def test_onboarding_again_changes_nothing() -> None:
    assert counted("onboard")["changed"] > 0
    assert counted("onboard again")["changed"] == 0
    assert counted("doctor")["failed"] == 0


@pytest.mark.parametrize("package", ["age", "zstd", "openssh-client"])
def test_tools_come_from_the_distribution(host: Any, package: str) -> None:
    assert host.package(package).is_installed


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("/etc/cadangan", 0o755),
        ("/etc/cadangan/asset.json", 0o644),
        ("/etc/cadangan/trust.json", 0o644),
        ("/etc/cadangan/asset_key", 0o600),
        ("/etc/cadangan/asset_key.pub", 0o644),
        ("/var/lib/cadangan", 0o755),
        ("/var/lib/cadangan/ledger", 0o600),
        ("/srv/cadangan", 0o700),
    ],
)
def test_files_belong_to_root_with_the_right_mode(host: Any, path: str, mode: int) -> None:
    file = host.file(path)
    assert (file.user, oct(file.mode)) == ("root", oct(mode))


def test_the_journal_knows_the_server_as_it_is(host: Any) -> None:
    (entry,) = Office(FOLDER).entries("onboarded")
    asset = json.loads(host.file("/etc/cadangan/asset.json").content_string)
    assert (entry["asset"], entry["ledger"], entry["last"]) == ("bare", asset["ledger"], 0)
    assert host.file("/etc/cadangan/asset_key.pub").content_string.startswith(entry["key"])
    (trust,) = Office(FOLDER).entries("trust")
    assert asset["trust"] == trust["digest"]
