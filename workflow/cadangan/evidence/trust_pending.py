"""The trust version that waits for signatures: one text in the office's folder `trust`, and who signed it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import (
    NAMESPACE,
    TrustChain,
    countersigned,
)
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust_document import read_trust_document

from cadangan.errors import Missing
from cadangan.evidence.journal import Journal
from cadangan.evidence.signing import refuse_disguise, sign_command, verify_brought
from cadangan.evidence.trust_store import trust_entry


@dataclass(frozen=True)
class PendingTrust:
    """A version that is not in force yet. `voters` is the version whose trustees sign it."""

    path: Path
    text: bytes
    voters: dict[str, Any]

    @classmethod
    def write(cls, folder: Path, text: bytes, newest: TrustChain | None) -> PendingTrust:
        """Make `text` the pending version, in place of any other and of its signatures."""
        discard(folder)
        refuse_disguise(text)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"trust-{json.loads(text)['serial']}.json").write_bytes(text)
        return cls.read(folder, newest)

    @classmethod
    def read(cls, folder: Path, newest: TrustChain | None) -> PendingTrust:
        """The pending version; `Missing` if there is none."""
        for path in sorted(folder.glob("trust-*.json")):
            text = path.read_bytes()
            document = read_trust_document(text.decode("ascii", "replace"), str(path))
            return cls(path, text, document if newest is None or document["serial"] == 1 else newest.newest)
        raise Missing("no trust document waits for signatures", advice="Compile the next one: cadangan trust compile")

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def digest(self) -> str:
        return canonical.digest(self.text)

    @property
    def command(self) -> str:
        """The command that signs this version on another machine."""
        return sign_command(self.path, NAMESPACE)

    @property
    def needed(self) -> int:
        """How many trustees must sign."""
        return int(self.voters["policy"]["trustees"])

    @property
    def signers(self) -> list[str]:
        return sorted(path.name.removeprefix(self.path.name + ".").removesuffix(".sig") for path in self._files())

    def trustee_keys(self, person: str) -> list[str]:
        """The keys that `person` may sign this version with; `Refused` if that is no trustee here."""
        for entry in self.voters["persons"]:
            if entry["id"] == person and entry["trustee"]:
                return list(entry["keys"])
        trustees = [entry["id"] for entry in self.voters["persons"] if entry["trustee"]]
        raise Refused(
            f"{person} is not a trustee of trust version {self.voters['serial']}",
            "Trustees of the version before sign the next one; the first one is signed by its own.",
            f"Ask one of: {', '.join(trustees)}",
        )

    def add(self, person: str, signature: str) -> None:
        """Keep `person`'s signature after checking it."""
        armored = verify_brought(self.text, signature, person, self.trustee_keys(person), NAMESPACE)
        self._signature_file(person).write_text(armored, "ascii")

    def put_in_force(self, journal: Journal) -> bool:
        """Write the version to the journal if enough trustees signed; say whether it was written."""
        if len(self.signers) < self.needed:
            return False
        signatures = {person: self._signature_file(person).read_text("ascii") for person in self.signers}
        bundle = countersigned(self.text, signatures)
        journal.append_if(lambda view: trust_entry(view, bundle))
        discard(self.path.parent)
        return True

    def _signature_file(self, person: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{person}.sig")

    def _files(self) -> list[Path]:
        return list(self.path.parent.glob(f"{self.path.name}.*.sig"))


def discard(folder: Path) -> None:
    """Remove the pending version and its signatures."""
    for path in (*folder.glob("trust-*.json"), *folder.glob("trust-*.json.*.sig")):
        path.unlink()
