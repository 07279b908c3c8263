"""The report on the result of a case."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdf
import pytest
from cadangan.documents.blocks import Heading, Note, Signature, Signatures
from cadangan.documents.facts import ReportFacts
from cadangan.documents.laporan import laporan, verification_code
from cadangan.documents.pdf import render_pdf
from cadangan.documents.words import words
from support.report_facts import (
    OPD,
    PERSONIL,
    SEKSI,
    backup_facts,
    backup_of,
    decision,
    digest,
    disposal_facts,
    restore_facts,
    step_times,
)


def drawn(facts: ReportFacts, language: str = "id") -> list[str]:
    pdf = render_pdf(laporan(facts, words(language)), language=language, title="Laporan")
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def shown(facts: ReportFacts, language: str = "id") -> str:
    return " ".join(" ".join(drawn(facts, language)).split())


def signatories(facts: ReportFacts) -> dict[str, Signature]:
    (block,) = (block for block in laporan(facts, words("id")) if isinstance(block, Signatures))
    return {signatory.name: signatory for signatory in block.signatories}


def test_a_plain_backup_fits_on_one_page_in_both_languages() -> None:
    assert len(drawn(backup_facts())) == 1
    assert len(drawn(backup_facts("en"), "en")) == 1


def test_report_of_a_backup_says_what_the_procedure_asks_for() -> None:
    text = shown(backup_facts())
    for expected in (
        "LAPORAN HASIL PELAKSANAAN BACKUP DATABASE SERVER",
        "Nomor: 067/112/18.01/2026, register B-2026-0001",
        "Rabu, 25 November 2026",
        "Nomor 470/231/2026 tanggal 20 November 2026",
        "Disposisi Plt. Kepala Seksi Sistem Informasi dan Statistik tanggal 25 November 2026",
        "Jadwal 25 November 2026 pukul 09.00 s.d. 12.00 WIB",
        "D3 Manajemen Informatika; administrasi server; pengelolaan database",
        "1 menit 15 detik",
        "PostgreSQL, port 5432",
        "tersimpan 198,73 MB",
        "1.412 fakta isi sama setelah uji pulih",
        "Hambatan: tidak ada",
        "Peraturan Pemerintah Nomor 71 Tahun 2019",
    ):
        assert expected in text
    packed = text.replace(" ", "")
    assert backup_of(1).set in packed
    assert digest("siak") in packed
    assert digest("journal") in packed
    assert digest("trust") in packed


def test_every_signed_decision_is_listed_with_person_and_key() -> None:
    facts = backup_facts()
    packed = shown(facts).replace(" ", "")
    assert packed.count(facts.decisions[0].fingerprint) == len(facts.decisions)


def test_restore_tells_failed_attempts_and_where_the_old_database_is() -> None:
    text = shown(restore_facts())
    assert "RESTORE DATABASE SERVER" in text
    assert "kunci tabel ditahan lebih lama dari 30 detik" in text
    assert "dengan nama siak_sebelum_20261125" in text
    assert "data per 25 Nov 2026 00.00" in text


def test_record_of_a_disposal_says_what_went_why_and_leaves_room_for_witnesses() -> None:
    facts = disposal_facts()
    text = shown(facts)
    for expected in (
        "BERITA ACARA PEMUSNAHAN SET CADANGAN DATABASE",
        "Pada hari ini, Rabu, 25 November 2026, di Kudus",
        "2 dari 3 set cadangan",
        "seluruhnya 397,47 MB",
        "7 set terakhir, 14 harian, 8 mingguan, 12 bulanan, 5 tahunan; sekurang-kurangnya 3 set",
        "tidak lagi disimpan menurut aturan retensi",
        "set yang lebih baru sudah terbukti",
        "Butir 3 (Gagal): Manifest set ini bukan yang diputuskan.",
        "Saksi 1",
        "Saksi 2",
    ):
        assert expected in text
    packed = text.replace(" ", "")
    for result in facts.results:
        assert result.set in packed and result.manifest in packed
    assert "Witness 2" in shown(disposal_facts("en"), "en")


def test_single_trustee_is_told() -> None:
    def notes(facts: ReportFacts) -> list[Note]:
        return [block for block in laporan(facts, words("id")) if isinstance(block, Note)]

    assert notes(backup_facts()) == []
    assert "satu orang" in notes(restore_facts())[0].text


def test_thirty_items_run_over_pages_and_none_is_lost() -> None:
    results = tuple(backup_of(number, f"basis_{number}") for number in range(1, 31))
    pages = drawn(replace(backup_facts(), results=results))
    assert 1 < len(pages) < 6
    packed = "".join("".join(pages).split())
    for result in results:
        assert result.set in packed
        assert result.manifest in packed


def test_only_those_who_signed_are_marked() -> None:
    facts = backup_facts()
    marked = signatories(replace(facts, decisions=facts.decisions[:5]))
    assert "Ditandatangani secara elektronik (OpenSSH)" in marked[PERSONIL.name].mark
    assert marked[SEKSI.name].mark == ""
    assert marked[OPD.name].mark == ""
    assert all(person.mark for person in signatories(facts).values())


def test_a_confirmation_of_an_earlier_report_does_not_mark_the_new_one() -> None:
    facts = backup_facts()
    again = decision("report", "personil", "done", PERSONIL, "2026-11-25T03:00:00Z")
    returned = decision("confirm", "seksi", "return", SEKSI, "2026-11-25T02:50:00Z")
    marked = signatories(replace(facts, decisions=(*facts.decisions[:5], returned)))
    assert marked[SEKSI.name].mark == ""
    marked = signatories(replace(facts, decisions=(*facts.decisions, again)))
    assert "10.00 WIB" in marked[PERSONIL.name].mark
    assert marked[SEKSI.name].mark == ""


def test_acting_official_is_marked_as_such() -> None:
    assert signatories(backup_facts())[SEKSI.name].position.startswith("Plt. ")


def with_step_2(**changes: object) -> ReportFacts:
    steps = tuple(replace(step, **changes) if step.no == 2 else step for step in step_times())
    return replace(backup_facts(), steps=steps)


def test_a_step_over_its_standard_is_an_obstacle() -> None:
    text = shown(with_step_2(taken_seconds=3600, over_seconds=2700))
    assert "1 jam lebih 45 menit" in text
    assert "Langkah 2 melampaui waktu standar dengan 45 menit jam kerja" in text
    assert "lebih" not in shown(backup_facts())


def test_a_step_outside_office_hours_says_so() -> None:
    assert "di luar jam kerja" in shown(with_step_2(taken_seconds=0, outside_hours=True))
    assert "kurang dari 1 detik" in shown(with_step_2(taken_seconds=0))


def test_what_is_not_known_of_the_times_is_told() -> None:
    assert "Jam komputer mundur selama langkah 2" in shown(with_step_2(taken_seconds=0, set_back=True))
    assert "Cuti bersama 2028 belum diketahui" in shown(replace(backup_facts(), unknown_years=(2028,)))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"drilled": False}, ("belum diuji pulih", "lakukan uji pulih (drill)")),
        ({"differences": ("public.warga",)}, ("1 fakta isi berbeda", "isi berbeda: public.warga")),
        (
            {"result": "failed", "message": "disk penuh", "set": "", "proof_facts": None},
            ("Butir 1 (Gagal): disk penuh", "jadwalkan kembali"),
        ),
        ({"result": "unreachable", "message": "tidak ada jawaban"}, ("Server tidak terjangkau",)),
        ({"engine": "sqlite", "instance": "", "database": "/srv/app/data.db"}, ("SQLite", "/srv/app/data.db")),
        ({"left_out": ("*.log", "cache/*")}, ("tanpa: *.log, cache/*",)),
    ],
)
def test_result_of_an_item(change: dict[str, object], expected: tuple[str, ...]) -> None:
    packed = shown(replace(backup_facts(), results=(replace(backup_of(1), **change),))).replace(" ", "")
    for said in expected:
        assert said.replace(" ", "") in packed


def test_english_report() -> None:
    text = shown(restore_facts("en"), "en")
    assert "REPORT ON THE RESULT OF A DATABASE SERVER RESTORE" in text
    assert "Wednesday, 25 November 2026" in text
    assert "1,412 facts equal to the backup" in text


def test_sections_are_lettered_in_order() -> None:
    headings = [block.text[:2] for block in laporan(backup_facts(), words("id")) if isinstance(block, Heading)]
    assert headings == ["A.", "B.", "C.", "D.", "E.", "F.", "G."]


def test_verification_code_names_case_and_journal_head() -> None:
    assert verification_code("B-2026-0001", "81dd6b775afc" + "0" * 52) == "B-2026-0001-81DD-6B77-5AFC"
