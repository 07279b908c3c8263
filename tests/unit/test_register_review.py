"""The yearly review of the register, from its opening to the signed report."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from cadangan.register.office import Office
from cadangan.register.office_files import office_files
from support.review_desk import ReviewDesk, server
from support.signed_office import Keyring
from support.terminal import at_a_terminal

pytestmark = pytest.mark.slow

REVIEW = f"T-{datetime.now(UTC):%Y}-01"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> ReviewDesk:
    return ReviewDesk.furnished(tmp_path_factory.mktemp("review"), keyring)


@pytest.fixture
def desk(tmp_path: Path, made: ReviewDesk) -> ReviewDesk:
    return made.again(tmp_path)


def shown(desk: ReviewDesk, status: int = 0) -> dict[str, Any]:
    return desk.asks("register", "review", "show", status=status)


def entries(desk: ReviewDesk, kind: str) -> list[dict[str, Any]]:
    return [row.content for row in desk.journal.of_types([kind])]


def test_from_open_to_the_signed_report(desk: ReviewDesk) -> None:
    assert desk.opens() == REVIEW
    desk.decides_all()
    said = desk.closes()
    assert f"Review {REVIEW} is closed." in said
    rows = {row["asset"]: row for row in shown(desk)["servers"]}
    assert {host: (row["state"], row["verdict"]) for host, row in rows.items()} == {
        "db-01": ("fits", "right"),
        "db-02": ("differs", "corrected"),
        "db-03": ("unreachable", "follow-up"),
    }
    assert rows["db-02"]["changes"] == [{"field": "remarks", "before": "", "after": "Memori ditambah"}]
    issued = {entry["name"] for entry in entries(desk, "document")}
    assert issued == {f"Reviu-{REVIEW}.{form}" for form in ("pdf", "ods", "html")}
    page = (desk.root / f"reviews/{REVIEW}/Reviu-{REVIEW}.html").read_text()
    for told in ("Memori ditambah", "periksa kabel", "mariadb:3306 arsip", "vm-lama", "31 Desember 2999"):
        assert told in page
    desk.types("journal", "verify")


def test_what_it_froze_is_kept_elsewhere_with_the_journal(desk: ReviewDesk) -> None:
    desk.opens()
    kept = {name for name, _ in office_files(Office.load(desk.root))}
    assert {f"reviews/{REVIEW}/{name}.json" for name in ("register-opened", "reconciliation")} <= kept


def test_the_journal_holds_no_personal_data_of_the_register(desk: ReviewDesk) -> None:
    desk.opens()
    desk.corrects("db-02", owner={"position": "Sekretaris", "name": "Budi Rahardjo"})
    desk.records("db-02", "corrected")
    told = "".join(row.entry for row in desk.journal.entries())
    assert "Budi" not in told and "Siti" not in told and "19800101" not in told


def test_one_review_at_a_time_and_none_without_a_comparison(desk: ReviewDesk) -> None:
    desk.registers(desk.servers | {"db-09": server(9)})
    assert "1 of 4 servers were not compared" in desk.types("register", "review", "open", "--as", "staf-satu", status=4)
    for kept in (desk.root / "reconcile").iterdir():
        kept.unlink()
    assert "not compared with the register ever" in desk.types(
        "register", "review", "open", "--as", "staf-satu", status=4
    )
    desk.reconciles()
    desk.opens()
    assert f"review {REVIEW} is open since" in desk.types("register", "review", "open", "--as", "staf-satu", status=3)


def test_retired_servers_are_not_reviewed(desk: ReviewDesk) -> None:
    desk.corrects("db-03", status="retired", life={"retired": "2026-01-01"})
    desk.opens()
    assert [row["asset"] for row in shown(desk)["servers"]] == ["db-01", "db-02"]


@pytest.mark.parametrize(
    ("verdict", "more", "said"),
    [
        ("ok", (), "there is no verdict 'ok'"),
        ("corrected", (), "the register still says what it said"),
        ("follow-up", (), "note: a follow-up says what is to be done"),
        ("follow-up", ("--note", "x", "--by-whom", "staf-satu"), "until: a follow-up says until when"),
        ("follow-up", ("--note", "x", "--by-whom", "staff", "--until", "2999-01-01"), "by_whom: "),
        ("follow-up", ("--note", "x", "--by-whom", "staf-satu", "--until", "2020-01-01"), "2020-01-01 is over"),
        ("follow-up", ("--note", "x", "--by-whom", "staf-satu", "--until", "besok"), "must be a date like"),
        ("right", ("--until", "2999-01-01"), "only a follow-up has it"),
    ],
)
def test_what_can_not_be_decided_is_told_and_not_recorded(
    desk: ReviewDesk, verdict: str, more: tuple[str, ...], said: str
) -> None:
    desk.opens()
    assert said in desk.records("db-01", verdict, *more, status=2)
    assert entries(desk, "review_recorded") == []


def test_an_unknown_server_and_a_missing_verdict_are_told(desk: ReviewDesk) -> None:
    desk.opens()
    assert "Did you mean 'db-03'?" in desk.records("db-003", "right", status=2)
    assert "--verdict" in desk.types("register", "review", "record", "db-01", "--as", "staf-satu", status=2)
    assert "there is no terminal" in desk.types("register", "review", "record", "--as", "staf-satu", status=2)


def test_at_a_terminal_each_server_is_shown_and_asked_for(desk: ReviewDesk) -> None:
    desk.opens()
    program = [str(Path(sys.executable).with_name("cadangan")), "--office", str(desk.root)]
    asked = [*program, "register", "review", "record", "--as", "staf-satu"]
    said = at_a_terminal(
        asked, "c", "", "x", "r", "sudah dilihat", "s", "f", "periksa kabel", "staf-satu", "2999-12-31"
    )
    assert "1 of 3: db-01" in said and "the register still says what it said" in said
    assert "machine.memory: registered 16.0 GB, found 32.0 GB" in said
    assert "unreachable, no route to host" in said
    assert "1 of 3 servers are not decided" in said
    assert "1 of 1: db-02" in at_a_terminal(asked, "q")
    rows = {row["asset"]: (row["verdict"], row["note"]) for row in shown(desk)["servers"]}
    assert rows == {"db-01": ("right", "sudah dilihat"), "db-02": (None, ""), "db-03": ("follow-up", "periksa kabel")}


def test_an_entry_that_was_changed_is_not_right(desk: ReviewDesk) -> None:
    desk.opens()
    desk.corrects("db-01", location="Rak 3")
    assert "that is corrected, not right" in desk.records("db-01", "right", status=2)
    desk.records("db-01", "corrected")


def test_nothing_is_closed_before_all_is_decided_as_the_register_says_it(desk: ReviewDesk) -> None:
    desk.opens()
    assert "3 of 3 servers not decided: db-01, db-02, db-03" in desk.closes(status=3)
    desk.decides_all()
    desk.corrects("db-01", location="Rak 3")
    assert shown(desk)["servers"][0]["outdated"]
    assert "the register says otherwise since it was decided of: db-01" in desk.closes(status=3)
    desk.records("db-01", "corrected")
    desk.closes()


def test_a_server_that_was_to_be_retired_may_be_retired_or_gone_since(desk: ReviewDesk) -> None:
    desk.opens()
    desk.decides_all()
    desk.records("db-01", "retire")
    desk.records("db-03", "retire")
    desk.corrects("db-01", status="retired", life={"retired": "2026-11-01"})
    desk.registers({host: said for host, said in desk.servers.items() if host != "db-03"})
    desk.closes()
    assert "dikeluarkan dari daftar" in (desk.root / f"reviews/{REVIEW}/Reviu-{REVIEW}.html").read_text()


def test_only_the_head_closes_it(desk: ReviewDesk) -> None:
    desk.opens()
    desk.decides_all()
    assert "it takes the role bidang" in desk.closes("kasi", status=3)
    assert entries(desk, "review_closed") == []
    desk.changes("office.yml", "review_signer: bidang", "review_signer: seksi")
    assert "it takes the role seksi" in desk.closes("kabid", status=3)
    desk.closes("kasi")
    assert "no review is open" in desk.closes("kasi", status=4)


def signed_apart(desk: ReviewDesk, folder: Path) -> Path:
    text = folder / "review.json"
    desk.types("register", "review", "close", "--as", "kabid", "--apart", str(text))
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "decision@cadangan", "-f", str(desk.key("kabid")), str(text)]
    subprocess.run(command, check=True, capture_output=True)
    return text


def test_a_server_tells_of_its_reviews(desk: ReviewDesk) -> None:
    desk.opens()
    desk.decides_all()
    assert "Never reviewed" in desk.types("register", "show", "db-03")
    desk.closes()
    said = desk.types("register", "show", "db-03")
    assert f"{REVIEW}  follow-up (periksa kabel), staf-satu until 2999-12-31, by staf-satu" in said
    (review,) = desk.asks("register", "show", "db-02")["reviews"]
    assert (review["verdict"], review["note"]) == ("corrected", "memori 32 GB")


def test_it_can_be_signed_apart(desk: ReviewDesk, tmp_path: Path) -> None:
    desk.opens()
    desk.decides_all()
    text = signed_apart(desk, tmp_path)
    assert shown(desk)["closed_at"] is None
    assert f"Review {REVIEW} is closed." in desk.types("bring", str(text))
    assert "is closed already" in desk.types("bring", str(text), status=3)


def test_what_was_decided_after_signing_voids_the_signature(desk: ReviewDesk, tmp_path: Path) -> None:
    desk.opens()
    desk.decides_all()
    text = signed_apart(desk, tmp_path)
    desk.records("db-01", "right", "--note", "dilihat lagi")
    assert f"was signed over another state of review {REVIEW}" in desk.types("bring", str(text), status=3)
    assert shown(desk)["closed_at"] is None


def test_a_changed_statement_or_signature_is_refused(desk: ReviewDesk, tmp_path: Path) -> None:
    desk.opens()
    desk.decides_all()
    text = signed_apart(desk, tmp_path)
    whole = text.read_bytes()
    text.write_bytes(whole.replace(b'"person":"kabid"', b'"person":"kasi"'))
    assert "kasi may not close a review" in desk.types("bring", str(text), status=3)
    text.write_bytes(whole.replace(REVIEW.encode("ascii"), REVIEW.replace("-01", "-1").encode("ascii")))
    assert "is not a text as it was written" in desk.types("bring", str(text), status=2)
    text.write_bytes(whole)
    other = tmp_path / "other.sig"
    other.write_text(desk.keyring.sign("tri", whole))
    assert "not a signature of kabid" in desk.types("bring", str(text), "--signature", str(other), status=2)


@pytest.mark.parametrize("year", ["2999", "2019"])
def test_a_statement_of_another_time_is_refused(desk: ReviewDesk, tmp_path: Path, year: str) -> None:
    desk.opens()
    desk.decides_all()
    text = signed_apart(desk, tmp_path)
    content = json.loads(text.read_bytes())
    content["at"] = year + content["at"][4:]
    text.write_bytes(canonical.dumps(content))
    (tmp_path / "review.json.sig").write_text(desk.keyring.sign("tuti", text.read_bytes()))
    assert f"this statement is dated {year}" in desk.types("bring", str(text), status=3)


def test_a_damaged_file_of_a_review_is_told(desk: ReviewDesk) -> None:
    desk.opens()
    path = desk.root / f"reviews/{REVIEW}/register-opened.json"
    path.write_bytes(path.read_bytes().replace(b"Siti", b"Sita"))
    assert "not the file of which the journal has the digest" in desk.types("register", "review", "show", status=1)
    path.unlink()
    assert "can not be read" in desk.types("register", "review", "show", status=1)


def rewritten(desk: ReviewDesk, kind: str, old: str, new: str) -> None:
    """Rewrite the newest entry of a type, and every hash from there on, as whoever holds the file can."""
    from cadangan.evidence.chain import Head, follow

    rows = list(desk.journal.entries())
    at = max(row.seq for row in rows if row.content["type"] == kind)
    assert old in rows[at - 1].entry
    head = Head(at - 1, rows[at - 1].prev)
    with sqlite3.connect(desk.root / "journal.db") as database:
        for trigger in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger[0]}")
        for row in rows[at - 1 :]:
            text = row.entry.replace(old, new) if row.seq == at else row.entry
            made = follow(head, text)
            head = Head(made.seq, made.hash)
            values = (made.entry, made.prev, made.hash, made.seq)
            database.execute("UPDATE entry SET entry = ?, prev = ?, hash = ? WHERE seq = ?", values)


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("review_recorded", '"right"', '"retire"', "names other results"),
        ("review_opened", '"facts":"', '"facts":"00', "names other facts"),
        ("review_closed", '\\"role\\":\\"bidang\\"', '\\"role\\":\\"seksi\\"', "did not hold the role seksi"),
        ("review_closed", '\\"person\\":\\"kabid\\"', '\\"person\\":\\"kadin\\"', "kadin"),
    ],
)
def test_a_journal_that_was_rewritten_as_a_whole_does_not_pass(
    desk: ReviewDesk, kind: str, old: str, new: str, said: str
) -> None:
    desk.opens()
    desk.decides_all()
    desk.closes()
    rewritten(desk, kind, old, new)
    answer = json.loads(desk.types("--json", "journal", "verify", status=1))
    faults = [fault for fault in answer["faults"] if fault["kind"] == "unsound"]
    assert faults and said in faults[0]["message"]


def test_a_review_stands_after_its_signer_has_left(desk: ReviewDesk) -> None:
    desk.opens()
    desk.decides_all()
    desk.closes()
    text = (desk.root / "officials.yml").read_text()
    (desk.root / "officials.yml").write_text(text.replace("role: bidang", "role: personil", 1))
    desk.renew_trust()
    desk.types("journal", "verify")
    assert shown(desk)["closed_by"] == "kabid"
