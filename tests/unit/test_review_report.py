"""The report on a review: complete in both languages, a draft while the review is open, whatever names hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cadangan.documents.field_names import field_name
from support.review_desk import ReviewDesk
from support.signed_office import Keyring

STRANGE = "<script>$x^2$ {0} #panic() 'O\"Neil'"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> ReviewDesk:
    desk = ReviewDesk.furnished(tmp_path_factory.mktemp("report"), keyring, 5)
    desk.corrects("db-04", name=STRANGE)
    desk.reconciles()
    desk.opens()
    desk.corrects("db-02", remarks=STRANGE)
    desk.records("db-02", "corrected", "--note", STRANGE)
    return desk


def rendered(desk: ReviewDesk, folder: Path, form: str, *arguments: str) -> bytes:
    out = folder / f"x.{form}"
    desk.types("register", "review", "report", "--out", str(out), *arguments)
    return out.read_bytes()


def test_a_draft_says_so_and_leaves_room_for_the_signature(desk: ReviewDesk, tmp_path: Path) -> None:
    page = rendered(desk, tmp_path, "html").decode()
    assert "Konsep: reviu ini belum ditutup." in page and "Dari 5 server, 4 belum diputuskan." in page
    assert '<div class="mark"></div>' in page and "Contoh Kepala Bidang" in page


def test_it_is_complete_in_english_too(desk: ReviewDesk, tmp_path: Path) -> None:
    said = re.sub(r"<style>.*</style>|<[^>]+>", " ", rendered(desk, tmp_path, "html", "--lang", "en").decode())
    for told in ("Draft", "corrected", "not decided yet", "unreachable", "Memory", "Remarks", "NO BACKUP", "Server"):
        assert told in said
    for foreign in ("belum", "diperbaiki", "terjangkau", "Ringkasan", "Nomor:", "Catatan"):
        assert foreign not in said


def test_names_are_text_in_every_format(desk: ReviewDesk, tmp_path: Path) -> None:
    assert "&lt;script&gt;$x^2$ {0} #panic()" in rendered(desk, tmp_path, "html").decode()
    assert rendered(desk, tmp_path, "pdf").startswith(b"%PDF")
    assert rendered(desk, tmp_path, "ods").startswith(b"PK")


def test_what_can_not_be_rendered_is_told(desk: ReviewDesk, tmp_path: Path) -> None:
    report = ("register", "review", "report", "--out")
    assert "none of the formats" in desk.types(*report, str(tmp_path / "x.doc"), status=2)
    assert "there is no language 'jv'" in desk.types(*report, str(tmp_path / "x.pdf"), "--lang", "jv", status=2)
    assert "there is no review 'T-2020-01'" in desk.types(*report, str(tmp_path / "x.pdf"), "T-2020-01", status=4)
    assert "can not be written" in desk.types(*report, str(tmp_path / "no" / "x.pdf"), status=2)


def test_fields_are_named_as_in_the_offices_spreadsheet() -> None:
    assert field_name("machine.memory", "id") == "Memori"
    assert field_name("databases[sqlite /a: b.db].size", "en") == "Database size: sqlite /a: b.db"
    assert field_name("postgresql:5432 layanan: version", "id") == "Versi basis data: postgresql:5432 layanan"
    assert field_name("support[Garansi].until", "id") == "Dukungan sampai: Garansi"
    assert field_name("sqlite /srv/hilang.db", "id") == "sqlite /srv/hilang.db"
