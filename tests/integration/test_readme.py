"""What README.md tells people to type: the walk-through as it stands there, and every command that a page names."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from cadangan.cli import app
from support.office import BIN
from support.private_machine import ASSET, PrivateOffice, content, fill, inventory

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "workflow" / "cadangan" / "register" / "example" / "README.md",
]
MARK = "<!-- run by tests/integration/test_readme.py"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"\s*(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?cadangan (.*)")


def test_the_walk_through_works_as_it_is_written(tmp_path: Path) -> None:
    database = tmp_path / "warga.db"
    fill(database)
    before = content(database)
    office = PrivateOffice.bare(tmp_path)
    office.types("init", str(office.root))
    adapt(office, database)
    _, _, after_mark = README.read_text("utf-8").partition(MARK)
    block = BLOCK.search(after_mark)
    assert block
    done = subprocess.run(
        office.command("bash", "-euo", "pipefail", "-c", block[1]),
        cwd=office.root,
        env={"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": os.environ["HOME"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "nothing is wrong" in done.stdout
    assert content(database) == before
    year = f"{datetime.now().year}"
    statuses = {row["case"]: row["status"] for row in office.cadangan("case", "list", "--all")["cases"]}
    assert statuses == {f"B-{year}-0001": "confirmed", f"R-{year}-0001": "open"}
    restored = office.cadangan("case", "show", f"R-{year}-0001")
    assert (restored["next"], restored["runs"][0]["result"]) == ("report", "done")


def adapt(office: PrivateOffice, database: Path) -> None:
    """What a reader edits before the walk-through: here the only server is this machine, with one SQLite file."""
    (office.root / "inventory" / "servers.yml").write_text(inventory([database]))
    for letter in (office.root / "letters").iterdir():
        file = yaml.safe_load(letter.read_text())
        kept = {key: value for key, value in file["items"][0].items() if key in ("set", "mode")}
        file["items"] = [{"asset": ASSET, "engine": "sqlite", "database": str(database), **kept}]
        letter.write_text(yaml.safe_dump(file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    wrong = [
        f"cadangan {line}: {fault}" for line in commands(page) for fault in faults(shlex.split(line, comments=True))
    ]
    assert wrong == []


def test_the_check_of_commands_finds_what_is_wrong() -> None:
    assert len(list(commands(README))) > 40
    assert list(faults(["--office", "demo", "case", "list", "--all"])) == []
    assert list(faults(["case", "lst"])) == ["there is no command lst"]
    assert list(faults(["execute", "CASE", "--ass", "PERSON"])) == ["there is no option --ass"]
    assert list(faults(["case", "show", "CASE", "CASE"])) == ["too many arguments"]


def commands(page: Path) -> Iterator[str]:
    """What follows the word `cadangan` in every line of shell and every piece of code of the page."""
    text = page.read_text("utf-8")
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    for line in [*lines, *SPAN.findall(BLOCK.sub("", text))]:
        found = COMMAND.fullmatch(line)
        if found:
            yield found[1]


def faults(words: list[str]) -> Iterator[str]:
    """What of these words the command line does not know."""
    command: Any = typer.main.get_command(app)
    arguments = 0
    left = iter(words)
    for word in left:
        options = {name: option for option in command.params for name in option.opts if name.startswith("-")}
        if word.startswith("-") and word != "--help":
            name, _, value = word.partition("=")
            if name not in options:
                yield f"there is no option {name}"
                return
            if not value and not options[name].is_flag:
                next(left, None)
        elif hasattr(command, "commands"):
            if word not in command.commands:
                yield f"there is no command {word}"
                return
            command = command.commands[word]
        else:
            arguments += 1
    known = [param for param in command.params if param.param_type_name == "argument"]
    if arguments > len(known) and not any(param.nargs == -1 for param in known):
        yield "too many arguments"
