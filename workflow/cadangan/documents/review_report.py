"""Laporan hasil reviu daftar aset: the report on a yearly review of the asset register."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cadangan.documents.blocks import (
    Block,
    Cell,
    Code,
    Column,
    Enumeration,
    Heading,
    KeyValues,
    Letterhead,
    Line,
    Note,
    Paragraph,
    Signature,
    Signatures,
    Table,
    Title,
    Verification,
)
from cadangan.documents.case_tables import position_of
from cadangan.documents.facts import Person, TrustFacts
from cadangan.documents.field_names import field_name
from cadangan.documents.laporan import verification_code
from cadangan.documents.protection_table import protection_table
from cadangan.documents.regional import Regional
from cadangan.procedure.review import VERDICTS, Review
from cadangan.register.protection import Protection
from cadangan.register.reconcile import Reconciliation
from cadangan.register.review import ServerInReview


@dataclass(frozen=True)
class ReviewFacts:
    """Everything that the report says; `names` are those of officials by id, `agencies` those of agencies.

    `at` is the time of the report and of `databases`; `due` the last day for the next review. `head` is who signs it.
    """

    letterhead: Letterhead
    office: str
    place: str
    at: str
    review: Review
    servers: tuple[ServerInReview, ...]
    found: Reconciliation
    databases: tuple[Protection, ...]
    names: Mapping[str, str]
    agencies: Mapping[str, str]
    head: Person
    due: date | None
    legal_basis: tuple[str, ...]
    trust: TrustFacts
    journal_seq: int
    journal_head: str


def review_report(facts: ReviewFacts, say: Regional) -> list[Block]:
    """The report as blocks; of a review that is open it is a draft, and says so."""
    words, review = say.words, facts.review
    number = words("review.number", number=_number(review.id), review=review.id)
    blocks: list[Block] = [facts.letterhead, Title(words("review.title"), number)]
    if review.closing is None:
        blocks.append(Note(words("review.draft"), warning=True))
    blocks.append(_dates(facts, say))
    sections: tuple[tuple[str, Block | None], ...] = (
        (words("review.basis"), Enumeration((*facts.legal_basis, words("review.basis_procedure")))),
        (words("review.summary"), _summary(facts, say)),
        (words("review.results"), _results(facts, say)),
        (words("review.changes"), _changes(facts, say)),
        (words("review.differences"), _differences(facts, say)),
        (words("review.follow_ups"), _follow_ups(facts, say)),
        (words("review.unregistered"), _unregistered(facts, say)),
        (words("review.databases", time=say.moment(facts.at)), _databases(facts, say)),
        (words("review.ending"), Paragraph(_statement(facts, say))),
    )
    for letter, (heading, content) in zip("ABCDEFGHI", sections, strict=True):
        if content is None:
            blocks.append(Heading(f"{letter}. {words('review.nothing', heading=heading)}"))
        else:
            blocks += [Heading(f"{letter}. {heading}"), content]
    if facts.trust.trustees == 1:
        blocks.append(Note(words("laporan.single_trustee"), warning=True))
    return [*blocks, _signature(facts, say), _verification(facts, say)]


def _number(review_id: str) -> str:
    """The report's number, from the id of its review: `01/REV-T/2026`."""
    prefix, year, number = review_id.split("-")
    return f"{number}/REV-{prefix}/{year}"


def _dates(facts: ReviewFacts, say: Regional) -> KeyValues:
    words, review = say.words, facts.review
    opened = words("review.opened_by", time=say.moment(review.opened_at), name=_name(facts, review.opened_by))
    rows: list[tuple[str, Cell]] = [
        (words("review.opened"), opened),
        (words("review.reconciled"), say.moment(review.reconciled_at)),
    ]
    if review.closing is not None:
        rows.append((words("review.closed"), say.moment(review.closing.content["at"])))
    return KeyValues(tuple(rows))


def _summary(facts: ReviewFacts, say: Regional) -> KeyValues:
    words = say.words
    found = Counter(_state(server, say) for server in facts.servers)
    decided = Counter(server.assessment.verdict if server.assessment else "" for server in facts.servers)
    verdicts = [(words.name("verdict", verdict), decided[verdict]) for verdict in VERDICTS]
    verdicts.append((words("review.undecided"), decided[""]))
    return KeyValues(
        (
            (words("review.servers"), say.number(len(facts.servers))),
            (words("review.findings"), _counts(found.items(), say)),
            (words("review.verdicts"), _counts(verdicts, say)),
            (words("review.unlisted"), say.number(len(list(_strangers(facts, say))))),
        )
    )


def _counts(counted: Iterable[tuple[str, int]], say: Regional) -> str:
    return ", ".join(say.words("review.count", count=say.number(count), what=what) for what, count in counted if count)


def _results(facts: ReviewFacts, say: Regional) -> Table:
    columns = _columns(say, ("no", 8), ("asset", 52), ("agency", 34), ("finding", 36), ("verdict", 36), ("note", 50))
    rows = tuple(
        (
            str(number),
            (server.host, server.opened["number"], server.opened["name"]),
            facts.agencies.get(server.opened["agency"], server.opened["agency"]),
            tuple(_finding(server, say)),
            tuple(_verdict(server, facts, say)),
            server.assessment.note if server.assessment else "",
        )
        for number, server in enumerate(facts.servers, 1)
    )
    return Table(columns, rows)


def _state(server: ServerInReview, say: Regional) -> str:
    if server.found is None:
        return say.words("review.not_looked_at")
    return say.words(f"finding.{server.found.state}")


def _finding(server: ServerInReview, say: Regional) -> Iterator[Line]:
    yield _state(server, say)
    if server.found and server.found.reason:
        yield server.found.reason
    if server.found and server.found.state == "unreachable" and server.found.facts_at:
        yield say.words("review.facts_of", time=say.short_moment(server.found.facts_at))


def _verdict(server: ServerInReview, facts: ReviewFacts, say: Regional) -> Iterator[Line]:
    if server.assessment is None:
        yield say.words("review.undecided")
        return
    yield say.words.name("verdict", server.assessment.verdict)
    if server.is_outdated:
        yield say.words("review.outdated")
    yield say.words("review.by", name=_name(facts, server.assessment.person))


def _changes(facts: ReviewFacts, say: Regional) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for server in facts.servers:
        if server.present is None:
            rows.append((server.host, "", "", say.words("review.removed")))
        else:
            rows += [(server.host, _field(each.field, say), each.before, each.after) for each in server.changes]
    return _table(_columns(say, ("asset", 40), ("field", 60), ("before", 55), ("after", 55)), rows)


def _differences(facts: ReviewFacts, say: Regional) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for server in facts.servers:
        if server.found is not None:
            host = server.host
            rows += [(host, _field(each.field, say), each.registered, each.found) for each in server.found.differences]
            rows += [
                (host, _field(each.field, say), "", say.words("review.unseen", why=each.why))
                for each in server.found.unseen
            ]
    return _table(_columns(say, ("asset", 40), ("field", 60), ("registered", 55), ("found", 55)), rows)


def _follow_ups(facts: ReviewFacts, say: Regional) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for server in facts.servers:
        decided = server.assessment
        if decided is not None and decided.verdict == "follow-up":
            rows.append((server.host, decided.note, _name(facts, decided.by_whom), say.long_date(decided.until)))
    return _table(_columns(say, ("asset", 40), ("what", 85), ("by_whom", 45), ("until", 35)), rows)


def _unregistered(facts: ReviewFacts, say: Regional) -> Table | None:
    return _table(_columns(say, ("kind", 50), ("name", 70), ("remark", 70)), list(_strangers(facts, say)))


def _strangers(facts: ReviewFacts, say: Regional) -> Iterator[tuple[Cell, ...]]:
    """What runs without being registered, and what the comparison could not tell of that."""
    for database in facts.found.unregistered_databases:
        yield say.words("unregistered.database"), (database.host, database.label), database.note
    for host in facts.found.unregistered_hosts:
        yield say.words("unregistered.host"), tuple(part for part in (host.name, host.address) if part), host.source
    for missing in facts.found.missing_in_source:
        yield say.words("unregistered.missing"), missing.host, missing.source
    for source in facts.found.failed_sources:
        yield say.words("unregistered.source"), source, ""


def _databases(facts: ReviewFacts, say: Regional) -> Table | None:
    return protection_table(facts.databases, say, with_review=False) if facts.databases else None


def _statement(facts: ReviewFacts, say: Regional) -> str:
    count = say.number(len(facts.servers))
    if facts.review.closing is None or facts.due is None:
        return say.words("review.statement_draft", count=count, open=say.number(len(facts.review.undecided)))
    due = say.long_date(facts.due.isoformat())
    return say.words("review.statement", office=facts.office, count=count, date=due)


def _signature(facts: ReviewFacts, say: Regional) -> Signatures:
    words, head, closing = say.words, facts.head, facts.review.closing
    at = closing.content["at"] if closing else facts.at
    nip = words("signature.nip", nip=head.nip) if head.nip else ""
    mark = words("signature.signed", time=say.moment(at)) if closing else ""
    place = words("signature.place_and_date", place=facts.place, date=say.date_of(at))
    return Signatures(place, (Signature(words("review.signed_by"), position_of(head), head.name, nip, mark),))


def _verification(facts: ReviewFacts, say: Regional) -> Verification:
    words = say.words
    return Verification(
        (
            (words("verification.code"), Code(verification_code(facts.review.id, facts.journal_head))),
            (words("verification.journal", seq=facts.journal_seq), Code(facts.journal_head)),
            (words("verification.trust"), Code(facts.trust.serial1_digest)),
        ),
        words("verification.page_of", page="{page}", pages="{pages}"),
    )


def _field(field: str, say: Regional) -> str:
    return field_name(field, say.words.language)


def _name(facts: ReviewFacts, person: str) -> str:
    return facts.names.get(person, person)


def _columns(say: Regional, *shapes: tuple[str, float]) -> tuple[Column, ...]:
    return tuple(
        Column(say.words(f"review_column.{name}"), width, "center" if name == "no" else "left")
        for name, width in shapes
    )


def _table(columns: tuple[Column, ...], rows: list[tuple[Cell, ...]]) -> Table | None:
    return Table(columns, tuple(rows)) if rows else None
