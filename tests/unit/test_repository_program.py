"""What is installed on a repository host is all that its program needs, and nothing of what runs elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.diskominfo.cadangan.plugins.module_utils import canonical
from support.repository_server import ROLE

# In a process of its own, as on the host: here much more is imported.
_LIST = """
import json
from ansible_collections.diskominfo.cadangan.plugins.modules.repository_programs import imported_files
print(json.dumps({name: content.decode() for name, content in imported_files().items()}))
"""


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    found: dict[str, str] = json.loads(subprocess.run([sys.executable, "-c", _LIST], stdout=-1, check=True).stdout)
    return found


def test_nothing_is_installed_that_reaches_or_restores_databases(files: dict[str, str]) -> None:
    names = {Path(name).stem for name in files}
    assert {"repository_program", "repository_session", "permit", "sshsig"} <= names
    assert not {name for name in names if name.startswith(("work", "postgresql", "mariadb", "engine_"))} - {
        "work_document"
    }


def test_the_program_runs_isolated_with_these_files(files: dict[str, str], tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    program = shutil.copy(ROLE / "files" / "repository.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", program, "root"],
        input=canonical.dumps({"op": "hello", "protocol": 1}),
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": "/nowhere"},
        cwd="/",
    )
    answer = canonical.loads(done.stdout)
    assert (done.returncode, answer["op"]) == (1, "refused")
    # This machine is no repository host, unless somebody made it one.
    assert "no repository host" in answer["reason"] or "bound to no role" in answer["reason"]
