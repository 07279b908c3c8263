"""`cadangan register status`: what is unprotected or overdue, for people and for monitoring."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cadangan.cli.session import Session
from cadangan.errors import BadInput, WorkFailed

if TYPE_CHECKING:
    from rich.console import Console

    from cadangan.register.protection import Protection


def status(
    context: typer.Context,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write it as a web page.", show_default=False)
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option(
            "--metrics",
            metavar="FILE.prom",
            help="Also write it for Prometheus: a file in the node exporter's textfile folder.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="End with status 1 if anything is wrong, for monitoring.")
    ] = False,
) -> None:
    """Show every registered database with its last backup, last proven restore, objective and next review.

    The worst come first. Wrong is: no backup; none that was ever restored; a newest one older than its objective; a
    restore that took longer than its objective; a review of the server that is overdue, as it is before the first one.
    """
    from cadangan.register.protection import protections

    session: Session = context.obj
    now = datetime.now(UTC)
    rows = protections(session.office, session.journal, now)
    if html is not None:
        _write(html, "--html", _page(session, rows, now))
    if metrics is not None:
        from cadangan.documents.metrics import render_metrics

        _write(metrics, "--metrics", render_metrics(rows, now, session.office.zone))
    data = [_as_data(row) for row in rows]
    session.show({"databases": data}, lambda console: _print(console, data))
    wrong = [row for row in data if row["problems"]]
    if check and wrong:
        raise WorkFailed(
            "\n".join(f"{row['asset']}  {row['label']}: {', '.join(row['problems'])}" for row in wrong),
            advice="See it in whole with: cadangan register status",
        )


def _page(session: Session, rows: list[Protection], now: datetime) -> str:
    from cadangan.documents.html import render_html
    from cadangan.documents.office_facts import letterhead
    from cadangan.documents.protection_table import protection_page
    from cadangan.documents.regional import Regional
    from cadangan.documents.words import words
    from cadangan.procedure import moment

    office = session.office
    say = Regional(words(office.language), office.settings.timezone)
    blocks = protection_page(rows, letterhead(office), moment.stamp(now), say)
    return render_html(blocks, language=office.language, title=say.words("protection.title"))


def _write(path: Path, option: str, text: str) -> None:
    """Whole or not at all, and readable by everybody: a collector or web server has an account of its own."""
    from cadangan.evidence.durable import write_durably

    try:
        write_durably(path, text.encode("utf-8"), mode=0o644)
    except OSError as error:
        raise BadInput(f"{path} can not be written: {error.strerror}", where=option) from error


def _as_data(row: Protection) -> dict[str, Any]:
    sets, point, time = row.sets, row.sets.objectives.recovery_point, row.sets.objectives.recovery_time
    return {
        **sets.place._asdict(),
        "label": sets.place.label,
        "state": row.state,
        "problems": list(row.problems),
        "last_backup": sets.newest.snapshot_at if sets.newest else None,
        "last_proven": sets.last_proven,
        "recovery_point_seconds": int(point.total_seconds()) if point else None,
        "recovery_time_seconds": int(time.total_seconds()) if time else None,
        "restore_seconds": sets.restore_seconds,
        "review_due": row.review_due.isoformat() if row.review_due else None,
        "days_to_review": row.days_to_review,
    }


def _print(console: Console, rows: list[dict[str, Any]]) -> None:
    from cadangan.procedure.names import printable

    for row in rows:
        said = ", ".join(row["problems"]).upper().replace("_", " ") or "good"
        review = f"review due {row['review_due']}" if row["review_due"] else "never reviewed"
        console.print(f"{row['asset']}  {printable(row['label'])}  ({row['agency']}): {said}")
        backup, proven = row["last_backup"] or "none", row["last_proven"] or "never"
        console.print(f"  backup {backup}, proven {proven}, {review}")
    if not rows:
        console.print("No database of a server in operation is registered.")
