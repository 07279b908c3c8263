"""Where our own collection lies, and which database engines it has roles for."""

from __future__ import annotations

from importlib import util
from pathlib import Path

from cadangan.errors import BadInput, Missing
from cadangan.procedure.names import did_you_mean

ROLE = "engine_"


def collections_path() -> Path:
    """The folder whose `ansible_collections` holds our own collection: checkout, editable install and wheel alike."""
    spec = util.find_spec("ansible_collections.diskominfo.cadangan")
    locations = list(spec.submodule_search_locations or []) if spec else []
    if not locations:
        raise Missing(
            "the collection diskominfo.cadangan is not beside this package",
            advice="install the package again: pip install --force-reinstall cadangan",
        )
    return Path(locations[0]).parents[2]


def engines() -> list[str]:
    """The engines that there is a role for."""
    roles = collections_path() / "ansible_collections" / "diskominfo" / "cadangan" / "roles"
    return sorted(role.name.removeprefix(ROLE) for role in roles.glob(f"{ROLE}*"))


def check_engine(engine: str) -> None:
    """`BadInput` with the nearest engine if there is no role for this one."""
    known = engines()
    if engine not in known:
        raise BadInput(f"there is no engine {engine!r}", advice=did_you_mean(engine, known))
