# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Receiving backup sets on a repository host: part by part, checked, and published with a receipt."""

from __future__ import annotations

import contextlib
import re
import time
from typing import Any, Dict, List, Optional, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, moment
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import KEY, MANIFEST, SIGNATURE, BackupSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import CLOCK_TOLERANCE
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import EngineError
from ansible_collections.diskominfo.cadangan.plugins.module_utils.folders import Folder
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    PARTIAL,
    RECEIPT,
    Receipt,
    Stored,
    encode,
    folder_names,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_folder import FolderNewSet, FolderSet
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_keeper import Keeper, Turn
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_link import Link, Message
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import Sink, write_whole

OPERATOR = "operator"
KEPT_SECONDS = 24 * 3600
"""How long a set that was sent whole, but not published, is kept to be asked for again."""

_PATIENCE = 90.0
"""Seconds that a sender waits for its turn: the end of a session that was cut off is noticed in less."""

_PART = re.compile(r"[a-z]{1,64}\.zst\.age")
_LIMITS = {MANIFEST: canonical.MANIFEST_LIMIT, SIGNATURE: 1 << 16, KEY: 1 << 20}
_FILES = 64
_OVERHEAD = 4096  # bytes that a file costs beside its content, roughly
_SET = re.compile(r"[0-9]{8}T[0-9]{6}Z-[A-Z]-[0-9]+-[0-9]+-[0-9]+")


class Receiver:
    """What one session receives. `asset` is the sender, None for the operator, who may add sets of any asset.

    Every method raises Refused, EngineError or OSError when the answer is no.
    """

    def __init__(self, keeper: Keeper, asset: Optional[str], link: Link) -> None:
        self._keeper = keeper
        self._asset = asset
        self._link = link
        self._turn: Optional[Turn] = None
        self._id = ""
        self._new: Optional[FolderNewSet] = None
        self._files: Dict[str, Stored] = {}

    def close(self) -> None:
        """End what was begun: what was not sent whole is removed."""
        # The manifest comes last: with it the set is whole, and may yet be asked for.
        self._end(keep=MANIFEST in self._files)

    def begin(self, message: Message) -> Message:
        """Begin a set."""
        self.close()
        asset = self._check_id(message["set"])
        if self._asset is not None:
            _check_clock(message["set"])
        try:
            with self._link.working():
                self._turn = Turn(self._keeper, asset, _PATIENCE)
                sweep(self._keeper, asset)
            self._count(_OVERHEAD)
            self._new = self._keeper.repository.begin(message["set"])
            self._id = message["set"]
        except BaseException:
            self._end(keep=False)
            raise
        return {}

    def put(self, message: Message) -> Message:
        """Take a file of the set that was begun, and say what the disk has of it."""
        name = message["name"]
        if self._new is None:
            raise Refused("No set was begun.", "A set is begun before its files are sent.")
        if not (name in _LIMITS or _PART.fullmatch(name)):
            raise Refused(f"{name!a} is no file of a backup set.", "A set has parts, a manifest and a wrapped key.")
        if name in self._files or len(self._files) >= _FILES:
            raise Refused(f"{name} was sent already, or there are too many files.", "Nothing is overwritten.")
        self._count(_OVERHEAD)
        self._receive(self._new.create(name), _LIMITS.get(name))
        with self._link.working():
            stored = self._new.stored(name)
        self._files[name] = stored
        return vars(stored)

    def publish(self, message: Message) -> Message:
        """Publish a set that was sent whole, and give the receipt; that of a set which is published already, too."""
        set_id, manifest = message["set"], message["manifest"]
        asset = self._check_id(set_id)
        keep = True
        try:
            with self._link.working():
                if self._id != set_id:
                    self.close()
                    self._turn = Turn(self._keeper, asset, _PATIENCE)
                    receipt = self._receipt(set_id, manifest)
                    if receipt:
                        return {"receipt": receipt}
                    self._id = set_id
                    self._new = self._keeper.repository.resume(set_id)
                if self._new is None:
                    raise Refused(f"{set_id} was not sent whole.", "A set is published when all of it is there.")
                return {"receipt": self._publish(self._new, asset, manifest)}
        except (Refused, EngineError, MemoryError):
            keep = False
            raise
        finally:
            self._end(keep)

    def _receive(self, file: Sink, limit: Optional[int]) -> None:
        size = 0
        while True:
            data = self._link.receive_data()
            if not data:
                return
            size += len(data)
            if limit is not None and size > limit:
                raise Refused(f"It has more than {limit} bytes.", "What describes a set is small.")
            self._count(len(data))
            write_whole(file.write, data)

    def _publish(self, new: FolderNewSet, asset: str, manifest: str) -> Receipt:
        *way, name = folder_names(self._id)
        received = _Received(self._keeper.repository.name, [*way, name + PARTIAL], self._files)
        backup = BackupSet(received)
        if backup.digest != manifest:
            raise Refused(f"The manifest of {self._id} has the digest {backup.digest}, not {manifest}.")
        _check_fields(backup.manifest, self._id)
        backup.check_signature(self._keeper.keys(asset))
        for fault in backup.faults():
            raise fault
        receipt = {
            "type": "receipt",
            "repository": self._keeper.name,
            "set": self._id,
            "manifest": manifest,
            "bytes": sum(received.measure(name).bytes for name in received.names() if name != RECEIPT),
            "received_at": moment.now(),
            "by": self._asset or OPERATOR,
        }
        new.add_receipt(canonical.dumps(receipt))
        new.publish(manifest)
        return receipt

    def _receipt(self, set_id: str, manifest: str) -> Receipt:
        """The receipt of a set that is published already; empty if it is not."""
        try:
            found = BackupSet(self._keeper.repository.find(set_id))
        except EngineError:
            return {}
        if found.digest != manifest:
            raise Refused(f"There is another set {set_id} already.", "Nothing is overwritten.")
        return canonical.loads(found.small_file(RECEIPT))

    def _check_id(self, set_id: str) -> str:
        """The asset that the set is of: the sender itself, unless it is the operator."""
        names = folder_names(set_id)
        if not _SET.fullmatch(names[-1]):
            raise Refused(f"{set_id!a} is not the id of a backup set.", "It ends with time, case and work item.")
        asset = names[1]
        if self._asset not in (None, asset):
            raise Refused(f"{set_id} is not a set of {self._asset}.", "A server adds sets of its own, nothing else.")
        self._keeper.keys(asset)
        return asset

    def _count(self, sent: int) -> None:
        if self._asset is None or self._turn is None:
            self._keeper.check_reserve()
        else:
            self._turn.count(sent)

    def _end(self, keep: bool) -> None:
        if self._new is not None:
            if keep:
                self._new.keep()
            self._new.__exit__()
        if self._turn is not None:
            self._turn.close()
        self._turn, self._id, self._new, self._files = None, "", None, {}


class _Received(FolderSet):
    """The files of an unpublished set; those that were measured when they came are not read again."""

    def __init__(self, root: str, names: Sequence[str], measured: Dict[str, Stored]) -> None:
        super().__init__(root, names)
        self._measured = measured

    def measure(self, name: str) -> Stored:
        return self._measured.get(name) or super().measure(name)


def sweep(keeper: Keeper, asset: str) -> List[str]:
    """Remove what was left of sets of this asset, unless it may yet be asked for. Only in a turn of the asset."""
    with Folder.open(keeper.repository.name) as root:
        agencies = root.folders()
    return [name for agency in agencies for name in keeper.repository.sweep_where([agency, asset], _is_stale)]


def sweep_all(keeper: Keeper) -> None:
    """Sweep for every asset that is not sending now."""
    for asset in keeper.assets:
        with contextlib.suppress(Refused):
            turn = Turn(keeper, asset, 0)
            try:
                sweep(keeper, asset)
            finally:
                turn.close()


def _is_stale(partial: Folder) -> bool:
    if not partial.has(MANIFEST):
        return True
    return time.time() - partial.modified() > KEPT_SECONDS


def _check_clock(set_id: str) -> None:
    now = moment.now()
    at = moment.spelled_out(set_id.rpartition("/")[2].partition("-")[0])
    if not moment.is_time(at) or abs(moment.seconds(at) - moment.seconds(now)) > CLOCK_TOLERANCE:
        raise Refused(
            f"It is {now} on the repository host; the set says {at}.",
            f"Clocks differ by {CLOCK_TOLERANCE} seconds at most.",
            "Set the clocks (NTP).",
        )


def _check_fields(manifest: Dict[str, Any], set_id: str) -> None:
    """`Refused` unless the manifest says of itself what the id of its set says."""
    names = folder_names(set_id)
    places = [encode(manifest[key]) for key in ("agency", "asset", "engine", "database")]
    if manifest["set"] != set_id or places != names[:4]:
        raise Refused(f"The manifest is that of {manifest['set']}, not of {set_id}.", "A manifest names its set.")
    if not names[4].endswith(f"Z-{manifest['case']}-{manifest['item']}"):
        raise Refused(f"The manifest is of another case or work item than {set_id}.", "A set's id names its case.")
