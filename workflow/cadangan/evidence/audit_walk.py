"""Follows the entries of an exported case in their order: each is judged by what stood in the journal before it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ansible_collections.diskominfo.cadangan.plugins.module_utils.canonical import digest
from ansible_collections.diskominfo.cadangan.plugins.module_utils.decisions import check_signed
from ansible_collections.diskominfo.cadangan.plugins.module_utils.permit import check_order, check_permit
from ansible_collections.diskominfo.cadangan.plugins.module_utils.refusal import Refused
from ansible_collections.diskominfo.cadangan.plugins.module_utils.work_document import read_work

from cadangan.evidence.audit_set import check_done, check_manifest_signature, check_manifest_text
from cadangan.evidence.audit_standing import REPEATS, Signature, Standing, signed_content, signed_text
from cadangan.evidence.decisions import check_decision
from cadangan.evidence.entry_shapes import read_request
from cadangan.evidence.exported_case import Entry, ExportedCase, manifest_files
from cadangan.evidence.withdrawals import check_withdrawable
from cadangan.procedure.case import Case, Run, fold, fold_on, item_results
from cadangan.procedure.permit import permit_text
from cadangan.procedure.rules import check_act, check_order_of_steps, check_window
from cadangan.procedure.steps import procedure
from cadangan.procedure.trust_statements import fingerprint


class AuditWalk:
    """What is known after the entries taken so far; `case` is None before the request.

    `pin` is the digest that the first trust version must have, None if nobody says.
    """

    def __init__(self, export: ExportedCase, pin: str | None) -> None:
        self.standing = Standing(export.office, export.journal, pin)
        self.case: Case | None = None
        self.checked: Counter[str] = Counter()
        self._export = export
        self._texts: dict[str, int] = {}

    def take(self, seq: int, entry: Entry) -> None:
        """Judge the next entry, which has the shape of its type; `Refused` or another error that says why not."""
        kind = entry["type"]
        if (kind == "opened") != (seq == 1):
            raise Refused("a journal is opened by its first entry and by no other")
        if kind == "opened":
            self.standing.take_opened(entry)
        elif kind == "trust":
            self.standing.take_trust(seq, entry)
        elif kind == "onboarded":
            self.standing.take_onboarded(entry)
        elif kind == "imported":
            self.standing.take_imported(entry)
        elif kind == "withdrawal" and entry["case"] != self._export.case:
            self.standing.take_withdrawal(seq, entry)
        elif entry.get("case") != self._export.case:
            raise Refused(f"it does not concern case {self._export.case}")
        elif kind == "request":
            self._requested(seq, entry)
        else:
            self._concerning_case(self._begun(), seq, entry)

    def _concerning_case(self, case: Case, seq: int, entry: Entry) -> None:
        takers = {
            "proposal": self._proposed,
            "decision": self._decided,
            "order": self._ordered,
            "started": self._started,
            "outcome": self._came_out,
            "ended": self._ended,
            "withdrawal": self._withdrawn,
        }
        if entry["type"] in takers:
            takers[entry["type"]](case, seq, entry)
        fold_on(case, entry)

    def _begun(self) -> Case:
        if self.case is None:
            raise Refused("no request stands before it", "a case begins with its request")
        return self.case

    def _withdrawn(self, case: Case, seq: int, entry: Entry) -> None:
        person = signed_content(entry, "withdrawals")["person"]
        check_withdrawable(case, person, self.standing.pinned_trust, entry["at"])
        self.standing.take_withdrawal(seq, entry)

    def _requested(self, seq: int, entry: Entry) -> None:
        if self.case is not None:
            raise Refused("it is a second request", "a case begins with its request, and has one")
        request = read_request(entry["request"])
        if (request["office"], request["case"]) != (self._export.office, self._export.case):
            raise Refused("the request in it is of another case or office", REPEATS)
        if digest(entry["request"].encode("ascii")) != entry["digest"]:
            raise Refused("its digest is not that of the request in it", REPEATS)
        case = fold([entry])
        read_work(case.work.decode("ascii"))
        self.case = case
        self._texts[entry["digest"]] = seq

    def _proposed(self, case: Case, seq: int, entry: Entry) -> None:
        check_act(case, "propose", entry["person"], self.standing.pinned_trust, entry["at"])
        check_window(entry["window"]["from"], entry["window"]["until"], entry["at"])

    def _decided(self, case: Case, seq: int, entry: Entry) -> None:
        content = signed_content(entry, "decision")
        self._check_of_case(content)
        trust = self.standing.pinned_trust
        check_decision(case, content, trust, entry["at"])
        where = f"decision of {content['role']}"
        check_signed(trust, content, signed_text(entry), entry["at"], where, case.agency)
        self._check_head(content["journal"], seq, self._texts[content["after"]])
        self._texts[entry["digest"]] = seq
        self.standing.note_signature(seq, f"{content['step']}_{content['verdict']}", content, content["role"], entry)
        self.checked["decisions"] += 1

    def _ordered(self, case: Case, seq: int, entry: Entry) -> None:
        content = signed_content(entry, "order")
        self._check_of_case(content)
        trust, now = self.standing.pinned_trust, entry["at"]
        check_act(case, "execute", content["person"], trust, now)
        if permit_text(case, self.standing.chain, self.standing.withdrawals) != entry["permit"].encode("utf-8"):
            raise Refused(
                "the permit in it is not the one that the case's decisions, the trust and the withdrawals make",
                "an order names one exact permit",
            )
        self._check_permit(entry["permit"], signed_text(entry), now)
        spent = set(content["items"]) - {item["id"] for item in case.open_items}
        if spent:
            raise Refused(f"it orders work that was done: item {', '.join(sorted(spent))}", "an item is done once")
        for each in content["ledgers"]:
            ledger, last = self.standing.ledgers.get(each["asset"], ("", 0))
            if each["ledger"] != ledger or each["last"] < last:
                raise Refused(f"it names another ledger of {each['asset']} than the journal had onboarded")
        self._check_head(content["journal"], seq, self._texts[case.decisions[-1].digest])
        self.standing.note_signature(seq, "order_execute", content, "personil", entry)
        self.checked["orders"] += 1

    def _started(self, case: Case, seq: int, entry: Entry) -> None:
        check_order_of_steps(case, procedure().acts["execute"])
        if not case.orders or entry["order"] != case.orders[-1].digest:
            raise Refused("it carries out another order than the last one", "the executor signs before a run begins")
        if any(run.id == entry["run"] for run in case.runs):
            raise Refused(f"run {entry['run']!a} has begun before")
        order = case.orders[-1]
        self._check_permit(order.permit, order.signed, entry["at"])
        allowed = {item["id"] for item in case.open_items} & set(order.content["items"])
        if not entry["items"] or len(set(entry["items"])) != len(entry["items"]) or set(entry["items"]) - allowed:
            raise Refused("its items are not ordered, or were done before", "an item is done once, and by an order")
        self.checked["runs"] += 1

    def _came_out(self, case: Case, seq: int, entry: Entry) -> None:
        run = _open_run(case, entry)
        if entry["item"] not in run.items or entry["item"] in run.outcomes:
            raise Refused(f"run {run.id} did not carry out item {entry['item']!a}, or told of it before")
        item = next(each for each in case.items if each["id"] == entry["item"])
        if entry["asset"] != item["asset"]:
            raise Refused(f"it comes from {entry['asset']}; the work is for {item['asset']}")
        self._check_ledger(case, entry)
        if entry["result"] == "done":
            check_done(case, item, entry["facts"])
            self._check_set(case, item, seq, entry)
            self.checked["done"] += 1

    def _ended(self, case: Case, seq: int, entry: Entry) -> None:
        run = _open_run(case, entry)
        if entry["items"] != item_results(run):
            raise Refused("what it says of the items is not what they came to")
        if entry["result"] == "done" and any(item["result"] != "done" for item in entry["items"]):
            raise Refused("it is called done though not every item was")

    def _check_set(self, case: Case, item: dict[str, Any], seq: int, entry: Entry) -> None:
        facts = entry["facts"]
        name, signature_name = manifest_files(seq)
        if name in self._export.missing:
            return
        text, signature = (self._export.files.get(each, b"") for each in (name, signature_name))
        manifest = check_manifest_text(case, item, facts, text)
        if item["action"] == "backup" and manifest["journal"] != self._export.journal:
            raise Refused("the manifest names another journal")
        asset = manifest["asset"]
        key = check_manifest_signature(manifest, text, signature, self.standing.keys_of(asset, manifest["set"]))
        self.standing.signatures.append(
            Signature(seq, manifest["finished_at"], "manifest", asset, "", "", fingerprint(key), manifest["set"])
        )
        self.checked["manifests"] += 1

    def _check_permit(self, permit: str, order: dict[str, str], now: str) -> None:
        checked = check_permit(permit.encode("utf-8"), now, None, known=self.standing.chain)
        check_order(checked, order, now, None)

    def _check_ledger(self, case: Case, entry: Entry) -> None:
        if not entry["ledger"]:
            return
        ordered = {each["asset"]: each for each in case.orders[-1].content["ledgers"]}
        known = ordered[entry["asset"]]
        if entry["ledger"] != known["ledger"] or entry["last"] < known["last"]:
            raise Refused(f"it comes from another ledger of {entry['asset']} than the order names, or an older state")

    def _check_of_case(self, content: dict[str, Any]) -> None:
        if (content["office"], content["case"]) != (self._export.office, self._export.case):
            raise Refused("the text in it is of another case or office", REPEATS)

    def _check_head(self, head: str, seq: int, after: int) -> None:
        """What was signed names the head of that moment: it lies behind what it rests on, and before the entry."""
        position = self._export.positions.get(head, 0)
        if not after <= position < seq:
            raise Refused(
                f"it was signed at the journal's head {head}, which is none of the entries {after} to {seq - 1}",
                "a signed text names the head of the journal when it was written",
            )
        self.checked["signed_head"] = max(self.checked["signed_head"], position)


def _open_run(case: Case, entry: Entry) -> Run:
    if not case.runs or case.runs[-1].ended is not None or case.runs[-1].id != entry["run"]:
        raise Refused(f"run {entry['run']!a} is not under way")
    return case.runs[-1]
