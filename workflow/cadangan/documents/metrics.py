"""How databases are protected, in the text format of Prometheus, for the textfile collector of its node exporter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, tzinfo

from cadangan.procedure import moment
from cadangan.register.protection import STATES, Protection

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Sample = tuple[Mapping[str, str], float]


def render_metrics(rows: Sequence[Protection], now: datetime, zone: tzinfo) -> str:
    """A sample for each database; what is not there (a backup, a proof, an objective, a review) has none."""
    places = [(row, row.sets.place._asdict()) for row in rows]
    newest = [(labels, _unix(row.sets.newest.snapshot_at)) for row, labels in places if row.sets.newest]
    proven = [(labels, _unix(row.sets.last_proven)) for row, labels in places if row.sets.last_proven]
    points = [(labels, row.sets.objectives.recovery_point) for row, labels in places]
    took = [(labels, float(row.sets.restore_seconds)) for row, labels in places if row.sets.restore_seconds is not None]
    problems = [
        ({**labels, "problem": state}, float(state in row.problems))
        for row, labels in places
        for state in STATES
        if state != "good"
    ]
    # The last moment of the last day, in the office's own time.
    reviews = {
        row.sets.place.asset: datetime.combine(row.review_due, time(23, 59, 59), zone).timestamp()
        for row in rows
        if row.review_due is not None
    }
    families: tuple[tuple[str, str, Iterable[Sample]], ...] = (
        ("database_last_backup_timestamp_seconds", "When the data in the newest backup was there.", newest),
        ("database_last_proven_restore_timestamp_seconds", "When a backup was last restored and found equal.", proven),
        (
            "database_recovery_point_objective_seconds",
            "How old the newest backup may get.",
            [(labels, span.total_seconds()) for labels, span in points if span is not None],
        ),
        ("database_last_restore_duration_seconds", "How long the newest restore took.", took),
        ("database_problem", "Whether this is wrong with a database (1) or not (0).", problems),
        (
            "asset_review_due_timestamp_seconds",
            "When the next review of a server in the asset register is due.",
            [({"asset": asset}, at) for asset, at in sorted(reviews.items())],
        ),
        ("status_timestamp_seconds", "When this was written.", [({}, now.timestamp())]),
    )
    return "".join(_family(f"cadangan_{name}", said, samples) for name, said, samples in families)


def _family(name: str, said: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {said}", f"# TYPE {name} gauge"]
    lines += [f"{name}{_labels(labels)} {value:.0f}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    named = [f'{name}="{_plain(value)}"' for name, value in labels.items()]
    return "{" + ",".join(named) + "}" if named else ""


def _plain(value: str) -> str:
    """A label's value; names that are not UTF-8 would void the whole file."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8").translate(_ESCAPES)


def _unix(at: str) -> float:
    return moment.read(at).astimezone(UTC).timestamp()
