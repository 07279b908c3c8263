"""An office with whole cases: every step by its own command and key; only the servers' part is played.

desk = CaseDesk.furnished(folder, keyring)
case = desk.confirmed("backup")
"""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical, moment, sshsig
from ansible_collections.diskominfo.cadangan.plugins.module_utils.backup_set import SetWriter
from ansible_collections.diskominfo.cadangan.plugins.module_utils.engine import Command, Part
from ansible_collections.diskominfo.cadangan.plugins.module_utils.progress import Progress
from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository import set_id
from cadangan.execution import run_log
from cadangan.procedure.case import Order
from cadangan.register.office import Office
from support.holder_desk import ASSET
from support.set_desk import AGENCY, HOLDERS, SetDesk

APPLICANT, EXECUTOR = "opd-disdukcapil", "staf-satu"
DATABASE = "/srv/warga.db"
PROOF = [{"kind": "table", "name": "warga", "value": "200 rows"}, {"kind": "schema", "name": "warga", "value": "nik"}]
VERSIONS = [{"name": "server", "value": "3.40.1"}]


class CaseDesk(SetDesk):
    """`SetDesk` with a server that has a ledger, and with cases of its own."""

    def onboard(self) -> None:
        super().onboard()
        key = sshsig.check_public_key(self.asset_key.with_suffix(".pub").read_text())
        ledger = {"ledger": str(uuid.uuid4()), "last": 0}
        self.journal.append({"type": "onboarded", "asset": ASSET, "key": key, "trust": 1, **ledger})

    def acts(self, *arguments: str, person: str) -> None:
        """Let a person do something with their own key."""
        self.types(*arguments, "--as", person, "--key", str(self.key(person)), "--yes")

    def requested(self, kind: str, **more: str) -> str:
        """A case that was only requested; `more` are further keys of the letter's item."""
        letter = self.root / "letters" / f"{uuid.uuid4()}.yml"
        letter.parent.mkdir(exist_ok=True)
        item = {"asset": ASSET, "engine": "sqlite", "database": DATABASE, **more}
        texts = dict.fromkeys(("number", "subject", "reason"), "Uji")
        origin = {"kind": kind, "date": date.today(), "agency": AGENCY, "applicant": APPLICANT}
        letter.write_text(yaml.safe_dump({**origin, **texts, "items": [item]}))
        case: str = self.asks("request", str(letter))["case"]
        return case

    def scheduled(self, kind: str, **more: str) -> str:
        """A case with all that its permit needs."""
        case = self.requested(kind, **more)
        self.acts("disposition", "accept", case, person="kabid")
        self.decided(case)
        return case

    def decided(self, case: str) -> None:
        """Let section and agency decide on a case that the head of division has accepted."""
        self.acts("disposition", "accept", case, "--executor", EXECUTOR, person="kasi")
        now = moment.now()
        window = ("--from", moment.shifted(now, -60), "--until", moment.shifted(now, 7200))
        self.types("schedule", "propose", case, "--as", "kasi", *window)
        self.acts("schedule", "agree", case, person=APPLICANT)

    def executed(self, kind: str, **more: str) -> str:
        """A case whose one item was carried out; of a restore, out of the set that `more` names."""
        case = self.scheduled(kind, **more)
        self.acts("order", case, person=EXECUTOR)
        self.runs(case, kind)
        return case

    def runs(self, case: str, kind: str, *, fails: bool = False) -> None:
        """Play the server's part of one run of an ordered case."""
        office, journal = Office.load(self.root), self.journal
        allowed = run_log.check_case(office, journal, case, kind)
        run = run_log.begin(office, journal, allowed, str(uuid.uuid4()), "host 1 1").run
        (item,) = allowed.items
        outcome: dict[str, Any] = {"result": "failed", "message": "Disk full.", "facts": {}}
        if not fails:
            done = self._back_up(allowed.order, item) if kind == "backup" else self._restore(item)
            outcome = {"result": "done", "message": "Done."} | done
        ledger = {"ledger": allowed.order.content["ledgers"][0]["ledger"], "last": 3}
        run_log.write_outcome(office, journal, case, run, item, outcome | ledger)
        run_log.close(journal, case, run)

    def confirmed(self, kind: str, **more: str) -> str:
        """A case that went all the way."""
        case = self.executed(kind, **more)
        self.acts("report", case, person=EXECUTOR)
        self.acts("confirm", case, person="kasi")
        self.acts("acknowledge", case, person=APPLICANT)
        return case

    def exported(self, case: str, folder: Path) -> Path:
        """The file of a case, as the command writes it."""
        path = folder / f"{case}-{uuid.uuid4()}.tar"
        self.types("case", "export", case, "--out", str(path))
        return path

    def _back_up(self, order: Order, item: dict[str, Any]) -> dict[str, Any]:
        at = moment.now()
        made = set_id(AGENCY, ASSET, "sqlite", DATABASE, at, order.content["case"], item["id"])
        described = {
            **{key: item[key] for key in ("agency", "asset", "engine", "instance", "database")},
            **{"office": order.content["office"], "journal": self.journal.id, "case": order.content["case"]},
            **{"item": item["id"], "permit": order.content["permit"], "order": order.digest},
            **dict.fromkeys(("started_at", "snapshot_at", "finished_at"), at),
            **{"head": order.content["journal"], "set": made, "drilled": item["drill"]},
            **{"versions": VERSIONS, "position": [], "proof": PROOF},
        }
        with SetWriter(self.repository, made, Progress(None)) as writer:
            writer.add(Part("data", "text", Command(["head", "-c", "3000", "/dev/urandom"])), None, 1)
            holders = [self.public(holder) for holder in HOLDERS]
            manifest, signature, key_age = writer.seal(described, holders, str(self.asset_key))
            writer.publish()
        facts = self._facts(made, canonical.digest(manifest.encode()), at, writer.parts)
        facts |= {"parts": writer.parts, "drilled": item["drill"]}
        return {"facts": facts, "manifest": manifest, "manifest_signature": signature, "key_age": key_age}

    def _restore(self, item: dict[str, Any]) -> dict[str, Any]:
        kept = self.catalogue.get(item["set"])
        facts = self._facts(kept.id, kept.digest, kept.manifest["snapshot_at"], kept.manifest["parts"])
        return {"facts": facts | {"mode": item["mode"], "target": item["target"], "aside": ""}}

    def _facts(self, made: str, manifest: str, snapshot_at: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
        sizes = {name: sum(part[name] for part in parts) for name in ("bytes", "plain_bytes")}
        times = dict.fromkeys(("started_at", "ended_at"), moment.now())
        told = {"set": made, "manifest": manifest, "snapshot_at": snapshot_at, "versions": VERSIONS, "differences": []}
        return {**told, **sizes, **times, "proof_facts": len(PROOF)}

    def newest_set(self) -> str:
        return self.catalogue.ids()[-1]
