"""The audit of an exported case: a good one holds, and whatever is changed in it is named."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import sshsig
from cadangan.errors import BadInput
from cadangan.evidence.case_audit import Audit, audit
from cadangan.evidence.entry_shapes import read_entry
from support.case_desk import APPLICANT, EXECUTOR, CaseDesk
from support.command_line import types
from support.desk import KEYS
from support.export_changes import changes, inside, packed
from support.forger import Forger
from support.signed_office import Keyring

pytestmark = pytest.mark.slow

COUNT = 150
SEED = 6
LATER = "2028-01-01T00:00:00Z"


@dataclass
class Exports:
    """A finished backup whose export holds the whole journal, and a restore that was carried out after it."""

    desk: CaseDesk
    backup: Path
    restore: Path

    def forger(self) -> Forger:
        return Forger(inside(self.backup.read_bytes()))

    def key(self, person: str) -> Path:
        return self.desk.keyring.private(KEYS[person])

    @property
    def pin(self) -> str:
        found = json.loads(self.desk.types("--json", "trust", "check"))
        return str(found["serial1"])


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Exports:
    folder = tmp_path_factory.mktemp("audit")
    (folder / "desk").mkdir()
    desk = CaseDesk.furnished(folder / "desk", keyring)
    backup = desk.exported(desk.confirmed("backup"), folder)
    restored = desk.executed("restore", set=desk.newest_set(), mode="copy", target="/srv/salinan.db")
    return Exports(desk, backup, desk.exported(restored, folder))


@pytest.fixture
def quick_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question is put to ssh-keygen once."""
    asked: dict[tuple[Any, ...], bool] = {}
    ask = sshsig.run_ssh_keygen

    def remember(*call: Any) -> bool:
        if call not in asked:
            asked[call] = ask(*call)
        return asked[call]

    monkeypatch.setattr(sshsig, "run_ssh_keygen", remember)


def faults(data: bytes, **more: Any) -> str:
    found: Audit = audit(data, **more)
    return "\n".join(map(str, found.faults))


def test_a_good_backup_and_a_good_restore_hold(exports: Exports) -> None:
    for path, status in ((exports.backup, "confirmed"), (exports.restore, "open")):
        found = audit(path.read_bytes(), exports.pin)
        assert (found.faults, found.status) == ([], status)
        assert found.checked["manifests"] == found.checked["done"] == found.checked["runs"] == 1


def test_it_says_who_signed_what_in_order(exports: Exports) -> None:
    found = audit(exports.backup.read_bytes())
    told = [(each.what, each.person) for each in found.signatures]
    assert told == [
        ("trust", "kabid"),
        ("trust", "kadin"),
        ("disposition_accept", "kabid"),
        ("disposition_accept", "kasi"),
        ("schedule_agree", APPLICANT),
        ("order_execute", EXECUTOR),
        ("manifest", "db-01"),
        ("report_done", EXECUTOR),
        ("confirm_confirm", "kasi"),
        ("acknowledge_acknowledge", APPLICANT),
    ]
    assert found.persons["kasi"]["position"] == "Kepala Seksi Sistem Informasi dan Statistik"


def test_the_command_needs_no_office_and_tells_people(exports: Exports, tmp_path: Path) -> None:
    file = str(exports.backup)
    said = types("--office", str(tmp_path), "case", "audit", file)
    assert "Everything that can be checked holds." in said
    assert "Contoh Kepala Seksi (kasi), Kepala Seksi Sistem Informasi dan Statistik, NIP." in said
    assert "Whether the trust is the office's own" in said
    pinned = types("--office", str(tmp_path), "case", "audit", file, "--pin", exports.pin.upper(), "--lang", "id")
    assert "Semua yang dapat diperiksa benar." in pinned
    assert "Apakah dokumen kepercayaan ini milik kantor" not in pinned
    told = json.loads(types("--json", "case", "audit", file))
    assert (told["holds"], told["faults"], told["status"]) == (True, [], "confirmed")


def test_exit_statuses(exports: Exports, tmp_path: Path) -> None:
    other = tmp_path / "x.tar"
    assert "cannot be read" in types("case", "audit", str(other), status=2)
    other.write_bytes(b"no tar")
    assert "not an exported case" in types("case", "audit", str(other), status=2)
    files = inside(exports.backup.read_bytes())
    del files["work.json"]
    other.write_bytes(packed(files))
    assert "work.json: it is missing" in types("case", "audit", str(other), status=1)
    assert "is not a SHA-256 digest" in types("case", "audit", str(other), "--pin", "12", status=2)
    assert "a journal head is" in types("case", "audit", str(other), "--head", "12", status=2)


def test_another_pin_is_another_office(exports: Exports) -> None:
    assert "not with " + "0" * 64 in faults(exports.backup.read_bytes(), pin="0" * 64)


def test_a_head_from_elsewhere(exports: Exports) -> None:
    data = exports.backup.read_bytes()
    head = audit(data).head
    for known in (str(head), head.hash, head.hash[:16]):
        assert faults(data, head=known) == ""
    assert "has no entry" in faults(data, head="0" * 64)
    assert "has no entry" in faults(data, head=f"1:{head.hash}")
    with pytest.raises(BadInput):
        audit(data, head="x")


def test_the_whole_journal_closes_the_gaps(exports: Exports) -> None:
    rows = list(exports.desk.journal.entries())
    for path in (exports.backup, exports.restore):
        assert faults(path.read_bytes(), journal=rows) == ""
    restore = exports.restore.read_bytes()
    assert "gaps" in {each.key for each in audit(restore).unknown}
    assert "gaps" not in {each.key for each in audit(restore, journal=rows).unknown}
    assert "it ends with entry 5" in faults(restore, journal=rows[:5])
    forger = exports.forger()
    forger.change(1, at=LATER)
    assert "entry 1: the journal has another one" in faults(forger.archive(), journal=rows)


def test_what_was_left_out_shows_in_the_whole_journal(exports: Exports) -> None:
    rows = list(exports.desk.journal.entries())
    forger = exports.forger()
    *kept, _document = forger.entries
    forger.entries = {seq: forger.entries[seq] for seq in kept}
    forger.files = {name: text for name, text in forger.files.items() if f"{_document:06d}" not in name}
    data = forger.archive()
    assert faults(data) == ""
    assert f"entry {_document}: it belongs to case B" in faults(data, journal=rows)


def test_random_changes_are_found(exports: Exports, quick_signatures: None, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    file = tmp_path / "changed.tar"
    for said, data in changes(exports.restore.read_bytes(), exports.backup.read_bytes(), COUNT, SEED):
        file.write_bytes(data)
        try:
            assert audit(data).faults, said
        except BadInput as error:
            assert error.message


def test_a_forged_case_is_good_until_something_is_changed(exports: Exports) -> None:
    assert exports.forger().archive() == exports.backup.read_bytes()


FORGED: dict[str, tuple[str, dict[str, str], dict[str, Any], str | None, str]] = {
    "another's key": ("decision", {"step": "confirm"}, {}, "kabid", "is not signed by kasi"),
    "another person": ("decision", {"step": "confirm"}, {"person": "kabid"}, "kabid", "takes the role seksi"),
    "wrong role": ("decision", {"step": "report"}, {"person": "kasi"}, "kasi", "takes the role personil"),
    "not assigned": ("decision", {"step": "report"}, {"person": "staf-dua"}, EXECUTOR, "staf-dua is not assigned"),
    "other work": ("decision", {"role": "bidang"}, {"work": "0" * 64}, "kabid", "over another state of case"),
    "other text before": ("decision", {"role": "seksi"}, {"after": "0" * 64}, "kasi", "over another state of case"),
    "other window": (
        "decision",
        {"step": "schedule"},
        {"window": {"from": "2036-01-01T00:00:00Z", "until": "2036-01-02T00:00:00Z"}},
        APPLICANT,
        "over another window",
    ),
    "dated ahead": ("decision", {"role": "bidang"}, {"at": LATER}, "kabid", f"is dated {LATER}"),
    "lapsed": ("decision", {"role": "bidang"}, {"until": "2020-01-01T00:00:00Z"}, "kabid", "lapsed at 2020"),
    "another outcome": ("decision", {"step": "report"}, {"outcome": "0" * 64}, EXECUTOR, "over another outcome"),
    "head of nowhere": ("decision", {"step": "confirm"}, {"journal": "0" * 64}, "kasi", "at the journal's head 000"),
    "another verdict": ("decision", {"step": "confirm"}, {"verdict": "done"}, "kasi", "has no verdict"),
    "another case": ("decision", {"step": "confirm"}, {"case": "B-2026-0009"}, "kasi", "of another case or office"),
    "another permit": ("order", {}, {"permit": "0" * 64}, EXECUTOR, "for another permit"),
    "order too long": ("order", {}, {"until": LATER}, EXECUTOR, "An order holds for 24 hours"),
    "order by another": ("order", {}, {"person": "kasi"}, "kasi", "takes the role personil"),
    "order without work": ("order", {}, {"items": []}, EXECUTOR, "does not name work items"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_signed_text_that_breaks_a_rule_is_named(exports: Exports, quick_signatures: None, name: str) -> None:
    kind, where, more, signer, said = FORGED[name]
    forger = exports.forger()
    seq = forger.find(kind, **where)
    forger.sign(seq, exports.key(str(signer)), **more)
    found = faults(forger.archive())
    assert f"entry {seq}: " in found
    assert said in found


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("started", {"at": LATER}, "The order ended at"),
        ("started", {"items": ["1", "1"]}, "its items are not ordered"),
        ("started", {"order": "0" * 64}, "another order than the last one"),
        ("outcome", {"asset": "db-02"}, "it comes from db-02"),
        ("outcome", {"item": "2"}, "did not carry out item '2'"),
        ("outcome", {"run": "another"}, "run 'another' is not under way"),
        ("outcome", {"ledger": "another"}, "another ledger"),
        ("ended", {"items": []}, "is not what they came to"),
        ("proposal", {"person": "kabid"}, "takes the role seksi or personil"),
        ("opened", {"office": "lain"}, "opens the journal of another office"),
        ("onboarded", {"key": "ssh-ed25519 AAAA"}, "the key in it is none"),
        ("document", {"sha256": "0" * 64}, "another SHA-256 than entry"),
    ],
)
def test_an_entry_that_breaks_a_rule_is_named(
    exports: Exports, quick_signatures: None, kind: str, more: dict[str, Any], said: str
) -> None:
    forger = exports.forger()
    forger.change(forger.find(kind), **more)
    assert said in faults(forger.archive())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"manifest": "0" * 64}, "has another SHA-256 than the journal says"),
        ({"set": "a/b/c/d/e"}, "set differs"),
        ({"bytes": 1}, "the size in the journal"),
        ({"proof_facts": 1}, "number of facts"),
        ({"drilled": False}, "drilled differs"),
        ({"started_at": "2020-01-01T00:00:00Z"}, "which no order of the case allows"),
        ({"differences": ["lost: table warga"]}, "though differences were found"),
        ({"receipt": {"set": "x"}}, "receipt.manifest is missing"),
        ({"parts": []}, "parts differs"),
    ],
)
def test_an_outcome_that_its_manifest_contradicts_is_named(
    exports: Exports, quick_signatures: None, more: dict[str, Any], said: str
) -> None:
    forger = exports.forger()
    seq = forger.find("outcome")
    forger.change(seq, facts=forger.entries[seq]["facts"] | more)
    assert said in faults(forger.archive())


def test_a_manifest_of_an_unknown_server_is_named(exports: Exports, quick_signatures: None) -> None:
    forger = exports.forger()
    stranger = exports.key("kadin").with_suffix(".pub").read_text()
    for seq, entry in forger.entries.items():
        if entry["type"] == "onboarded":
            forger.change(seq, key=sshsig.check_public_key(stranger))
    # The head of then is in what was signed later, which is found too.
    assert "it was signed at the journal's head" in faults(forger.archive())
    files = inside(exports.backup.read_bytes())
    name = next(name for name in files if name.startswith("manifests/") and name.endswith(".sig"))
    signature = sshsig.sign(files[name.replace(".sig", ".json")], exports.key("kadin"), "manifest@cadangan")
    files[name] = signature.encode()
    assert "is not signed by db-01" in faults(packed(files))


def test_a_rejected_and_a_withdrawn_case_hold(exports: Exports, tmp_path: Path) -> None:
    desk = exports.desk
    rejected = desk.requested("backup")
    desk.acts("disposition", "reject", rejected, "--note", "Tidak lengkap", person="kabid")
    withdrawn = desk.requested("backup")
    desk.acts("case", "withdraw", withdrawn, person="kasi")
    for case, status in ((rejected, "rejected"), (withdrawn, "withdrawn")):
        found = audit(desk.exported(case, tmp_path).read_bytes(), exports.pin)
        assert (found.faults, found.status) == ([], status)


def test_a_renewed_trust_another_withdrawn_case_and_a_run_that_failed_hold(exports: Exports, tmp_path: Path) -> None:
    desk = exports.desk
    case = desk.requested("backup")
    desk.acts("case", "withdraw", desk.requested("backup"), person="kabid")
    desk.acts("disposition", "accept", case, person="kabid")
    desk.types("trust", "add-recipient", "staf", desk.public("staf"))
    desk.renew_trust()
    desk.decided(case)
    desk.acts("order", case, person=EXECUTOR)
    desk.runs(case, "backup", fails=True)
    desk.runs(case, "backup")
    for exported in (case, json.loads(inside(exports.backup.read_bytes())["case.json"])["case"]):
        found = audit(desk.exported(exported, tmp_path).read_bytes(), exports.pin)
        assert (found.faults, found.checked["trust"], found.checked["done"]) == ([], 2, 1)


def test_entries_of_a_newer_kind_are_let_pass_and_told(exports: Exports) -> None:
    forger = exports.forger()
    after = max(forger.entries) + 1
    case = forger.entries[after - 1]["case"]
    forger.entries[after] = {"type": "weighed", "at": LATER, "case": case}
    found = audit(forger.archive())
    assert found.faults == []
    assert {"type": "'weighed'"} in [each.values for each in found.unknown]
    assert read_entry(b'{"at":"2036-01-01T00:00:00Z","type":"weighed"}\n', "entry 1")["type"] == "weighed"
