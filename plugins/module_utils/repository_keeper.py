# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a repository host keeps, by `repository.json`, and the bounds of what it takes."""

from __future__ import annotations

import fcntl
import os
import re
import time
from typing import IO, Any, Dict, List, Optional

from ansible_collections.diskominfo.cadangan.plugins.module_utils import (
    interruption,
    moment,
    pinned,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import Folder
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderRepository

SESSIONS = 8
"""How many an asset may have at a time."""

_SENDERS = ".senders"
_INODES_FREE = 100
_COUNT = re.compile(rb"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{15})\n")
_ONBOARD = "Onboard the repository host again."


class Keeper:
    """The repository of this host. Every method raises Refused, EngineError or OSError when the answer is no."""

    def __init__(self, config: Dict[str, Any]) -> None:
        self.name: str = config["name"]
        self.repository = FolderRepository(config["root"])
        self.daily_bytes: int = config["daily_bytes"]
        self._root: str = config["root"]
        self._reserve: int = config["reserve_bytes"]
        self._keys: Dict[str, List[str]] = {entry["asset"]: entry["keys"] for entry in config["assets"]}
        _check_root(self._root)

    @staticmethod
    def of_this_host() -> Keeper:
        """By its `repository.json`; `Refused` if it is no repository host."""
        config = pinned.read_kept()
        if config is None:
            raise Refused(f"This is no repository host: {pinned.kept_file()} is missing.", "", _ONBOARD)
        return Keeper(config)

    @property
    def assets(self) -> List[str]:
        """The names of all assets that it knows."""
        return list(self._keys)

    def keys(self, asset: str) -> List[str]:
        """The public keys that the asset ever had."""
        if asset not in self._keys:
            raise Refused(
                f"{asset} is not known to this repository host.", "It keeps the sets of onboarded servers.", _ONBOARD
            )
        return self._keys[asset]

    def free(self) -> int:
        """Bytes of the disk that are free without touching its reserve."""
        usage = os.statvfs(self._root)
        return max(0, usage.f_bavail * usage.f_frsize - self._reserve)

    def check_reserve(self) -> None:
        """`Refused` if the disk's reserve is reached, in bytes or in files."""
        usage = os.statvfs(self._root)
        if usage.f_bavail * usage.f_frsize < self._reserve or 0 < usage.f_favail < usage.f_files // _INODES_FREE:
            raise Refused(
                f"The disk of {self.name} is full up to the disk's reserve of {self._reserve} bytes.",
                "The reserve stays free.",
                "Give it a larger disk, or dispose of old sets by a case.",
            )

    def senders(self, asset: str) -> Folder:
        """The folder of what is remembered of this asset."""
        return Folder.open(self._root, [_SENDERS, asset], make=True)


class Turn:
    """An asset's turn to send: nobody else receives for it meanwhile, and what it sends today is counted.

    Waits for another one's turn to end, so many seconds; `Refused` if that takes longer.
    """

    def __init__(self, keeper: Keeper, asset: str, patience: float) -> None:
        self._keeper = keeper
        self._asset = asset
        with keeper.senders(asset) as folder:
            self._file = folder.state_file("turn")
        deadline = time.monotonic() + patience
        while not _locked(self._file):
            if time.monotonic() > deadline:
                self._file.close()
                raise Refused(
                    f"{asset} is sending another set.", "It sends one set at a time.", "Run it again when that is done."
                )
            time.sleep(0.2)
            interruption.check()

    def close(self) -> None:
        """End the turn."""
        self._file.close()

    def count(self, sent: int) -> None:
        """Count bytes that it sent; `Refused` if they are more than its quota for a day, or the disk is full."""
        self._keeper.check_reserve()
        total = sent_today(self._file) + sent
        if total > self._keeper.daily_bytes:
            raise Refused(
                f"{self._asset} has sent its {self._keeper.daily_bytes} bytes of this day.",
                "A server sends no more in a day (UTC) than its quota.",
                "Find out why it sends so much; if that is right, raise daily_quota and onboard the repository host.",
            )
        # In place and without a sync: what a power cut takes away is a day's counting at most.
        os.pwrite(self._file.fileno(), f"{_today()} {total:015}\n".encode("ascii"), 0)


def quota_left(keeper: Keeper, asset: str) -> int:
    """Bytes that the asset may still send today."""
    with keeper.senders(asset) as folder, folder.state_file("turn") as file:
        return max(0, keeper.daily_bytes - sent_today(file))


def sent_today(file: IO[bytes]) -> int:
    """Bytes that the file of a turn tells for today."""
    found = _COUNT.fullmatch(os.pread(file.fileno(), 64, 0))
    return int(found[2]) if found and found[1].decode("ascii") == _today() else 0


def admit_session(keeper: Keeper, asset: str) -> IO[bytes]:
    """One of the sessions that an asset may have, until what this gives is closed; `Refused` if it has them all."""
    with keeper.senders(asset) as folder:
        for number in range(SESSIONS):
            file = folder.state_file(f"session-{number}")
            if _locked(file):
                return file
            file.close()
    raise Refused(
        f"{asset} has {SESSIONS} sessions already.", "A server does not occupy its repository host.", "End some."
    )


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _today() -> str:
    return moment.now()[:10]


def _check_root(root: str) -> None:
    status: Optional[os.stat_result]
    try:
        status = os.lstat(root)
    except FileNotFoundError:
        status = None
    if status is None or (status.st_mode & 0o170777, status.st_uid) != (0o040700, os.geteuid()):
        raise Refused(
            f"The folder {root} of this repository host is not there, or is not the account's alone.",
            "Nobody else reads or writes there (mode 0700).",
            f"Mount its disk; then: {_ONBOARD}",
        )
