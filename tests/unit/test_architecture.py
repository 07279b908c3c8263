"""The house: imports point one way, what runs on targets is standard library only, each room says what it is for."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "workflow" / "cadangan"
COLLECTION = "ansible_collections.diskominfo.cadangan.plugins"

# Each room may import itself, what stands in its set, and module_utils.
MAY_IMPORT = {
    "procedure": set(),
    "evidence": {"procedure"},
    "register": {"procedure", "evidence"},
    "execution": {"procedure", "evidence", "register"},
    "documents": {"procedure", "evidence", "register"},
    "cli": {"procedure", "evidence", "register", "execution", "documents"},
}
PURE_MAY_NOT = {"sqlalchemy", "ansible", "ansible_runner", "subprocess", "os", "shutil", "pathlib", "socket"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_one_way(room: str) -> None:
    files = sorted((PACKAGE / room).glob("**/*.py"))
    assert files
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imports(path)
        for parts in [name.split(".")]
        if parts[0] == "cadangan" and len(parts) > 1 and parts[1] in MAY_IMPORT.keys() - MAY_IMPORT[room] - {room}
    ]
    assert not wrong


def test_the_procedure_is_pure() -> None:
    wrong = [
        f"{path.name}: {name}"
        for path in (PACKAGE / "procedure").glob("*.py")
        for name in imports(path)
        if name.split(".")[0] in PURE_MAY_NOT
    ]
    assert not wrong


@pytest.mark.parametrize("folder", ["modules", "module_utils"])
def test_what_runs_on_targets_needs_the_standard_library_alone(folder: str) -> None:
    allowed = sys.stdlib_module_names | {"ansible_collections"}
    wrong = []
    for path in (ROOT / "plugins" / folder).glob("*.py"):
        for name in imports(path):
            is_module_helper = name.startswith("ansible.module_utils.")
            if name.split(".")[0] not in allowed and not is_module_helper:
                wrong.append(f"{path.name}: {name}")
            if name.startswith("ansible_collections.") and not name.startswith(f"{COLLECTION}.module_utils"):
                wrong.append(f"{path.name}: {name}")
    assert not wrong


def test_no_engine_is_named_outside_its_engine() -> None:
    """Shared code that knows an engine by name is a wall that the next engine must change."""
    engines = {path.stem.removeprefix("engine_") for path in (ROOT / "plugins/module_utils").glob("engine_*.py")}
    assert engines
    # A word that also means other things, such as the files that a command made.
    engines.discard("files")
    shared = [
        path
        for folder in ("module_utils", "action", "plugin_utils")
        for path in (ROOT / "plugins" / folder).glob("*.py")
        if not any(engine in path.stem for engine in engines)
    ]
    # The journal's own database is no engine, and the demonstration shows one.
    shared += [path for path in PACKAGE.glob("**/*.py") if path.name not in ("journal_database.py", "demo.py")]
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}"
        for path in shared
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in engines
    ]
    assert not wrong


def test_every_python_file_says_what_it_is_for() -> None:
    files = [
        *PACKAGE.glob("**/*.py"),
        *(ROOT / "plugins/module_utils").glob("*.py"),
        *(ROOT / "plugins/action").glob("*.py"),
    ]
    assert not [
        str(path.relative_to(ROOT)) for path in files if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
