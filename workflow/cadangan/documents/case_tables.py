"""Tables about one case that several documents show: step times, what was done on which object, decisions."""

from __future__ import annotations

from collections.abc import Iterator

from cadangan.documents.blocks import Align, Cell, Code, Column, Line, Table
from cadangan.documents.facts import Person, SignedDecision, StepTime, WorkResult
from cadangan.documents.regional import Regional
from cadangan.documents.words import Words

SHORT_DIGEST = 12


def position_of(person: Person) -> str:
    """The person's position, with `Plh.` or `Plt.` before it when acting."""
    return f"{person.acting} {person.position}" if person.acting else person.position


def step_times(steps: tuple[StepTime, ...], say: Regional) -> Table:
    """The steps of the procedure with the working time that they took beside the standard."""
    columns = _columns(
        say.words,
        ("no", 6, "center"),
        ("activity", 53, "left"),
        ("who", 37, "left"),
        ("ended", 32, "left"),
        ("standard", 14, "left"),
        ("taken", 24, "left"),
        ("over", 21, "left"),
    )
    return Table(columns, tuple(_step_row(step, say) for step in steps))


def _step_row(step: StepTime, say: Regional) -> tuple[Cell, ...]:
    return (
        str(step.no),
        step.activity,
        step.who,
        "" if step.ended_at is None else say.short_moment(step.ended_at),
        say.words("step.no_standard") if step.limit_minutes is None else say.standard(step.limit_minutes),
        _taken(step, say),
        _over(step, say),
    )


def _taken(step: StepTime, say: Regional) -> str:
    if step.limit_minutes is None or step.taken_seconds is None:
        return ""
    if step.ended_at is None and step.taken_seconds == 0:
        return ""
    return say.words("step.outside_hours") if step.outside_hours else say.duration(step.taken_seconds)


def _over(step: StepTime, say: Regional) -> str:
    if step.over_seconds:
        return say.words("step.late", over=say.duration(step.over_seconds))
    if step.ended_at is None:
        return say.words("step.unfinished")
    return "" if step.limit_minutes is None else say.words("step.within")


def objects(results: tuple[WorkResult, ...], say: Regional) -> Table:
    """What was done on which object, with what result, and where the backup set is."""
    columns = _columns(
        say.words,
        ("no", 6, "center"),
        ("object", 36, "left"),
        ("time_and_size", 43, "left"),
        ("result", 37, "left"),
        ("set", 62, "left"),
    )
    rows = tuple(
        (
            result.id,
            tuple(_object(result, say.words)),
            tuple(_time_and_size(result, say)),
            tuple(_result(result, say)),
            tuple(_set(result)),
        )
        for result in results
    )
    return Table(columns, rows)


def _object(result: WorkResult, words: Words) -> Iterator[Line]:
    yield words(f"action.{result.action}_{result.mode}" if result.mode else f"action.{result.action}")
    yield result.asset
    engine = words.name("engine", result.engine)
    yield words("object.instance", engine=engine, instance=result.instance) if result.instance else engine
    yield words("object.database", database=result.database)
    if result.target:
        yield words("object.target", target=result.target)


def _time_and_size(result: WorkResult, say: Regional) -> Iterator[Line]:
    words = say.words
    if result.started_at:
        yield words("object.started", time=say.short_moment(result.started_at))
    if result.ended_at:
        yield words("object.ended", time=say.short_moment(result.ended_at))
    if result.started_at and result.ended_at:
        yield words("object.duration", duration=say.elapsed(result.started_at, result.ended_at))
    if result.bytes_stored is not None:
        yield words("object.stored", size=say.size(result.bytes_stored))
    if result.bytes_plain is not None:
        yield words("object.plain", size=say.size(result.bytes_plain))
    if result.data_from:
        yield words("object.data_from", time=say.short_moment(result.data_from))
    if result.left_out:
        yield words("object.left_out", names=", ".join(result.left_out))


def _result(result: WorkResult, say: Regional) -> Iterator[Line]:
    yield say.words(f"result.{result.result}")
    if result.ground:
        yield say.words(f"ground.{result.ground}")
    if result.differences:
        yield say.words("proof.different", count=say.number(len(result.differences)))
    elif result.proof_facts is not None:
        yield say.words(f"proof.{_proof(result)}", count=say.number(result.proof_facts))
    for name, value in result.versions:
        if name in say.words.catalogue["version"]:
            yield f"{say.words.name('version', name)} {value}"


def _proof(result: WorkResult) -> str:
    if result.action != "backup":
        return "equal"
    return "drilled" if result.drilled else "recorded"


def _set(result: WorkResult) -> Iterator[Line]:
    if result.set:
        yield Code(result.repository)
        yield Code(result.set)
        yield Code(f"{result.manifest[:SHORT_DIGEST]}…")
        yield Code(result.manifest)


def decisions(signed: tuple[SignedDecision, ...], say: Regional) -> Table:
    """Who signed what, when, and with which key."""
    columns = _columns(
        say.words,
        ("no", 6, "center"),
        ("decision", 33, "left"),
        ("person", 64, "left"),
        ("signed_at", 31, "left"),
        ("fingerprint", 38, "left"),
    )
    rows = tuple(
        (
            str(number),
            tuple(_verdict(decision, say.words)),
            (decision.person.name, position_of(decision.person)),
            say.short_moment(decision.at),
            Code(decision.fingerprint),
        )
        for number, decision in enumerate(signed, 1)
    )
    return Table(columns, rows)


def _verdict(decision: SignedDecision, words: Words) -> Iterator[Line]:
    yield words(f"decision.{decision.step}_{decision.verdict}")
    if decision.note:
        yield decision.note


def _columns(words: Words, *shapes: tuple[str, float, Align]) -> tuple[Column, ...]:
    return tuple(Column(words(f"column.{name}"), width, align) for name, width, align in shapes)
