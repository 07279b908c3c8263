"""The facts of an imagined case, for the tests of documents."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from cadangan.documents.blocks import Letterhead
from cadangan.documents.facts import (
    FailedAttempt,
    Person,
    ReportFacts,
    SignedDecision,
    StepTime,
    TrustFacts,
    WorkResult,
)
from cadangan.procedure.steps import procedure

OPD = Person("Dra. Siti Nur'aini, M.Si.", "Sekretaris Dinas Kependudukan dan Pencatatan Sipil", "19710412 199603 2 003")
BIDANG = Person("Budi Santoso, S.Kom., M.T.", "Kepala Bidang Informatika", "19750817 200003 1 004")
SEKSI = Person("Rina Wulandari, S.Kom.", "Kepala Seksi Sistem Informasi dan Statistik", "19820305 200604 2 011", "Plt.")
PERSONIL = Person(
    "Agus Prasetyo, A.Md.Kom.",
    "Pranata Komputer Terampil",
    "19910923 201503 1 002",
    qualification="D3 Manajemen Informatika; administrasi server; pengelolaan database",
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def decision(step: str, role: str, verdict: str, person: Person, at: str) -> SignedDecision:
    fingerprint = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"
    return SignedDecision(step, role, verdict, person, at, fingerprint)


def backup_of(number: int, database: str = "siak") -> WorkResult:
    return WorkResult(
        id=str(number),
        action="backup",
        asset="db-dukcapil-01",
        engine="postgresql",
        instance="5432",
        database=database,
        result="done",
        started_at="2026-11-25T02:06:37Z",
        ended_at="2026-11-25T02:07:52Z",
        set=f"disdukcapil/db-dukcapil-01/postgresql/{database}/20261125T020637Z-B-2026-0001-{number}",
        manifest=digest(database),
        repository="/srv/cadangan",
        bytes_stored=198_734_211,
        bytes_plain=1_523_111_004,
        proof_facts=1412,
        drilled=True,
        data_from="2026-11-25T02:06:39Z",
        versions=(("server", "15.14"), ("client", "15.14"), ("extension plpgsql", "1.0")),
    )


def step_times(language: str = "id") -> tuple[StepTime, ...]:
    who = (
        (OPD.name,),
        (BIDANG.name, SEKSI.name),
        (SEKSI.name, OPD.name),
        (PERSONIL.name,),
        (PERSONIL.name,),
        (SEKSI.name, OPD.name),
    )
    ended = ("T01:05:00Z", "T01:14:10Z", "T01:40:00Z", "T02:07:52Z", "T02:15:00Z", "T02:24:05Z")
    taken = (None, 550, 1550, 75, 428, 545)
    return tuple(
        StepTime(step.no, step.activity[language], names, step.limit_minutes, f"2026-11-25{end}", seconds)
        for step, names, end, seconds in zip(procedure().steps, who, ended, taken, strict=True)
    )


def backup_facts(language: str = "id") -> ReportFacts:
    return ReportFacts(
        letterhead=Letterhead(
            "Pemerintah Kabupaten Kudus",
            "Dinas Komunikasi dan Informatika",
            ("Jl. Sunan Muria No. 9 Kudus 59313 (0291) 438713", "E-mail: kominfo@kuduskab.go.id"),
        ),
        place="Kudus",
        timezone="Asia/Jakarta",
        number="067/112/18.01/2026",
        date="2026-11-25",
        kind="backup",
        case="B-2026-0001",
        agency="Dinas Kependudukan dan Pencatatan Sipil",
        subject="Permohonan backup database SIAK sebelum pembaruan aplikasi",
        letter_number="470/231/2026",
        letter_date="2026-11-20",
        window_from="2026-11-25T02:00:00Z",
        window_until="2026-11-25T05:00:00Z",
        executors=(PERSONIL,),
        steps=step_times(language),
        unknown_years=(),
        results=(backup_of(1),),
        failed_attempts=(),
        remarks=(),
        decisions=(
            decision("disposition", "bidang", "accept", BIDANG, "2026-11-25T01:10:02Z"),
            decision("disposition", "seksi", "accept", SEKSI, "2026-11-25T01:14:10Z"),
            decision("schedule", "opd", "agree", OPD, "2026-11-25T01:40:00Z"),
            decision("order", "personil", "execute", PERSONIL, "2026-11-25T02:05:00Z"),
            decision("report", "personil", "done", PERSONIL, "2026-11-25T02:15:00Z"),
            decision("confirm", "seksi", "confirm", SEKSI, "2026-11-25T02:20:45Z"),
            decision("acknowledge", "opd", "acknowledge", OPD, "2026-11-25T02:24:05Z"),
        ),
        reporter=PERSONIL,
        confirmer=SEKSI,
        acknowledger=OPD,
        legal_basis=(
            "Undang-Undang Nomor 14 Tahun 2008 tentang Keterbukaan Informasi Publik",
            "Undang-Undang Nomor 25 Tahun 2009 tentang Pelayanan Publik",
            "Peraturan Pemerintah Nomor 71 Tahun 2019 tentang Penyelenggaraan Sistem dan Transaksi Elektronik",
            "Peraturan Menteri Komunikasi dan Informatika Nomor 7 Tahun 2013 tentang Pedoman Penerapan "
            "Interoperabilitas Dokumen Perkantoran Bagi Penyelenggara Sistem Elektronik Untuk Pelayanan Publik",
        ),
        trust=TrustFacts(serial=1, serial1_digest=digest("trust"), trustees=2),
        journal_seq=17,
        journal_head=digest("journal"),
    )


def disposal_facts(language: str = "id") -> ReportFacts:
    """Two sets that went, by the rule and as unproven, and one that did not."""
    rule = (("daily", 14), ("last", 7), ("minimum", 3), ("monthly", 12), ("weekly", 8), ("yearly", 5))
    made = replace(backup_of(1), action="dispose", proof_facts=None, versions=(), bytes_plain=None, rule=rule)
    unproven = replace(made, id="2", set=made.set[:-1] + "2", manifest=digest("2"), ground="superseded")
    kept = replace(
        made,
        id="3",
        set=made.set[:-1] + "3",
        manifest=digest("3"),
        result="failed",
        bytes_stored=None,
        message="Manifest set ini bukan yang diputuskan.",
        ground="no_rule",
    )
    return replace(
        backup_facts(language),
        kind="disposal",
        case="D-2026-0001",
        subject="Permohonan pemusnahan set cadangan",
        results=(replace(made, ground="no_rule"), unproven, kept),
    )


def restore_facts(language: str = "id") -> ReportFacts:
    """A restore `replace` that failed once before it was done."""
    restored = replace(
        backup_of(1),
        action="restore",
        mode="replace",
        target="siak",
        data_from="2026-11-24T17:00:05Z",
        aside="siak_sebelum_20261125",
    )
    return replace(
        backup_facts(language),
        kind="restore",
        case="R-2026-0001",
        subject="Permohonan restore database SIAK setelah kerusakan data",
        results=(restored,),
        failed_attempts=(FailedAttempt("2026-11-25T02:01:12Z", "1", "kunci tabel ditahan lebih lama dari 30 detik"),),
        trust=TrustFacts(serial=1, serial1_digest=digest("trust"), trustees=1),
    )
