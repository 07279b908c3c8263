"""From a review in the journal to its report, as PDF, spreadsheet and web page; issued when the review is closed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.trust import TrustChain

from cadangan.documents.blocks import Block
from cadangan.documents.facts import Person, TrustFacts
from cadangan.documents.html import render_html
from cadangan.documents.ods import render_ods
from cadangan.documents.office_facts import UNKNOWN, letterhead, person
from cadangan.documents.pdf import render_pdf
from cadangan.documents.regional import Regional
from cadangan.documents.review_report import ReviewFacts, review_report
from cadangan.documents.words import words
from cadangan.evidence.journal import Journal
from cadangan.procedure import moment
from cadangan.procedure.review import Review, due_day
from cadangan.register.office import Office
from cadangan.register.protection import protections
from cadangan.register.review import reconciliation, servers
from cadangan.register.review_files import ReviewFiles

FORMATS: dict[str, Callable[[list[Block], str, str], bytes]] = {
    "pdf": lambda blocks, language, title: render_pdf(blocks, language=language, title=title),
    "ods": lambda blocks, language, title: render_ods(blocks, language=language, title=title),
    "html": lambda blocks, language, title: render_html(blocks, language=language, title=title).encode("utf-8"),
}


def review_facts(office: Office, journal: Journal, review: Review, trust: TrustChain) -> ReviewFacts:
    """Everything that the report on a review says, as journal, register and the review's files have it now."""
    at, head = moment.now(), journal.head()
    return ReviewFacts(
        letterhead=letterhead(office),
        office=office.name,
        place=office.place,
        at=at,
        review=review,
        servers=tuple(servers(office, review)),
        found=reconciliation(office, review),
        databases=tuple(protections(office, journal, moment.read(at))),
        names={official.id: official.name for official in office.officials},
        agencies={agency: settings.name for agency, settings in office.settings.agencies.items()},
        head=_head(office, review, trust),
        due=due_day(review.closing.content["at"], office.zone) if review.closing else None,
        legal_basis=tuple(office.legal_basis),
        trust=TrustFacts(trust.newest["serial"], trust.serial1_digest, trust.newest["policy"]["trustees"]),
        journal_seq=head.seq,
        journal_head=head.hash,
    )


def render_review(facts: ReviewFacts, office: Office, form: str, language: str) -> bytes:
    """The report in one of `FORMATS`."""
    say = Regional(words(language), office.settings.timezone)
    return FORMATS[form](review_report(facts, say), language, f"{say.words('review.title')} {facts.review.id}")


def issue_review(office: Office, journal: Journal, review: Review, trust: TrustChain) -> list[Path]:
    """Render the report in the office's language in every format, keep it with the review, and journal its SHA-256."""
    facts = review_facts(office, journal, review, trust)
    files = ReviewFiles(office.reviews_dir, review.id)
    paths = []
    for form in FORMATS:
        data = render_review(facts, office, form, office.language)
        path = files.keep(f"Reviu-{review.id}.{form}", data)
        journal.append(
            {
                "type": "document",
                "document": "review",
                "review": review.id,
                "name": path.name,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
        paths.append(path)
    return paths


def _head(office: Office, review: Review, trust: TrustChain) -> Person:
    """Who signed it, or who is to sign it."""
    role = office.policy.review_signer
    if review.closing is not None:
        return person(office, trust, review.closing.content["person"], role)
    now = moment.now()
    signers = [each["id"] for each in trust.newest["persons"] if trust.holds_role(each["id"], role, now)]
    return person(office, trust, signers[0], role) if signers else UNKNOWN
