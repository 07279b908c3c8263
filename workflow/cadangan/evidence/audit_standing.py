"""What an exported journal says of the office at each entry: trust, withdrawn cases, keys and ledgers of servers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.canonical import digest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import check_signed
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.evidence.exported_case import Entry
from cadangan.evidence.withdrawals import check_next_list
from cadangan.procedure.signed_text import check_signed_text
from cadangan.procedure.trust_statements import fingerprint

REPEATS = "What an entry repeats of the text in it is what the text says."


@dataclass(frozen=True)
class Signature:
    """A signature that holds: in which entry, over what (`disposition_accept`, `order`, `trust 2`), by whom.

    `person` is an id of the trust document, or the server whose key signed a manifest; `acting` is `Plh.`, `Plt.` or
    empty; `key` the fingerprint.
    """

    seq: int
    at: str
    what: str
    person: str
    role: str
    acting: str
    key: str
    note: str = ""


class Standing:
    """How the office stood after the entries taken so far; `signatures` are those that hold.

    `pin` is the digest that the first trust version must have, None if nobody says. `roots` are the digests of the
    first trust versions there were: more than one if the office began its trust anew.
    """

    def __init__(self, office: str, journal: str, pin: str | None) -> None:
        self.chain: list[dict[str, Any]] = []
        self.withdrawals: list[dict[str, str]] = []
        self.ledgers: dict[str, tuple[str, int]] = {}
        self.roots: list[str] = []
        self.versions = 0
        self.signatures: list[Signature] = []
        self._office = office
        self._journal = journal
        self._pin = pin
        self._trust: TrustChain | None = None
        self._keys: dict[str, list[str]] = defaultdict(list)
        self._strangers: dict[str, str] = {}

    def take_opened(self, entry: Entry) -> None:
        """The first entry; `Refused` if it is another journal's."""
        if (entry["office"], entry["journal"]) != (self._office, self._journal):
            raise Refused("it opens the journal of another office")

    def take_trust(self, seq: int, entry: Entry) -> None:
        """The next trust version, or a new first one; `Refused` unless it may come into force."""
        bundle = shape.parse(entry["bundle"], "trust")
        before = [] if entry["serial"] == 1 else self.chain
        trust = TrustChain.check([*before, bundle], None, known=before)
        newest = trust.newest
        if (newest["office"], newest["journal"]) != (self._office, self._journal):
            raise Refused("it is the trust of another office or journal")
        if (entry["serial"], entry["digest"]) != (newest["serial"], trust.newest_digest):
            raise Refused("its serial or digest is not that of the text in it", REPEATS)
        self.chain, self._trust = [*before, bundle], trust
        self.versions += 1
        if newest["serial"] == 1:
            self.roots.append(trust.newest_digest)
        for each in bundle["signatures"]:
            key = fingerprint(sshsig.signing_key(each["signature"]))
            version = str(newest["serial"])
            self.signatures.append(Signature(seq, newest["at"], "trust", each["person"], "", "", key, version))

    def take_onboarded(self, entry: Entry) -> None:
        """A server with its key and ledger."""
        self._keys[entry["asset"]].append(_public_key(entry["key"]))
        self.ledgers[entry["asset"]] = (entry["ledger"], entry["last"])

    def take_imported(self, entry: Entry) -> None:
        """A set that was made elsewhere, perhaps by a server that this journal did not know."""
        if not entry["key_known"]:
            self._strangers[entry["set"]] = _public_key(entry["key"])

    def take_withdrawal(self, seq: int, entry: Entry) -> None:
        """The next list of withdrawn cases; `Refused` unless it adds one case, and who signed may."""
        content = signed_content(entry, "withdrawals")
        check_next_list(content, self.withdrawals, entry["case"])
        if (content["office"], content["number"]) != (self._office, entry["number"]):
            raise Refused("it is of another office, or has another number than its text", REPEATS)
        check_signed(self.trust, content, signed_text(entry), entry["at"], "list of withdrawals", None)
        self.withdrawals = [signed_text(entry)]
        self.note_signature(seq, "withdrawal", content, content["role"], entry)

    @property
    def trust(self) -> TrustChain:
        """The trust in force; `Refused` if there is none."""
        if self._trust is None:
            raise Refused("no trust was in force", "roles and keys are those of the signed trust document")
        return self._trust

    @property
    def pinned_trust(self) -> TrustChain:
        """The trust in force; `Refused` if it does not begin as pinned."""
        if self._pin not in (None, self.trust.serial1_digest):
            raise Refused(
                f"the trust in force begins with {self.trust.serial1_digest}, not with {self._pin}",
                "serial 1 of the trust is the one whose digest is printed on reports",
            )
        return self.trust

    def keys_of(self, asset: str, set_id: str) -> list[str]:
        """The keys that may have signed the manifest of a set of this server."""
        stranger = self._strangers.get(set_id)
        return [*self._keys.get(asset, []), *([stranger] if stranger else [])]

    def note_signature(self, seq: int, what: str, content: dict[str, Any], role: str, entry: Entry) -> None:
        """Remember a signature that was checked."""
        person, at = content["person"], content["at"]
        acting = next(
            (
                held["as"]
                for held in self.trust.person(person)["roles"]
                if held["role"] == role and held["as"] and held["from"] <= at <= held["until"]
            ),
            "",
        )
        key = fingerprint(sshsig.signing_key(entry["signature"]))
        self.signatures.append(Signature(seq, at, what, person, role, acting, key, content.get("note", "")))


def signed_text(entry: Entry) -> dict[str, str]:
    """The signed text in an entry, as the gate takes it."""
    return {"text": entry["text"], "signature": entry["signature"]}


def signed_content(entry: Entry, kind: str) -> dict[str, Any]:
    """What the signed text in an entry says; `Refused` unless it has the shape of its kind and the entry's digest."""
    content = shape.parse(entry["text"], kind)
    if content.get("type") != kind:
        raise Refused(f"the text in it is no {kind}", REPEATS)
    check_signed_text(content)
    if digest(entry["text"].encode("ascii")) != entry["digest"]:
        raise Refused("its digest is not that of the text in it", REPEATS)
    return content


def _public_key(text: str) -> str:
    try:
        return sshsig.check_public_key(text)
    except sshsig.SignatureError as error:
        raise Refused(f"the key in it is none: {error}") from None
