"""The export of a case: what it says is missing, what it refuses, and that its words are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cadangan.documents.case_audit import CHECKED, audit_lines
from cadangan.documents.words import words
from cadangan.evidence import case_audit
from cadangan.evidence.case_audit import Audit, Unknown, audit
from cadangan.evidence.chain import Head
from cadangan.evidence.exported_case import document_file
from support.case_desk import CaseDesk
from support.export_changes import inside
from support.signed_office import Keyring

TELLS = {
    "pin": {"digest": "d"},
    "head": {"head": "1:a"},
    "later": {"seq": "1"},
    "gaps": {"count": "2", "case": "B-2026-0001"},
    "missing": {"name": "n"},
    "type": {"type": "t"},
    **{key: {} for key in ("unsigned", "names", "data", "root", "keys")},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> CaseDesk:
    desk = CaseDesk.furnished(tmp_path_factory.mktemp("export"), keyring)
    desk.requested("backup")
    return desk


def test_the_same_journal_makes_the_same_file_and_the_command_tells_its_digest(desk: CaseDesk, tmp_path: Path) -> None:
    one, two = tmp_path / "one.tar", tmp_path / "two.tar"
    told = [desk.asks("case", "export", "B-2026-0001", "--out", str(path)) for path in (one, two)]
    assert one.read_bytes() == two.read_bytes()
    found = audit(one.read_bytes())
    assert told[0] == told[1] | {"file": str(one)}
    assert told[0]["sha256"] == found.sha256
    assert (told[0]["head"], told[0]["missing"], told[0]["faults"]) == (str(found.head), [], [])
    assert (found.faults, found.status) == ([], "open")


def test_nothing_is_overwritten_and_no_case_is_made_up(desk: CaseDesk, tmp_path: Path) -> None:
    path = tmp_path / "one.tar"
    path.write_text("mine")
    assert "exists already" in desk.types("case", "export", "B-2026-0001", "--out", str(path), status=2)
    assert path.read_text() == "mine"
    assert "cannot be written" in desk.types(
        "case", "export", "B-2026-0001", "--out", str(tmp_path / "no" / "x"), status=2
    )
    assert "there is no case" in desk.types(
        "case", "export", "B-2026-0009", "--out", str(tmp_path / "two.tar"), status=4
    )


def test_what_the_office_has_no_more_is_told(desk: CaseDesk, tmp_path: Path) -> None:
    letter = desk.root / "cases" / "B-2026-0001" / "letter.yml"
    text = letter.read_bytes()
    letter.unlink()
    path = desk.exported("B-2026-0001", tmp_path)
    letter.write_bytes(text)
    found = audit(path.read_bytes())
    assert found.faults == []
    missing = [each.values["name"] for each in found.unknown if each.key == "missing"]
    assert missing == ["letter/letter.key", "letter/letter.yml"]
    assert "letter/letter.yml" not in inside(path.read_bytes())


def test_what_an_auditor_will_find_is_told_at_once(desk: CaseDesk, tmp_path: Path) -> None:
    letter = desk.root / "cases" / "B-2026-0001" / "letter.yml"
    text = letter.read_bytes()
    letter.write_bytes(text + b"# more\n")
    said = desk.types("case", "export", "B-2026-0001", "--out", str(tmp_path / "x.tar"), status=1)
    letter.write_bytes(text)
    assert "An auditor will find: letter/letter.yml: it is not the letter" in said


def test_a_document_keeps_no_more_of_its_name_than_its_kind() -> None:
    assert document_file(7, "Laporan-B-2026-0001.pdf") == "documents/000007.pdf"
    for odd in ("x", "x.", "x.PDF", "x./../y", "x.a b"):
        assert document_file(7, odd) == "documents/000007"


@pytest.mark.parametrize("language", ["en", "id"])
def test_everything_has_words(language: str) -> None:
    source = Path(case_audit.__file__).read_text()
    assert set(re.findall(r'Unknown\("([a-z]+)"', source)) <= TELLS.keys()
    counts = dict.fromkeys(
        ("files", "entries", "hashes", "trust", "decisions", "orders", "runs", "done", "manifests", "documents"), 1
    )
    found = Audit(
        case="B-2026-0001",
        office="kantor",
        status="confirmed",
        head=Head(1, "a"),
        sha256="b",
        faults=[],
        signatures=[],
        persons={},
        checked=counts | {"signed_head": 1},
        unknown=[Unknown(key, values) for key, values in TELLS.items()],
    )
    lines = list(audit_lines(found, words(language)))
    assert len(lines) == 10 + len(CHECKED) + len(TELLS)
    assert json.dumps(lines).count("{") == 0
