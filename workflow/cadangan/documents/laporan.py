"""Laporan hasil pelaksanaan: the report on the result of a case (step 5 of the procedure).

For a disposal it is the Berita acara pemusnahan, which also says on which day and place what was disposed of, by which
rule, and has room for witnesses.
"""

from __future__ import annotations

from collections.abc import Iterator

from cadangan.documents.blocks import (
    Block,
    Code,
    Enumeration,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    Signature,
    Signatures,
    Title,
    Verification,
)
from cadangan.documents.case_tables import decisions, objects, position_of, step_times
from cadangan.documents.facts import Person, ReportFacts, SignedDecision
from cadangan.documents.regional import Regional
from cadangan.documents.words import Words


def laporan(facts: ReportFacts, words: Words) -> list[Block]:
    """The report on one case, in the language of `words`."""
    say = Regional(words, facts.timezone)
    sections: tuple[tuple[str, Block | None], ...] = (
        ("basis", _enumeration(_basis(facts, say))),
        ("personnel", _enumeration(_executor(person, words) for person in facts.executors)),
        ("times", step_times(facts.steps, say)),
        ("objects", objects(facts.results, say)),
        ("obstacles", _enumeration(_obstacles(facts, say))),
        ("suggestions", _enumeration(_suggestions(facts, words))),
        ("decisions", decisions(facts.decisions, say)),
    )
    blocks: list[Block] = [
        facts.letterhead,
        Title(words(f"laporan.title_{facts.kind}"), words("laporan.number", number=facts.number, case=facts.case)),
        _subject(facts, say),
        *_statement(facts, say),
    ]
    for letter, (name, content) in zip("ABCDEFG", sections, strict=True):
        heading = words(f"laporan.{name}")
        if content is None:
            blocks.append(Heading(f"{letter}. {words('laporan.nothing', heading=heading)}"))
        else:
            blocks += [Heading(f"{letter}. {heading}"), content]
    if facts.trust.trustees == 1:
        blocks.append(Note(words("laporan.single_trustee"), warning=True))
    return [*blocks, _signatures(facts, say), *_witnesses(facts, words), _verification(facts, words)]


def verification_code(case: str, journal_head: str) -> str:
    """A code short enough to be typed: the case and the beginning of the journal head, in groups of four."""
    groups = (journal_head[at : at + 4].upper() for at in range(0, 12, 4))
    return "-".join((case, *groups))


def _enumeration(texts: Iterator[str]) -> Enumeration | None:
    items = tuple(texts)
    return Enumeration(items) if items else None


def _subject(facts: ReportFacts, say: Regional) -> KeyValues:
    return KeyValues(
        (
            (say.words("laporan.date"), say.weekday_date(facts.date)),
            (say.words("laporan.agency"), facts.agency),
            (say.words("laporan.subject"), facts.subject),
        )
    )


def _statement(facts: ReportFacts, say: Regional) -> Iterator[Block]:
    """What a disposal came to, in one sentence; the other reports say it in their tables alone."""
    if facts.kind == "disposal":
        done = [result for result in facts.results if result.result == "done"]
        yield Paragraph(
            say.words(
                "disposal.statement",
                date=say.weekday_date(facts.date),
                place=facts.place,
                done=say.number(len(done)),
                asked=say.number(len(facts.results)),
                agency=facts.agency,
                size=say.size(sum(result.bytes_stored or 0 for result in done)),
            )
        )
        yield Paragraph(say.words("disposal.scope"))


def _basis(facts: ReportFacts, say: Regional) -> Iterator[str]:
    words = say.words
    yield from facts.legal_basis
    date = say.long_date(facts.letter_date)
    yield words("laporan.basis_letter", agency=facts.agency, number=facts.letter_number, date=date)
    for decision in facts.decisions:
        signed = {"position": position_of(decision.person), "date": say.date_of(decision.at)}
        if decision.step == "disposition":
            yield words("laporan.basis_disposition", **signed)
        elif decision.step == "schedule":
            window = say.span(facts.window_from, facts.window_until)
            yield words("laporan.basis_schedule", window=window, **signed)
    for rule in dict.fromkeys(result.rule for result in facts.results if result.rule):
        yield words("disposal.rule", **{name: say.number(count) for name, count in rule})


def _executor(person: Person, words: Words) -> str:
    return words(
        "laporan.executor_with_nip" if person.nip else "laporan.executor",
        name=person.name,
        nip=person.nip,
        position=position_of(person),
        qualification=person.qualification,
    )


def _obstacles(facts: ReportFacts, say: Regional) -> Iterator[str]:
    words = say.words
    for attempt in facts.failed_attempts:
        key = "obstacle.attempt" if attempt.item else "obstacle.run"
        yield words(key, time=say.moment(attempt.at), item=attempt.item, message=attempt.message)
    for result in facts.results:
        if result.result != "done" and result.message:
            outcome = words(f"result.{result.result}")
            yield words("obstacle.item", item=result.id, result=outcome, message=result.message)
        for difference in result.differences:
            yield words("obstacle.difference", item=result.id, difference=difference)
    for step in facts.steps:
        if step.over_seconds:
            yield words("obstacle.late", no=step.no, over=say.duration(step.over_seconds))
        if step.set_back:
            yield words("obstacle.set_back", no=step.no)
    for year in facts.unknown_years:
        yield words("obstacle.unknown_holidays", year=year)


def _suggestions(facts: ReportFacts, words: Words) -> Iterator[str]:
    yield from facts.remarks
    for result in facts.results:
        if result.differences:
            yield words("suggestion.difference", item=result.id)
        elif result.result != "done":
            yield words("suggestion.again", item=result.id)
        elif result.aside:
            yield words("suggestion.aside", item=result.id, asset=result.asset, aside=result.aside)
        elif result.action == "backup" and not result.drilled:
            yield words("suggestion.drill", item=result.id)


def _signatures(facts: ReportFacts, say: Regional) -> Signatures:
    signed = _signed_since_report(facts.decisions)

    def signature(step: str, capacity: str, person: Person) -> Signature:
        at = signed.get(step)
        mark = say.words("signature.signed", time=say.moment(at)) if at else ""
        nip = say.words("signature.nip", nip=person.nip) if person.nip else ""
        return Signature(say.words(f"signature.{capacity}"), position_of(person), person.name, nip, mark)

    return Signatures(
        say.words("signature.place_and_date", place=facts.place, date=say.long_date(facts.date)),
        (
            signature("acknowledge", "acknowledged", facts.acknowledger),
            signature("confirm", "confirmed", facts.confirmer),
            signature("report", "reported", facts.reporter),
        ),
    )


def _witnesses(facts: ReportFacts, words: Words) -> Iterator[Block]:
    """Room for two who saw a disposal, to sign by hand."""
    if facts.kind == "disposal":
        yield Signatures(
            "",
            tuple(Signature(words("disposal.witness", no=number), "", " " * 40, "NIP.", "") for number in (1, 2)),
        )


def _signed_since_report(made: tuple[SignedDecision, ...]) -> dict[str, str]:
    """When each step was signed; what came before the newest report is not about this one."""
    signed: dict[str, str] = {}
    for decision in made:
        if decision.step == "report":
            signed = {}
        if decision.verdict != "return":
            signed[decision.step] = decision.at
    return signed


def _verification(facts: ReportFacts, words: Words) -> Verification:
    return Verification(
        (
            (words("verification.code"), Code(verification_code(facts.case, facts.journal_head))),
            (words("verification.journal", seq=facts.journal_seq), Code(facts.journal_head)),
            (words("verification.trust"), Code(facts.trust.serial1_digest)),
        ),
        words("verification.page_of", page="{page}", pages="{pages}"),
    )
