"""What people do wrong at the command line: the message says what and where, the exit status fits, nothing changes."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cadangan.evidence.chain import Head, follow
from support import command_line
from support.office import APPLICANT, BIDANG, EXECUTOR, SEKSI
from support.private_machine import ASSET, PrivateOffice, content, fill, item

FAILED, BAD_INPUT, REFUSED, MISSING = 1, 2, 3, 4
UNQUALIFIED, EXPIRED, UNASSIGNED = "staf-dua", "staf-lama", "staf-tiga"


@dataclass
class Place:
    """An office on this machine, with two registered SQLite databases; only the first one is in its cases."""

    office: PrivateOffice
    database: Path
    other: Path

    def types(self, status: int, *arguments: str) -> str:
        """Run a command that must end with `status` and change nothing; what it said."""
        return self._unchanged(lambda: self.runs(*arguments, status=status))

    def runs(self, *arguments: str, status: int = 0) -> str:
        return command_line.types("--office", str(self.office.root), *arguments, status=status)

    def signs(self, status: int, person: str, *arguments: str, key: str = "") -> str:
        """A signing command of `person`, with their own key or that of somebody else."""
        return self.types(status, *arguments, *self.signing(person, key))

    def signing(self, person: str, key: str = "") -> list[str]:
        return ["--as", person, "--key", str(self.office.keys / (key or person)), "--yes"]

    def executes(self, status: int, case: str, *arguments: str) -> str:
        """`execute` in a process of its own, in which the target's folders are the private ones."""
        command = ["execute", case, *arguments, *self.signing(EXECUTOR)]
        return self._unchanged(lambda: self.office.types(*command, status=status))

    def _unchanged(self, run: Callable[[], str]) -> str:
        before = self.everything()
        said = run()
        assert "Traceback" not in said
        assert "fault of the program" not in said
        assert self.everything() == before
        return said

    def everything(self) -> dict[str, object]:
        """All that may not change: the databases, every file of office, target and repository, the journal's rows."""
        files: dict[str, object] = {
            str(path): path.read_bytes()
            for folder in ("office", "config", "state", "repository")
            for path in sorted((self.office.folder / folder).rglob("*"))
            if path.is_file() and not path.name.startswith("journal")
        }
        databases = {str(path): content(path) for path in (self.database, self.other)}
        return files | databases | {"journal": self.rows()}

    @property
    def journal(self) -> Path:
        return self.office.root / "journal.db"

    def rows(self) -> list[tuple[Any, ...]]:
        if not self.journal.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True)) as journal:
            return journal.execute("select * from entry order by seq").fetchall()

    def requested(self) -> str:
        return self.office.requested("backup", [item(self.database)])

    def accepted(self) -> str:
        """A case that waits for its schedule."""
        case = self.requested()
        self.runs("disposition", "accept", case, *self.signing(BIDANG))
        self.runs("disposition", "accept", case, "--executor", EXECUTOR, *self.signing(SEKSI))
        return case

    def agree(self, case: str, start: str, end: str) -> None:
        self.runs("schedule", "propose", case, "--as", SEKSI, "--from", start, "--until", end)
        self.runs("schedule", "agree", case, *self.signing(APPLICANT))

    def permitted(self) -> str:
        """A case that may be executed now."""
        case = self.accepted()
        self.agree(case, later(minutes=-1), later(hours=2))
        return case


def later(**time: float) -> str:
    """A moment this much later than now, as it may be typed."""
    return f"{datetime.now(UTC) + timedelta(**time):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("office")
    database, other = folder / "warga.db", folder / "lain.db"
    fill(database)
    fill(other)
    office = PrivateOffice.on_this_machine(folder, [database, other])
    appoint(office)
    return Place(office, database, other)


def appoint(office: PrivateOffice) -> None:
    """Appoint people who lack something, in the office's second trust version."""
    path = office.root / "officials.yml"
    file = yaml.safe_load(path.read_text())
    people = file["officials"]
    staff = people[UNQUALIFIED]
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    people[UNASSIGNED] = staff | {"name": "Staf Tiga"}
    people[EXPIRED] = staff | {"name": "Staf Lama", "roles": [staff["roles"][0] | {"until": yesterday}]}
    people[UNQUALIFIED] = {key: value for key, value in staff.items() if key != "qualification"}
    people[BIDANG]["roles"].append(people[SEKSI]["roles"][0])
    # JSON is YAML without aliases.
    path.write_text(json.dumps(file, indent=1, default=str))
    office.cadangan("trust", "compile")
    for trustee in ("kadin", BIDANG):
        office.cadangan("trust", "sign", "--as", trustee)


@pytest.fixture(scope="module")
def permitted(place: Place) -> str:
    """A case that could be executed, and never is."""
    return place.permitted()


@pytest.fixture(scope="module")
def backups(place: Place) -> list[str]:
    """The ids of two backup sets."""
    cases = [place.permitted() for _ in range(2)]
    done = [place.office.cadangan("execute", case, "--as", EXECUTOR) for case in cases]
    return [answer["items"][0]["facts"]["set"] for answer in done]


# The request letter


def good_letter(place: Place) -> dict[str, Any]:
    return {
        "kind": "backup",
        "number": "045/1",
        "date": f"{datetime.now().date()}",
        "subject": "Permohonan",
        "agency": "disdukcapil",
        "applicant": APPLICANT,
        "reason": "Uji coba",
        "items": [item(place.database)],
    }


def restore(**more: str) -> Callable[[Place], dict[str, Any]]:
    return lambda place: {"kind": "restore", "items": [item(place.database, **more)]}


def items(*changes: dict[str, Any]) -> Callable[[Place], dict[str, Any]]:
    return lambda place: {"items": [item(place.database) | change for change in changes]}


WRONG_LETTERS: dict[str, tuple[dict[str, Any] | Callable[[Place], dict[str, Any]], list[str]]] = {
    "missing field": ({"subject": None}, ["subject: is missing"]),
    "mistyped field": ({"subjek": "x"}, ["subjek: is not a field here. Did you mean 'subject'?"]),
    "mistyped field of an item": (items({"databse": "x"}), ["items[1].databse", "Did you mean 'database'?"]),
    "unknown kind": ({"kind": "restor"}, ["kind: must be 'backup', 'restore' or 'disposal', not 'restor'"]),
    "number without quotes": ({"number": 45}, ["number: must be text; put it in quotes"]),
    "long subject": ({"subject": "x" * 501}, ["subject: is too long: at most 500 characters"]),
    "line break in the subject": ({"subject": "a\nb"}, ["subject: holds a line break or a control character"]),
    "terminal codes": ({"subject": "a\x1b[2Jb"}, ["subject: holds a line break or a control character: 'a\\x1b[2Jb'"]),
    "text that turns around": ({"subject": "a\u202eb"}, ["subject: 'a\\u202eb' holds", "direction of writing"]),
    "no items": ({"items": []}, ["items: must not be empty"]),
    "items missing": ({"items": None}, ["items: is missing"]),
    "too many items": (items(*({"database": f"/x/{n}"} for n in range(501))), ["items: is too long", "500 entries"]),
    "same item twice": (items({}, {}), ["items[2]: asks for the same as items[1]"]),
    "unknown server": (items({"asset": "server-ujo"}), ["items[1].asset: server 'server-ujo'", f"mean '{ASSET}'?"]),
    "unknown database": (
        lambda place: {"items": [item(place.database.with_name("wargo.db"))]},
        ["items[1].database: database 'sqlite", f"is not registered on {ASSET}", "Did you mean"],
    ),
    "date in the future": ({"date": "2199-01-01"}, ["date: 2199-01-01 lies in the future"]),
    "date long ago": ({"date": "2020-01-01"}, ["date: 2020-01-01 is more than a year ago; ask the agency"]),
    "no date": ({"date": "kemarin"}, ["date: must be a date like 2026-11-25, not 'kemarin'"]),
    "unknown official": ({"applicant": "opd-disdukcapl"}, ["applicant: there is no official", f"mean '{APPLICANT}'?"]),
    "applicant of another agency": (
        {"applicant": "opd-dpmptsp"},
        ["applicant: opd-dpmptsp does not hold the role opd for agency disdukcapil"],
    ),
    "unknown agency": ({"agency": "disdukcapl"}, ["agency: there is no agency 'disdukcapl'", "mean 'disdukcapil'?"]),
    "attachment that is not there": ({"attachments": ["surat.pdf"]}, ["attachments[1]: there is no file", "surat.pdf"]),
    "attachment elsewhere": ({"attachments": ["/etc/passwd"]}, ["attachments[1]: '/etc/passwd' is not the name of"]),
    "attachment above": ({"attachments": ["../keys/kasi"]}, ["attachments[1]: '../keys/kasi' is not the name of"]),
    "attachment that is a link": ({"attachments": ["link.pdf"]}, ["attachments[1]: there is no file", "link.pdf"]),
    "attachment with shell in its name": ({"attachments": ["$(id).pdf"]}, ["attachments[1]: '$(id).pdf' is not"]),
    "attachment named like a report": (
        {"attachments": ["Laporan-B-2026-0001-terkonfirmasi.pdf"]},
        ["attachments[1]: Laporan-B-2026-0001-terkonfirmasi.pdf is a name that the office uses itself"],
    ),
    "attachment twice": ({"attachments": ["ada.pdf", "ada.pdf"]}, ["attachments[2]: ada.pdf is there twice"]),
    "restore without a mode": (restore(), ["items[1].mode is missing: copy, replace or drill"]),
    "copy without a target": (restore(mode="copy"), ["items[1].target is missing", "name of the new database"]),
    "set that is no id": (restore(mode="drill", set="../../x"), ["items[1].set: '../../x' is not the id of"]),
    "set that is not there": (restore(mode="drill", set="a/b/c/d/e"), ["items[1].set: there is no backup set a/b/c"]),
    "target in a backup": (
        items({"target": "/x.db"}),
        ["items[1].target does not belong to a letter of the kind backup"],
    ),
}


@pytest.mark.parametrize(("change", "says"), WRONG_LETTERS.values(), ids=WRONG_LETTERS)
def test_a_wrong_letter(place: Place, tmp_path: Path, change: Any, says: list[str]) -> None:
    changed = change(place) if callable(change) else change
    letter = good_letter(place) | changed
    path = tmp_path / "surat.yml"
    path.write_text(json.dumps({key: value for key, value in letter.items() if value is not None}, indent=1))
    for name in ("ada.pdf", "$(id).pdf", "Laporan-B-2026-0001-terkonfirmasi.pdf"):
        (tmp_path / name).write_text("x")
    (tmp_path / "link.pdf").symlink_to("/etc/passwd")
    said = place.types(BAD_INPUT, "request", str(path))
    assert f"cadangan: {path}:" in said
    for words in says:
        assert words in said


NO_LETTERS = {
    "not YAML": (b"kind: backup\nitems: [\n", ["surat.yml:3:1:", "Correct the YAML there"]),
    "nothing": (b"", ["surat.yml:1:1: must be names with values"]),
    "a list": (b"- kind: backup\n", ["surat.yml:1:1: must be names with values"]),
    "not UTF-8": (b"kind: \xff\n", ["surat.yml:1: is not UTF-8 text"]),
    "same field twice": (b"kind: backup\nkind: restore\n", ["surat.yml:2:1", '"kind" is there twice']),
    "aliases": (b"kind: &a [x]\nnumber: *a\n", ["surat.yml:2:9: YAML aliases are not used here"]),
    "nested deeply": (b"kind: " + b"[" * 5000, ["is nested too deeply"]),
    "huge": (b"# " + b"x" * (1 << 20), ["surat.yml: is larger than 1048576 bytes"]),
}


@pytest.mark.parametrize(("raw", "says"), NO_LETTERS.values(), ids=NO_LETTERS)
def test_what_is_no_letter(place: Place, tmp_path: Path, raw: bytes, says: list[str]) -> None:
    path = tmp_path / "surat.yml"
    path.write_bytes(raw)
    said = place.types(BAD_INPUT, "request", str(path))
    for words in says:
        assert words in said


def test_a_letter_that_can_not_be_read(place: Place, tmp_path: Path) -> None:
    assert "there is no such file" in place.types(MISSING, "request", str(tmp_path / "surat.yml"))
    assert "Is a directory" in place.types(BAD_INPUT, "request", str(tmp_path))
    assert "is larger than" in place.types(BAD_INPUT, "request", "/dev/zero")


# The steps, and who takes them


def test_the_steps_are_taken_in_their_order(place: Place) -> None:
    case = place.requested()
    early = {
        EXECUTOR: [("execute", case), ("order", case), ("report", case)],
        SEKSI: [("confirm", case)],
        APPLICANT: [("schedule", "agree", case), ("acknowledge", case)],
    }
    for person, commands in early.items():
        for command in commands:
            said = place.signs(REFUSED, person, *command)
            assert f"can not be done on case {case} now" in said
            assert "what comes next is: disposition_bidang (step 2, bidang)" in said
    window = ["--from", later(), "--until", later(hours=1)]
    assert "propose (step 3)" in place.types(REFUSED, "schedule", "propose", case, "--as", SEKSI, *window)


def test_a_case_that_is_not_there(place: Place) -> None:
    for name in ("B-2099-0001", "$(id)", "../../etc", "B-2026-0001\n"):
        said = place.signs(MISSING, BIDANG, "disposition", "accept", name)
        assert f"there is no case {json.dumps(name)}" in said
        assert "cadangan case list --all" in said


def test_dispositions_are_made_by_who_may(place: Place) -> None:
    case = place.requested()
    accept = ("disposition", "accept", case)
    assert "may not do disposition_bidang: it takes the role bidang" in place.signs(REFUSED, SEKSI, *accept)
    assert "cadangan trust show" in place.signs(REFUSED, APPLICANT, *accept)
    assert "kabit is not a person of trust version 2" in place.signs(REFUSED, "kabit", *accept)
    assert "--executor is for the section head" in place.signs(BAD_INPUT, BIDANG, *accept, "--executor", EXECUTOR)

    place.runs(*accept, *place.signing(BIDANG))
    wrong = {
        UNQUALIFIED: f"{UNQUALIFIED} has no recorded qualification",
        EXPIRED: f"{EXPIRED} does not hold the role personil today",
        APPLICANT: f"{APPLICANT} does not hold the role personil today",
        SEKSI: f"{SEKSI} can not assign themselves",
        "staf-satuu": "staf-satuu is not a person of trust version 2",
    }
    for executor, words in wrong.items():
        assert words in place.signs(REFUSED, SEKSI, *accept, "--executor", executor)
    assert "no executor is assigned" in place.signs(REFUSED, SEKSI, *accept)
    # The division head is also section head, but not in one case.
    said = place.signs(REFUSED, BIDANG, *accept, "--executor", EXECUTOR)
    assert f"{BIDANG} has signed as bidang already and can not act as seksi" in said


def test_a_schedule_lies_ahead_and_is_agreed_by_the_agency(place: Place) -> None:
    case = place.accepted()

    def proposes(status: int, start: str, end: str, person: str = SEKSI) -> str:
        return place.types(status, "schedule", "propose", case, "--as", person, "--from", start, "--until", end)

    assert "'besok' is not a time" in proposes(BAD_INPUT, "besok", later(hours=1))
    assert "before it begins" in proposes(REFUSED, later(hours=1), later())
    assert "the window is over since" in proposes(REFUSED, later(hours=-2), later(hours=-1))
    assert "longer than seven days" in proposes(REFUSED, later(), later(days=8))
    assert "it takes the role seksi or personil" in proposes(REFUSED, later(), later(hours=1), APPLICANT)
    place.runs("schedule", "propose", case, "--as", SEKSI, "--from", later(), "--until", later(hours=1))
    for person in (SEKSI, "opd-dpmptsp"):
        said = place.signs(REFUSED, person, "schedule", "agree", case, key=APPLICANT)
        assert f"{person} may not do agree: it takes the role opd of disdukcapil" in said


def test_a_case_is_executed_by_whom_it_was_assigned_to(place: Place, permitted: str) -> None:
    said = place.signs(REFUSED, UNASSIGNED, "execute", permitted, key=EXECUTOR)
    assert f"{UNASSIGNED} is not assigned to case {permitted}; assigned are: {EXECUTOR}" in said
    assert "it takes the role personil" in place.signs(REFUSED, EXPIRED, "execute", permitted, key=EXECUTOR)
    assert "it takes the role personil" in place.signs(REFUSED, SEKSI, "execute", permitted)


def test_a_schedule_that_has_not_begun(place: Place) -> None:
    case = place.accepted()
    place.agree(case, later(hours=1), later(hours=2))
    assert "Wait for the window" in place.signs(REFUSED, EXECUTOR, "order", case)
    said = place.executes(REFUSED, case)
    assert "the window is from" in said
    assert "Wait for the window" in said


def test_a_schedule_that_is_over(place: Place) -> None:
    case = place.accepted()
    place.agree(case, later(minutes=-1), later(seconds=6))
    place.runs("order", case, *place.signing(EXECUTOR))
    time.sleep(7)
    assert "Schedule it again" in place.executes(REFUSED, case)
    assert "The window was over" in place.runs("case", "show", case)
    # The order was signed in time; the module on the server looks at its own clock.
    order = next(entry for entry in place.office.entries("order") if entry["case"] == case)
    before = place.everything()
    answer = place.office.module(ASSET, "sqlite_backup", gate_parameters(order))
    assert answer["outcome"]["result"] == "refused"
    assert "ended" in answer["msg"] or "window" in answer["msg"]
    assert place.everything() == before


def gate_parameters(order: dict[str, Any]) -> dict[str, str]:
    """What the module on a server takes, from the journal's entry of an order."""
    signed = {"text": order["text"], "signature": order["signature"]}
    text = json.dumps(signed, sort_keys=True, separators=(",", ":")) + "\n"
    return {
        "permit": base64.b64encode(order["permit"].encode()).decode(),
        "order": base64.b64encode(text.encode()).decode(),
        "item": "1",
        "run": "run-00000001",
    }


# Keys and signatures


def test_a_key_that_is_not_theirs(place: Place, permitted: str, tmp_path: Path) -> None:
    said = place.signs(BAD_INPUT, EXECUTOR, "execute", permitted, key=SEKSI)
    assert f"this is not a signature of {EXECUTOR} on this text: the signature was made with another key" in said
    assert "with a key of staf-satu that the trust names" in said
    case = place.requested()
    assert "made with another key" in place.signs(BAD_INPUT, BIDANG, "disposition", "accept", case, key=SEKSI)
    assert "there is no key file" in place.signs(MISSING, BIDANG, "disposition", "accept", case, key="nobody")
    assert "could not sign with" in place.signs(BAD_INPUT, BIDANG, "disposition", "accept", case, key="kabid.age")
    said = place.types(MISSING, "disposition", "accept", case, "--as", BIDANG, "--yes")
    assert "no SSH agent is running here\nName your key with --key FILE" in said


def test_what_is_brought_back_is_what_was_written(place: Place, tmp_path: Path) -> None:
    case = place.requested()
    path, signature = tmp_path / "putusan.json", tmp_path / "putusan.json.sig"

    def signed_by(person: str, namespace: str = "decision@cadangan") -> bytes:
        signature.unlink(missing_ok=True)
        sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(place.office.keys / person), str(path)]
        subprocess.run(sign, check=True, capture_output=True)
        return signature.read_bytes()

    def brings(status: int, text: bytes, armor: bytes) -> str:
        path.write_bytes(text)
        signature.write_bytes(armor)
        return place.types(status, "bring", str(path))

    place.runs("disposition", "accept", case, "--as", BIDANG, "--apart", str(path))
    text = path.read_bytes()
    assert f"{signature}: can not be read" in place.types(MISSING, "bring", str(path))
    assert "made with another key" in brings(BAD_INPUT, text, signed_by(SEKSI))
    assert "is for 'file'" in brings(BAD_INPUT, text, signed_by(BIDANG, "file"))
    own = signed_by(BIDANG)
    assert f"{path}: this is not a signature of {BIDANG}" in brings(BAD_INPUT, text, b"hello\n")
    assert "the signature does not fit the text" in brings(BAD_INPUT, text.replace(b"accept", b"reject"), own)
    for changed, how in {
        text.replace(b"\n", b"\r\n"): "not in canonical form",
        text[:-40]: "not JSON",
        b"": "not JSON",
    }.items():
        said = brings(BAD_INPUT, changed, own)
        assert f"{path}: this is not a text as it was written to be signed" in said
        assert how in said
        assert "an editor or mail program may have changed it" in said
    assert "a text of type 'trust' is not taken in here" in brings(BAD_INPUT, b'{"type":"trust"}\n', own)
    fields = json.loads(text)
    for key, value, how in [
        ("at", "bogus", "decision.at is not a time"),
        ("role", 7, "not those of a step"),
        ("person", None, "decision.person is not a name"),
        ("type", "order", "order.permit is missing"),
        ("extra", "x", "decision.extra does not belong there"),
    ]:
        said = brings(BAD_INPUT, as_canonical(fields | {key: value}), own)
        assert how in said
    # Another decision of the same person on another case, with its own right signature.
    other = place.requested()
    path.unlink()
    place.runs("disposition", "accept", other, "--as", BIDANG, "--apart", str(path))
    assert "the signature does not fit the text" in brings(BAD_INPUT, text, signed_by(BIDANG))

    path.write_bytes(text)
    signature.write_bytes(own.replace(b"\n", b"\r\n"))
    assert f"{case} is open" in place.runs("bring", str(path))
    assert "can not be done on case" in place.types(REFUSED, "bring", str(path))


def as_canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"


# The journal


@contextmanager
def tampered(place: Place, *statements: str) -> Iterator[None]:
    """The journal with these changes, made as somebody makes them who can write its file."""
    # What is still in the write-ahead file goes into the journal's own.
    with closing(sqlite3.connect(place.journal)) as journal:
        journal.execute("pragma wal_checkpoint(truncate)")
    whole = place.journal.read_bytes()
    try:
        with closing(sqlite3.connect(place.journal, isolation_level=None)) as journal:
            guards = journal.execute("select name from sqlite_master where type = 'trigger'").fetchall()
            for statement in [*(f"drop trigger {name}" for (name,) in guards), *statements]:
                journal.execute(statement)
        yield
    finally:
        put_back(place, whole)


def put_back(place: Place, whole: bytes) -> None:
    for path in place.office.root.glob("journal*.db*"):
        path.unlink()
    place.journal.write_bytes(whole)


def number_of(place: Place, case: str, kind: str) -> int:
    entries = [(row[0], json.loads(row[1])) for row in place.rows()]
    return next(seq for seq, entry in entries if entry["type"] == kind and entry.get("case") == case)


TAMPERING = {
    "request": ("request", "update entry set entry = replace(entry, 'warga.db', 'lain.db') where seq = {seq}", REFUSED),
    "decision": ("decision", "update entry set entry = replace(entry, 'accept', 'reject') where seq = {seq}", REFUSED),
    "removed": ("decision", "delete from entry where seq = {seq}", REFUSED),
    "nonsense": ("decision", "update entry set entry = 'x' where seq = {seq}", FAILED),
}


@pytest.mark.parametrize(("kind", "statement", "status"), TAMPERING.values(), ids=TAMPERING)
def test_a_changed_journal_entry_is_named_and_nothing_is_executed(
    place: Place, permitted: str, kind: str, statement: str, status: int
) -> None:
    seq = number_of(place, permitted, kind)
    with tampered(place, statement.format(seq=seq)):
        assert f"entry {seq}: " in place.types(FAILED, "journal", "verify")
        place.executes(status, permitted)
    assert "nothing is wrong" in place.types(0, "journal", "verify")


def test_a_journal_that_was_rewritten_whole_makes_no_permit(place: Place, permitted: str) -> None:
    head = place.rows()[-1]
    seq = number_of(place, permitted, "request")
    rewrite, before = [], Head(0, "0" * 64)
    for number, entry, *_ in place.rows():
        row = follow(before, entry.replace("warga.db", "lain.db") if number == seq else entry)
        rewrite.append(f"update entry set prev = 'x{number}', hash = 'y{number}' where seq = {number}")
        quoted = row.entry.replace("'", "''")
        rewrite.append(
            f"update entry set entry = '{quoted}', prev = '{row.prev}', hash = '{row.hash}' where seq = {number}"
        )
        before = Head(row.seq, row.hash)
    with tampered(place, *rewrite):
        # The chain holds in itself; only a head on paper shows that it is another one.
        assert "nothing is wrong" in place.types(0, "journal", "verify")
        assert "head" in place.types(FAILED, "journal", "verify", "--head", f"{head[0]}:{head[3]}")
        said = place.executes(REFUSED, permitted)
        assert "is about other work than the permit's" in said


def test_a_lost_journal_is_noticed_and_not_begun_anew(place: Place, permitted: str, tmp_path: Path) -> None:
    letter = tmp_path / "surat.yml"
    letter.write_text(json.dumps(good_letter(place)))
    with tampered(place):
        for path in place.office.root.glob("journal*.db*"):
            path.unlink()
        for command in (["execute", permitted, "--as", EXECUTOR], ["request", str(letter)], ["trust", "compile"]):
            said = place.types(MISSING, *command)
            assert f"the journal is gone: {place.journal}" in said
            assert "Put it back from a copy" in said
        assert not place.journal.exists()
        place.journal.write_bytes(b"hello" * 1000)
        for command in (["execute", permitted, "--as", EXECUTOR], ["journal", "verify"]):
            assert "is not a SQLite database" in place.runs(*command, status=FAILED)
        assert place.journal.read_bytes() == b"hello" * 1000


# The office's files

BROKEN_FILES = {
    "office.yml cut": ("office.yml", lambda text: text[:200], "office.yml:"),
    "office.yml empty": ("office.yml", lambda text: "", "office.yml:1:1: must be names with values"),
    "officials.yml with a typo": (
        "officials.yml",
        lambda text: text.replace('"position"', '"positon"', 1),
        "positon: is not a field here. Did you mean 'position'?",
    ),
    "inventory that is not YAML": ("inventory/servers.yml", lambda text: text + "]", "servers.yml:1:"),
    "database taken off the register": (
        "inventory/servers.yml",
        lambda text: text.replace("warga.db", "arsip.db"),
        f"is not registered on {ASSET}",
    ),
    "server under maintenance": (
        "inventory/servers.yml",
        lambda text: text.replace("in_operation", "maintenance"),
        f"server {ASSET} is not in operation: the asset register says maintenance",
    ),
}


@pytest.mark.parametrize(("name", "breaks", "words"), BROKEN_FILES.values(), ids=BROKEN_FILES)
def test_broken_files_of_the_office(
    place: Place, permitted: str, name: str, breaks: Callable[[str], str], words: str
) -> None:
    path = place.office.root / name
    whole = path.read_text()
    try:
        path.write_text(breaks(whole))
        assert words in place.executes(BAD_INPUT, permitted)
    finally:
        path.write_text(whole)


# Backup sets

PARTS = ("data.zst.age", "key.age", "manifest.json", "manifest.json.sig")
HARMS: dict[str, Callable[[Path, Path], object]] = {
    "missing": lambda part, other: part.unlink(),
    "cut": lambda part, other: os.truncate(part, part.stat().st_size - 20),
    "flipped": lambda part, other: part.write_bytes(flipped(part.read_bytes())),
    "swapped": lambda part, other: part.write_bytes(other.read_bytes()),
}


def flipped(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


@contextmanager
def harmed(place: Place, set_id: str, other: str, name: str, harm: str) -> Iterator[None]:
    repository = place.office.folder / "repository"
    part = repository / set_id / name
    whole = part.read_bytes()
    try:
        HARMS[harm](part, repository / other / name)
        yield
    finally:
        part.write_bytes(whole)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("harm", HARMS)
def test_verifying_names_the_damaged_part(place: Place, backups: list[str], name: str, harm: str) -> None:
    with harmed(place, *backups, name, harm):
        said = place.runs("set", "verify", status=FAILED)
        assert f"{backups[0]}: Part {name} of the backup set is damaged" in said
        assert f"whole    {backups[1]}" in said
        assert "Do not restore from a damaged set" in said


def test_verifying_names_a_set_or_repository_that_is_gone(place: Place, backups: list[str]) -> None:
    folder = place.office.folder / "repository" / backups[0]
    folder.rename(folder.with_name("away"))
    try:
        assert f"has no backup set {backups[0]}" in place.runs("set", "verify", backups[0], status=FAILED)
    finally:
        folder.with_name("away").rename(folder)
    assert "--repository" in place.types(MISSING, "set", "verify", "--repository", "/nowhere")
    assert "is not the id of a backup set" in place.types(BAD_INPUT, "set", "verify", "nothing")
    assert "0 damaged" in place.runs("set", "verify")


@pytest.fixture(scope="module")
def restoring(place: Place, backups: list[str]) -> str:
    """A case that replaces the database by what the first set holds."""
    case = place.office.permitted("restore", [item(place.database, mode="replace", set=backups[0])])
    place.office.cadangan("order", case, "--as", EXECUTOR)
    return case


@pytest.mark.parametrize(
    ("name", "harm"), [("data.zst.age", "swapped"), ("data.zst.age", "cut"), ("manifest.json", "missing")]
)
def test_a_damaged_set_is_not_restored(place: Place, restoring: str, backups: list[str], name: str, harm: str) -> None:
    before = content(place.database)
    identity = str(place.office.identity("kasi"))
    with harmed(place, *backups, name, harm):
        said = place.office.cadangan("execute", restoring, "--as", EXECUTOR, "--identity", identity, fails=FAILED)
        assert content(place.database) == before
    run = place.office.cadangan("case", "show", restoring)["runs"][-1]
    assert run["result"] == "failed"
    assert f"Part {name} of the backup set is damaged" in run["items"][0]["message"]
    assert "case show" in said["stderr"]


def test_an_identity_that_is_not_there(place: Place, restoring: str, tmp_path: Path) -> None:
    said = place.executes(MISSING, restoring, "--identity", str(tmp_path / "nothing"))
    assert f"there is no age identity file {tmp_path / 'nothing'}" in said
