"""What is handed out works like the checkout: the wheel and the collection, built and used from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PLAYBOOK = "diskominfo.cadangan.onboard"


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    # Not ANSIBLE_…, which could point back to the checkout.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    done = subprocess.run(command, cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def list_tasks(cwd: Path, **environment: str) -> str:
    return run(BIN / "ansible-playbook", PLAYBOOK, "--inventory", "localhost,", "--list-tasks", cwd=cwd, **environment)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel was installed into."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder / "dist", ".")
    (built,) = (folder / "dist").glob("*.whl")
    installed = folder / "installed"
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", installed, built)
    return installed


def test_the_wheel_brings_command_and_collection(wheel: Path, tmp_path: Path) -> None:
    places = run(
        sys.executable,
        "-c",
        "import cadangan; from cadangan.register import collection\n"
        "print(cadangan.__file__, collection.collections_path())",
        cwd=tmp_path,
        PYTHONPATH=str(wheel),
    ).split()
    assert places == [str(wheel / "cadangan" / "__init__.py"), str(wheel)]
    assert f"playbook: {wheel}/" in list_tasks(tmp_path, PYTHONPATH=str(wheel))
    run(wheel / "bin" / "cadangan", "init", tmp_path / "office", cwd=tmp_path, PYTHONPATH=str(wheel))
    assert (tmp_path / "office" / "office.yml").is_file()
    assert (tmp_path / "office" / "inventory" / ".asset.schema.json").is_file()


def test_the_collection_installs_and_is_found(tmp_path: Path) -> None:
    run(BIN / "ansible-galaxy", "collection", "build", "--output-path", tmp_path, ROOT, cwd=tmp_path)
    (built,) = tmp_path.glob("*.tar.gz")
    # Not in the checkout, whose ansible.cfg would have the collection installed already.
    install = [BIN / "ansible-galaxy", "collection", "install", "--offline", "--collections-path", tmp_path / "c"]
    run(*install, built, cwd=tmp_path, ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false")
    only_there = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "c"), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    assert f"playbook: {tmp_path}/c/" in list_tasks(tmp_path, **only_there)
    with tarfile.open(built) as archive:
        tops = {name.split("/")[0] for name in archive.getnames()}
    assert tops <= {
        *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "changelogs", "docs", "meta"),
        *("playbooks", "plugins", "roles", "FILES.json", "MANIFEST.json"),
    }
