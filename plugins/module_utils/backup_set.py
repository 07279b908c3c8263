# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One backup set: a folder of encrypted parts, the manifest, its signature, and the wrapped key."""

from __future__ import annotations

import os
import shutil
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, pipeline, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError, Part
from ansible_collections.diskominfo.cadangan.plugins.module_utils.pipeline import DamagedPart, Measure
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import Repository
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
KEY = "key.age"
NAMESPACE = "manifest@cadangan"
FORMAT = 1

_PAIR = {"name": shape.TEXT, "value": shape.TEXT}
_PART = {
    "name": shape.matching(r"[a-z]+", "a name of letters"),
    "format": shape.TEXT,
    "bytes": shape.COUNT,
    "sha256": shape.DIGEST,
    "plain_bytes": shape.COUNT,
    "plain_sha256": shape.DIGEST,
}
_MANIFEST = {
    "type": shape.constant("manifest"),
    "format": shape.constant(FORMAT),
    **dict.fromkeys(("office", "journal", "case", "item", "permit", "order", "head"), shape.TEXT),
    **dict.fromkeys(("set", "agency", "asset", "engine", "instance", "database", "recipient"), shape.TEXT),
    **dict.fromkeys(("started_at", "snapshot_at", "finished_at"), shape.TIME),
    "versions": [_PAIR],
    "position": [_PAIR],
    "parts": [_PART],
    "proof": [{"kind": shape.TEXT, **_PAIR}],
    "drilled": shape.FLAG,
}


def part_file(name: str) -> str:
    """The file of the part `name`."""
    return f"{name}.zst.age"


def measure(part: Dict[str, Any]) -> Measure:
    """What the manifest says about the size and digests of one of its parts."""
    return Measure(part["bytes"], part["sha256"], part["plain_bytes"], part["plain_sha256"])


class SetWriter:
    """A set that is being written. Leaving the context removes it, unless it was published."""

    def __init__(self, repository: Repository, set_id: str, progress: Progress) -> None:
        self.set_id = set_id
        self.key = SetKey.new()
        self.parts: List[Dict[str, Any]] = []
        self._repository = repository
        self._progress = progress
        self._folder = repository.begin(set_id)
        self._published = False

    def __enter__(self) -> SetWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        if not self._published:
            shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, part: Part, level: int) -> None:
        """Run the part's command and store what it prints."""
        self._progress.stage(f"dump {part.name}")
        path = self._path(part_file(part.name))
        measured = pipeline.store(part.command, self.key, path, self._progress, level)
        self.parts.append({"name": part.name, "format": part.format, **vars(measured)})

    def read_back(self) -> None:
        """Read every part from the repository again, decrypt it and compare both digests."""
        for part in self.parts:
            self._progress.stage(f"read back {part['name']}")
            self.read(part, None)

    def read(self, part: Dict[str, Any], command: Optional[Command]) -> None:
        """Give the plain dump of a part to `command`, verifying it."""
        path = self._path(part_file(part["name"]))
        pipeline.read(path, self.key, measure(part), command, self._progress)

    def seal(self, manifest: Dict[str, Any], holders: Sequence[str], asset_key: str) -> Tuple[str, str, str]:
        """Write the wrapped key, the manifest and its signature; gives the texts of manifest, signature, key.

        `holders` are the age recipients who can unwrap the key; `asset_key` is the path of the signing key.
        """
        wrapped = self.key.wrapped(holders)
        text = canonical.dumps(
            {
                "type": "manifest",
                "format": FORMAT,
                "parts": self.parts,
                "recipient": self.key.recipient,
                **manifest,
            },
            canonical.MANIFEST_LIMIT,
        )
        check_manifest(canonical.loads(text, canonical.MANIFEST_LIMIT))
        signature = sshsig.sign(text, asset_key, NAMESPACE)
        self._write(KEY, wrapped.encode("ascii"))
        self._write(SIGNATURE, signature.encode("ascii"))
        self._write(MANIFEST, text)
        return text.decode("ascii"), signature, wrapped

    def publish(self) -> str:
        """Give the set its name; the point of no return of a backup. Gives the set's folder."""
        final = self._repository.publish(self._folder)
        self._published = True
        return final

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)

    def _write(self, name: str, data: bytes) -> None:
        try:
            with open(self._path(name), "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise EngineError(f"{name} could not be written: {error.strerror}", "Mend the repository.") from error


class BackupSet:
    """A published set in `folder`. `manifest` is checked for its form; `text` is its exact bytes."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.text = self._read(MANIFEST, canonical.MANIFEST_LIMIT)
        try:
            self.manifest = canonical.loads(self.text, canonical.MANIFEST_LIMIT)
        except canonical.CanonicalError as error:
            raise DamagedPart(os.path.join(folder, MANIFEST), str(error)) from error
        check_manifest(self.manifest)

    @property
    def digest(self) -> str:
        """Digest of the manifest, by which permits name the set."""
        return canonical.digest(self.text)

    def texts(self) -> Dict[str, str]:
        """The texts that the office keeps of the set: `manifest`, `manifest_signature` and `key_age`."""
        files = {"manifest": MANIFEST, "manifest_signature": SIGNATURE, "key_age": KEY}
        return {
            name: self._read(file, canonical.MANIFEST_LIMIT).decode("ascii", "replace") for name, file in files.items()
        }

    def check_signature(self, public_keys: Sequence[str]) -> str:
        """The key of `public_keys` (those of the asset) that signed the manifest; DamagedPart if none did."""
        signature = self._read(SIGNATURE, canonical.LIMIT)
        try:
            return sshsig.verify(self.text, signature.decode("ascii"), public_keys, NAMESPACE)
        except (sshsig.SignatureError, UnicodeDecodeError) as error:
            raise DamagedPart(os.path.join(self.folder, SIGNATURE), str(error)) from error

    def faults(self) -> Iterator[DamagedPart]:
        """What is wrong with the stored files, without decrypting any: damaged, missing, strays."""
        for part in self.manifest["parts"]:
            try:
                pipeline.check_stored(self._path(part_file(part["name"])), measure(part))
            except DamagedPart as fault:
                yield fault
        known = {MANIFEST, SIGNATURE, KEY, *(part_file(part["name"]) for part in self.manifest["parts"])}
        present = set(os.listdir(self.folder))
        for name in sorted(known - present - {part_file(part["name"]) for part in self.manifest["parts"]}):
            yield DamagedPart(self._path(name), "it is missing")
        for name in sorted(present - known):
            yield DamagedPart(self._path(name), "the manifest does not know it")

    def check_parts(self) -> None:
        """Compare size and SHA-256 of every stored part; raises the first DamagedPart."""
        for part in self.manifest["parts"]:
            pipeline.check_stored(self._path(part_file(part["name"])), measure(part))

    def key(self, identity: str) -> SetKey:
        """The set's key from its private half; EngineError if it is another set's."""
        key = SetKey.of(identity)
        if key.recipient != self.manifest["recipient"]:
            raise EngineError(
                f"The key given is not the key of backup set {self.manifest['set']}",
                "Unwrap the key.age of this very set.",
            )
        return key

    def read(self, part: Dict[str, Any], key: SetKey, command: Command, progress: Progress) -> None:
        """Give the plain dump of a part to `command`, verifying it on the way."""
        pipeline.read(self._path(part_file(part["name"])), key, measure(part), command, progress)

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _read(self, name: str, limit: int) -> bytes:
        path = self._path(name)
        try:
            with open(path, "rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            raise DamagedPart(path, "it is missing") from None
        except OSError as error:
            raise DamagedPart(path, f"it can not be read ({error.strerror})") from error
        if len(data) > limit:
            raise DamagedPart(path, f"it has more than {limit} bytes")
        return data


def check_manifest(manifest: Dict[str, Any]) -> None:
    """Whether an object has the form of a manifest; EngineError naming the field that has not."""
    try:
        shape.check(manifest, _MANIFEST, "manifest")
    except Refused as refusal:
        raise EngineError(
            f"The manifest of the backup set is not of the known form: {refusal.reason}",
            "The set is damaged, or was written by a newer version: use that version.",
        ) from refusal
