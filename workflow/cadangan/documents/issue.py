"""Issuing a document of a case: rendered, kept in the case's folder, and entered in the journal."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.documents.case_report import report_facts
from cadangan.documents.laporan import laporan
from cadangan.documents.pdf import render_pdf
from cadangan.documents.words import words
from cadangan.evidence.cases import append_to_case
from cadangan.evidence.journal import Journal
from cadangan.procedure.case import Case
from cadangan.register.office import Office

FILE_NAMES = {"backup": "Laporan", "restore": "Laporan", "disposal": "Berita-Acara-Pemusnahan"}


def render_report(office: Office, journal: Journal, case: Case, trust: TrustChain, language: str) -> bytes:
    """The report of a case as PDF, as the journal has it at this moment."""
    facts = report_facts(office, case, trust, journal.head(), language)
    said = words(language)
    title = f"{said(f'laporan.title_{facts.kind}')} {case.id}"
    return render_pdf(laporan(facts, said), language=language, title=title)


def issue_report(office: Office, journal: Journal, case: Case, trust: TrustChain, stage: str) -> Path:
    """Render the report in the office's language, keep it as `<title>-<case>-<stage>.pdf`, and journal its SHA-256."""
    pdf = render_report(office, journal, case, trust, office.language)
    name = f"{FILE_NAMES[case.kind]}-{case.id}-{stage}.pdf"
    path = office.case_dir(case.id) / name
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    path.write_bytes(pdf)
    digest = hashlib.sha256(pdf).hexdigest()
    append_to_case(
        journal, case.id, lambda _: {"type": "document", "document": "laporan", "name": name, "sha256": digest}
    )
    return path
