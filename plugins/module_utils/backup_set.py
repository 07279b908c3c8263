# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One backup set: a folder of encrypted parts, the manifest, its signature, and the wrapped key."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, pipeline, shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, EngineError, Part
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import (
    RECEIPT,
    Receipt,
    Repository,
    Stored,
    StoredSet,
    is_key_file,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.set_key import SetKey
from ansible_collections.diskominfo.cadangan.plugins.module_utils.streams import write_whole

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
KEY = "key.age"
NAMESPACE = "manifest@cadangan"
FORMAT = 1

_OTHER_DIGEST = "its SHA-256 is not the one in the manifest"

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


class DamagedPart(EngineError):
    """What is stored is not what was stored: cut, changed, another part, or gone."""

    def __init__(self, name: str, how: str) -> None:
        super().__init__(
            f"Part {name} of the backup set is damaged: {how}",
            "Do not use this set; restore from another copy of it or from another set.",
        )


class SetWriter:
    """A set that is being written. Leaving the context removes it, unless it was published."""

    def __init__(self, repository: Repository, set_id: str, progress: Progress) -> None:
        self.set_id = set_id
        self.key = SetKey.new()
        self.parts: List[Dict[str, Any]] = []
        self._progress = progress
        self._new = repository.begin(set_id)
        self._manifest = ""

    def __enter__(self) -> SetWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        self._new.__exit__(*exc)

    def add(self, part: Part, check: Optional[Command], level: int) -> None:
        """Run the part's command and store what it prints, proving on the way that it comes back equal.

        `check` is given the plain dump as it comes back, None if nobody wants it.
        """
        self._progress.stage(f"dump {part.name}")
        name = part_file(part.name)
        measured = pipeline.store(part.command, self.key, self._new.create(name), check, self._progress, level)
        self._progress.stage(f"read back {part.name}")
        self._confirm(name, Stored(measured.bytes, measured.sha256))
        self.parts.append({"name": part.name, "format": part.format, **vars(measured)})

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
        self._manifest = canonical.digest(text)
        return text.decode("ascii"), signature, wrapped

    def publish(self) -> Receipt:
        """Give the set its name; what `NewSet.publish` gives."""
        return self._new.publish(self._manifest)

    def _write(self, name: str, data: bytes) -> None:
        try:
            write_whole(self._new.create(name).write, data)
        except OSError as error:
            raise EngineError(f"{name} could not be written: {error.strerror}", "Mend the repository.") from error
        self._confirm(name, Stored(len(data), hashlib.sha256(data).hexdigest()))

    def _confirm(self, name: str, written: Stored) -> None:
        if self._new.stored(name) != written:
            raise DamagedPart(name, "what the repository has is not what was written to it")


class BackupSet:
    """A published set. `manifest` is checked for its form; `text` is its exact bytes."""

    def __init__(self, stored: StoredSet) -> None:
        self._stored = stored
        self.text = self.small_file(MANIFEST)
        try:
            self.manifest = canonical.loads(self.text, canonical.MANIFEST_LIMIT)
            check_manifest(self.manifest)
        except canonical.CanonicalError as error:
            raise DamagedPart(MANIFEST, str(error)) from error
        except EngineError as error:
            raise DamagedPart(MANIFEST, error.message) from error

    def small_file(self, name: str) -> bytes:
        """The content of one of the files that describe the set; DamagedPart if it is missing or too big."""
        with _readable_errors(name):
            file, size = self._stored.open(name)
            with file:
                if size > canonical.MANIFEST_LIMIT:
                    raise DamagedPart(name, f"it has more than {canonical.MANIFEST_LIMIT} bytes")
                return file.read()

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return self._stored.place

    @property
    def digest(self) -> str:
        """Digest of the manifest, by which permits name the set."""
        return canonical.digest(self.text)

    def texts(self) -> Dict[str, str]:
        """The texts that the office keeps of the set: `manifest`, `manifest_signature` and `key_age`."""
        files = {"manifest": MANIFEST, "manifest_signature": SIGNATURE, "key_age": KEY}
        return {name: self.small_file(file).decode("ascii", "replace") for name, file in files.items()}

    def check_signature(self, public_keys: Sequence[str]) -> str:
        """The key of `public_keys` (those of the asset) that signed the manifest; DamagedPart if none did."""
        signature = self.small_file(SIGNATURE)
        try:
            return sshsig.verify(self.text, signature.decode("ascii"), public_keys, NAMESPACE)
        except (sshsig.SignatureError, UnicodeDecodeError) as error:
            raise DamagedPart(SIGNATURE, str(error)) from error

    def faults(self) -> Iterator[DamagedPart]:
        """What is wrong with the stored files, without decrypting any: damaged, missing, strays."""
        for part in self.manifest["parts"]:
            try:
                self._check(part)
            except DamagedPart as fault:
                yield fault
        parts = {part_file(part["name"]) for part in self.manifest["parts"]}
        present = set(self._stored.names())
        for name in sorted({MANIFEST, SIGNATURE, KEY} - present):
            yield DamagedPart(name, "it is missing")
        for name in sorted(present - parts - {MANIFEST, SIGNATURE, KEY, RECEIPT}):
            if not is_key_file(name):
                yield DamagedPart(name, "the manifest does not know it")

    def check_parts(self) -> None:
        """Compare size and SHA-256 of every stored part; raises the first DamagedPart."""
        for part in self.manifest["parts"]:
            self._check(part)

    def key(self, identity: str) -> SetKey:
        """The set's key from its private half; EngineError if it is another set's."""
        key = SetKey.of(identity)
        if key.recipient != self.manifest["recipient"]:
            raise EngineError(
                f"The key given is not the key of backup set {self.manifest['set']}",
                "Unwrap the key.age of this very set.",
            )
        return key

    def read(self, part: Dict[str, Any], key: SetKey, command: Optional[Command], progress: Progress) -> None:
        """Give the plain dump of a part to `command` (None: to nobody), verifying it on the way."""
        name = part_file(part["name"])
        with _readable_errors(name):
            source, size = self._stored.open(name)
        with source:
            _compare_size(name, size, part)
            try:
                found = pipeline.read(source, key, part["plain_sha256"], command, progress)
            except EngineError:
                # If it is damaged, this names the damage.
                self._check(part)
                raise
        if found != Stored(part["bytes"], part["sha256"]):
            raise DamagedPart(name, _OTHER_DIGEST)

    def _check(self, part: Dict[str, Any]) -> None:
        name = part_file(part["name"])
        with _readable_errors(name):
            found = self._stored.measure(name)
        _compare_size(name, found.bytes, part)
        if found.sha256 != part["sha256"]:
            raise DamagedPart(name, _OTHER_DIGEST)


@contextlib.contextmanager
def _readable_errors(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise DamagedPart(name, "it is missing") from None
    except OSError as error:
        raise DamagedPart(name, f"it can not be read ({error.strerror})") from error


def _compare_size(name: str, size: int, part: Dict[str, Any]) -> None:
    if size != part["bytes"]:
        raise DamagedPart(name, f"it has {size} bytes, the manifest says {part['bytes']}")


def check_manifest(manifest: Dict[str, Any]) -> None:
    """Whether an object has the form of a manifest; EngineError naming the field that has not."""
    try:
        shape.check(manifest, _MANIFEST, "manifest")
    except Refused as refusal:
        raise EngineError(
            f"it is not of the known form: {refusal.reason}",
            "If a newer version wrote it, use that version.",
        ) from refusal
