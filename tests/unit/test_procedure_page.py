"""The commands in the pages for operators are commands that there are, with the options that they have."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from cadangan.cli import app
from cadangan.documents.regional import Regional
from cadangan.documents.words import words
from cadangan.procedure.steps import procedure

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "PROCEDURE.md"


def commands(page: Path) -> list[str]:
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", page.read_text("utf-8"), re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("cadangan ")]


LINES = commands(PAGE)
CLOCKS = commands(DOCS / "CLOCKS.md")


def test_the_page_has_the_commands_of_all_steps() -> None:
    used = {line.split()[1] for line in LINES}
    assert {"request", "disposition", "schedule", "execute", "report", "confirm", "acknowledge"} <= used


@pytest.mark.parametrize("line", LINES + commands(DOCS / "REPOSITORY.md") + commands(DOCS / "SETS.md") + CLOCKS)
def test_the_command_is_understood(line: str) -> None:
    _, *arguments = shlex.split(line)
    command = typer.main.get_command(app)
    path = []
    while hasattr(command, "commands"):
        path.append(arguments.pop(0))
        assert path[-1] in command.commands, f"no such command: {' '.join(path)}"
        command = command.commands[path[-1]]
    # Raises for an option that it has not, and for one that is missing.
    command.make_context(" ".join(path), arguments)


def test_limits_are_those_of_the_procedure() -> None:
    english = Regional(words("en"), "Asia/Jakarta")
    rows = re.findall(r"^\| (\d) .*?\|.*?\|.*?\| (.*?) \|", PAGE.read_text("utf-8"), re.M)
    stated = {int(number): limit for number, limit in rows}
    for step in procedure().steps:
        assert stated[step.no] == ("–" if step.limit_minutes is None else english.standard(step.limit_minutes))
