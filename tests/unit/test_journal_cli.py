"""`cadangan journal` as a user sees it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cadangan.cli import journal as commands
from cadangan.cli.session import Session
from cadangan.errors import Missing
from cadangan.evidence.journal import Journal
from click.testing import Result
from typer.testing import CliRunner


@pytest.fixture
def office(tmp_path: Path) -> SimpleNamespace:
    return SimpleNamespace(id="kudus", root=tmp_path, journal_url=f"sqlite:///{tmp_path}/journal.db")


@pytest.fixture
def journal(office: SimpleNamespace) -> Journal:
    journal = Journal.open(office.journal_url, office.id)
    for number in range(1, 4):
        journal.append({"type": "outcome", "case": f"B-2026-000{number}", "item": "1", "result": "done"})
    return journal


def run(office: SimpleNamespace, *arguments: str, as_json: bool = False) -> Result:
    session = Session(office.root, as_json)
    session.__dict__["office"] = office
    return CliRunner().invoke(commands.app, arguments, obj=session)


def tamper(office: SimpleNamespace, statement: str) -> None:
    with sqlite3.connect(office.root / "journal.db") as connection:
        connection.execute("DROP TRIGGER entry_refuse_update")
        connection.execute("DROP TRIGGER entry_refuse_delete")
        connection.execute(statement)


def test_verify_of_a_sound_journal(office: SimpleNamespace, journal: Journal) -> None:
    result = run(office, "verify", "--head", str(journal.head()))
    assert result.exit_code == 0, result.output
    assert result.output == f"4 entries, nothing is wrong\nhead {journal.head()}\n"


def test_verify_names_every_fault_and_ends_with_one(office: SimpleNamespace, journal: Journal) -> None:
    tamper(office, "UPDATE entry SET entry = replace(entry, 'done', 'lost') WHERE seq = 3")
    result = run(office, "verify")
    assert result.exit_code == 1
    assert result.output.splitlines()[:2] == ["entry 3: edited: the hash does not fit", "4 entries, 1 fault"]


def test_verify_as_json(office: SimpleNamespace, journal: Journal) -> None:
    head = journal.head()
    tamper(office, "DELETE FROM entry WHERE seq = 4")
    result = run(office, "verify", "--head", str(head), as_json=True)
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert answer["entries"] == 3
    assert answer["head"]["seq"] == 3
    assert [(fault["kind"], fault["first"], fault["last"]) for fault in answer["faults"]] == [("cut", 4, 4)]


def test_head(office: SimpleNamespace, journal: Journal) -> None:
    assert run(office, "head").output == f"{journal.head()}\n"
    assert json.loads(run(office, "head", as_json=True).output) == journal.head()._asdict()


def test_show_prints_a_line_for_each_entry(office: SimpleNamespace, journal: Journal) -> None:
    lines = run(office, "show").output.splitlines()
    assert len(lines) == 4
    assert lines[1].split()[2:] == ["outcome", "B-2026-0001", "item=1", "result=done"]


def test_show_of_one_case_and_from_a_number(office: SimpleNamespace, journal: Journal) -> None:
    assert [line.split()[0] for line in run(office, "show", "--case", "B-2026-0002").output.splitlines()] == ["3"]
    assert [line.split()[0] for line in run(office, "show", "--from", "3").output.splitlines()] == ["3", "4"]
    assert run(office, "show", "--case", "B-2026-0002", "--from", "4").output == ""


def test_show_as_json_gives_entries_in_full(office: SimpleNamespace, journal: Journal) -> None:
    entries = json.loads(run(office, "show", as_json=True).output)["entries"]
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4]
    assert entries[1]["entry"] == journal.of_case("B-2026-0001")[0].content


def test_show_tells_what_was_signed(office: SimpleNamespace, journal: Journal) -> None:
    text = json.dumps({"step": "schedule", "verdict": "agree", "person": "ani", "window": {"from": "a", "until": "b"}})
    journal.append({"type": "decision", "case": "B-2026-0001", "text": text, "signature": "…"})
    last = run(office, "show").output.splitlines()[-1]
    assert last.endswith("step=schedule verdict=agree person=ani window=a…b")


@pytest.mark.parametrize("name", ["\x1b[2Jgone", "two\nlines", "\u202egnp.exe", "[bold]x[/bold]"])
def test_show_gives_no_text_power_over_the_terminal(office: SimpleNamespace, journal: Journal, name: str) -> None:
    journal.append({"type": "document", "case": "B-2026-0001", "name": name})
    output: Any = run(office, "show").output
    assert len(output.splitlines()) == 5
    assert all(character.isprintable() for line in output.splitlines() for character in line)
    assert ("[bold]x[/bold]" in output) == name.startswith("[")


def test_export_and_verify_of_the_file(office: SimpleNamespace, journal: Journal, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    assert run(office, "export", str(file)).output == f"4 entries written to {file}\n"
    (tmp_path / "journal.db").unlink()
    assert run(office, "verify", "--file", str(file)).exit_code == 0
    file.write_text(file.read_text().replace("B-2026-0002", "B-2026-0003"))
    result = run(office, "verify", "--file", str(file))
    assert result.exit_code == 1
    assert result.output.startswith("entry 3: edited")


@pytest.mark.parametrize("command", ["verify", "head", "show"])
def test_without_a_journal_none_is_made(office: SimpleNamespace, tmp_path: Path, command: str) -> None:
    result = run(office, command)
    assert isinstance(result.exception, Missing)
    assert list(tmp_path.iterdir()) == []
