"""`cadangan set list`: how every database stands, and what the repositories have of what they should have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.session import Session
from cadangan.errors import WorkFailed

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.evidence.set_history import SetRecord
    from cadangan.evidence.set_places import Comparison
    from cadangan.register.set_overview import DatabaseSets


def list_sets(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also every set of each database.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="End with status 1 if something is wrong, for monitoring.")
    ] = False,
    repositories: Annotated[
        list[str] | None,
        typer.Option(
            "--repository",
            metavar="PLACE",
            help="Look there only: a folder of this machine, or ssh:// and a repository host.",
            show_default="wherever sets should be",
        ),
    ] = None,
) -> None:
    """List how each database stands: newest set, newest proven set, age, size and growth.

    Also what repositories lack of what the journal knows, and the reverse. With --check, wrong is: a newest set older
    than its recovery point objective, a restore longer than its recovery time objective, a set that is missing, whose
    last check found it damaged, or a repository host that can not be reached.
    """
    from cadangan.evidence.catalogue import Catalogue
    from cadangan.evidence.set_history import set_records
    from cadangan.evidence.set_places import missing_sets
    from cadangan.execution.repositories import known_places, look
    from cadangan.register.set_overview import overview

    session: Session = context.obj
    now = datetime.now(UTC)
    records = set_records(session.journal, Catalogue(session.office.sets_dir))
    databases = overview(session.office.register, records.values())
    with session.progress_console.status("Looking at the repositories"):
        places = repositories or known_places(session.journal, records.values())
        found = [look(session.office, session.journal, place, records) for place in places]
    missing = missing_sets(found, records)
    wrong = _wrong(databases, found, missing, now)
    data = {
        "databases": [_database(row, now) for row in databases],
        "sets": [set_row(record) for row in databases for record in row.sets],
        "repositories": [vars(each) for each in found],
        "missing": missing,
        "wrong": wrong,
    }
    session.show(data, lambda console: _print(console, databases, found, now, every))
    if check and wrong:
        raise WorkFailed("\n".join(wrong), advice="See it in whole with: cadangan set list")


def set_row(record: SetRecord) -> dict[str, Any]:
    """What is known of a set, for machines."""
    return {
        "set": record.id,
        "case": record.case,
        "manifest": record.manifest,
        "snapshot_at": record.snapshot_at,
        "bytes": record.bytes,
        "repository": record.home or None,
        "proven_at": record.proven_at or None,
        "copies": [vars(copy) for copy in record.copies],
        "verified": {place: vars(check) for place, check in sorted(record.verified.items())},
        "disposed_in": record.disposed_in or None,
    }


def _wrong(
    databases: Sequence[DatabaseSets], found: Sequence[Comparison], missing: Sequence[str], now: datetime
) -> list[str]:
    """One line for everything that somebody has to look after."""
    from ansible_collections.diskominfo.cadangan.plugins.module_utils.repository_host import host_of

    lines = []
    for row in databases:
        name = _name(row)
        if row.is_late(now):
            age = row.age(now)
            said = f"its newest backup is {_span(age)} old" if age is not None else "it has no backup"
            lines.append(f"{name}: {said}, the objective is {_span(row.objectives.recovery_point)}")
        if row.is_slow:
            took = timedelta(seconds=row.restore_seconds or 0)
            lines.append(
                f"{name}: a restore took {_span(took)}, the objective is {_span(row.objectives.recovery_time)}"
            )
        for record in row.sets:
            lines += [
                f"{record.id}: damaged in {place} at {check.at}: {check.fault}"
                for place, check in sorted(record.verified.items())
                if check.fault
            ]
    lines += [f"{set_id}: missing in every repository" for set_id in missing]
    # A folder may be on the servers alone.
    lines += [f"{each.place}: {each.error}" for each in found if each.error and host_of(each.place)]
    return lines


def _database(row: DatabaseSets, now: datetime) -> dict[str, Any]:
    age = row.age(now)
    return {
        **row.place._asdict(),
        "registered": row.registered,
        "sets": len(row.sets),
        "bytes": sum(record.bytes for record in row.sets),
        "newest": row.newest.id if row.newest else None,
        "newest_backup": row.newest.snapshot_at if row.newest else None,
        "newest_proven": row.newest_proven.id if row.newest_proven else None,
        "age_seconds": _seconds(age),
        "recovery_point_seconds": _seconds(row.objectives.recovery_point),
        "late": row.is_late(now),
        "growth_bytes": row.growth,
        "restore_seconds": row.restore_seconds,
        "recovery_time_seconds": _seconds(row.objectives.recovery_time),
        "slow": row.is_slow,
    }


def _print(
    console: Console,
    databases: Sequence[DatabaseSets],
    found: Sequence[Comparison],
    now: datetime,
    every: bool,
) -> None:
    if not databases:
        console.print("There is no database in the register, and no backup set yet.")
    for row in databases:
        console.print(_name(row) + ("" if row.registered else " (not in operation by the register)"))
        for line in _database_lines(row, now):
            console.print(f"  {line}")
        for record in row.sets if every else ():
            console.print(f"  {_set_line(record)}")
    if found:
        console.print("\nRepositories")
    for each in found:
        _print_repository(console, each)


def _database_lines(row: DatabaseSets, now: datetime) -> list[str]:
    from cadangan.procedure.amounts import size

    newest, age = row.newest, row.age(now)
    point, time = row.objectives.recovery_point, row.objectives.recovery_time
    promised = f", objective {_span(point)}" if point else ""
    late = "  LATE" if row.is_late(now) else ""
    if newest is None or age is None:
        return [f"NO BACKUP{promised}{late}"]
    growth = "" if row.growth is None else f", {'-' if row.growth < 0 else '+'}{size(abs(row.growth))}"
    total = size(sum(record.bytes for record in row.sets))
    sets = f"{len(row.sets)} set{'s' if len(row.sets) > 1 else ''}, {total}"
    lines = [f"newest {newest.snapshot_at}, {_span(age)} old{promised}{late}; {size(newest.bytes)}{growth}; {sets}"]
    proven = row.newest_proven
    if proven is None:
        lines.append("NEVER PROVEN TO RESTORE")
    else:
        took = "" if row.restore_seconds is None else f", restored in {_span(timedelta(seconds=row.restore_seconds))}"
        allowed = f", objective {_span(time)}{'  SLOW' if row.is_slow else ''}" if time else ""
        which = "the newest set" if proven is newest else f"the set of {proven.snapshot_at}"
        lines.append(f"proven {proven.proven_at}: {which}{took}{allowed}")
    check = newest.last_check
    if check is not None:
        lines.append(f"newest set read back {check.at}: {check.fault or 'whole'}")
    return lines


def _set_line(record: SetRecord) -> str:
    from cadangan.procedure.amounts import size

    check = record.last_check
    said = [
        f"proven {record.proven_at}" if record.proven_at else "not proven",
        f"{'DAMAGED' if check.fault else 'whole'} {check.at}" if check else "not read back",
        f"{len(record.copies)} copies" if record.copies else "no copy",
    ]
    return f"{record.snapshot_at}  {size(record.bytes):>9}  {', '.join(said)}  {record.id}"


def _print_repository(console: Console, each: Comparison) -> None:
    if each.error:
        console.print(f"  {each.place}: not looked at: {each.error}")
        return
    console.print(f"  {each.place}: {each.sets} sets")
    told: Mapping[str, Sequence[str]] = {
        "lacks": each.lacks,
        "not known to this office (cadangan set import takes it in)": each.unknown,
        "still there, though it was disposed of": each.disposed,
    }
    for said, sets in told.items():
        for set_id in sets:
            console.print(f"    {said}: {set_id}")


def _name(row: DatabaseSets) -> str:
    from cadangan.procedure.names import printable

    return f"{row.place.agency}  {row.place.asset}  {printable(row.place.label)}"


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _span(span: timedelta | None) -> str:
    """A length of time in its two largest units: `3 d 4 h`, `25 min`, `12 s`."""
    left = int(span.total_seconds()) if span else 0
    units = {"d": 86400, "h": 3600, "min": 60, "s": 1}
    said = []
    for name, seconds in units.items():
        count, left = divmod(left, seconds)
        if count:
            said.append(f"{count} {name}")
    return " ".join(said[:2]) or "0 s"
