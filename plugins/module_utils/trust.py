"""The trust chain: the versions of an office's trust document, each signed by trustees of the one before."""

from __future__ import annotations

from typing import Any, Sequence

from ansible_collections.diskominfo.cadangan.plugins.module_utils import shape, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.canonical import digest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust_document import read_trust_document

NAMESPACE = "trust@cadangan"

_RULE = "Each trust version is signed by the trustees of the version before it; the first one is pinned."
_SIGN_AGAIN = "Have the trustees sign this version again: cadangan trust sign."


_COUNTERSIGNED = {"text": shape.LINE, "signatures": [{"person": shape.NAME, "signature": shape.LINE}]}


def countersigned(text: bytes, signatures: dict[str, str]) -> dict[str, Any]:
    """A trust version as it is stored: its text, and the signatures in the order of their persons' ids."""
    return {
        "text": text.decode("ascii"),
        "signatures": [{"person": person, "signature": signatures[person]} for person in sorted(signatures)],
    }


class TrustChain:
    """A checked chain. Persons, roles and policy are those of its newest version."""

    def __init__(self, versions: list[dict[str, Any]], digests: list[str]) -> None:
        self.versions = versions
        self.digests = digests

    @classmethod
    def check(cls, chain: list[dict[str, Any]], pinned: str | None, known: Sequence[dict[str, Any]] = ()) -> TrustChain:
        """The chain of these countersigned texts, from serial 1; `Refused` if a rule is broken.

        `pinned` is the digest that serial 1 must have; None only where there is nothing yet to compare with.
        Signatures of versions that are equal to those in `known`, a checked chain, are not checked again.
        """
        shape.check(chain, [_COUNTERSIGNED], "trust")
        if not chain:
            raise Refused("The trust chain is empty.", _RULE)
        versions: list[dict[str, Any]] = []
        digests: list[str] = []
        for index, bundle in enumerate(chain):
            where = f"trust version {index + 1}"
            version = read_trust_document(bundle["text"], where)
            if versions:
                _check_succession(version, versions[-1], digests[-1], where)
            elif (version["serial"], version["before"]) != (1, ""):
                raise Refused("The trust chain does not begin with serial 1.", _RULE)
            versions.append(version)
            digests.append(digest(bundle["text"].encode("ascii")))
        if pinned is not None and digests[0] != pinned:
            raise Refused(
                f"The trust chain begins with {digests[0]}, but pinned is {pinned}.",
                "Serial 1 of the trust is pinned when an asset is onboarded.",
                "Compare both with the digest on a printed report; another office's permit is void here.",
            )
        for index, bundle in enumerate(chain):
            if index >= len(known) or bundle != known[index]:
                _check_signatures(bundle, versions[max(index - 1, 0)], f"trust version {index + 1}")
        return cls(versions, digests)

    @property
    def newest(self) -> dict[str, Any]:
        return self.versions[-1]

    @property
    def newest_digest(self) -> str:
        return self.digests[-1]

    @property
    def serial1_digest(self) -> str:
        return self.digests[0]

    def person(self, person_id: str) -> dict[str, Any]:
        """The newest version's entry for a person; `Refused` if it names none of that id."""
        found = _person(self.newest, person_id)
        if found is None:
            raise Refused(
                f"{person_id} is not a person of trust version {self.newest['serial']}.",
                "Only persons of the signed trust document act in a case.",
                "See who they are with: cadangan trust show.",
            )
        return found

    def keys(self, person_id: str) -> list[str]:
        """The person's public keys in the newest version."""
        keys: list[str] = self.person(person_id)["keys"]
        return keys

    def keys_at(self, person_id: str, at: str) -> list[str]:
        """Those of the person's keys in the newest version that were theirs at the time `at` already."""
        in_force = [version for version in self.versions if version["at"] <= at]
        before = _person(in_force[-1], person_id) if in_force else None
        return [key for key in self.keys(person_id) if before is not None and key in before["keys"]]

    def holds_role(self, person_id: str, role: str, at: str, agency: str | None = None) -> bool:
        """Whether the person holds the role (`opd`: of this agency) at the time `at`, both ends included."""
        person = _person(self.newest, person_id)
        return person is not None and any(
            held["role"] == role and held["agency"] == agency and held["from"] <= at <= held["until"]
            for held in person["roles"]
        )


def _person(version: dict[str, Any], person_id: str) -> dict[str, Any] | None:
    return next((person for person in version["persons"] if person["id"] == person_id), None)


def _check_succession(version: dict[str, Any], previous: dict[str, Any], previous_digest: str, where: str) -> None:
    if (version["serial"], version["before"]) != (previous["serial"] + 1, previous_digest):
        raise Refused(f"{where} does not follow from the version before it.", _RULE)
    for key in ("office", "journal"):
        if version[key] != previous[key]:
            raise Refused(f"{where} is of another {key} than the version before it.", _RULE)
    if version["at"] < previous["at"]:
        raise Refused(f"{where} is older than the version before it.", _RULE)


def _check_signatures(bundle: dict[str, Any], signers: dict[str, Any], where: str) -> None:
    people = [entry["person"] for entry in bundle["signatures"]]
    # In one order only, so that one version has one form.
    if people != sorted(set(people)):
        raise Refused(f"{where}: the signatures are not in the order of their persons, each once.", _RULE)
    needed = signers["policy"]["trustees"]
    if len(people) < needed:
        raise Refused(
            f"{where} is signed by {len(people)} of {needed} trustees.",
            "Two different trustees sign a trust version, one if the policy says so.",
            _SIGN_AGAIN,
        )
    for entry in bundle["signatures"]:
        person = _person(signers, entry["person"])
        if person is None or not person["trustee"]:
            raise Refused(f"{where} is signed by {entry['person']}, who is no trustee.", _RULE, _SIGN_AGAIN)
        try:
            sshsig.verify(bundle["text"].encode("ascii"), entry["signature"], person["keys"], NAMESPACE)
        except sshsig.SignatureError as error:
            raise Refused(f"{where}, signature of {entry['person']}: {error}.", _RULE, _SIGN_AGAIN) from None
