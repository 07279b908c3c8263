"""Laporan hasil pelaksanaan: the report on the result of a backup or restore (step 5 of the procedure)."""

from __future__ import annotations

from collections.abc import Iterator

from cadangan.documents.blocks import (
    Align,
    Block,
    Cell,
    Code,
    Column,
    Enumeration,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    Signature,
    Signatures,
    Table,
    Title,
    Verification,
)
from cadangan.documents.facts import Person, ReportFacts, SignedDecision, StepTime, WorkResult
from cadangan.documents.regional import Regional
from cadangan.documents.words import Words

SHORT_DIGEST = 12


def laporan(facts: ReportFacts, words: Words) -> list[Block]:
    """The report on one case, in the language of `words`."""
    say = Regional(words, facts.timezone)
    title = words(f"laporan.title_{facts.kind}")
    sections: tuple[tuple[str, list[Block]], ...] = (
        ("basis", [Enumeration(tuple(_basis(facts, say)))]),
        ("personnel", [Enumeration(tuple(_executor(person, words) for person in facts.executors))]),
        ("times", [_times(facts.steps, say)]),
        ("objects", [_objects(facts.results, say)]),
        ("sets", _sets(facts.results, say)),
        ("obstacles", _list_or_none(_obstacles(facts, say), words)),
        ("suggestions", _list_or_none(_suggestions(facts, words), words)),
        ("decisions", [_decisions(facts.decisions, say)]),
    )
    blocks: list[Block] = [
        facts.letterhead,
        Title(title, words("laporan.number", number=facts.number)),
        _subject(facts, say),
    ]
    for letter, (name, content) in zip("ABCDEFGH", sections, strict=True):
        blocks += [Heading(f"{letter}. {words(f'laporan.{name}')}"), *content]
    if facts.trust.trustees == 1:
        blocks.append(Note(words("trust.single_trustee"), warning=True))
    return [*blocks, _signatures(facts, say), _verification(facts, words)]


def verification_code(case: str, journal_head: str) -> str:
    """A code short enough to be typed: the case and the beginning of the journal head, in groups of four."""
    groups = (journal_head[at : at + 4].upper() for at in range(0, 12, 4))
    return "-".join((case, *groups))


def _subject(facts: ReportFacts, say: Regional) -> KeyValues:
    return KeyValues(
        (
            (say.words("laporan.date"), say.weekday_date(facts.date)),
            (say.words("laporan.case"), facts.case),
            (say.words("laporan.agency"), facts.agency),
            (say.words("laporan.subject"), facts.subject),
        )
    )


def _basis(facts: ReportFacts, say: Regional) -> Iterator[str]:
    words = say.words
    yield from facts.legal_basis
    yield words(
        "laporan.basis_letter",
        agency=facts.agency,
        number=facts.letter_number,
        date=say.long_date(facts.letter_date),
    )
    for decision in facts.decisions:
        who = {"position": _position(decision.person), "name": decision.person.name}
        if decision.step == "disposition":
            yield words("laporan.basis_disposition", date=say.date_of(decision.at), **who)
    agreed = [decision for decision in facts.decisions if decision.verdict == "agree"]
    if agreed:
        person = agreed[-1].person
        window = say.span(facts.window_from, facts.window_until)
        yield words("laporan.basis_schedule", window=window, name=person.name, position=_position(person))


def _executor(person: Person, words: Words) -> str:
    return words(
        "laporan.executor",
        name=person.name,
        nip=person.nip,
        position=_position(person),
        qualification=person.qualification,
    )


def _times(steps: tuple[StepTime, ...], say: Regional) -> Table:
    columns = _columns(
        say.words,
        ("no", 5, "center"),
        ("activity", 50, "left"),
        ("who", 34, "left"),
        ("ended", 26, "left"),
        ("standard", 14, "left"),
        ("taken", 22, "left"),
        ("remark", 15, "left"),
    )
    return Table(columns, tuple(_step(step, say) for step in steps))


def _step(step: StepTime, say: Regional) -> tuple[Cell, ...]:
    words = say.words
    if step.taken_seconds is None or step.limit_minutes is None:
        remark = "" if step.ended_at else words("laporan.not_yet")
    else:
        remark = words("laporan.exceeded" if _is_late(step) else "laporan.within")
    return (
        str(step.no),
        step.activity,
        step.who,
        "" if step.ended_at is None else say.short_moment(step.ended_at),
        words("laporan.standard_unset") if step.limit_minutes is None else say.standard(step.limit_minutes),
        "" if step.taken_seconds is None else say.duration(step.taken_seconds),
        remark,
    )


def _is_late(step: StepTime) -> bool:
    return (
        step.taken_seconds is not None
        and step.limit_minutes is not None
        and step.taken_seconds > step.limit_minutes * 60
    )


def _objects(results: tuple[WorkResult, ...], say: Regional) -> Table:
    columns = _columns(
        say.words,
        ("no", 5, "center"),
        ("object", 42, "left"),
        ("action", 36, "left"),
        ("time", 36, "left"),
        ("result", 47, "left"),
    )
    rows = tuple(
        (
            result.id,
            tuple(_place(result, say.words)),
            tuple(_action(result, say)),
            tuple(_duration(result, say)),
            tuple(_proof(result, say)),
        )
        for result in results
    )
    return Table(columns, rows)


def _place(result: WorkResult, words: Words) -> Iterator[str]:
    yield result.asset
    engine = words.name("engine", result.engine)
    yield f"{engine}, {words('object.instance', instance=result.instance)}" if result.instance else engine
    yield words("object.database", database=result.database)


def _action(result: WorkResult, say: Regional) -> Iterator[str]:
    name = f"{result.action}_{result.mode}" if result.mode else result.action
    yield say.words(f"action.{name}", target=result.target)
    if result.data_from:
        yield say.words("object.data_from", time=say.short_moment(result.data_from))


def _duration(result: WorkResult, say: Regional) -> Iterator[str]:
    if result.started_at:
        yield say.words("object.started", time=say.short_moment(result.started_at))
    if result.ended_at:
        yield say.words("object.ended", time=say.short_moment(result.ended_at))
    if result.started_at and result.ended_at:
        yield say.words("object.duration", duration=say.elapsed(result.started_at, result.ended_at))


def _proof(result: WorkResult, say: Regional) -> Iterator[str]:
    yield say.words(f"result.{result.result}")
    if result.differences:
        yield say.words("proof.different", count=say.number(len(result.differences)))
    elif result.proof_facts is not None:
        compared = "drilled" if result.action == "backup" else "equal"
        outcome = "recorded" if result.action == "backup" and not result.drilled else compared
        yield say.words(f"proof.{outcome}", count=say.number(result.proof_facts))
    if result.versions:
        versions = ", ".join(f"{name} {value}" for name, value in result.versions)
        yield say.words("object.versions", versions=versions)


def _sets(results: tuple[WorkResult, ...], say: Regional) -> list[Block]:
    columns = _columns(
        say.words,
        ("no", 5, "center"),
        ("location", 75, "left"),
        ("size", 28, "left"),
        ("manifest", 58, "left"),
    )
    rows = tuple(
        (
            result.id,
            (Code(result.repository), Code(result.set)),
            tuple(_size(result, say)),
            (Code(result.manifest[:SHORT_DIGEST]), Code(result.manifest)),
        )
        for result in results
        if result.set
    )
    return [Table(columns, rows)] if rows else [Paragraph(say.words("laporan.none"))]


def _size(result: WorkResult, say: Regional) -> Iterator[str]:
    if result.bytes_stored is not None:
        yield say.words("object.stored", size=say.size(result.bytes_stored))
    if result.bytes_plain is not None:
        yield say.words("object.plain", size=say.size(result.bytes_plain))


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
        if step.limit_minutes is not None and step.taken_seconds is not None and _is_late(step):
            taken, standard = say.duration(step.taken_seconds), say.standard(step.limit_minutes)
            yield words("obstacle.late", no=step.no, taken=taken, standard=standard)


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


def _list_or_none(texts: Iterator[str], words: Words) -> list[Block]:
    items = tuple(texts)
    return [Enumeration(items)] if items else [Paragraph(words("laporan.none"))]


def _decisions(decisions: tuple[SignedDecision, ...], say: Regional) -> Table:
    columns = _columns(
        say.words,
        ("no", 5, "center"),
        ("decision", 36, "left"),
        ("person", 55, "left"),
        ("signed_at", 27, "left"),
        ("fingerprint", 43, "left"),
    )
    rows = tuple(
        (
            str(number),
            tuple(_verdict(decision, say.words)),
            (decision.person.name, _position(decision.person)),
            say.short_moment(decision.at),
            Code(decision.fingerprint),
        )
        for number, decision in enumerate(decisions, 1)
    )
    return Table(columns, rows)


def _verdict(decision: SignedDecision, words: Words) -> Iterator[str]:
    yield words(f"decision.{decision.step}_{decision.verdict}")
    if decision.note:
        yield decision.note


def _signatures(facts: ReportFacts, say: Regional) -> Signatures:
    # What was signed before a report was returned and made anew does not count for this one.
    reports = [at for at, decision in enumerate(facts.decisions) if decision.step == "report"]
    since_report = facts.decisions[reports[-1] :] if reports else ()
    signed = {decision.verdict: decision for decision in since_report}

    def signature(capacity: str, person: Person, decision: SignedDecision | None) -> Signature:
        mark = say.words("signature.signed", time=say.moment(decision.at)) if decision else ""
        return Signature(
            say.words(f"signature.{capacity}"),
            _position(person),
            person.name,
            say.words("person.nip", nip=person.nip),
            mark,
        )

    return Signatures(
        say.words("signature.place_and_date", place=facts.place, date=say.long_date(facts.date)),
        (
            signature("acknowledged", facts.acknowledger, signed.get("acknowledge")),
            signature("confirmed", facts.confirmer, signed.get("confirm")),
            signature("reported", facts.reporter, since_report[0] if since_report else None),
        ),
    )


def _verification(facts: ReportFacts, words: Words) -> Verification:
    return Verification(
        (
            (words("verification.code"), Code(verification_code(facts.case, facts.journal_head))),
            (words("verification.journal", seq=facts.journal_seq), Code(facts.journal_head)),
            (words("verification.trust"), Code(facts.trust.serial1_digest)),
        ),
        words("verification.page_of", page="{page}", pages="{pages}"),
    )


def _position(person: Person) -> str:
    return f"{person.acting} {person.position}" if person.acting else person.position


def _columns(words: Words, *shapes: tuple[str, float, Align]) -> tuple[Column, ...]:
    return tuple(Column(words(f"column.{name}"), width, align) for name, width, align in shapes)
