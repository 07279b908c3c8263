"""An office with real signatures, for tests: trust, cases with their permits and orders, onboarded folders.

    office = SignedOffice(Keyring(folder))
    case = office.case()
    check_permit(case.permit, office.now, office.pinned)
    check_order(permit, case.order(), office.now, "1")

Everything is valid unless a test says otherwise: the keyword arguments replace keys of a document before it is
signed, or have somebody else sign it.
"""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, moment, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import NAMESPACE
from ansible_collections.diskominfo.cadangan.plugins.module_utils.ledger import Ledger
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import NAMESPACE as TRUST_NAMESPACE
from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import countersigned

Document = dict[str, Any]
Signed = dict[str, str]

OFFICE = "diskominfo-contoh"
JOURNAL = "5f0a2c1e-7a55-4b41-9d0e-3f3f3d0a7c11"
LEDGER = "c2b4f6a8-1d3e-4f50-8a9b-0c1d2e3f4a5b"
AGENCY = "disdik"
ASSET = "db-01"
HEAD = "ab" * 32
TRUSTEES = ("tri", "tuti")
# person -> roles; `opi` is of another agency than `oki`, `puja` is not qualified.
PEOPLE: dict[str, list[tuple[str, str | None]]] = {
    "bayu": [("bidang", None)],
    "sari": [("seksi", None)],
    "oki": [("opd", AGENCY)],
    "opi": [("opd", "dinkes")],
    "putra": [("personil", None)],
    "putri": [("personil", None)],
    "puja": [("personil", None)],
    "tri": [],
    "tuti": [],
}
RECIPIENTS = (
    "age1hf2585nl2ap7tux4p4f6ayysjgq5q9k2d9erdnyjdha6jkum03zsvhkcrp",
    "age1ywcggnyxy26knd7nq7g8n04xwzw3a2uwr7v2snz8zqehe540pgrqmrrqqc",
)

MINUTE, HOUR, DAY = 60, 3600, 86400


class Keyring:
    """An Ed25519 key pair for each of `PEOPLE`, in files of `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.public = {person: self._make(person) for person in PEOPLE}

    def private(self, person: str) -> Path:
        return self._folder / person

    def sign(self, person: str, text: bytes, namespace: str = NAMESPACE) -> str:
        return sshsig.sign(text, self.private(person), namespace)

    def _make(self, person: str) -> str:
        key = self.private(person)
        subprocess.run([sshsig.SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
        return sshsig.check_public_key(key.with_suffix(".pub").read_text("ascii"))


def backup_item(number: int = 1, **changes: Any) -> Document:
    return {
        "id": str(number),
        "action": "backup",
        "agency": AGENCY,
        "asset": ASSET,
        "engine": "sqlite",
        "instance": "",
        "database": "/srv/app/siswa.db",
        "drill": False,
        **changes,
    }


def restore_item(number: int = 1, **changes: Any) -> Document:
    """Item of a restore as `copy`; `mode="replace"` for the other kind."""
    return {
        **_from_set(number),
        "action": "restore",
        "mode": "copy",
        "target": "/srv/app/siswa-copy.db",
        **changes,
    }


def drill_item(number: int = 1, **changes: Any) -> Document:
    return {**_from_set(number), "action": "drill", **changes}


def dispose_item(number: int = 1, **changes: Any) -> Document:
    return {**_from_set(number), "action": "dispose", **changes}


def _from_set(number: int) -> Document:
    place = {key: value for key, value in backup_item(number).items() if key != "drill"}
    return place | {
        "set": f"{AGENCY}/{ASSET}/sqlite/%2Fsrv%2Fapp%2Fsiswa.db/20260101T000000Z-B-2026-0001-1",
        "manifest": "cd" * 32,
        "data_from": "2026-01-01T00:00:00Z",
    }


class SignedOffice:
    """An office at the time `now`, by default the time of the clock; its trust has one version at first."""

    def __init__(
        self,
        keyring: Keyring,
        now: str | None = None,
        *,
        repository: str = "/srv/cadangan",
        recipients: tuple[str, ...] = RECIPIENTS,
    ) -> None:
        self.keyring = keyring
        self.now = now or moment.now()
        self.policy = {
            "trustees": 2,
            "recipients": [{"holder": f"holder-{n}", "key": key} for n, key in enumerate(recipients, 1)],
            "repository": repository,
        }
        self.chain: list[Document] = []
        self.renew_trust(at=self.at(-30 * DAY))

    def at(self, seconds: int) -> str:
        """The time `seconds` after the office's `now`."""
        return moment.shifted(self.now, seconds)

    @property
    def pinned(self) -> str:
        """Digest of the first trust version."""
        return _digest(self.chain[0]["text"])

    def trust_document(self, **changes: Any) -> Document:
        """The next trust version, not signed."""
        persons = [
            {
                "id": person,
                "trustee": person in TRUSTEES,
                "qualified": person in ("putra", "putri"),
                "roles": [self._role(role, agency) for role, agency in roles],
                "keys": [self.keyring.public[person]],
            }
            for person, roles in PEOPLE.items()
        ]
        return {
            "type": "trust",
            "office": OFFICE,
            "journal": JOURNAL,
            "serial": len(self.chain) + 1,
            "before": _digest(self.chain[-1]["text"]) if self.chain else "",
            "at": self.at(-10 * DAY),
            "policy": self.policy,
            "persons": persons,
            **changes,
        }

    def countersign(self, document: Document, signers: tuple[str, ...] = TRUSTEES) -> Document:
        """A trust document with signatures of these persons."""
        text = canonical.dumps(document)
        return countersigned(text, {person: self.keyring.sign(person, text, TRUST_NAMESPACE) for person in signers})

    def renew_trust(self, **changes: Any) -> Document:
        """Put the next trust version in force, with these keys of the document changed."""
        bundle = self.countersign(self.trust_document(**changes))
        self.chain.append(bundle)
        return bundle

    def withdrawals(self, number: int, cases: list[str], signer: str | None = None, **changes: Any) -> Signed:
        """A signed list of withdrawals."""
        document = {
            "type": "withdrawals",
            "office": OFFICE,
            "number": number,
            "cases": cases,
            "person": "bayu",
            "role": "bidang",
            "at": self.at(-HOUR),
            **changes,
        }
        return self.signed(document, signer or document["person"])

    def signed(self, document: Document, signer: str) -> Signed:
        text = canonical.dumps(document)
        return {"text": text.decode("ascii"), "signature": self.keyring.sign(signer, text)}

    def case(self, items: list[Document] | None = None, case: str | None = None, **changes: Any) -> SignedCase:
        """A case with its permit; see `SignedCase` for `changes`. Its id fits the first item's action."""
        items = items or [backup_item()]
        prefix = "B" if items[0]["action"] == "backup" else "R"
        return SignedCase(self, items, case or f"{prefix}-2026-0001", **changes)

    def onboard(self, config: Path, state: Path, asset: str = ASSET) -> Ledger:
        """Fill the two folders of a target as onboarding does, and give its empty ledger."""
        config.mkdir(parents=True, exist_ok=True)
        identity = {
            "type": "asset",
            "office": OFFICE,
            "asset": asset,
            "journal": JOURNAL,
            "ledger": LEDGER,
            "trust": self.pinned,
        }
        (config / "asset.json").write_bytes(canonical.dumps(identity))
        (config / "trust.json").write_bytes(canonical.dumps({"type": "trust_chain", "chain": self.chain}))
        Ledger.create(str(state / "ledger"))
        return Ledger(str(state / "ledger"), LEDGER)

    def _role(self, role: str, agency: str | None) -> Document:
        return {
            "role": role,
            "agency": agency,
            "from": self.at(-60 * DAY),
            "until": self.at(300 * DAY),
            "as": None,
            "letter": None,
        }


class SignedCase:
    """A case that bidang and seksi accepted and the agency scheduled around the office's `now`.

    `work`, `bidang`, `seksi`, `opd` and `document` (the permit) replace keys of these documents; `signers` names who
    signs in place of the person of a decision, as in `{"opd": "opi"}`.
    """

    def __init__(
        self,
        office: SignedOffice,
        items: list[Document],
        case: str,
        *,
        work: Document | None = None,
        bidang: Document | None = None,
        seksi: Document | None = None,
        opd: Document | None = None,
        document: Document | None = None,
        signers: dict[str, str] | None = None,
        withdrawals: list[Signed] | None = None,
    ) -> None:
        self.office = office
        self.id = case
        self.items = items
        self._signers = signers or {}
        work_text = canonical.dumps(
            {"type": "work", "office": OFFICE, "case": case, "agency": AGENCY, "items": items, **(work or {})}
        )
        self._work = canonical.digest(work_text)
        request = canonical.digest(b"the request")
        first = self._decide("disposition", "accept", "bayu", "bidang", -3 * HOUR, request, bidang)
        second = self._decide(
            "disposition",
            "accept",
            "sari",
            "seksi",
            -2 * HOUR,
            _digest(first["text"]),
            {"executors": ["putra", "putri"], **(seksi or {})},
        )
        window = {"from": office.at(-30 * MINUTE), "until": office.at(4 * HOUR)}
        third = self._decide(
            "schedule",
            "agree",
            "oki",
            "opd",
            -HOUR,
            _digest(second["text"]),
            {"window": window, "until": window["until"], **(opd or {})},
        )
        self.permit = canonical.dumps(
            {
                "type": "permit",
                "format": 1,
                "office": OFFICE,
                "case": case,
                "kind": "single",
                "work": work_text.decode("ascii"),
                "decisions": [first, second, third],
                "trust": office.chain,
                "withdrawals": withdrawals or [],
                **(document or {}),
            }
        )

    def order(self, signer: str | None = None, **changes: Any) -> Signed:
        """A signed order for all items, with these keys of it changed."""
        office = self.office
        order = {
            "type": "order",
            "office": OFFICE,
            "case": self.id,
            "permit": canonical.digest(self.permit),
            "person": "putra",
            "items": [item["id"] for item in self.items],
            "occurrence": None,
            "at": office.at(-MINUTE),
            "until": office.at(3 * HOUR),
            "trust": _digest(office.chain[-1]["text"]),
            "journal": HEAD,
            "ledgers": [
                {"asset": asset, "ledger": LEDGER, "last": 0}
                for asset in sorted({item["asset"] for item in self.items})
            ],
            **changes,
        }
        return office.signed(order, signer or order["person"])

    @property
    def permit_b64(self) -> str:
        return base64.b64encode(self.permit).decode("ascii")

    def order_b64(self, signer: str | None = None, **changes: Any) -> str:
        return base64.b64encode(canonical.dumps(self.order(signer, **changes))).decode("ascii")

    def _decide(
        self, step: str, verdict: str, person: str, role: str, at: int, after: str, changes: Document | None
    ) -> Signed:
        office = self.office
        decision = {
            "type": "decision",
            "office": OFFICE,
            "case": self.id,
            "step": step,
            "verdict": verdict,
            "person": person,
            "role": role,
            "at": office.at(at),
            "until": office.at(at + 14 * DAY),
            "work": self._work,
            "after": after,
            "journal": HEAD,
            "note": "",
            **(changes or {}),
        }
        return office.signed(decision, self._signers.get(role, decision["person"]))


def _digest(text: str) -> str:
    return canonical.digest(text.encode("ascii"))
