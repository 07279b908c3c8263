"""`cadangan register status`: what is unprotected or overdue, worst first, for people and for monitoring."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import moment
from cadangan.documents.metrics import render_metrics
from cadangan.evidence.set_history import Place, SetRecord
from cadangan.procedure.review import due_day
from cadangan.register.database import Objectives
from cadangan.register.protection import Protection
from cadangan.register.set_overview import DatabaseSets
from support.holder_desk import ASSET
from support.set_desk import AGENCY, SetDesk
from support.signed_office import Keyring

ZONE = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
PLACE = Place("disdik", "db-01", "postgresql", "5432", 'si"ak\\\n')


def protection(
    *, age: int | None = 1, proven: bool = True, took: int | None = None, due: date | None = date(2027, 1, 1)
) -> Protection:
    """A database whose newest set is `age` hours old, with objectives of a day and of half an hour."""
    objectives = Objectives.model_validate({"recovery_point": "24 h", "recovery_time": "30 min"})
    sets = []
    if age is not None:
        at = (NOW - timedelta(hours=age)).strftime("%Y-%m-%dT%H:%M:%SZ")
        proven_at = at if proven else ""
        sets = [SetRecord("x", "B-2026-0001", PLACE, "", at, at, 1, proven_at=proven_at, restore_seconds=took)]
    return Protection(DatabaseSets(PLACE, True, objectives, tuple(sets)), due, NOW.astimezone(ZONE).date(), NOW)


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        (protection(), ()),
        (protection(age=None), ("no_backup",)),
        (protection(proven=False), ("unproven",)),
        (protection(age=25), ("late",)),
        (protection(took=1801), ("slow",)),
        (protection(due=date(2026, 11, 25)), ()),
        (protection(due=date(2026, 11, 24)), ("overdue",)),
        (protection(age=25, proven=False, due=None), ("unproven", "late", "overdue")),
    ],
)
def test_everything_that_is_wrong_is_told_worst_first(row: Protection, problems: tuple[str, ...]) -> None:
    assert row.problems == problems
    assert row.state == (problems[0] if problems else "good")


def test_the_next_review_is_due_a_year_after_the_last() -> None:
    assert due_day("2026-11-25T20:00:00Z", ZONE) == date(2027, 11, 26)
    assert due_day("2028-02-28T20:00:00Z", ZONE) == date(2029, 2, 28)
    assert due_day(None, ZONE) is None
    assert protection(due=date(2026, 11, 20)).days_to_review == -5


def test_metrics_are_in_the_format_of_prometheus() -> None:
    told = render_metrics([protection(age=2, took=60), protection(age=None, due=None)], NOW, ZONE)
    labels = r'agency="disdik",asset="db-01",engine="postgresql",instance="5432",database="si\"ak\\\n"'
    samples = dict(line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))
    at = f"{(NOW - timedelta(hours=2)).timestamp():.0f}"
    assert samples[f"cadangan_database_last_backup_timestamp_seconds{{{labels}}}"] == at
    assert samples[f'cadangan_database_problem{{{labels},problem="no_backup"}}'] == "1"
    assert samples['cadangan_asset_review_due_timestamp_seconds{asset="db-01"}'] == "1798822799"
    line = re.compile(r'# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? -?[0-9]+')
    assert all(line.fullmatch(each) for each in told.splitlines())
    assert told.endswith("\n")
    names = re.findall(r"# TYPE ([a-z_]+) gauge", told)
    assert len(names) == len(set(names)) == told.count("# HELP")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> SetDesk:
    return SetDesk.furnished(tmp_path_factory.mktemp("status"), keyring)


@pytest.fixture
def desk(tmp_path: Path, made: SetDesk) -> SetDesk:
    desk = made.again(tmp_path / "all")
    server = {"number": "1", "name": "Server Uji", "status": "in_operation", "agency": AGENCY}
    names = ("/srv/warga.db", "/srv/<b>.db")
    objectives = {"recovery_point": "24 h"}
    databases = [{"engine": "sqlite", "name": name, "objectives": objectives} for name in names]
    hosts = {ASSET: {"cadangan_asset": {**server, "databases": databases}}}
    (desk.root / "inventory" / "servers.yml").write_text(json.dumps({"servers": {"hosts": hosts}}))
    return desk


def reviewed(desk: SetDesk) -> None:
    """Let the journal tell of a review that was closed now."""
    zero = "0" * 64
    told = {"register": zero, "facts": zero, "reconciled_at": moment.now(), "person": "staf-satu"}
    frozen = [{"asset": ASSET, "entry": zero}]
    desk.journal.append({"type": "review_opened", "review": "T-2026-01", **told, "assets": frozen})
    text = json.dumps({"at": moment.now()}, separators=(",", ":")) + "\n"
    desk.journal.append({"type": "review_closed", "review": "T-2026-01", "text": text, "signature": "", "digest": zero})


def status(desk: SetDesk, *arguments: str, code: int = 0) -> dict[str, Any]:
    rows = desk.asks("register", "status", *arguments, status=code)["databases"]
    return {row["database"]: row for row in rows}


def test_the_worst_comes_first_and_a_check_fails_until_all_is_well(desk: SetDesk) -> None:
    desk.make_set(1, drilled=True)
    rows = status(desk)
    assert list(rows) == ["/srv/<b>.db", "/srv/warga.db"]
    assert [row["problems"] for row in rows.values()] == [["no_backup", "overdue"], ["overdue"]]
    assert "NO BACKUP, OVERDUE" in desk.types("register", "status")
    said = desk.types("register", "status", "--check", status=1)
    assert "sqlite /srv/<b>.db: no_backup, overdue" in said
    made = desk.make_set(2, "/srv/<b>.db")
    assert status(desk)["/srv/<b>.db"]["problems"] == ["unproven", "overdue"]
    desk.restored(1, made, 60)
    reviewed(desk)
    rows = status(desk, "--check")
    assert {row["state"] for row in rows.values()} == {"good"}
    assert {row["days_to_review"] for row in rows.values()} <= {364, 365, 366}


def test_the_page_and_the_metrics_are_written_whole_for_others_to_read(desk: SetDesk) -> None:
    desk.make_set(1, drilled=True)
    page, metrics = desk.root / "status.html", desk.root / "cadangan.prom"
    desk.types("register", "status", "--html", str(page), "--metrics", str(metrics))
    assert "TIDAK ADA BACKUP" in page.read_text() and "/srv/&lt;b&gt;.db" in page.read_text()
    assert 'database="/srv/<b>.db",problem="no_backup"} 1' in metrics.read_text()
    assert {path.stat().st_mode & 0o777 for path in (page, metrics)} == {0o644}
    assert not list(desk.root.glob(".draft-*"))
    nowhere = str(desk.root / "nowhere" / "x.html")
    assert "can not be written" in desk.types("register", "status", "--html", nowhere, status=2)
