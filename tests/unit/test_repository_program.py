"""What is installed on a repository host is all that its program needs, and no more."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import yaml
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from support.repository_server import MODULES, PACKAGE, ROLE, install

_PREFIX = PACKAGE.replace("/", ".")


def imported(name: str) -> set[str]:
    """The module_utils that a module imports."""
    found = set()
    for node in ast.walk(ast.parse((MODULES / f"{name}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(_PREFIX):
            inner = node.module.removeprefix(_PREFIX).strip(".")
            found |= {inner} if inner else {alias.name for alias in node.names}
    return found


def test_the_role_installs_what_the_program_imports() -> None:
    needed: set[str] = set()
    new = {"repository_program"}
    while new:
        needed |= new
        new = set().union(*map(imported, new)) - needed
    listed = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["repository_modules"]
    assert listed == sorted(needed)


def test_it_runs_isolated_from_what_is_installed(tmp_path: Path) -> None:
    program = install(tmp_path / "library")
    hello = canonical.dumps({"op": "hello", "protocol": 1})
    done = subprocess.run(
        [sys.executable, "-I", program, "root"], input=hello, stdout=subprocess.PIPE, env={"PYTHONPATH": "/x"}, cwd="/"
    )
    answer = canonical.loads(done.stdout)
    assert (done.returncode, answer["op"]) == (1, "refused")
    # This machine is no repository host, unless somebody made it one.
    assert "no repository host" in answer["reason"] or "bound to no role" in answer["reason"]
