"""Is this machine fit to run the office's work: tools, Python packages, the collection?"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ansible_collections.diskominfo.cadangan.plugins.module_utils.sshsig import SSH_KEYGEN

OLDEST_OPENSSH = (8, 4)
TOOLS = {"age": "age", "age-keygen": "age", "zstd": "zstd", "ssh": "openssh-client"}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what, whether it is right, what was found, and the command that mends it."""

    what: str
    ok: bool
    found: str
    mend: str = ""


def check_control_host() -> Iterator[Check]:
    """Everything that this machine needs, whatever the office."""
    for tool, package in TOOLS.items():
        place = shutil.which(tool)
        yield Check(f"tool {tool}", place is not None, place or "not found", f"apt-get install {package}")
    yield _ssh_keygen()
    yield from _python_packages()
    yield _ansible_playbook()
    yield _collection()


def _ssh_keygen() -> Check:
    what, wanted = "ssh-keygen", ".".join(map(str, OLDEST_OPENSSH))
    mend = f"apt-get install openssh-client   # OpenSSH {wanted} or newer, as {SSH_KEYGEN}"
    ssh = shutil.which("ssh")
    if not Path(SSH_KEYGEN).is_file() or ssh is None:
        return Check(what, False, f"{SSH_KEYGEN} is not there", mend)
    # ssh-keygen does not tell its version; ssh comes from the same package.
    said = subprocess.run([ssh, "-V"], capture_output=True, text=True, timeout=10, check=False).stderr.strip()
    version = re.match(r"OpenSSH_(\d+)\.(\d+)", said)
    new_enough = version is not None and (int(version[1]), int(version[2])) >= OLDEST_OPENSSH
    return Check(what, new_enough, said or "no version", mend)


def _python_packages() -> Iterator[Check]:
    """What the installed package asks for, version by version."""
    from packaging.requirements import Requirement

    install = f"{sys.executable} -m pip install cadangan"
    try:
        requirements = metadata.requires("cadangan") or []
    except metadata.PackageNotFoundError:
        yield Check("Python package cadangan", False, "runs, but is not installed", f"{install}   # or: make venv")
        return
    for requirement in map(Requirement, requirements):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found = ""
        mend = f"{sys.executable} -m pip install '{requirement.name}{requirement.specifier}'"
        right = bool(found) and requirement.specifier.contains(found, prereleases=True)
        yield Check(f"Python package {requirement.name}", right, found or "not found", mend)


def _ansible_playbook() -> Check:
    place = shutil.which("ansible-playbook")
    return Check(
        "ansible-playbook",
        place is not None,
        place or "not on the PATH",
        f"export PATH={Path(sys.executable).parent}:$PATH",
    )


def _collection() -> Check:
    """The collection beside this package must be the one that a plain `ansible-playbook` finds first."""
    from ansible import constants

    from cadangan.register.collection import collections_path

    own = collections_path()
    below = Path("ansible_collections", "diskominfo", "cadangan", "plugins")
    candidates = [Path(folder) for folder in (*getattr(constants, "COLLECTIONS_PATHS", ()), *sys.path) if folder]
    first = next((folder for folder in candidates if (folder / below).is_dir()), own)
    what = "collection diskominfo.cadangan"
    if (first / below).resolve() == (own / below).resolve():
        return Check(what, True, str(own))
    return Check(
        what,
        False,
        f"the copy in {first} comes before the one of this package in {own}",
        f"rm -r {(first / below).parent}   # or: export ANSIBLE_COLLECTIONS_PATH={own}",
    )
