"""The table of databases with their backups and proof beside what was promised, and the page that shows it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cadangan.documents.blocks import Block, Cell, Column, Heading, KeyValues, Letterhead, Line, Table, Title
from cadangan.documents.regional import Regional
from cadangan.register.protection import STATES, Protection


def protection_page(rows: Sequence[Protection], head: Letterhead, at: str, say: Regional) -> list[Block]:
    """What is unprotected, on one page: how many databases are in each state, and each of them."""
    words = say.words
    counts = {state: sum(row.state == state for row in rows) for state in STATES}
    return [
        head,
        Title(words("protection.title"), words("protection.number", time=say.moment(at))),
        KeyValues(tuple((words(f"protection.{state}"), say.number(counts[state])) for state in STATES)),
        Heading(words("protection.state")),
        protection_table(rows, say, with_review=True),
    ]


def protection_table(rows: Sequence[Protection], say: Regional, *, with_review: bool) -> Table:
    """A row for each database; the yearly review's own report leaves out when the next review is."""
    words = say.words
    columns = [
        Column(words("review_column.no"), 7, "center"),
        Column(words("protection.database"), 50),
        Column(words("protection.last_backup"), 34),
        Column(words("protection.last_proven"), 34),
        Column(words("protection.objective"), 34),
        *([Column(words("protection.review"), 25)] if with_review else []),
        Column(words("protection.state"), 32),
    ]
    return Table(
        tuple(columns),
        tuple(
            (
                str(number),
                (row.sets.place.asset, row.sets.place.label, row.sets.place.agency),
                tuple(_last_backup(row, say)),
                tuple(_last_proven(row, say)),
                tuple(_objective(row, say)),
                *([_review(row, say)] if with_review else []),
                _state(row, say, with_review=with_review),
            )
            for number, row in enumerate(rows, 1)
        ),
    )


def _last_backup(row: Protection, say: Regional) -> Iterator[Line]:
    newest, age = row.sets.newest, row.sets.age(row.now)
    if newest is None or age is None:
        yield say.words("protection.none")
    else:
        yield say.short_moment(newest.snapshot_at)
        yield say.words("protection.age", span=say.length(age))
        yield say.size(newest.bytes)


def _last_proven(row: Protection, say: Regional) -> Iterator[Line]:
    proven, took = row.sets.last_proven, row.sets.restore_seconds
    yield say.short_moment(proven) if proven else say.words("protection.never")
    if took is not None:
        yield say.words("protection.took", span=say.duration(took))


def _objective(row: Protection, say: Regional) -> Iterator[Line]:
    point, time = row.sets.objectives.recovery_point, row.sets.objectives.recovery_time
    if point:
        yield say.words("protection.point", span=say.length(point))
    if time:
        yield say.words("protection.time", span=say.length(time))
    if not point and not time:
        yield say.words("protection.no_objective")


def _review(row: Protection, say: Regional) -> Cell:
    days = row.days_to_review
    if days is None:
        return say.words("protection.never_reviewed")
    key = "review_over" if days < 0 else "review_left"
    return say.words(f"protection.{key}", days=say.number(abs(days)))


def _state(row: Protection, say: Regional, *, with_review: bool) -> Cell:
    told = [state for state in row.problems if with_review or state != "overdue"] or ["good"]
    return tuple(say.words(f"protection.{state}") for state in told)
